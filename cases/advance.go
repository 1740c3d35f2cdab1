package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// Command is what somebody wants done with a case.
type Command struct {
	Code     Code
	ID       uuid.UUID // made when the page was rendered; the same id again gets the same answer
	Revision int       // that the actor saw; 0: whatever it is now
	Event    workflow.Event
	Input    Input
}

// Act carries a command out and returns the case as the actor sees it then.
//
// Errors to act upon: ErrNotFound, *workflow.NotAllowedError, *ConflictError,
// *InvalidError, *StaleError, ErrReused.
func (s *Service) Act(ctx context.Context, actor agency.Actor, cmd Command) (*Case, error) {
	id, err := s.do(ctx, actor, cmd)
	if err != nil {
		return nil, err
	}
	return s.view(ctx, actor, id, "")
}

// Do is [Service.Act] without reading the case afterwards, for callers that
// carry out many commands.
func (s *Service) Do(ctx context.Context, actor agency.Actor, cmd Command) error {
	_, err := s.do(ctx, actor, cmd)
	return err
}

func (s *Service) do(ctx context.Context, actor agency.Actor, cmd Command) (ID, error) {
	id, err := s.act(ctx, actor, cmd)
	if err != nil {
		return ID{}, fmt.Errorf("%s on case %s: %w", cmd.Event, cmd.Code, err)
	}
	return id, nil
}

func (s *Service) act(ctx context.Context, actor agency.Actor, cmd Command) (ID, error) {
	if cmd.ID == uuid.Nil {
		cmd.ID = uuid.New()
	}
	trigger := workflow.Trigger{Kind: workflow.ByAction, Event: cmd.Event}
	if cmd.Event == workflow.Event(workflow.ByWithdraw) {
		trigger.Kind = workflow.ByWithdraw
	}
	o := order{Command: cmd.ID, Revision: cmd.Revision, Trigger: trigger, Actor: actor, Input: cmd.Input}
	if c, err := s.recent.at(cmd.Code, cmd.Revision); err != nil {
		return ID{}, err
	} else if c != nil && maySee(actor, c) {
		if written, err := s.try(ctx, c, o); err == nil && written {
			return c.ID, nil
		} // whatever stood in the way: what the database says decides
	}
	c, err := s.snapshotByCode(ctx, cmd.Code, cmd.ID)
	if err != nil {
		return ID{}, err
	}
	if !maySee(actor, c) {
		return ID{}, ErrNotFound
	}
	return c.ID, s.advance(ctx, c, o)
}

// order is a trigger on its way to a case.
type order struct {
	Command  uuid.UUID
	Revision int // expected; 0: any
	Trigger  workflow.Trigger
	Actor    agency.Actor
	Input    Input
	// Gen is the generation that a time-out was armed in; 0: not a time-out.
	Gen int
	// Report is the outcome of a sub-case; nil: something else.
	Report *Report
}

// triesOfSystem is how often a system step starts again when it lost a race.
const triesOfSystem = 20

// advance decides on an order and writes the step. A step that names no
// revision starts again when the case was changed in between.
func (s *Service) advance(ctx context.Context, c *snapshot, o order) error {
	for try := 1; ; try++ {
		written, err := s.try(ctx, c, o)
		if err != nil || written {
			return err
		}
		if o.Revision != 0 || try == triesOfSystem {
			return s.conflict(ctx, c.ID, o.Revision)
		}
		if c, err = s.snapshot(ctx, c.ID, o.Command); err != nil {
			return err
		}
	}
}

