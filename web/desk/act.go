package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// actView is the page on which an act is prepared: what it rests on, what it
// will do, what it needs, and the button that does it.
type actView struct {
	Title    string
	About    string
	Banner   *ui.Banner
	Changes  *ui.Table // where the registers differ now; nil: no difference is known
	Judged   *ui.Table // summary of the judgements; nil: there is none
	Said     []ui.Row  // what officers wrote on the way
	Fresh    string    // which registers are read again; empty: none
	Effects  []effectView
	Problems []ui.Problem
	Fields   []ui.Field
	Supply   *supplyView // of a supplement request
	Form     ui.FormView
	Confirm  ui.ButtonView
	Why      string // why the act is not open; empty: it is
	Case     string // page of the case
}

// typed is what was typed on the page of an act, with what is wrong about it.
type typed struct {
	Input cases.Input
	Laws  map[string]string // of a supplement request, by item
	Wrong []forms.Problem
	Stale []cases.Change
	Stop  bool // decisions are stopped for the moment
	Fresh bool // nothing was typed: the page is opened
}

// askAct shows the page of an act.
func (d *desk) askAct(w http.ResponseWriter, r *http.Request) error {
	c, err := d.open(r)
	if err != nil {
		return err
	}
	return d.renderAct(w, r, http.StatusOK, c, typed{Fresh: true})
}

// act carries an act out, or shows its page again with what stands against it.
func (d *desk) act(w http.ResponseWriter, r *http.Request) error {
	a, event, from := site.Actor(r), workflow.Event(chi.URLParam(r, "event")), fromOf(r)
	in := inputOf(r)
	if r.PostFormValue("do") == "preview" {
		c, err := d.Cases.Get(r.Context(), a, codeOf(r))
		if err != nil {
			return err
		}
		return d.renderAct(w, r, http.StatusOK, c, typed{Input: in})
	}
	id, err := uuid.Parse(r.PostFormValue("command"))
	if err != nil {
		return cases.ErrNotFound // no page of ours sends this
	}
	c, err := d.Cases.Act(r.Context(), a, cases.Command{Code: codeOf(r), ID: id, Revision: number(r.PostFormValue("revision")), Event: event, Input: in})
	if err == nil {
		return site.See(w, r, with(pathOf(c.Code, answersPage, from), doneKey, strconv.Itoa(lastBy(c, a.ID))))
	}
	if refused, ok := errors.AsType[*workflow.NotAllowedError](err); ok {
		return d.renderRefused(w, r, codeOf(r), refused)
	}
	invalid, isInvalid := errors.AsType[*cases.InvalidError](err)
	stale, isStale := errors.AsType[*cases.StaleError](err)
	conflict, isConflict := errors.AsType[*cases.ConflictError](err)
	isStopped := errors.Is(err, cases.ErrNoDecisions)
	if !isInvalid && !isStale && !isConflict && !isStopped {
		return err
	}
	if c, err = d.Cases.Get(r.Context(), a, codeOf(r)); err != nil {
		return err
	}
	switch {
	case isInvalid:
		return d.renderAct(w, r, http.StatusUnprocessableEntity, c, typed{Input: in, Wrong: invalid.Problems})
	case isStopped:
		return d.renderAct(w, r, http.StatusServiceUnavailable, c, typed{Input: in, Stop: true})
	case isStale:
		return d.renderAct(w, r, http.StatusConflict, c, typed{Input: in, Stale: stale.Changes})
	}
	return d.renderConflict(w, r, c, in, conflict)
}

// lastBy is the number of the actor's last event in the case; 0: none.
func lastBy(c *cases.Case, actor string) int {
	for _, e := range slices.Backward(c.Events) {
		if e.Actor == actor {
			return e.Seq
		}
	}
	return 0
}

