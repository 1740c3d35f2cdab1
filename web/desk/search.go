package desk

import (
	"net/http"
	"strings"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// searchView is the page of the search.
type searchView struct {
	Field ui.Field
	Found string // how many, in words; empty: nothing was asked for
	Table ui.Table
}

// search finds cases by code, personal number or name: one box for all.
func (d *desk) search(w http.ResponseWriter, r *http.Request) error {
	lang := site.Lang(r)
	text := strings.TrimSpace(r.URL.Query().Get("q"))
	f := d.frame(r, ui.T(lang, "Tìm kiếm", "Search"))
	v := searchView{Field: ui.Field{Lang: lang, Name: "q", Label: ui.T(lang, "Mã hồ sơ, số định danh hoặc họ tên", "Case code, personal number or name"),
		Hint: ui.T(lang, "Tên gõ có dấu hay không dấu đều tìm được. Mỗi lần tìm thấy được ghi vào nhật ký mà người dân xem được.", "Names may be typed with or without diacritics. What is found goes into the log that the citizen can see."),
		Type: "search", NoSpell: true, Width: 30, Value: text, Focus: text == ""}}
	if text != "" {
		found, err := d.Cases.Search(r.Context(), site.Actor(r), text)
		if err != nil {
			return err
		}
		v.Table = d.foundTable(found, lang)
		n := ui.Count(int64(len(found)))
		v.Found = ui.T(lang, "Tìm thấy "+n+" hồ sơ", n+" found")
		if len(found) >= searchMost {
			v.Found = ui.T(lang, "Hiển thị "+n+" hồ sơ mới nhất. Gõ thêm để thu hẹp.", "The newest "+n+" are shown. Type more to narrow it down.")
		}
	}
	return d.Render(w, r, http.StatusOK, searchPage(f, v))
}

// searchMost is how many cases a search shows at most; see [cases.Service.Search].
const searchMost = 50

func (d *desk) foundTable(found []cases.Found, lang string) ui.Table {
	t := ui.Table{Lang: lang, Caption: ui.T(lang, "Hồ sơ tìm thấy", "Cases found"), Quiet: true,
		Empty: ui.T(lang, "Không có hồ sơ nào ở cơ quan của Ông/Bà khớp với nội dung tìm.", "No case at your agency matches."),
		Columns: []ui.Column{{Title: ui.T(lang, "Mã hồ sơ", "Case")}, {Title: ui.T(lang, "Người được giải quyết", "Person concerned")},
			{Title: ui.T(lang, "Thủ tục", "Procedure")}, {Title: ui.T(lang, "Bước", "Step")}, {Title: ui.T(lang, "Cơ quan giải quyết", "Agency")}, {Title: ui.T(lang, "Ngày nộp", "Filed")}}}
	for _, c := range found {
		t.Rows = append(t.Rows, ui.TableRow{Href: pathOf(c.Code, "", ""), Cells: []ui.Cell{
			{Text: string(c.Code)}, personCell(cases.WorkRow{Subject: c.Subject, Applicant: c.Applicant}, lang), {Text: c.Title.In(lang)},
			{Text: c.StateTitle.In(lang)}, {Text: d.agencyName(c.Competent, lang)}, {Text: ui.Date(c.FiledAt)}}})
	}
	return t
}
