package doctor

import (
	"context"
	"slices"
	"time"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/law"
	"github.com/hoso-gov/hoso/workflow"
)

// terms holds the clock of a case against its replay: 4 by package calendar, 18
// and 19 by the second reading of the law, 20 by the revision it is counted by.
func (x *examiner) terms(p *replay) {
	r, t := p.r, p.term
	if !t.start.Equal(r.Clock.Start) || !t.paused.Equal(r.Clock.Paused) || !slices.EqualFunc(t.pauses, r.Clock.Pauses, sameSpan) ||
		!slices.EqualFunc(t.extended, r.Clock.Extended, func(a, b calendar.Extension) bool { return a.N == b.N && a.At.Equal(b.At) }) {
		x.bad(4, r.Code, "replay runs and pauses the clock at other times than the case")
	}
	if t.start.IsZero() || r.Clock.Limit.Unit == "" {
		if r.DueAt != nil {
			x.bad(4, r.Code, "it has a due date, and no term that has begun")
		}
		return
	}
	if r.DueAt == nil {
		x.bad(4, r.Code, "its term has begun, and it has no due date")
		return
	}
	if r.ClosedAt == nil {
		x.saw(20, 1)
		if r.inTerms == nil {
			x.bad(20, r.Code, "its term runs, and no sweep for a new revision would find it")
		}
	}
	var before time.Time
	for i, mv := range p.moves {
		x.saw(18, 1)
		x.saw(19, 1)
		o := x.office(mv.term.calendar)
		if o == nil {
			x.bad(19, r.Code, "event %d names calendar %q, which nobody knows", mv.event.Seq, mv.term.calendar)
			return
		}
		due, ok := law.Due(o.second, r.lawTerm(mv.term), mv.event.At)
		if !ok {
			x.bad(19, r.Code, "the term of event %d leaves the years of calendar %s", mv.event.Seq, mv.term.calendar)
			return
		}
		if mv.said != nil && !mv.said.Due.Equal(due) {
			x.bad(19, r.Code, "event %d says that it is due %s, the law says %s", mv.event.Seq, hanoi(mv.said.Due), hanoi(due))
		}
		if mv.said != nil && i > 0 && mv.event.Kind != cases.ByRedate && !mv.said.Was.Equal(before) {
			x.bad(18, r.Code, "event %d says that it was due %s, it was %s", mv.event.Seq, hanoi(mv.said.Was), hanoi(before))
		}
		if i > 0 && due.Before(before) && !decided(p.moves[i-1], mv) {
			x.bad(18, r.Code, "event %d moved the due date from %s to the earlier %s, and nobody decided so", mv.event.Seq, hanoi(before), hanoi(due))
		}
		before = due
		if i+1 < len(p.moves) {
			continue
		}
		if !r.DueAt.Equal(due) {
			x.bad(19, r.Code, "it is due %s, the law says %s", hanoi(*r.DueAt), hanoi(due))
		}
		first, err := o.first.End(calendar.Clock{Start: mv.term.start, Limit: r.Clock.Limit, CutOff: r.Clock.CutOff, Pauses: mv.term.known(mv.event.At), Extended: mv.term.extended}, mv.event.At)
		if err != nil || !first.Equal(*r.DueAt) {
			x.bad(4, r.Code, "replay makes it due %s, it is due %s", hanoi(first), hanoi(*r.DueAt))
		}
	}
	x.still(p)
}

// still is the part of 18 about a clock that is paused now: the due date is the
// one of the pause's beginning, wherever it is written.
func (x *examiner) still(p *replay) {
	r := p.r
	if t := r.inTerms; t != nil && r.ClosedAt == nil {
		if !t.DueAt.Equal(*r.DueAt) || t.Paused != !r.Clock.Paused.IsZero() {
			x.bad(18, r.Code, "the list of terms has it due %s and paused %t, the case %s and %t", hanoi(t.DueAt), t.Paused, hanoi(*r.DueAt), !r.Clock.Paused.IsZero())
		}
	}
}

// decided tells whether somebody decided what moved a due date to an earlier
// one: another revision of the calendar, an extension, a term that began anew.
func decided(a, b move) bool {
	return a.term.calendar != b.term.calendar || b.event.Kind == workflow.ByExtend || !a.term.start.Equal(b.term.start)
}

// lawTerm is the case's term for the second reading of the law.
func (r *record) lawTerm(t term) law.Term {
	out := law.Term{Received: t.start, N: r.Clock.Limit.N, Unit: string(r.Clock.Limit.Unit)}
	for _, e := range t.extended {
		out.N += e.N
	}
	if at, err := time.Parse("15:04", r.Clock.CutOff); err == nil {
		out.CutOff = sinceMidnight(at)
	}
	for _, s := range t.pauses {
		out.Stops = append(out.Stops, law.Stop{From: s.From, To: s.To})
	}
	if !t.paused.IsZero() {
		out.Stops = append(out.Stops, law.Stop{From: t.paused})
	}
	return out
}

// office finds a revision; nil: nobody knows it. One that no event names is that
// of before revisions were named: the newest then and now.
func (x *examiner) office(name string) *office {
	if name == "" {
		name = calendar.Vietnam().Revision().String()
	}
	o, err := x.offices.find(context.Background(), x.db, name)
	if err != nil {
		return nil
	}
	return o
}

func sameSpan(a, b calendar.Span) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) }