// inputOf reads what the page of an act sends.
func inputOf(r *http.Request) cases.Input {
	in := cases.Input{Note: strings.TrimSpace(r.PostFormValue("note")), Findings: strings.TrimSpace(r.PostFormValue("findings")), Days: number(r.PostFormValue("days"))}
	for _, g := range r.PostForm["grounds"] {
		if g != "" {
			in.Grounds = append(in.Grounds, g)
		}
	}
	for _, item := range r.PostForm["item"] {
		in.Items = append(in.Items, cases.AskedItem{Item: item, Reason: strings.TrimSpace(r.PostFormValue("why-" + item)), Law: r.PostFormValue("law-" + item)})
	}
	return in
}

// allowedOf is the event as the reader is offered it; nil when it is not.
func allowedOf(c *cases.Case, e workflow.Event) *cases.Allowed {
	for i := range c.Allowed {
		if c.Allowed[i].Event == e {
			return &c.Allowed[i]
		}
	}
	return nil
}

// renderAct draws the page of an act.
func (d *desk) renderAct(w http.ResponseWriter, r *http.Request, status int, c *cases.Case, t typed) error {
	lang, from := site.Lang(r), fromOf(r)
	al := allowedOf(c, workflow.Event(chi.URLParam(r, "event")))
	if al == nil {
		return d.renderRefused(w, r, c.Code, &workflow.NotAllowedError{State: c.State, Event: workflow.Event(chi.URLParam(r, "event")), Reason: workflow.ReasonNone})
	}
	f := d.frame(r, al.Title.In(lang)+" – "+string(c.Code))
	f.Back = pathOf(c.Code, answersPage, from)
	v := actView{Title: al.Title.In(lang), About: aboutText(c, lang), Case: f.Back, Judged: judgedTable(c, *al, lang), Said: d.notes(c, lang), Why: al.Why.In(lang),
		Form: command(f, c, al.Event, from), Fresh: d.freshText(c, *al, lang)}
	var err error
	if v.Effects, err = d.effects(r.Context(), site.Actor(r), c, *al, lang); err != nil {
		return err
	}
	v.Form.Warn = len(al.Needs) > 0
	v.Confirm = ui.ButtonView{Text: ui.T(lang, "Xác nhận: ", "Confirm: ") + al.Title.In(lang)}
	if al.Style == "danger" {
		v.Confirm.Kind = ui.Grave
	}
	if slices.Contains(al.Needs, "items") {
		v.Supply = d.supply(c, *al, t, lang)
	}
	v.Fields = actFields(c, *al, t, lang)
	v.Problems = d.actProblems(v, t, lang)
	f.Error = len(v.Problems) > 0
	if t.Stale != nil {
		v.Changes = changesTable(lang, ui.T(lang, "Khác biệt so với sổ gốc", "Differences from the registers"), ui.T(lang, "Trong hồ sơ", "In the case"), t.Stale)
		v.Banner = &ui.Banner{Tone: ui.Danger, Heading: ui.T(lang, "Chưa thực hiện: dữ liệu gốc đã thay đổi", "Not done: the registers have changed"),
			Text: ui.T(lang, "Vừa đọc lại dữ liệu gốc và thấy khác với hồ sơ, nên chưa ghi gì. Xem các khác biệt dưới đây, rồi trả lại để thẩm định hoặc chọn thao tác khác.",
				"The registers were just read again and differ from the case, so nothing was written. Look at the differences below, then return the case for examination or take another step.")}
	}
	if t.Stop {
		why := site.StatusOf(cases.ErrNoDecisions)
		v.Banner = &ui.Banner{Tone: ui.Danger, Heading: why.Heading.In(lang), Text: why.Text.In(lang)}
	}
	return d.Render(w, r, status, actPage(f, v))
}

// aboutText names the case below the title of a page.
func aboutText(c *cases.Case, lang string) string {
	about := c.SubjectName
	if about == "" {
		about = c.ApplicantName
	}
	return string(c.Code) + " · " + c.Procedure.Name.In(lang) + " · " + about
}

