package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// noted is the step that records a signal which changes nothing.
func (s *Service) noted(c *snapshot, o order, request []byte, now time.Time) *step {
	n := *c
	n.Memory = *c.Memory.clone()
	n.Memory.gather(o)
	st := &step{c: &n, seen: c.Revision, keep: true, report: o.Report, in: o.in}
	st.add(c.State, c.State, o, request, now, o.Trigger.Event, 0)
	return st
}

// plan turns a decision into the step to write.
func (s *Service) plan(ctx context.Context, c *snapshot, d *workflow.Decision, o order, request []byte, v variables) (*step, error) {
	n := *c
	n.Memory = *c.Memory.clone()
	st := &step{c: &n, seen: c.Revision, report: o.Report, in: o.in}
	return st, s.fill(ctx, st, d, o, request, v)
}

// fill carries a decision into the step's case: events, effects, clocks, timers, task and children.
func (s *Service) fill(ctx context.Context, st *step, d *workflow.Decision, o order, request []byte, v variables) error {
	var (
		c, now = st.c, v.now
		m      = c.Procedure.Machine
		from   = c.State
		mem    = &c.Memory
	)
	mem.gather(o)
	if err := s.moveTerm(ctx, st, d, o, now); err != nil {
		return err
	}
	o.seat = s.seatFor(o.Actor, c, d.Taken[0].By)
	to := m.States[d.To]
	if err := s.countsFrom(ctx, st, to, d, v); err != nil {
		return err
	}
	for hop, t := range d.Taken {
		st.silent = hop < len(d.Taken)-1
		st.add(from, t.To, o, request, now, t.Event, hop)
		if from != "" {
			mem.Visits[string(from)+"."+string(t.Event)]++
		}
		if hop == 0 && o.Trigger.Kind == workflow.ByAction && o.Actor.Kind != agency.System && !slices.Contains(mem.Acted[t.Event], o.Actor.ID) {
			mem.Acted[t.Event] = append(slices.Clip(mem.Acted[t.Event]), o.Actor.ID)
		}
		for _, e := range t.Effects {
			if err := st.follow(e.Type, e.Name, nil, now); err != nil {
				return err
			}
		}
		if from != "" { // also when it leads back to itself: the budget goes on, it is not a fresh one
			if b := mem.Budgets[from]; b != nil {
				mem.Budgets[from] = &budget{Start: b.Start, Pauses: b.Pauses, Left: now, More: b.More}
			}
		}
		from = t.To
	}
	c.State = d.To
	mem.Gen = c.Revision
	if err := s.supplement(ctx, st, o, d, v); err != nil {
		return err
	}
	if err := s.leaveChildren(st, v, m.States[d.Taken[0].From], o.Trigger.Kind, now); err != nil {
		return err
	}
	switch to.Kind {
	case workflow.Final:
		if err := s.close(ctx, st, to, v); err != nil || !to.Compensate || st.seen == 0 {
			return err
		}
		return s.compensate(ctx, st, o, v)
	case workflow.Task:
		return s.openTask(ctx, st, to, v)
	case workflow.Subcases:
		if err := s.openChildren(st, d.EntersSubcases, v); err != nil {
			return err
		}
	}
	return s.arm(st, to, now)
}

// add appends an event and moves the case's head.
func (st *step) add(from, to workflow.State, o order, request []byte, now time.Time, name workflow.Event, hop int) {
	c := st.c
	c.Revision++
	kind, input := o.Trigger.Kind, []byte("{}")
	if hop == 0 {
		input, _ = json.Marshal(o.Input) // plain values only
	}
	if st.term != nil && !st.silent {
		input, st.silent = into(input, "term", st.term), true
	}
	if st.counts != "" && hop == st.saysAt {
		input, st.saysAt = into(input, "countsFrom", st.counts), -1
	}
	e := event{Seq: c.Revision, Command: o.Command, Hop: hop, Request: request, Kind: kind, Event: name, From: from, To: to,
		Actor: o.Actor, Agency: o.seat, At: now, Input: input}
	e.seal(c.ID, c.Head)
	c.Head = e.Sum
	st.events = append(st.events, e)
}

// nextEffect is the place of the next effect of the last event.
func (st *step) nextEffect() (seq, idx int) {
	seq = st.c.Revision
	for _, e := range st.effects {
		if e.Seq == seq {
			idx++
		}
	}
	return seq, idx
}

// follow schedules an effect of the last event.
func (st *step) follow(kind, name string, args any, now time.Time) error {
	seq, idx := st.nextEffect()
	raw := []byte("{}")
	if args != nil {
		var err error
		if raw, err = json.Marshal(args); err != nil {
			return err
		}
	}
	st.effects = append(st.effects, effect{Seq: seq, Idx: idx, Type: kind, Name: name, Key: st.nextKey(kind, name), Args: raw, At: now})
	return nil
}

// nextKey is the key of the step's next effect of a kind.
func (st *step) nextKey(kind, name string) uuid.UUID {
	n := 0
	for _, e := range st.effects {
		if e.Type == kind && e.Name == name {
			n++
		}
	}
	for _, u := range st.undo {
		if u.Type == kind && u.Name == name {
			n++
		}
	}
	return effectKey(st.c.ID, st.events[0].Command, kind, name, n)
}

