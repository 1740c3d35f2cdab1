package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// historyView is everything that happened to a case, newest first, and what
// the citizen was told.
type historyView struct {
	Steps   []ui.Step
	Notices ui.Table
}

// showHistory tells every act: what, who, when, and with which words.
func (d *desk) showHistory(w http.ResponseWriter, r *http.Request) error {
	c, err := d.open(r)
	if err != nil {
		return err
	}
	lang := site.Lang(r)
	v := historyView{Steps: d.historySteps(c, lang), Notices: ui.Table{Lang: lang, Caption: ui.T(lang, "Tin đã gửi", "Messages sent"), Quiet: true, Empty: ui.T(lang, "Chưa gửi tin nào.", "No message was sent."),
		Columns: []ui.Column{{Title: ui.T(lang, "Lúc", "At")}, {Title: ui.T(lang, "Nội dung", "Text")}, {Title: ui.T(lang, "Đã đọc", "Read")}}}}
	for _, n := range slices.Backward(c.Notices) {
		read := ui.T(lang, "chưa", "no")
		if n.Read {
			read = ui.T(lang, "rồi", "yes")
		}
		v.Notices.Rows = append(v.Notices.Rows, ui.TableRow{Cells: []ui.Cell{{Text: ui.DateTime(n.At, lang)}, {Text: n.Text.In(lang)}, {Text: read}}})
	}
	return d.part(w, r, c, historyPage, func(f ui.Frame) templ.Component { return historyPart(f, v) })
}

// historySteps puts acts and hand-overs into one order.
func (d *desk) historySteps(c *cases.Case, lang string) []ui.Step {
	type moment struct {
		at   time.Time
		step ui.Step
	}
	var all []moment
	for _, e := range c.Events {
		s := ui.Step{Title: e.Title.In(lang), Who: d.who(c, e, lang), When: ui.DateTime(e.At, lang), Stamp: ui.Stamp(e.At), Note: saidText(c, e, lang), State: ui.Past}
		if e.From != e.To {
			s.Title += " → " + e.ToTitle.In(lang)
		}
		all = append(all, moment{e.At, s})
	}
	for _, h := range c.Handovers {
		s := ui.Step{Title: ui.T(lang, "Nhận xử lý: ", "Taken: ") + h.State.In(lang), Who: h.Officer, When: ui.DateTime(h.At, lang), Stamp: ui.Stamp(h.At), Note: h.Reason, State: ui.Past}
		if h.Act == "released" {
			s.Title = ui.T(lang, "Trả về hàng đợi: ", "Given back: ") + h.State.In(lang)
			if h.Holder != h.Officer {
				s.Title = ui.T(lang, "Lấy lại từ "+h.Holder+": ", "Taken away from "+h.Holder+": ") + h.State.In(lang)
			}
		}
		all = append(all, moment{h.At, s})
	}
	for _, e := range c.Escalations {
		all = append(all, moment{e.At, ui.Step{Title: escalationTitle(e, lang), Who: ui.T(lang, "Hệ thống", "The system"), When: ui.DateTime(e.At, lang), Stamp: ui.Stamp(e.At),
			Note: toldText(e, lang), State: ui.Past}})
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.at.Compare(b.at) })
	slices.Reverse(all)
	steps := make([]ui.Step, len(all))
	for i, m := range all {
		steps[i] = m.step
	}
	return steps
}

// who names the actor of an event, with the agency.
func (d *desk) who(c *cases.Case, e cases.Event, lang string) string {
	name := e.ActorName
	if name == "" {
		name = e.Actor
	}
	switch e.ActorKind {
	case agency.System:
		return ui.T(lang, "Hệ thống", "The system")
	case agency.Citizen:
		if e.OnBehalfOf != "" && e.OnBehalfOf != e.Actor {
			return name + ui.T(lang, " (người dân, thay mặt ", " (citizen, on behalf of ") + e.OnBehalfOf + ")"
		}
		return name + ui.T(lang, " (người dân)", " (citizen)")
	}
	if e.Agency != "" {
		return name + " · " + d.agencyName(e.Agency, lang)
	}
	return name
}

// saidText is what came along with an event, in words.
func saidText(c *cases.Case, e cases.Event, lang string) string {
	var parts []string
	for _, id := range e.Input.Grounds {
		for _, g := range c.Procedure.Grounds {
			if g.ID == id {
				parts = append(parts, ui.T(lang, "Căn cứ: ", "Ground: ")+g.Title.In(lang)+" ("+g.Law+")")
			}
		}
	}
	for _, it := range e.Input.Items {
		parts = append(parts, it.Title.In(lang)+": "+it.Reason)
	}
	if e.Input.Findings != "" {
		parts = append(parts, ui.T(lang, "Kết quả: ", "Findings: ")+e.Input.Findings)
	}
	if e.Term != nil && !e.Term.Was.IsZero() && !e.Term.Due.Equal(e.Term.Was) {
		parts = append(parts, ui.T(lang, "Hạn: ", "Term: ")+ui.DateTime(e.Term.Was, lang)+" → "+ui.DateTime(e.Term.Due, lang))
	}
	if e.Input.Note != "" {
		parts = append(parts, ui.T(lang, "Ý kiến: ", "Note: ")+e.Input.Note)
	}
	return strings.Join(parts, " · ")
}
