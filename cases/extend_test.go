package cases

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// The approver lengthens the term once, with a reason and within what the law
// allows; the state, the task and its holder stay, the budget grows with it, and
// the citizen gets the letter with the new date.
func TestExtend(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 3)
	c := o.get(handler, o.fair("counter").Code) // Monday 2 November
	o.isDue(c, "2026-11-11 17:00")
	o.ok(o.Take(t.Context(), handler, c.Code))
	for _, tt := range []struct {
		name string
		in   Input
		want []string
	}{
		{"no days", Input{Note: "Chờ xác minh"}, []string{"/days"}},
		{"too many", Input{Days: 6, Note: "Chờ xác minh"}, []string{"/days"}},
		{"no reason", Input{Days: 5, Note: " "}, []string{"/note"}},
	} {
		_, err := o.Act(t.Context(), approver, Command{Code: c.Code, Event: "extend", Input: tt.in})
		invalid, ok := errors.AsType[*InvalidError](err)
		if !ok || !slices.Equal(at(invalid), tt.want) {
			t.Errorf("%s: %v, want problems at %v", tt.name, err, tt.want)
		}
	}
	if _, err := o.Act(t.Context(), handler, Command{Code: c.Code, Event: "extend", Input: Input{Days: 3, Note: "x"}}); !isNotAllowed(err) {
		t.Errorf("the handler extended: %v", err)
	}
	o.at("2026-11-04 10:00")
	got := o.act(approver, c, "extend", Input{Days: 3, Note: "Chờ kết quả xác minh của phường"})
	o.isDue(got, "2026-11-16 17:00")
	if got.State != "examine" || got.Task == nil || got.Task.Assignee != handler.ID {
		t.Errorf("the case is in %s with the task %+v", got.State, got.Task)
	}
	if due := dueWords(got.Task.DueAt, "vi"); due != "17 giờ 00 ngày 09/11/2026" || !got.Task.CaseDueAt.Equal(got.DueAt) {
		t.Errorf("the task ends %s, the case %s: want three working days more", due, got.Task.CaseDueAt)
	}
	if !got.NewDate.Equal(got.DueAt) || dueWords(got.Promised, "vi") != "17 giờ 00 ngày 11/11/2026" {
		t.Errorf("promised %s, then %s", got.Promised, got.NewDate)
	}
	lines := got.DueBecause
	if !slices.ContainsFunc(lines, func(l calendar.Line) bool {
		return strings.Contains(l.VI, "gia hạn thêm 3 ngày làm việc") && strings.Contains(l.EN, "extended by 3 working days")
	}) {
		t.Errorf("the explanation does not tell the extension: %+v", lines)
	}
	last := got.Events[len(got.Events)-1]
	if last.Title.VI != "Gia hạn thời hạn giải quyết thêm 3 ngày làm việc" || last.Term == nil || last.Input.Note == "" || last.Agency != "UB-00070" {
		t.Errorf("the history says %+v", last)
	}
	if n := o.count(`SELECT count(*) FROM case_effects WHERE case_id = $1 AND (type, name) IN (('issue-letter', 'apology'), ('notify', $2))`, c.ID, NoticeExtended); n != 2 {
		t.Errorf("%d of letter and notice follow", n)
	}
	o.letter(c, "17 giờ 00 ngày 16/11/2026", "XL-UB", "Chờ kết quả xác minh của phường", "Luật Chợ, Điều 7")
	_, err := o.Act(t.Context(), approver, Command{Code: c.Code, Event: "extend", Input: Input{Days: 1, Note: "Lần nữa"}})
	refused, ok := errors.AsType[*workflow.NotAllowedError](err)
	if !ok || refused.Reason != workflow.ReasonMax {
		t.Errorf("a second extension: %v", err)
	}
}

// A date that has passed is broken: it is not mended by moving it.
func TestNoExtensionAfterTheEnd(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 3)
	c := o.get(handler, o.fair("counter").Code)
	o.at("2026-11-11 17:01")
	_, err := o.Act(t.Context(), approver, Command{Code: c.Code, Event: "extend", Input: Input{Days: 1, Note: "Muộn"}})
	refused, ok := errors.AsType[*workflow.NotAllowedError](err)
	if !ok || refused.Reason != ReasonOver {
		t.Errorf("extended after the end: %v", err)
	}
	for _, al := range o.get(approver, c.Code).Allowed {
		if al.Event == "extend" && (al.Enabled || al.Why.VI == "") {
			t.Errorf("the desk offers it: %+v", al)
		}
	}
}

// letter prints the case's letter of apology and holds its words.
func (o *office) letter(c *Case, words ...string) {
	o.t.Helper()
	var b Bell
	o.ok(o.db.QueryRow(o.t.Context(), `SELECT case_id, seq, idx FROM case_effects WHERE case_id = $1 AND name = 'apology'`, c.ID).Scan(&b.Case, &b.Seq, &b.Idx))
	e, err := o.Claim(o.t.Context(), b)
	o.ok(err)
	p, err := o.Paper(o.t.Context(), e)
	o.ok(err)
	said := strings.Join(p.Text.Body, " ") + dueWords(p.Due, "vi") + p.Text.Number
	for _, it := range p.Items {
		said += it.Title.VI + it.Law
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			o.t.Errorf("the letter does not say %q: %s", w, said)
		}
	}
	if p.Kind != "apology" || p.Due.IsZero() || p.Was.IsZero() || !p.Due.After(p.Was) {
		o.t.Errorf("the letter's dates: %s instead of %s", p.Due, p.Was)
	}
}

func at(e *InvalidError) (out []string) {
	for _, p := range e.Problems {
		out = append(out, string(p.At))
	}
	return out
}
