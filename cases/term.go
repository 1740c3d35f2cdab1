package cases

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// term is the legal term of a case, as cases.clock keeps it. With the calendar
// that it names it says when the term ends, at any moment.
type term struct {
	Start    time.Time            `json:"start,omitzero"` // zero: not running yet
	Limit    calendar.Duration    `json:"limit,omitzero"` // zero: the law sets none
	CutOff   string               `json:"cutOff,omitempty"`
	Pauses   []calendar.Span      `json:"pauses,omitempty"`
	Paused   time.Time            `json:"paused,omitzero"`    // since when; zero: running
	Calendar string               `json:"calendar,omitempty"` // revision that it is counted by: vn-state-offices/3
	Extended []calendar.Extension `json:"extended,omitempty"`
}

// TermSet is what an event says of the due date that it set or moved. It stands
// in the event's input under the key term, so the chain covers it.
type TermSet struct {
	Calendar string    `json:"calendar"`         // revision that it is counted by
	Due      time.Time `json:"due"`              // supposing that the clock runs on from the event
	Was      time.Time `json:"was,omitzero"`     // zero: none before
	Paused   bool      `json:"paused,omitempty"` // the clock stands still from here
}

// counted tells whether the case has a term that has begun.
func (t *term) counted() bool { return !t.Start.IsZero() && t.Limit.Unit != "" }

// runsOn tells whether the term runs as it did before, so that its end stands.
func (t *term) runsOn(before term) bool {
	return t.Paused.IsZero() && before.Paused.IsZero() && t.Start.Equal(before.Start) && t.Limit == before.Limit && t.CutOff == before.CutOff &&
		t.Calendar == before.Calendar && len(t.Pauses) == len(before.Pauses) && len(t.Extended) == len(before.Extended)
}

// begin starts the term. The revision in force is that of the start; only a
// re-dating takes another.
func (t *term) begin(cal *calendar.Calendar, now time.Time) {
	t.Start, t.Calendar = now, cal.Revision().String()
}

// restart counts anew from now, where the law counts from a complete dossier.
func (t *term) restart(now time.Time) {
	t.Start, t.Pauses, t.Extended = now, nil, nil
	if !t.Paused.IsZero() {
		t.Paused = now
	}
}

// set changes the term as the new state's clock mode demands at now.
func (t *term) set(mode workflow.ClockMode, now time.Time) {
	switch {
	case t.Start.IsZero():
	case mode == workflow.Running && !t.Paused.IsZero():
		if now.After(t.Paused) {
			t.Pauses = append(slices.Clip(t.Pauses), calendar.Span{From: t.Paused, To: now})
		}
		t.Paused = time.Time{}
	case mode != workflow.Running && t.Paused.IsZero():
		t.Paused = now
	}
}

// due returns when the term ends if it runs on from now, and why; zero when it has not started.
func (t *term) due(cal *calendar.Calendar, now time.Time) (calendar.Due, error) {
	if !t.counted() {
		return calendar.Due{}, nil
	}
	return cal.Due(t.running(now), now)
}

// end is the At of due.
func (t *term) end(cal *calendar.Calendar, now time.Time) (time.Time, error) {
	if !t.counted() {
		return time.Time{}, nil
	}
	return cal.End(t.running(now), now)
}

// running is the clock that runs on from now.
func (t *term) running(now time.Time) calendar.Clock {
	c := calendar.Clock{Start: t.Start, Limit: t.Limit, CutOff: t.CutOff, Pauses: t.Pauses, Extended: t.Extended}
	if !t.Paused.IsZero() && now.After(t.Paused) {
		c.Pauses = append(slices.Clip(c.Pauses), calendar.Span{From: t.Paused, To: now})
	}
	return c
}

// moveTerm carries a step's way into the term: it begins, begins anew, pauses or
// goes on. What that does to the due date is said by the step's last event, so
// it comes before the events. Every step of a case passes here.
func (s *Service) moveTerm(ctx context.Context, st *step, d *workflow.Decision, o order, now time.Time) error {
	c, from, was := st.c, st.c.State, st.c.Term
	for _, t := range d.Taken {
		starts := c.Procedure.Machine.Clock.Starts
		if c.Term.Start.IsZero() && (starts == string(from)+"."+string(t.Event) || from == "" && starts == "file") {
			c.Term.begin(s.cfg.Calendar, now)
		}
		from = t.To
	}
	if supplied(c, o) && c.Procedure.Machine.Clock.AfterSupplement == "restart" && !c.Term.Start.IsZero() {
		c.Term.restart(now)
		c.Memory.Apologised = time.Time{} // a new term, a new promise
	}
	c.Term.set(c.Procedure.Machine.States[d.To].Clock, now)
	return s.redue(ctx, st, was, now)
}

// redue counts the due date anew, after the term changed from what it was, and
// notes what the step's last event has to say of it.
func (s *Service) redue(ctx context.Context, st *step, before term, now time.Time) error {
	c := st.c
	if !c.Term.counted() || c.DueAt != nil && c.Term.runsOn(before) {
		return nil
	}
	cal, err := s.calendarOf(ctx, c.Term.Calendar)
	if err != nil {
		return err
	}
	due, err := c.Term.end(cal, now)
	if err != nil {
		return err
	}
	was, paused := timeOf(c.DueAt), !c.Term.Paused.IsZero()
	if !due.Equal(was) || before.Calendar != c.Term.Calendar || before.Paused.IsZero() == paused {
		st.term = &TermSet{Calendar: c.Term.Calendar, Due: due, Was: was, Paused: paused}
	}
	c.DueAt = nullTime(due)
	if c.Memory.Promised.IsZero() {
		c.Memory.Promised = due
	}
	if st.term != nil {
		st.apologyAt, err = s.apologyAt(c, cal)
	}
	return err
}

// into puts what an event says beside its command into its input.
func into(input []byte, name string, v any) []byte {
	said, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values only
	}
	head, sep := input[:len(input)-1], ","
	if len(head) == 1 {
		sep = ""
	}
	return slices.Concat(head, []byte(sep+`"`+name+`":`), said, []byte("}"))
}
