package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/ui"
)

// same tells whether the answers are still those that the page showed, or are
// already those that it sends: the script saved them a moment ago.
func (o *opened) same(s step, typed url.Values, answers map[string]any) bool {
	if sent := typed.Get(sealName); sent == "" || sent == seal(s.Asked) || typed.Get(actName) == actMine {
		return true
	}
	values := map[forms.Pointer]any{}
	for _, a := range s.Asked {
		v, sent := answers[a.Field.Name]
		if !sent {
			v = a.Value
		}
		values[a.Field.Pointer] = v
	}
	return sealOf(values) == seal(s.Asked)
}

// differ shows both answers where another page or device has changed one
// meanwhile; nothing is written over before the citizen has chosen.
func (p *portal) differ(w http.ResponseWriter, r *http.Request, o *opened, s step, answers map[string]any, auto bool) error {
	if auto {
		w.WriteHeader(http.StatusConflict)
		return nil
	}
	v := differView{Lang: o.Lang, Keep: o.change(s.Path, o.From), Form: ui.FormView{Action: o.change(s.Path, o.From)}}
	units := p.Agencies.AddressText(o.Lang)
	for _, a := range s.Asked {
		mine, sent := answers[a.Field.Name]
		if !sent {
			continue
		}
		my := a
		my.Value = mine
		kept, typed := a.Print(o.Lang, units), my.Print(o.Lang, units)
		if kept != typed {
			v.Rows = append(v.Rows, [3]string{a.Field.Title.In(o.Lang), kept, typed})
		}
	}
	for name, values := range r.PostForm {
		if name == sealName || name == actName || name == ui.CSRFName {
			continue
		}
		for _, value := range values {
			v.Form.Hidden = append(v.Form.Hidden, ui.Hidden{Name: name, Value: value})
		}
	}
	slices.SortStableFunc(v.Form.Hidden, func(a, b ui.Hidden) int { return strings.Compare(a.Name, b.Name) })
	f := p.frame(r, o, o.t("Câu trả lời đã thay đổi ở nơi khác", "The answer was changed elsewhere"), s.Path)
	v.Form.CSRF = f.CSRF
	return p.Render(w, r, http.StatusConflict, differPage(f, v))
}

// differView is the page of two answers to the same question.
type differView struct {
	Lang string
	Rows [][3]string // question, what is kept, what was typed here
	Keep string
	Form ui.FormView
}

func (v differView) table() ui.Table {
	t := ui.Table{Lang: v.Lang, Caption: ui.T(v.Lang, "Hai câu trả lời", "Both answers"), Quiet: true, Columns: []ui.Column{
		{Title: ui.T(v.Lang, "Mục", "Item")}, {Title: ui.T(v.Lang, "Đang lưu", "Kept")}, {Title: ui.T(v.Lang, "Vừa khai ở trang này", "Entered here")}}}
	none := ui.T(v.Lang, "Chưa khai", "Nothing")
	for _, row := range v.Rows {
		cells := []ui.Cell{{Text: row[0]}}
		for _, text := range row[1:] {
			if text == "" {
				text = none
			}
			cells = append(cells, ui.Cell{Text: text})
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: cells})
	}
	return t
}