// try makes one attempt; false without an error means that another step came first.
func (s *Service) try(ctx context.Context, c *snapshot, o order) (bool, error) {
	request := requestHash(o.Trigger, o.Actor.ID, o.Input)
	if c.Known != nil {
		if !slices.Equal(c.Known.Request, request) {
			return false, ErrReused
		}
		return true, nil // done before: the answer is the case
	}
	if o.Revision != 0 && o.Revision != c.Revision {
		return false, s.conflict(ctx, c.ID, o.Revision)
	}
	if o.Gen != 0 && o.Gen != c.Memory.Gen {
		return true, nil // the state was left: the bell rings in vain
	}
	m := c.Procedure.Machine
	now := s.now()
	v := variables{c: c, now: now, input: o.Input.vars()}
	ts := m.Transitions(c.State, o.Trigger)
	if o.Trigger.Kind == workflow.BySignal && (len(ts) == 0 || c.ClosedAt != nil) {
		return s.write(ctx, s.noted(c, o, request, now))
	}
	var err error
	if c.Memory.Children {
		if v.kids, err = s.children(ctx, c.ID); err != nil {
			return false, err
		}
	}
	if o.Trigger.Kind == workflow.ByJoin && c.stateDef().Join != nil {
		j := c.stateDef().Join
		ts = []*workflow.Transition{{To: j.Then}, {To: j.Refused}, {To: j.Late}}
	}
	if needsAnswers(m, ts) || opensChildren(m, ts) {
		if v.b, v.files, err = s.bodyAndFiles(ctx, c); err != nil {
			return false, err
		}
	}
	if o.Trigger.Kind == workflow.ByAction && heldByAnother(c, ts, o.Actor) {
		return false, &workflow.NotAllowedError{State: c.State, Event: o.Trigger.Event, Reason: "taken by another officer"}
	}
	if err := s.checkInput(ctx, c, ts, o); err != nil {
		return false, err
	}
	d, err := s.decide(c, o, v)
	if err != nil {
		return false, err
	}
	if d == nil {
		return s.write(ctx, s.noted(c, o, request, now))
	}
	if err := s.refresh(ctx, c, d, o.Actor); err != nil {
		return false, err
	}
	st, err := s.plan(ctx, c, d, o, request, v)
	if err != nil {
		return false, err
	}
	if c.recalled && o.Trigger.Kind == workflow.ByAction && len(ts) > 0 && ts[0].By == c.stateDef().Owner {
		st.untaken = o.Actor.ID
	}
	written, err := s.write(ctx, st)
	if written && st.body != nil {
		s.bodies.forget(c.ID)
	}
	return written, err
}

// heldByAnother tells whether the action is the work of whoever has taken the
// task, and somebody else has. What another role may do meanwhile is open to it.
func heldByAnother(c *snapshot, ts []*workflow.Transition, a agency.Actor) bool {
	return c.Assignee != "" && c.Assignee != a.ID && len(ts) > 0 && ts[0].By == c.stateDef().Owner
}

// decide asks the machine; a nil decision is an order that changes nothing.
func (s *Service) decide(c *snapshot, o order, v variables) (*workflow.Decision, error) {
	m := c.Procedure.Machine
	in := workflow.Input{State: c.State, Trigger: o.Trigger, Vars: v.vars(), Roles: rolesOf(o.Actor, c), ActorID: o.Actor.ID,
		Visits: c.Memory.Visits, ActedBy: c.Memory.Acted, System: o.Actor.Kind == agency.System}
	switch {
	case o.Report != nil:
		return s.report(c, o, v)
	case o.Trigger.Kind == workflow.ByJoin:
		return s.join(c, o, v, true)
	case o.Trigger.Kind == workflow.ByCancel:
		if c.ClosedAt != nil || c.stateDef().FinalAct {
			return nil, nil // it has ended, or is being carried out: its outcome comes late and is kept
		}
		target, ok := m.CancelTo()
		if !ok {
			return nil, fmt.Errorf("procedure %s has no state for a cancelled case", c.Procedure.ID)
		}
		in.Target = target
	}
	return m.Decide(in)
}

// noted is the step that records a signal which changes nothing.
func (s *Service) noted(c *snapshot, o order, request []byte, now time.Time) *step {
	n := *c
	n.Memory = *c.Memory.clone()
	n.Memory.gather(o)
	st := &step{c: &n, seen: c.Revision, keep: true, report: o.Report}
	st.add(c.State, c.State, o, request, now, o.Trigger.Event, 0)
	return st
}

