package procedures

import (
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/workflow"
)

// sameNode tells whether two values say the same, wherever they stand.
func sameNode(a, b *node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.kind != b.kind || len(a.keys) != len(b.keys) || len(a.items) != len(b.items) {
		return false
	}
	if a.kind == scalar {
		return a.value == b.value
	}
	for _, e := range a.keys {
		if other := b.entry(e.key); other == nil || !sameNode(e.value, other.value) {
			return false
		}
	}
	for i := range a.items {
		if !sameNode(a.items[i], b.items[i]) {
			return false
		}
	}
	return true
}

// isText tells whether a value is a text in both languages.
func isText(n *node) bool {
	return n != nil && n.kind == mapping && len(n.keys) > 0 && !slices.ContainsFunc(n.keys, func(e *entry) bool { return e.key != "vi" && e.key != "en" })
}

// titleOf is how a part of a definition calls itself; in a form English stands apart.
func titleOf(n *node) workflow.Text {
	if n == nil || n.kind != mapping {
		return workflow.Text{}
	}
	if t := n.get("title"); isText(t) {
		return t.localized()
	} else if t.str() != "" {
		return workflow.Text{VI: t.str(), EN: n.get("x-text").get("en").get("title").str()}
	}
	for _, key := range []string{"id", "name", "act"} {
		if s := n.get(key).str(); s != "" {
			return workflow.Text{VI: s, EN: s}
		}
	}
	return workflow.Text{}
}

// title says what a change is about: the titles around it, its own, and the word
// for the key that changed.
func (c *comparison) title(path string, before, after *node) workflow.Text {
	parts := slices.Clone(c.titles)
	at := after
	if at == nil {
		at = before
	}
	last := path[strings.LastIndexAny(path, "./")+1:]
	if t := titleOf(at); t.VI != "" {
		parts = append(parts, t)
	} else if word, ok := keyWords[last]; ok {
		parts = append(parts, word)
	} else {
		parts = append(parts, workflow.Text{VI: last, EN: last})
	}
	var out workflow.Text
	for i, p := range parts {
		if i > 0 {
			out.VI, out.EN = out.VI+" › ", out.EN+" › "
		}
		out.VI += p.VI
		if p.EN == "" {
			p.EN = p.VI
		}
		out.EN += p.EN
	}
	return out
}

// told is a value as a reader of the change sees it.
func told(n *node) workflow.Text {
	switch {
	case n == nil:
		return workflow.Text{}
	case isText(n):
		return n.localized()
	}
	if t := titleOf(n); t.VI != "" && n.get("title") != nil {
		return t
	}
	s := onOneLine(n)
	return workflow.Text{VI: s, EN: s}
}