// close ends the case and tells its parent.
func (s *Service) close(ctx context.Context, st *step, to *workflow.StateDef, v variables) error {
	c := st.c
	c.ClosedAt, c.Outcome = &v.now, to.Outcome
	if c.ParentID == nil {
		return nil
	}
	output := map[string]any{}
	if len(c.Procedure.Outputs) > 0 {
		if v.b == nil {
			var err error
			if v.b, v.files, err = s.bodyAndFiles(ctx, c); err != nil {
				return err
			}
		}
		v.c = c
		vars := v.vars()
		for name, p := range c.Procedure.Outputs {
			val, err := p.Eval(vars)
			if err != nil {
				return fmt.Errorf("output %s: %w", name, err)
			}
			output[name] = val
		}
	}
	return st.follow(EffectReport, "", Report{Parent: *c.ParentID, Slot: c.ParentSlot, Gen: c.ParentGen, Outcome: to.Outcome, Output: output}, v.now)
}

// openTask puts the case into the queue of the state's owner.
func (s *Service) openTask(ctx context.Context, st *step, to *workflow.StateDef, v variables) error {
	c := st.c
	role := c.Procedure.Machine.Roles[to.Owner]
	if role == nil {
		return fmt.Errorf("state %s: no role %s", to.Name, to.Owner)
	}
	due, err := s.budgetDue(&c.Memory, to, v.now)
	if err != nil {
		return err
	}
	st.task = &Task{Procedure: c.Procedure.ID, Variant: c.Variant, State: to.Name, Agency: s.roleAt(c, to.Owner), Role: to.Owner,
		DueAt: due, OpenedAt: v.now}
	if c.DueAt != nil {
		st.task.CaseDueAt = *c.DueAt
	}
	if st.watchAt, st.watchDone, err = s.watchFrom(due, v.now); err != nil {
		return err
	}
	return s.arm(st, to, v.now)
}

// budgetDue is the end of the working time that a state has left, over all visits.
func (s *Service) budgetDue(mem *memory, to *workflow.StateDef, now time.Time) (time.Time, error) {
	if to.Within.N == 0 {
		return s.cfg.Calendar.Add(now, calendar.Duration{N: 1, Unit: calendar.WorkingDays})
	}
	return s.endOf(mem.enter(to.Name, now), to.Within, now)
}

// endOf is when a budget of a length is used up, if the case stays in its state.
func (s *Service) endOf(b *budget, within calendar.Duration, now time.Time) (time.Time, error) {
	due, err := s.cfg.Calendar.End(calendar.Clock{Start: b.Start, Limit: within, Pauses: b.Pauses}, now)
	for _, more := range b.More {
		if err == nil {
			due, err = s.cfg.Calendar.Add(due, more)
		}
	}
	return due, err
}

// countsFrom finds the day from which the time-outs of the state count that the
// decision leads to.
func (s *Service) countsFrom(ctx context.Context, st *step, to *workflow.StateDef, d *workflow.Decision, v variables) error {
	if to.CountsFrom == nil {
		return nil
	}
	if v.b == nil && readsAnswers(to.CountsFrom) {
		var err error
		if v.b, v.files, err = s.bodyAndFiles(ctx, st.c); err != nil {
			return err
		}
	}
	n := *st.c
	n.Memory = *n.Memory.clone()
	for _, t := range d.Taken {
		if t.From != "" {
			n.Memory.Visits[workflow.Visit(t.From, t.Event)]++
		}
	}
	v.c = &n
	var err error
	st.counts, err = to.CountsFrom.String(v.vars())
	st.saysAt = len(d.Taken) - 1
	if err != nil {
		return fmt.Errorf("counts-from of %s: %w", to.Name, err)
	}
	return nil
}

// delayed is when a delay of the state is over that the step enters.
func (s *Service) delayed(st *step, d calendar.Duration, now time.Time) (time.Time, error) {
	if st.counts == "" {
		return s.cfg.Calendar.Add(now, d)
	}
	day, err := time.ParseInLocation(time.DateOnly, st.counts, calendar.Hanoi)
	if err != nil {
		return time.Time{}, fmt.Errorf("counts-from: %w", err)
	}
	return s.cfg.Calendar.Add(day, d)
}

// arm sets the timers of the state that the case has entered.
func (s *Service) arm(st *step, to *workflow.StateDef, now time.Time) error {
	for _, a := range to.After {
		at, err := s.delayed(st, a.Delay, now)
		if err != nil {
			return err
		}
		st.timers = append(st.timers, timer{Name: string(a.Name), At: at})
	}
	if to.Join != nil && to.Join.Window.N > 0 {
		at, err := s.cfg.Calendar.Add(now, to.Join.Window)
		if err != nil {
			return err
		}
		st.timers = append(st.timers, timer{Name: JoinWindow, At: at})
	}
	return nil
}

// gather keeps what a signal brought.
func (m *memory) gather(o order) {
	if o.Trigger.Kind == workflow.BySignal {
		for k, v := range o.Input.Data {
			m.Output[k] = v
		}
		if o.Trigger.Event == "paid" {
			m.Paid = true
		}
	}
}
