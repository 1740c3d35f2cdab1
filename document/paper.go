package document

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind is which paper it is.
type Kind string

// The kinds of papers. The forms' numbers and names are those of Annex I of Circular
// 03/2025/TT-VPCP.
const (
	Receipt    Kind = "receipt"    // form 01, Giấy tiếp nhận hồ sơ và hẹn trả kết quả
	Supplement Kind = "supplement" // form 02, Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ
	Refusal    Kind = "refusal"    // form 03, Phiếu từ chối tiếp nhận giải quyết hồ sơ
	Apology    Kind = "apology"    // form 04, Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết
	Result     Kind = "result"     // what the procedure issues; its law gives the form
)

// Paper is what one paper says. Texts are words as people read them, in the
// language of Lang; what is empty is left out with its label, unless the field
// says that it is required.
type Paper struct {
	ID       string // required; names the paper on its page of verification, hard to guess
	Kind     Kind   // required
	Lang     string // required; vi, or en for a translation
	Agency   Agency // that issues it; ID and Name are required
	Place    string // where it is issued: Hà Nội; required
	IssuedAt time.Time
	Number   string // 12/TN-CAX

	Title     string // empty: the name of the form of Kind; required for a Result
	Procedure string // name: Đăng ký thường trú
	CaseCode  string // required
	Recipient string // as he is addressed: Ông Nguyễn Văn An; required

	Body       []string // paragraphs that open the paper
	Facts      []Fact   // label and value, one a row
	Items      []Item   // what is to be supplied, or the grounds
	Files      []File   // papers that were handed in
	Provenance []Source // answers that a register gave
	Fee        *Fee     // nil: not spoken of
	Due        *Due     // nil: no date
	Validity   string   // until when a result holds
	Closing    []string // paragraphs that end the paper: how to complain, and by when

	Signatory Signatory
	Copies    []string // Nơi nhận; empty: the recipient, and the file
}

// Agency is who issues a paper.
type Agency struct {
	ID     string // whose key signs
	Parent string // Công an thành phố Hà Nội; empty: the agency is headed by none
	Name   string // Công an phường Hoàn Kiếm
}

// Signatory is the officer in whose name a paper is issued.
type Signatory struct {
	Role string // Trưởng Công an phường; "KT. Trưởng Công an phường" for a deputy
	Name string // empty: issued by the system in the agency's name
}

// Fact is a row of a paper.
type Fact struct{ Label, Value string }

// Item is a thing to supply or a ground of refusal; Title is required.
type Item struct {
	Title  string
	Reason string
	Law    string // act and article
}

// File is a paper that was handed in.
type File struct {
	Title string
	Note  string // bản điện tử, 2 trang
}

// Source is an answer that was read from a register.
type Source struct {
	Label string
	Value string
	From  string // register and time: CSDL quốc gia về dân cư, 26/11/2026 09:12
}

// Fee is what the case costs.
type Fee struct {
	Amount int64  // đồng; 0: free
	State  string // đã nộp ngày 26/11/2026
	Why    string // the rule that gives the amount
}

// Due is the date that the paper sets: of the result on a receipt or an
// apology, of the answer on a supplement request.
type Due struct {
	On   string   // required: 17 giờ 00, thứ Năm ngày 03/12/2026
	Was  string   // the date that it replaces
	Term string   // 05 ngày làm việc
	Why  []string // how it was computed, a line each
}

// IncompleteError names the first thing that a paper lacks.
type IncompleteError struct{ Field string }

func (e *IncompleteError) Error() string { return fmt.Sprintf("the paper has no %s", e.Field) }

func (p *Paper) check() error {
	for _, f := range []struct{ name, value string }{
		{"id", p.ID}, {"agency id", p.Agency.ID}, {"agency name", p.Agency.Name}, {"place", p.Place},
		{"title", p.Title}, {"case code", p.CaseCode}, {"recipient", p.Recipient},
	} {
		if f.value == "" {
			return &IncompleteError{f.name}
		}
	}
	if p.IssuedAt.IsZero() {
		return &IncompleteError{"date of issue"}
	}
	if p.Due != nil && p.Due.On == "" {
		return &IncompleteError{"date in due"}
	}
	for i, it := range p.Items {
		if it.Title == "" {
			return &IncompleteError{fmt.Sprintf("title of item %d", i+1)}
		}
	}
	if p.Fee != nil && p.Fee.Amount < 0 {
		return fmt.Errorf("fee of %d đồng: want 0 or more", p.Fee.Amount)
	}
	if !slices.Contains([]Kind{Receipt, Supplement, Refusal, Apology, Result}, p.Kind) {
		return fmt.Errorf("unknown kind of paper %q", p.Kind)
	}
	if p.Lang != "vi" && p.Lang != "en" {
		return fmt.Errorf("unknown language %q: want vi or en", p.Lang)
	}
	return nil
}

// clean returns the paper with its title and copies filled in and without
// blank paragraphs.
func (p Paper) clean() Paper {
	w := wordsIn(p.Lang)
	if p.Title == "" {
		p.Title = w.titles[p.Kind]
	}
	p.Body, p.Closing = filled(p.Body), filled(p.Closing)
	if p.Copies = filled(p.Copies); len(p.Copies) == 0 {
		p.Copies = []string{p.Recipient, w.archive}
	}
	return p
}

func filled(ps []string) []string {
	var out []string
	for _, t := range ps {
		if t = strings.TrimSpace(t); t != "" {
			out = append(out, t)
		}
	}
	return out
}