// onOneLine writes a value on one line, as YAML does between braces.
func onOneLine(n *node) string {
	if n == nil {
		return ""
	}
	switch n.kind {
	case mapping:
		var parts []string
		for _, e := range n.keys {
			parts = append(parts, e.key+": "+onOneLine(e.value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case sequence:
		var parts []string
		for _, i := range n.items {
			parts = append(parts, onOneLine(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return n.str()
}

// keyWords are the keys of definitions that readers meet in a comparison.
var keyWords = map[string]workflow.Text{
	"version": {VI: "số phiên bản", EN: "version"}, "valid": {VI: "thời gian áp dụng", EN: "validity"}, "name": {VI: "tên", EN: "name"},
	"official": {VI: "tên chính thức", EN: "official name"}, "summary": {VI: "tóm tắt", EN: "summary"}, "who": {VI: "ai nộp được", EN: "who can apply"},
	"gives": {VI: "kết quả nhận được", EN: "what one gets"}, "afterwards": {VI: "sau khi nộp", EN: "what happens after"}, "law": {VI: "căn cứ pháp lý", EN: "legal basis"},
	"level": {VI: "mức định danh", EN: "level of sign-in"}, "for": {VI: "nộp cho ai", EN: "for whom"}, "subjects": {VI: "đối tượng", EN: "subjects"},
	"tables": {VI: "bảng mức", EN: "tables"}, "rows": {VI: "các mức", EN: "rows"}, "value": {VI: "mức", EN: "value"}, "day": {VI: "ngày tra mức", EN: "day looked up"},
	"ends": {VI: "không còn mức sau đó", EN: "no figure follows"}, "values": {VI: "kết quả tính", EN: "values"}, "is": {VI: "cách tính", EN: "how it is computed"},
	"as": {VI: "loại kết quả", EN: "kind of result"}, "show": {VI: "hiện trên trang", EN: "shown on pages"}, "counts-from": {VI: "mốc tính thời gian", EN: "counts from"},
	"variants": {VI: "trường hợp", EN: "variants"}, "competence": {VI: "thẩm quyền", EN: "competence"}, "attachments": {VI: "giấy tờ", EN: "papers"},
	"fees": {VI: "phí, lệ phí", EN: "fees"}, "amount": {VI: "mức thu", EN: "amount"}, "limits": {VI: "thời hạn", EN: "time limits"}, "limit": {VI: "thời hạn", EN: "time limit"},
	"grounds": {VI: "căn cứ từ chối", EN: "grounds of refusal"}, "checklist": {VI: "mục kiểm tra", EN: "checklist"}, "documents": {VI: "văn bản", EN: "documents"},
	"notices": {VI: "thông báo", EN: "notices"}, "payments": {VI: "khoản thu", EN: "payments"}, "changes": {VI: "cập nhật cơ sở dữ liệu dân cư", EN: "changes of the resident database"},
	"messages": {VI: "thông điệp gửi cơ quan khác", EN: "messages"}, "outputs": {VI: "dữ liệu trả về", EN: "outputs"}, "once": {VI: "không nộp trùng", EN: "no second filing"},
	"when": {VI: "điều kiện", EN: "condition"}, "title": {VI: "tên gọi", EN: "title"}, "text": {VI: "nội dung", EN: "text"}, "body": {VI: "nội dung", EN: "body"},
	"because": {VI: "lý do", EN: "reason"}, "from": {VI: "từ ngày", EN: "from"}, "until": {VI: "đến ngày", EN: "until"}, "optional": {VI: "không bắt buộc", EN: "optional"},
	"states": {VI: "trạng thái", EN: "states"}, "roles": {VI: "vai trò", EN: "roles"}, "kind": {VI: "loại", EN: "kind"}, "owner": {VI: "người thực hiện", EN: "owner"},
	"within": {VI: "thời gian xử lý", EN: "time for it"}, "clock": {VI: "đồng hồ thời hạn", EN: "clock"}, "actions": {VI: "thao tác", EN: "actions"}, "signals": {VI: "tín hiệu", EN: "signals"},
	"after": {VI: "khi hết thời gian", EN: "time-outs"}, "to": {VI: "chuyển đến", EN: "leads to"}, "by": {VI: "ai thực hiện", EN: "by whom"}, "needs": {VI: "phải nhập", EN: "what is needed"},
	"max": {VI: "số lần tối đa", EN: "how often at most"}, "unlike": {VI: "người khác với bước", EN: "another person than"}, "fresh": {VI: "đọc lại dữ liệu", EN: "read again"},
	"effects": {VI: "việc kèm theo", EN: "effects"}, "offers": {VI: "gợi ý trên trang đầu", EN: "offers on the home page"}, "outcome": {VI: "kết thúc", EN: "outcome"}, "open": {VI: "hồ sơ liên thông", EN: "sub-cases"}, "join": {VI: "khi đủ ý kiến", EN: "join"},
	"withdraw": {VI: "rút hồ sơ", EN: "withdrawal"}, "extend": {VI: "gia hạn", EN: "extension"}, "file": {VI: "khi nộp", EN: "at filing"}, "initial": {VI: "trạng thái đầu", EN: "first state"},
	"type": {VI: "kiểu dữ liệu", EN: "type"}, "format": {VI: "định dạng", EN: "format"}, "pattern": {VI: "mẫu", EN: "pattern"}, "required": {VI: "bắt buộc", EN: "required"},
	"maxLength": {VI: "độ dài tối đa", EN: "longest"}, "minLength": {VI: "độ dài tối thiểu", EN: "shortest"}, "maximum": {VI: "giá trị lớn nhất", EN: "greatest"}, "minimum": {VI: "giá trị nhỏ nhất", EN: "least"},
	"maxItems": {VI: "số dòng tối đa", EN: "most rows"}, "minItems": {VI: "số dòng tối thiểu", EN: "fewest rows"}, "description": {VI: "hướng dẫn", EN: "hint"}, "x-text": {VI: "bản tiếng Anh", EN: "English text"},
	"x-fill": {VI: "nguồn điền sẵn", EN: "filled from"}, "x-asked": {VI: "lý do hỏi", EN: "why it is asked"}, "x-when": {VI: "điều kiện", EN: "condition"}, "x-rules": {VI: "quy tắc", EN: "rules"},
	"rule": {VI: "quy tắc", EN: "rule"}, "x-choices": {VI: "lựa chọn", EN: "choices"}, "oneOf": {VI: "lựa chọn", EN: "choices"}, "x-stop": {VI: "trường hợp dừng", EN: "where it ends"},
}
