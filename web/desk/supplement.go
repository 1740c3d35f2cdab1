package desk

import (
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// supplyView is what a supplement request adds to the page of its act.
type supplyView struct {
	Items   []supplyItem
	Again   string    // what holds for a second request; empty: it is the first
	Clock   []string  // what becomes of the legal term, and until when the citizen has time
	Preview []ui.Task // as the citizen reads it
	Until   string    // the citizen's last day; empty: no end
}

// supplyItem is an item that is asked for.
type supplyItem struct {
	ID     string
	Title  string
	Reason ui.Field
	Law    ui.Field
}

// supply lists everything that is judged not satisfied. The request is one and
// complete: no item of it can be left out.
func (d *desk) supply(c *cases.Case, al cases.Allowed, t typed, lang string) *supplyView {
	v := &supplyView{}
	given := map[string]cases.AskedItem{}
	for _, it := range t.Input.Items {
		given[it.Item] = it
	}
	for _, j := range c.Checklist {
		if j.Verdict != cases.NotSatisfied {
			continue
		}
		now, ok := given[j.Item.ID]
		if !ok {
			now = cases.AskedItem{Item: j.Item.ID, Reason: j.Reason}
		}
		it := supplyItem{ID: j.Item.ID, Title: j.Item.Title.In(lang),
			Reason: ui.Field{Lang: lang, Kind: forms.TextareaWidget, Name: "why-" + j.Item.ID, Label: ui.T(lang, "Cần bổ sung gì, vì sao", "What is to be supplied, and why"), Rows: 3, Value: now.Reason,
				Hint: ui.T(lang, "Viết cho người dân đọc: thiếu gì, sửa thế nào.", "Write it for the citizen: what is missing and how to mend it.")},
			Law: ui.Field{Lang: lang, Kind: forms.SelectWidget, Name: "law-" + j.Item.ID, Label: ui.T(lang, "Căn cứ pháp lý", "Legal basis"), Optional: true, Value: now.Law, Options: lawsFor(c.Procedure, j.Item)}}
		for _, p := range t.Wrong {
			if i := index(string(p.At), "/items/"); i >= 0 && i < len(t.Input.Items) && t.Input.Items[i].Item == j.Item.ID {
				it.Reason.Error = ui.T(lang, p.VI, p.EN)
			}
		}
		v.Items = append(v.Items, it)
		hint := now.Reason
		if now.Law != "" {
			hint = strings.TrimSpace(hint) + " (" + now.Law + ")"
		}
		v.Preview = append(v.Preview, ui.Task{Title: j.Item.Title.In(lang), Hint: hint, Tag: ui.Tag{Text: ui.T(lang, "Cần bổ sung", "To be supplied"), Tone: ui.Warning}})
	}
	v.Clock, v.Until = d.clockText(c, al.To, lang)
	if askedBefore(c) {
		v.Again = ui.T(lang, "Đã yêu cầu bổ sung một lần. Lần này chỉ được nêu lại mục đã yêu cầu mà vẫn chưa đạt, hoặc mục người nộp đã sửa; mục khác không được yêu cầu thêm.",
			"A supplement was asked for before. This time only items named then that are still not satisfied, or that the applicant changed, may be asked for.")
	}
	return v
}

// askedBefore tells whether a supplement was requested earlier.
func askedBefore(c *cases.Case) bool {
	return slices.ContainsFunc(c.Events, func(e cases.Event) bool { return len(e.Input.Items) > 0 })
}

// lawsFor are the articles that an item can rest on: those of its papers first.
func lawsFor(p *procedures.Procedure, check *procedures.Check) []ui.Option {
	var laws []string
	add := func(law string) {
		if law != "" && !slices.Contains(laws, law) {
			laws = append(laws, law)
		}
	}
	for _, a := range p.Attachments {
		if slices.Contains(check.Attachments, a.ID) {
			add(a.Law)
		}
	}
	for _, g := range p.Grounds {
		add(g.Law)
	}
	for _, a := range p.Law {
		add(a.Act)
	}
	out := make([]ui.Option, len(laws))
	for i, law := range laws {
		out[i] = ui.Option{Value: law, Text: law}
	}
	return out
}

// clockText says what becomes of the legal term in a state that waits for the
// citizen, and until when the citizen has time.
func (d *desk) clockText(c *cases.Case, to workflow.State, lang string) (lines []string, until string) {
	s := c.Procedure.Machine.States[to]
	if s == nil {
		return nil, ""
	}
	switch {
	case s.Clock == workflow.Paused && c.Procedure.Machine.Clock.AfterSupplement == "restart":
		lines = append(lines, ui.T(lang, "Thời hạn giải quyết dừng từ khi gửi yêu cầu và được tính lại từ đầu khi người nộp bổ sung đủ.", "The legal term stops when the request is sent, and starts anew when everything is supplied."))
	case s.Clock == workflow.Paused:
		lines = append(lines, ui.T(lang, "Thời hạn giải quyết tạm dừng từ khi gửi yêu cầu đến khi người nộp bổ sung.", "The legal term stands still from the request until the supplement."))
	default:
		lines = append(lines, ui.T(lang, "Thời hạn giải quyết vẫn tiếp tục chạy.", "The legal term goes on running."))
	}
	if len(s.After) > 0 && s.CountsFrom == nil {
		if at, err := calendar.Vietnam().Add(d.Now(), s.After[0].Delay); err == nil {
			until = dueDay(at)
			lines = append(lines, ui.T(lang, "Nếu gửi hôm nay, người nộp có đến hết ngày "+until+"; quá hạn, hồ sơ được đóng.", "If it is sent today, the applicant has until the end of "+until+"; after that the case is closed."))
		}
	}
	return lines, until
}

func itemTitle(c *cases.Case, id, lang string) string {
	for _, check := range c.Procedure.Checklist {
		if check.ID == id {
			return check.Title.In(lang)
		}
	}
	return id
}
