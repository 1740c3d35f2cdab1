package desk

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// checkView is one item that the officer judges.
type checkView struct {
	ID      string
	At      []forms.Pointer
	Title   string
	Verdict ui.Field
	Reason  ui.Field
	Papers  []ui.Link
	Tag     ui.Tag // the verdict that is stored
	Said    string // its reason
	Last    string // who judged and when; empty: nobody yet
}

// verdicts are what the officer has typed, with what is wrong about it; the
// zero value shows what is stored.
type verdicts struct {
	Typed map[string]cases.Judgement // by item
	Wrong map[string]forms.Problem   // by item
}

// problems are the lines of the error summary, in the order of the items.
func (v verdicts) problems(checks []checkView, lang string) []ui.Problem {
	var out []ui.Problem
	for _, c := range checks {
		if p, ok := v.Wrong[c.ID]; ok {
			field := c.Verdict
			if strings.HasSuffix(string(p.At), "/reason") {
				field = c.Reason
			}
			out = append(out, ui.Problem{Text: ui.T(lang, p.VI, p.EN), Href: "#" + field.Anchor()})
		}
	}
	return out
}

func (d *desk) checks(c *cases.Case, typed verdicts, lang, from string) []checkView {
	out := make([]checkView, len(c.Checklist))
	for i, j := range c.Checklist {
		id, now := j.Item.ID, cases.Judgement{Item: j.Item.ID, Verdict: j.Verdict, Reason: j.Reason}
		if t, ok := typed.Typed[id]; ok {
			now = t
		}
		v := checkView{ID: id, At: j.Item.At, Title: j.Item.Title.In(lang), Tag: verdictTag(j.Verdict, lang), Said: j.Reason,
			Verdict: ui.Field{Lang: lang, Kind: forms.YesNoWidget, Name: "verdict-" + id, Label: j.Item.Title.In(lang), Value: string(now.Verdict), Options: []ui.Option{
				{Value: string(cases.Satisfied), Text: ui.T(lang, "Đạt", "Satisfied")}, {Value: string(cases.NotSatisfied), Text: ui.T(lang, "Chưa đạt", "Not satisfied")},
				{Value: string(cases.NotNeeded), Text: ui.T(lang, "Không cần", "Not needed")}}},
			Reason: ui.Field{Lang: lang, Name: "reason-" + id, Label: ui.T(lang, "Lý do (bắt buộc khi chưa đạt)", "Reason (needed when not satisfied)"), Value: now.Reason}}
		if !j.At.IsZero() && j.Verdict != "" {
			v.Last = j.By + " · " + ui.DateTime(j.At, lang)
		} else if !j.At.IsZero() {
			v.Last = ui.T(lang, "Người nộp đã bổ sung, cần đánh giá lại", "The applicant has supplied it: judge it anew")
		}
		v.Verdict.Hint = v.Last
		if p, ok := typed.Wrong[id]; ok {
			if strings.HasSuffix(string(p.At), "/reason") {
				v.Reason.Error = ui.T(lang, p.VI, p.EN)
			} else {
				v.Verdict.Error = ui.T(lang, p.VI, p.EN)
			}
		}
		for _, file := range c.Files {
			if slices.Contains(j.Item.Attachments, file.Attachment) {
				v.Papers = append(v.Papers, ui.Link{Text: file.Name, Href: filePath(c.Code, file)})
			}
		}
		out[i] = v
	}
	return out
}

func verdictTag(v cases.Verdict, lang string) ui.Tag {
	switch v {
	case cases.Satisfied:
		return ui.Tag{Text: ui.T(lang, "Đạt", "Satisfied"), Tone: ui.Success}
	case cases.NotSatisfied:
		return ui.Tag{Text: ui.T(lang, "Chưa đạt", "Not satisfied"), Tone: ui.Danger}
	case cases.NotNeeded:
		return ui.Tag{Text: ui.T(lang, "Không cần", "Not needed")}
	}
	return ui.Tag{Text: ui.T(lang, "Chưa đánh giá", "Not judged"), Tone: ui.Warning}
}

// judgedHere tells whether an action of the case's state rests on judgements.
func judgedHere(c *cases.Case) bool {
	for _, ts := range stateOf(c).Actions {
		for _, t := range ts {
			if slices.Contains(t.Needs, "judgements") || slices.Contains(t.Needs, "items") {
				return true
			}
		}
	}
	return false
}

// afterJudging are buttons that save the judgements and go on to an action that rests on them.
func afterJudging(c *cases.Case, lang string) []ui.ButtonView {
	var out []ui.ButtonView
	for _, al := range c.Allowed {
		if slices.Contains(al.Needs, "judgements") || slices.Contains(al.Needs, "items") {
			out = append(out, ui.ButtonView{Text: ui.T(lang, "Lưu và chuyển sang: ", "Save and go on to: ") + al.Title.In(lang), Kind: ui.Secondary, Name: "next", Value: string(al.Event)})
		}
	}
	return out
}

// judge stores the verdicts of one form. Only what the officer changed is
// written, so that each verdict keeps the name of who gave it.
func (d *desk) judge(w http.ResponseWriter, r *http.Request) error {
	a := site.Actor(r)
	c, err := d.Cases.Get(r.Context(), a, codeOf(r))
	if err != nil {
		return err
	}
	typed := verdicts{Typed: map[string]cases.Judgement{}, Wrong: map[string]forms.Problem{}}
	var given []cases.Judgement
	for _, j := range c.Checklist {
		g := cases.Judgement{Item: j.Item.ID, Verdict: cases.Verdict(r.PostFormValue("verdict-" + j.Item.ID)), Reason: strings.TrimSpace(r.PostFormValue("reason-" + j.Item.ID))}
		typed.Typed[g.Item] = g
		if g.Verdict == "" && g.Reason == "" || g.Verdict == j.Verdict && g.Reason == j.Reason {
			continue
		}
		given = append(given, g)
	}
	if len(given) > 0 {
		err = d.Cases.Judge(r.Context(), a, c.Code, given)
	}
	if invalid, ok := errors.AsType[*cases.InvalidError](err); ok {
		for _, p := range invalid.Problems {
			if i := index(string(p.At), "/judgements/"); i >= 0 && i < len(given) {
				typed.Wrong[given[i].Item] = p
			}
		}
		return d.renderAnswers(w, r, http.StatusUnprocessableEntity, c, typed, nil)
	}
	if refused, ok := errors.AsType[*workflow.NotAllowedError](err); ok {
		return d.renderRefused(w, r, c.Code, refused)
	}
	if err != nil {
		return err
	}
	from := fromOf(r)
	if next := r.PostFormValue("next"); next != "" {
		return site.See(w, r, pathOf(c.Code, "/viec/"+next, from))
	}
	return site.See(w, r, with(pathOf(c.Code, answersPage, from), doneKey, "danh-gia"))
}

// index reads the number behind a prefix: 3 of "/judgements/3/reason"; -1 when there is none.
func index(at, prefix string) int {
	rest, ok := strings.CutPrefix(at, prefix)
	if !ok {
		return -1
	}
	first, _, _ := strings.Cut(rest, "/")
	if first == "" || strings.Trim(first, "0123456789") != "" {
		return -1
	}
	return number(first)
}