// plan turns a decision into the step to write.
func (s *Service) plan(ctx context.Context, c *snapshot, d *workflow.Decision, o order, request []byte, v variables) (*step, error) {
	n := *c
	n.Memory = *c.Memory.clone()
	st := &step{c: &n, seen: c.Revision, report: o.Report}
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
	for hop, t := range d.Taken {
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
		if starts := m.Clock.Starts; c.Term.Start.IsZero() && (starts == string(from)+"."+string(t.Event) || from == "" && starts == "file") {
			c.Term.Start = now
		}
		if from != "" && from != t.To {
			if b := mem.Budgets[from]; b != nil {
				mem.Budgets[from] = &budget{Start: b.Start, Pauses: b.Pauses, Left: now}
			}
		}
		from = t.To
	}
	c.State = d.To
	mem.Gen = c.Revision
	to := m.States[d.To]
	if err := s.supplement(ctx, st, o, d, v); err != nil {
		return err
	}
	c.Term.set(to.Clock, now)
	due, err := c.Term.end(s.cfg.Calendar, now)
	if err != nil {
		return err
	}
	c.DueAt = nullTime(due)
	if mem.Promised.IsZero() && !due.IsZero() {
		mem.Promised = due
	}
	if err := s.leaveChildren(st, v, now); err != nil {
		return err
	}
	switch to.Kind {
	case workflow.Final:
		return s.close(ctx, st, to, v)
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
	e := event{Seq: c.Revision, Command: o.Command, Hop: hop, Request: request, Kind: kind, Event: name, From: from, To: to,
		Actor: o.Actor, Agency: seatOf(o.Actor, c), At: now, Input: input}
	e.seal(c.ID, c.Head)
	c.Head = e.Sum
	st.events = append(st.events, e)
}

// follow schedules an effect of the last event.
func (st *step) follow(kind, name string, args any, now time.Time) error {
	seq, idx := st.c.Revision, 0
	for _, e := range st.effects {
		if e.Seq == seq {
			idx++
		}
	}
	raw := []byte("{}")
	if args != nil {
		var err error
		if raw, err = json.Marshal(args); err != nil {
			return err
		}
	}
	st.effects = append(st.effects, effect{Seq: seq, Idx: idx, Type: kind, Name: name, Key: effectKey(st.c.ID, seq, idx), Args: raw, At: now})
	return nil
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
	at := c.Competent
	if role.At == workflow.AtReceiving {
		at = c.Receiving
	}
	due, err := s.budgetDue(&c.Memory, to, v.now)
	if err != nil {
		return err
	}
	st.task = &Task{Procedure: c.Procedure.ID, Variant: c.Variant, State: to.Name, Agency: at, Role: to.Owner,
		DueAt: due, OpenedAt: v.now}
	if c.DueAt != nil {
		st.task.CaseDueAt = *c.DueAt
	}
	return s.arm(st, to, v.now)
}

// budgetDue is the end of the working time that a state has left.
func (s *Service) budgetDue(mem *memory, to *workflow.StateDef, now time.Time) (time.Time, error) {
	if to.Within.N == 0 {
		return s.cfg.Calendar.Add(now, calendar.Duration{N: 1, Unit: calendar.WorkingDays})
	}
	if to.Within.Unit != calendar.WorkingDays {
		return s.cfg.Calendar.Add(now, to.Within)
	}
	b := mem.enter(to.Name, now)
	return s.cfg.Calendar.End(calendar.Clock{Start: b.Start, Limit: to.Within, Pauses: b.Pauses}, now)
}

// arm sets the timers of the state that the case has entered.
func (s *Service) arm(st *step, to *workflow.StateDef, now time.Time) error {
	for _, a := range to.After {
		at, err := s.cfg.Calendar.Add(now, a.Delay)
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

// conflict tells what changed since a revision was seen.
func (s *Service) conflict(ctx context.Context, id ID, seen int) error {
	events, err := s.events(ctx, id)
	if err != nil {
		return err
	}
	e := &ConflictError{Seen: seen, Now: len(events)}
	for i, ev := range events {
		if ev.Seq > seen {
			who := ev.ActorName
			if who == "" {
				who = "Hoso"
			}
			var before workflow.Text // the title of the state that it left
			if i > 0 {
				before = events[i-1].ToTitle
			}
			e.Changes = append(e.Changes, Change{What: ev.Title, Before: before,
				After: workflow.Text{VI: ev.ToTitle.VI + " – " + who, EN: ev.ToTitle.EN + " – " + who}})
		}
	}
	return e
}

// Signal tells a case what came back from outside. A signal that the case's
// state does not name is recorded and changes nothing. command makes it happen once.
func (s *Service) Signal(ctx context.Context, id ID, command uuid.UUID, event workflow.Event, cause string, data map[string]any) error {
	return s.system(ctx, id, order{Command: command, Trigger: workflow.Trigger{Kind: workflow.BySignal, Event: event},
		Actor: agency.Actor{Kind: agency.System, ID: cause}, Input: Input{Data: data}})
}

// Timeout fires a timer, unless its generation is over.
func (s *Service) Timeout(ctx context.Context, id ID, name string, gen int) error {
	o := order{Command: derived(id, fmt.Sprintf("timer %s %d", name, gen)), Gen: gen,
		Trigger: workflow.Trigger{Kind: workflow.ByTimeout, Event: workflow.Event(name)},
		Actor:   agency.Actor{Kind: agency.System, ID: "timer " + name}}
	if name == JoinWindow {
		o.Trigger = workflow.Trigger{Kind: workflow.ByJoin, Event: "late"}
	}
	return s.system(ctx, id, o)
}

func (s *Service) system(ctx context.Context, id ID, o order) error {
	c, err := s.snapshot(ctx, id, o.Command)
	if err != nil {
		return fmt.Errorf("%s on case %s: %w", o.Trigger.Event, id, err)
	}
	if err := s.advance(ctx, c, o); err != nil {
		var refused *workflow.NotAllowedError
		if errors.As(err, &refused) && o.Trigger.Kind == workflow.ByTimeout {
			return nil // the state was left in between
		}
		return fmt.Errorf("%s on case %s: %w", o.Trigger.Event, c.Code, err)
	}
	return nil
}
