package desk

import (
	"net/http"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// conflictView is the page of a command whose author saw an older case.
type conflictView struct {
	About   string
	Text    string
	Changes *ui.Table // nil: the changes are not known one by one
	Typed   []ui.Row  // what was typed, so that it is not lost
	Case    string
}

// renderConflict shows what changed since the officer opened the page. Nothing was done.
func (d *desk) renderConflict(w http.ResponseWriter, r *http.Request, c *cases.Case, in cases.Input, e *cases.ConflictError) error {
	lang := site.Lang(r)
	f := d.frame(r, ui.T(lang, "Hồ sơ vừa thay đổi", "The case has just changed"))
	v := conflictView{About: aboutText(c, lang), Case: pathOf(c.Code, answersPage, fromOf(r)),
		Text: ui.T(lang, "Trong lúc Ông/Bà mở trang, hồ sơ đã có thay đổi, nên thao tác chưa được thực hiện. Nay hồ sơ ở bước: ", "The case changed while your page was open, so nothing was done. It is now at: ") + c.StateTitle.In(lang) + "."}
	if len(e.Changes) > 0 {
		v.Changes = changesTable(lang, ui.T(lang, "Những gì đã thay đổi", "What has changed"), ui.T(lang, "Trước đó", "Before"), e.Changes)
	}
	add := func(vi, en, value string) {
		if value != "" {
			v.Typed = append(v.Typed, ui.Row{Label: ui.T(lang, vi, en), Value: value})
		}
	}
	add("Ý kiến", "Note", in.Note)
	add("Kết quả thẩm định, xác minh", "Findings", in.Findings)
	for _, g := range c.Procedure.Grounds {
		for _, id := range in.Grounds {
			if g.ID == id {
				add("Căn cứ", "Ground", g.Title.In(lang))
			}
		}
	}
	for _, it := range in.Items {
		add("Mục cần bổ sung", "Item asked for", itemTitle(c, it.Item, lang)+": "+it.Reason)
	}
	return d.Render(w, r, http.StatusConflict, conflictPage(f, v))
}

// changesTable shows changes with what was before them, under its own heading.
func changesTable(lang, caption, before string, changes []cases.Change) *ui.Table {
	t := &ui.Table{Lang: lang, Caption: caption, Columns: []ui.Column{{Title: ui.T(lang, "Mục", "Item")}, {Title: before}, {Title: ui.T(lang, "Nay", "Now")}}}
	for _, c := range changes {
		empty := func(s string) string {
			if s == "" {
				return ui.T(lang, "(không có)", "(none)")
			}
			return s
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: c.What.In(lang)}, {Text: empty(c.Before.In(lang))}, {Text: empty(c.After.In(lang))}}})
	}
	return t
}

// renderRefused shows the case as it is now, with the reason in words why an act was not done.
func (d *desk) renderRefused(w http.ResponseWriter, r *http.Request, code cases.Code, e *workflow.NotAllowedError) error {
	c, err := d.Cases.Get(r.Context(), site.Actor(r), code)
	if err != nil {
		return err
	}
	lang := site.Lang(r)
	return d.renderAnswers(w, r, http.StatusConflict, c, verdicts{}, []ui.Banner{{Tone: ui.Danger,
		Heading: ui.T(lang, "Chưa thực hiện được", "This was not done"), Text: refusedText(c, e, lang)}})
}

// refusedText says why an event is not allowed: in the words of the case where
// the reader is offered the event, else in ours.
func refusedText(c *cases.Case, e *workflow.NotAllowedError, lang string) string {
	if al := allowedOf(c, e.Event); al != nil && al.Why != (workflow.Text{}) {
		return al.Why.In(lang) + "."
	}
	switch e.Reason {
	case workflow.ReasonRole:
		return ui.T(lang, "Việc này thuộc về vai trò khác.", "This belongs to another role.")
	case cases.ReasonTaken:
		holder := ""
		if c.Task != nil {
			holder = c.Task.AssigneeName
		}
		return ui.T(lang, "Hồ sơ đang do "+holder+" xử lý.", "The case is in the hands of "+holder+".")
	case workflow.ReasonUnlike:
		return ui.T(lang, "Người đã thực hiện bước trước không được thực hiện bước này.", "Whoever did the earlier step may not do this one.")
	case workflow.ReasonMax:
		return ui.T(lang, "Thao tác này đã dùng hết số lần được phép.", "This step was taken as often as it may be.")
	case workflow.ReasonGuard:
		return ui.T(lang, "Hồ sơ chưa đủ điều kiện cho thao tác này.", "The case does not meet the condition of this step.")
	case workflow.ReasonEnded:
		return ui.T(lang, "Hồ sơ đã kết thúc.", "The case has ended.")
	case workflow.ReasonFinal:
		return ui.T(lang, "Quyết định đang được thi hành, không thay đổi được nữa.", "The decision is being carried out and cannot be changed.")
	}
	return ui.T(lang, "Ở bước “"+c.StateTitle.In(lang)+"”, thao tác này không thực hiện được.", "This cannot be done at the step “"+c.StateTitle.In(lang)+"”.")
}
