package desk

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// sideView is the column that stays in sight: where the case stands, what its
// reader can do, and who and what it is about.
type sideView struct {
	Standing []ui.Fact
	Take     *ui.FormView
	Release  *ui.FormView // of one's own
	TakeBack string       // page that takes it away from another officer; empty: not offered
	Actions  []actionView
	Nothing  string // why there is no action; empty: there are some
	Facts    []ui.Fact
}

// actionView is an action as a button: a form that acts at once, or a link to
// the page where it is prepared.
type actionView struct {
	Form   *ui.FormView // nil: the button is a link, or is not open now
	Button ui.ButtonView
}

func (d *desk) side(f ui.Frame, c *cases.Case, a agency.Actor, from string) sideView {
	lang := f.Lang
	v := sideView{Standing: d.standing(c, a, lang), Facts: d.facts(c, lang)}
	if t := c.Task; t != nil {
		mine := a.Has(string(t.Role), t.Agency)
		switch {
		case t.Assignee == "" && mine:
			form := token(f, pathOf(c.Code, "/nhan", ""), from)
			v.Take = &form
		case t.Assignee == a.ID:
			form := token(f, pathOf(c.Code, "/tra-lai", ""), from)
			v.Release = &form
		case t.Assignee != "" && (mine || a.Has(agency.Leader, t.Agency)):
			v.TakeBack = pathOf(c.Code, "/tra-lai", from)
		}
	}
	v.Actions = actions(f, c, from)
	if len(v.Actions) == 0 {
		v.Nothing = d.whyNothing(c, lang)
	}
	return v
}

// standing says where the case is, until when, and who has it.
func (d *desk) standing(c *cases.Case, a agency.Actor, lang string) []ui.Fact {
	facts := []ui.Fact{{Label: ui.T(lang, "Trạng thái", "State"), Body: ui.TagView(stateTag(c, lang))}}
	due := ui.Due{Date: dueDay(c.DueAt)}
	switch {
	case !c.ClosedAt.IsZero():
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Kết thúc", "Ended"), Value: ui.DateTime(c.ClosedAt, lang)})
	case c.DueAt.IsZero():
		due.Date = ui.T(lang, "Chưa tính thời hạn", "Not running yet")
	default:
		due.Left = ui.Left(c.DueAt, d.Now(), lang)
	}
	for _, l := range c.DueBecause {
		due.Lines = append(due.Lines, ui.T(lang, l.VI, l.EN))
	}
	facts = append(facts, ui.Fact{Label: ui.T(lang, "Hạn trả kết quả", "Result due"), Body: ui.DueView(lang, due)})
	if t := c.Task; t != nil {
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Hạn của bước này", "This step is due"),
			Body: ui.DueView(lang, ui.Due{Date: ui.DateTime(t.DueAt, lang), Left: ui.Left(t.DueAt, d.Now(), lang)})})
		holder := ui.T(lang, "Chưa ai nhận", "Nobody yet")
		switch {
		case t.Assignee == a.ID:
			holder = ui.T(lang, "Ông/Bà đang giữ", "You have it")
		case t.Assignee != "":
			holder = t.AssigneeName
		}
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Người xử lý", "Holder"), Value: holder})
	}
	if !c.AskedBy.IsZero() {
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Bổ sung trước hết ngày", "Supplement until the end of"), Value: dueDay(c.AskedBy)})
	}
	return facts
}

func stateTag(c *cases.Case, lang string) ui.Tag {
	t := ui.Tag{Text: c.StateTitle.In(lang), Tone: ui.Info}
	switch {
	case c.Outcome != "" && c.Negative:
		t.Tone = ui.Danger
	case c.Outcome != "":
		t.Tone = ui.Success
	case c.Task == nil:
		t.Tone = ui.Neutral
	}
	return t
}

// facts say who and what the case is about.
func (d *desk) facts(c *cases.Case, lang string) []ui.Fact {
	facts := []ui.Fact{
		{Label: ui.T(lang, "Mã hồ sơ", "Case code"), Value: string(c.Code)},
		{Label: ui.T(lang, "Người nộp", "Applicant"), Body: personFact(c.ApplicantName, c.Applicant)},
	}
	if c.Subject != c.Applicant && c.Subject != "" {
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Người được giải quyết", "Person concerned"), Body: personFact(c.SubjectName, c.Subject)})
	}
	if v := c.Procedure.Variant(c.Variant); v != nil {
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Trường hợp", "Variant"), Body: lawFact(v.Title.In(lang), v.Law)})
	}
	facts = append(facts, ui.Fact{Label: ui.T(lang, "Ngày nộp", "Filed"), Value: ui.DateTime(c.FiledAt, lang)})
	if !c.Promised.IsZero() && dueDay(c.Promised) != dueDay(c.DueAt) {
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Ngày hẹn trên giấy tiếp nhận", "Date on the receipt"), Value: dueDay(c.Promised)})
	}
	facts = append(facts, ui.Fact{Label: ui.T(lang, "Cơ quan giải quyết", "Competent agency"), Value: d.holding(c, c.Competent, lang)})
	if c.Receiving != c.Competent {
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Cơ quan tiếp nhận", "Receiving agency"), Value: d.holding(c, c.Receiving, lang)})
	}
	for _, v := range c.Values {
		if words := v.Print(lang); words != "" {
			facts = append(facts, ui.Fact{Label: v.Title.In(lang), Value: words})
		}
	}
	return append(facts, ui.Fact{Label: ui.T(lang, "Phí, lệ phí", "Fee"), Value: feeText(c, lang)})
}

