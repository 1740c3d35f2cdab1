package studio

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/vietnamese"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// searchKey is the parameter that narrows the library.
const searchKey = "q"

// libraryView is the list of procedures (A1).
type libraryView struct {
	Field  ui.Field
	Found  string // how many there are
	Common *ui.Banner
	Table  ui.Table
}

// showLibrary lists the procedures with what is known about each.
func (t *studio) showLibrary(w http.ResponseWriter, r *http.Request) error {
	shelf, err := t.library.now()
	if err != nil {
		return err
	}
	live, err := t.Cases.LiveByProcedure(r.Context())
	if err != nil {
		return err
	}
	lang, asked := site.Lang(r), strings.TrimSpace(r.FormValue(searchKey))
	v := libraryView{Field: ui.Field{Lang: lang, Name: searchKey, Value: asked, Label: ui.T(lang, "Tìm thủ tục", "Find a procedure"),
		Hint: ui.T(lang, "Tên, mã quốc gia hoặc tên thư mục; không cần dấu.", "Name, national code or folder; diacritics are not needed.")}}
	v.Table = ui.Table{Lang: lang, Caption: ui.T(lang, "Các thủ tục", "Procedures"), Quiet: true, Columns: []ui.Column{
		{Title: ui.T(lang, "Thủ tục", "Procedure")}, {Title: ui.T(lang, "Phiên bản", "Version")}, {Title: ui.T(lang, "Đang giải quyết", "Live cases"), Number: true},
		{Title: ui.T(lang, "Điền sẵn", "Filled"), Number: true}, {Title: ui.T(lang, "Phải hỏi", "Asked"), Number: true},
		{Title: ui.T(lang, "Kiểm tra", "Check")}, {Title: ui.T(lang, "Tình huống", "Scenarios")}},
		Empty: ui.T(lang, "Không có thủ tục nào khớp. Thử một từ khác.", "No procedure matches. Try another word.")}
	for _, id := range shelf.ids {
		if p, _ := shelf.catalogue.Get(id); matches(p, id, asked) {
			v.Table.Rows = append(v.Table.Rows, t.libraryRow(shelf, id, live[id], lang))
		}
	}
	n := strconv.Itoa(len(v.Table.Rows))
	v.Found = ui.T(lang, n+" thủ tục", n+" procedures")
	if wrong := len(shelf.findings[commonFolder]); wrong > 0 {
		v.Common = &ui.Banner{Tone: ui.Danger, Heading: ui.T(lang, "Phần dùng chung có lỗi", "The shared definitions have mistakes"),
			Text: ui.T(lang, "Lỗi trong thư mục common làm hỏng mọi thủ tục dùng nó.", "A mistake in the folder common breaks every procedure that uses it."),
			Link: &ui.Link{Text: ui.T(lang, "Xem các lỗi", "See the mistakes"), Href: link(commonFolder, "")}}
	}
	return t.Render(w, r, http.StatusOK, libraryPage(t.frame(r, ui.T(lang, "Thư viện thủ tục", "Library of procedures"), ""), v))
}

// matches tells whether every word is in a name, the code or the folder.
func matches(p *procedures.Procedure, id procedures.ID, asked string) bool {
	text := string(id)
	if p != nil {
		text += " " + p.Code + " " + p.Name.VI + " " + p.Name.EN + " " + p.Official.VI + " " + p.Official.EN
	}
	text = vietnamese.Fold(text)
	for word := range strings.FieldsSeq(vietnamese.Fold(asked)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (t *studio) libraryRow(s *shelf, id procedures.ID, live int64, lang string) ui.TableRow {
	p, _ := s.catalogue.Get(id)
	name, version := ui.Cell{Text: string(id)}, ui.Cell{Text: "–"}
	filled, asked, stories := "–", "–", ui.Cell{Text: "–"}
	if p != nil {
		name = ui.Cell{Text: p.Name.In(lang), Sub: string(id)}
		if p.Internal {
			name.Tag = ui.Tag{Text: ui.T(lang, "chỉ mở từ hồ sơ khác", "opened by other cases")}
		}
		version = ui.Cell{Text: strconv.Itoa(p.Version), Sub: short(p.Hash)}
		if running, ok := t.Procedures.Get(id); !ok || running.Hash != p.Hash {
			version.Tag = ui.Tag{Text: ui.T(lang, "chưa chạy", "not running"), Tone: ui.Info}
		}
		if proof := s.catalogue.Proof(p); proof != nil && !p.Internal {
			filled, asked = strconv.Itoa(proof.Counts.Filled), strconv.Itoa(proof.Counts.Asked)
		}
		stories = t.coverageCell(s, p, lang)
	}
	return ui.TableRow{Href: link(id, ""), Cells: []ui.Cell{name, version, {Text: ui.Count(live)}, {Text: filled}, {Text: asked}, {Tag: s.tag(id, lang)}, stories}}
}

// tag is the verdict on a folder in a word or two.
func (s *shelf) tag(id procedures.ID, lang string) ui.Tag {
	wrong, warnings := s.verdict(id)
	switch {
	case wrong > 0:
		return ui.Tag{Text: strconv.Itoa(wrong) + ui.T(lang, " lỗi", plural(wrong, " mistake")), Tone: ui.Danger}
	case warnings > 0:
		return ui.Tag{Text: strconv.Itoa(warnings) + ui.T(lang, " lưu ý", plural(warnings, " warning")), Tone: ui.Warning}
	}
	return ui.Tag{Text: ui.T(lang, "đạt", "sound"), Tone: ui.Success}
}

func plural(n int, what string) string {
	if n == 1 {
		return what
	}
	return what + "s"
}

// short is a hash as people compare it.
func short(h procedures.Hash) string { return string(h)[:min(12, len(h))] }