// actFields are the questions that the act needs.
func actFields(c *cases.Case, al cases.Allowed, t typed, lang string) []ui.Field {
	needs := func(what string) bool { return slices.Contains(al.Needs, what) }
	var fields []ui.Field
	if needs("grounds") {
		f := ui.Field{Lang: lang, Kind: forms.ChecksWidget, Name: "grounds", Label: ui.T(lang, "Căn cứ", "Grounds"), Values: t.Input.Grounds,
			Hint: ui.T(lang, "Chọn tất cả căn cứ áp dụng; chúng được in trong văn bản gửi người nộp.", "Choose all that apply; they are printed in the letter to the applicant.")}
		for _, g := range c.Procedure.Grounds {
			f.Options = append(f.Options, ui.Option{Value: g.ID, Text: g.Title.In(lang), Detail: g.Law})
		}
		fields = append(fields, f)
	}
	if needs("findings") {
		fields = append(fields, ui.Field{Lang: lang, Kind: forms.TextareaWidget, Name: "findings", Label: ui.T(lang, "Kết quả thẩm định, xác minh", "Findings"), Value: t.Input.Findings})
	}
	if needs("days") {
		fields = append(fields, daysField(c, t, lang))
	}
	if needs("note") || needs("grounds") || needs("judgements") {
		f := ui.Field{Lang: lang, Kind: forms.TextareaWidget, Name: "note", Label: ui.T(lang, "Ý kiến", "Note"), Value: t.Input.Note, Optional: !needs("note"), Rows: 4}
		if needs("days") {
			f.Label, f.Hint = ui.T(lang, "Lý do gia hạn", "Reason"), ui.T(lang, "Được in trong văn bản xin lỗi gửi người nộp.", "Printed in the letter of apology to the applicant.")
		} else if to := c.Procedure.Machine.States[al.To]; to != nil && to.Kind == workflow.Final {
			f.Hint = ui.T(lang, "Người dân đọc được ý kiến này.", "The citizen reads this note.")
		} else {
			f.Hint = ui.T(lang, "Cán bộ xử lý bước sau đọc được ý kiến này; người dân thì không.", "Read by the officers of the next step, not by the citizen.")
		}
		fields = append(fields, f)
	}
	for i := range fields {
		for _, p := range t.Wrong {
			if string(p.At) == "/"+fields[i].Name {
				fields[i].Error = ui.T(lang, p.VI, p.EN)
			}
		}
	}
	return fields
}

// actProblems are the lines of the error summary: those of the fields and of
// the items, and what belongs to no field.
func (d *desk) actProblems(v actView, t typed, lang string) []ui.Problem {
	out := ui.Problems(v.Fields)
	if v.Supply != nil {
		for _, it := range v.Supply.Items {
			out = append(out, ui.Problems([]ui.Field{it.Reason})...)
		}
	}
	for _, p := range t.Wrong {
		text := ui.T(lang, p.VI, p.EN)
		if !slices.ContainsFunc(out, func(x ui.Problem) bool { return x.Text == text }) {
			out = append(out, ui.Problem{Text: text})
		}
	}
	return out
}

// judgedTable sums the judgements up; nil when the act does not rest on any.
func judgedTable(c *cases.Case, al cases.Allowed, lang string) *ui.Table {
	if len(c.Checklist) == 0 || !slices.ContainsFunc(c.Checklist, func(j cases.Judged) bool { return j.Verdict != "" }) && !slices.Contains(al.Needs, "judgements") && !slices.Contains(al.Needs, "items") {
		return nil
	}
	t := &ui.Table{Lang: lang, Caption: ui.T(lang, "Đánh giá hồ sơ", "Judgements"), Columns: []ui.Column{{Title: ui.T(lang, "Mục", "Item")},
		{Title: ui.T(lang, "Đánh giá", "Verdict")}, {Title: ui.T(lang, "Lý do", "Reason")}, {Title: ui.T(lang, "Người đánh giá", "By")}}}
	for _, j := range c.Checklist {
		by := ui.Cell{Text: j.By, Sub: ui.DateTime(j.At, lang)}
		if j.Verdict == "" {
			by = ui.Cell{}
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: j.Item.Title.In(lang)}, {Tag: verdictTag(j.Verdict, lang)}, {Text: j.Reason}, by}})
	}
	return t
}