// holding names who does the work of one of the case's agencies today, and from
// whom they took it over.
func (d *desk) holding(c *cases.Case, id agency.ID, lang string) string {
	for _, t := range c.TakenOver {
		if t.From == id {
			return d.agencyName(t.By, lang) + ui.T(lang, " (tiếp nhận từ ", " (took over from ") + d.agencyName(id, lang) + ")"
		}
	}
	return d.agencyName(id, lang)
}

func feeText(c *cases.Case, lang string) string {
	switch {
	case c.Fee == 0:
		return ui.T(lang, "Không thu", "None")
	case c.Paid:
		return ui.Money(c.Fee) + ui.T(lang, ", đã nộp", ", paid")
	}
	return ui.Money(c.Fee) + ui.T(lang, ", chưa nộp", ", not paid")
}

// actions are the reader's actions in the order of the definition: the way
// ahead first, then what ends a case badly, last what is not open now. One is
// the page's primary button.
func actions(f ui.Frame, c *cases.Case, from string) []actionView {
	list := slices.Clone(c.Allowed)
	rank := func(a cases.Allowed) int {
		switch {
		case !a.Enabled:
			return 3
		case a.Style == "primary":
			return 0
		case a.Style == "danger":
			return 2
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b cases.Allowed) int { return rank(a) - rank(b) })
	var out []actionView
	primary, why := false, ""
	keys := map[string]bool{}
	for _, al := range list {
		v := actionView{Button: ui.ButtonView{Text: al.Title.In(f.Lang), Kind: ui.Secondary, ID: "viec-" + string(al.Event), Why: al.Why.In(f.Lang)}}
		if al.Enabled {
			switch {
			case al.Style == "danger":
				v.Button.Kind = ui.Grave
			case !primary && al.Style == "primary":
				v.Button.Kind, primary = ui.Primary, true
			}
			if k := keyOf(al); k != "" && !keys[k] {
				v.Button.Key, keys[k] = k, true
			}
			if direct(c, al) {
				form := command(f, c, al.Event, from)
				v.Form = &form
			} else {
				v.Button.Href = pathOf(c.Code, "/viec/"+string(al.Event), from)
			}
		} else if v.Button.Why == why {
			v.Button.Why = ui.T(f.Lang, "Cùng lý do như trên", "For the same reason")
		} else {
			why = v.Button.Why
		}
		out = append(out, v)
	}
	return out
}

// keyOf is the letter of an action: s asks for a supplement, d decides.
func keyOf(al cases.Allowed) string {
	switch {
	case slices.Contains(al.Needs, "items"):
		return "s"
	case al.Style == "primary":
		return "d"
	}
	return ""
}

// direct tells whether one click is enough for an action: it asks for nothing,
// can be followed by another step, and sends nothing out but receipts and messages.
func direct(c *cases.Case, al cases.Allowed) bool {
	if len(al.Needs) > 0 || al.Confirm || al.Style == "danger" || len(freshOf(c, al.Event)) > 0 {
		return false
	}
	to := c.Procedure.Machine.States[al.To]
	if to == nil || to.Kind == workflow.Final {
		return false
	}
	return !slices.ContainsFunc(al.Effects, func(e workflow.Effect) bool { return e.Type != cases.EffectReceipt && e.Type != cases.EffectNotify })
}

// freshOf are the subjects that are read again before an action.
func freshOf(c *cases.Case, e workflow.Event) []string {
	var out []string
	for _, t := range stateOf(c).Actions[e] {
		out = append(out, t.Fresh...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// command is the form of one act: it carries the id under which the act is done
// once, and the revision that its author saw.
func command(f ui.Frame, c *cases.Case, e workflow.Event, from string) ui.FormView {
	form := token(f, pathOf(c.Code, "/viec/"+string(e), ""), from)
	form.Hidden = append(form.Hidden, ui.Hidden{Name: "command", Value: uuid.NewString()}, ui.Hidden{Name: "revision", Value: strconv.Itoa(c.Revision)})
	return form
}

// whyNothing says why the reader has no action.
func (d *desk) whyNothing(c *cases.Case, lang string) string {
	s := stateOf(c)
	switch {
	case !c.ClosedAt.IsZero():
		return ui.T(lang, "Hồ sơ đã kết thúc.", "The case has ended.")
	case s == nil:
		return ""
	case s.Kind == workflow.Task:
		role := c.Procedure.Machine.Roles[s.Owner]
		who := string(s.Owner)
		if role != nil && role.Title != (workflow.Text{}) {
			who = role.Title.In(lang)
		}
		return ui.T(lang, "Bước này thuộc về: ", "This step belongs to: ") + who + "."
	case s.Kind == workflow.Wait && s.For == "applicant":
		return ui.T(lang, "Đang chờ người dân; cán bộ chưa phải làm gì.", "The case waits for the citizen; nothing is to be done by officers.")
	case s.Kind == workflow.Subcases:
		return ui.T(lang, "Đang chờ hồ sơ liên thông; xem mục Liên quan.", "The case waits for linked cases; see Related.")
	}
	return ui.T(lang, "Hệ thống đang thực hiện; cán bộ chưa phải làm gì.", "The system is at work; nothing is to be done by officers.")
}