func hanoi(t time.Time) string { return t.In(calendar.Hanoi).Format("2006-01-02 15:04") }

// tasks is the part of 4 about the open task.
func (x *examiner) tasks(p *replay) {
	r := p.r
	def := r.p.Machine.States[r.State]
	if def == nil || def.Kind != workflow.Task {
		if len(r.tasks) > 0 {
			x.bad(4, r.Code, "state %s is no task, and one is open", r.State)
		}
		return
	}
	if len(r.tasks) != 1 {
		x.bad(4, r.Code, "state %s is a task, and %d are open", r.State, len(r.tasks))
		return
	}
	role := r.p.Machine.Roles[def.Owner]
	at := r.Competent
	if role != nil && role.At == workflow.AtReceiving {
		at = r.Receiving
	}
	t := r.tasks[0]
	if t.State != r.State || t.Role != def.Owner || !x.house.acts(t.Agency, at) || !t.OpenedAt.Equal(p.at) {
		x.bad(4, r.Code, "replay opens the task %s of %s at %s at %s, the open one is %s of %s at %s at %s", r.State, def.Owner, at, hanoi(p.at), t.State, t.Role, t.Agency, hanoi(t.OpenedAt))
	}
	if !x.someCalendar(func(c *calendar.Calendar) bool {
		due, err := p.budgetDue(c, def)
		return err == nil && due.Equal(t.DueAt)
	}) {
		x.bad(4, r.Code, "the task in %s is due at another time (%s) than its budget says", r.State, hanoi(t.DueAt))
	}
}

// budgetDue is when the working time of the state is used up.
func (p *replay) budgetDue(c *calendar.Calendar, def *workflow.StateDef) (time.Time, error) {
	if def.Within.N == 0 {
		return c.Add(p.at, calendar.Duration{N: 1, Unit: calendar.WorkingDays})
	}
	b, at := p.spent[def.Name], p.at
	if !p.extended.IsZero() {
		at = p.extended
	}
	due, err := c.End(calendar.Clock{Start: b.Start, Limit: def.Within, Pauses: b.Pauses}, at)
	for _, more := range b.More {
		if err == nil {
			due, err = c.Add(due, more)
		}
	}
	return due, err
}

// someCalendar tells whether something holds by a revision that a node may have
// had then: delays inside the house name none.
func (x *examiner) someCalendar(holds func(*calendar.Calendar) bool) bool {
	return slices.ContainsFunc(calendar.VietnamRevisions(), holds)
}

// timers is invariant 16.
func (x *examiner) timers(p *replay) {
	r := p.r
	fired := map[timer]int{}
	gen := 0
	for i, e := range r.events {
		if e.Kind == workflow.ByTimeout && e.Hop == 0 {
			x.saw(16, 1)
			if fired[timer{Name: string(e.Event), Gen: gen}]++; fired[timer{Name: string(e.Event), Gen: gen}] > 1 {
				x.bad(16, r.Code, "event %d: timer %s fired twice in one stay", e.Seq, e.Event)
			}
			if def := r.asOf(e).Machine.States[e.From]; def == nil || !slices.ContainsFunc(def.After, func(a workflow.Timeout) bool { return a.Name == e.Event }) {
				x.bad(16, r.Code, "event %d: timer %s fired in %s, which has none", e.Seq, e.Event, e.From)
			}
		}
		if last := i+1 == len(r.events) || r.events[i+1].Hop == 0; last && (e.From != e.To || e.Hop > 0 || e.Kind == cases.ByMigrate || taken(r.asOf(e).Machine, e)) && e.Kind != workflow.ByExtend && !stays(e) {
			gen = e.Seq
		}
	}
	def := r.p.Machine.States[r.State]
	if def == nil {
		return
	}
	for _, t := range r.timers {
		x.saw(16, 1)
		if t.Gen != p.gen {
			x.bad(16, r.Code, "timer %s is of generation %d, the state was entered with event %d", t.Name, t.Gen, p.gen)
		}
	}
	want := map[string]workflow.Duration{}
	for _, a := range def.After {
		want[string(a.Name)] = a.Delay
	}
	if def.Join != nil && def.Join.Window.N > 0 && !slices.ContainsFunc(r.timers, func(t timer) bool { return t.Name == joinReminded }) {
		want[joinWindow] = def.Join.Window
	}
	for name, delay := range want {
		i := slices.IndexFunc(r.timers, func(t timer) bool { return t.Name == name })
		if i < 0 {
			x.bad(16, r.Code, "state %s waits %s, and the timer is lost", r.State, name)
		} else if fire := r.timers[i].FireAt; !x.someCalendar(func(c *calendar.Calendar) bool {
			from := p.at
			if !p.counts.IsZero() && name != joinWindow {
				from = p.counts
			}
			at, err := c.Add(from, delay)
			return err == nil && at.Equal(fire)
		}) {
			x.bad(16, r.Code, "timer %s fires at another time (%s) than %s after the state was entered", name, hanoi(fire), name)
		}
	}
	for _, t := range r.timers {
		if _, ok := want[t.Name]; !ok && t.Name != joinReminded {
			x.bad(16, r.Code, "timer %s belongs to no wait of state %s", t.Name, r.State)
		}
	}
}

// The timers of joins.
const (
	joinWindow   = "join-window"
	joinReminded = "join-reminded"
)
