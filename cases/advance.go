package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/failpoint"
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
	switch kind := workflow.TriggerKind(cmd.Event); kind {
	case workflow.ByWithdraw, workflow.ByExtend:
		trigger.Kind = kind
	}
	o := order{Command: cmd.ID, Revision: cmd.Revision, Trigger: trigger, Actor: actor, Input: cmd.Input}
	if c, err := s.recent.at(cmd.Code, cmd.Revision); err != nil {
		return ID{}, err
	} else if c != nil && s.maySee(actor, c) {
		if written, err := s.try(ctx, c, o); err == nil && written {
			return c.ID, nil
		} // whatever stood in the way: what the database says decides
	}
	failpoint.Hit(failpoint.ReadBefore)
	c, err := s.snapshotByCode(ctx, cmd.Code, cmd.ID)
	if errors.Is(err, ErrNotFound) {
		err = s.archivedOr(ctx, actor, cmd.Code, err)
	}
	if err != nil {
		return ID{}, err
	}
	failpoint.Hit(failpoint.ReadAfter)
	if !s.maySee(actor, c) {
		return ID{}, s.refused(ctx, actor, c, cmd.Event, ErrNotFound)
	}
	return c.ID, s.refused(ctx, actor, c, cmd.Event, s.advance(ctx, c, o))
}

// order is a trigger on its way to a case.
type order struct {
	Command  uuid.UUID
	Revision int // expected; 0: any
	Trigger  workflow.Trigger
	Actor    agency.Actor
	Input    Input
	seat     agency.ID // for which the actor acts; empty: not known yet, or no officer
	// Gen is the generation that a time-out was armed in; 0: not a time-out.
	Gen int
	// Report is the outcome of a sub-case; nil: something else.
	Report *Report
	// Timer is the name of the timer that fired; empty: something else.
	Timer string
	// in is the message that the order came by; nil: by none.
	in *delivery
}

// triesOfSystem is how often a system step starts again when it lost a race.
const triesOfSystem = 20

// advance decides on an order and writes the step. It starts again when the case
// was changed in between: a step that names a revision is then too late, unless
// the change was its own command, sent twice at once.
func (s *Service) advance(ctx context.Context, c *snapshot, o order) error {
	for try := 1; ; try++ {
		written, err := s.try(ctx, c, o)
		if err != nil || written {
			return err
		}
		if try == triesOfSystem {
			return s.conflict(ctx, c.ID, o.Revision)
		}
		if c, err = s.snapshot(ctx, c.ID, o.Command); err != nil {
			return err
		}
	}
}

// errKeepsChanging reports a case on which a step of the engine's own lost every race.
var errKeepsChanging = errors.New("the case keeps changing")

// record writes a step of the engine's own, which asks nobody's leave, and makes
// it anew when the case was changed in between. A nil step is nothing to write.
func (s *Service) record(ctx context.Context, id ID, command uuid.UUID, make func(*snapshot) (*step, error)) error {
	for range triesOfSystem {
		c, err := s.snapshot(ctx, id, command)
		if err != nil {
			return err
		}
		st, err := make(c)
		if err != nil || st == nil {
			return err
		}
		if written, err := s.write(ctx, st); written || err != nil {
			return err
		}
	}
	return errKeepsChanging
}

// try makes one attempt; false without an error means that another step came first.
func (s *Service) try(ctx context.Context, c *snapshot, o order) (bool, error) {
	request := requestHash(o.Trigger, o.Actor.ID, o.Input)
	if c.Known != nil {
		if o.in != nil {
			o.in.known = true
		}
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
		st := s.noted(c, o, request, now)
		if name := tells[o.Trigger.Event]; name != "" {
			if err := st.follow(EffectNotify, name, nil, now); err != nil {
				return false, err
			}
		}
		return s.write(ctx, st)
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
	if st, err := s.reminder(c, o, request, v); err != nil {
		return false, err
	} else if st != nil {
		return s.write(ctx, st)
	}
	if needsAnswers(c.Procedure, ts) {
		if v.b, v.files, err = s.bodyAndFiles(ctx, c); err != nil {
			return false, err
		}
		if v.b, err = s.asSupplied(ctx, c, o, v.b); err != nil {
			return false, err
		}
	}
	if o.Trigger.Kind == workflow.ByAction && heldByAnother(c, ts, o.Actor) {
		return false, &workflow.NotAllowedError{State: c.State, Event: o.Trigger.Event, Reason: ReasonTaken}
	}
	d, err := s.decide(c, o, v)
	if err != nil {
		return false, err
	}
	failpoint.Hit(failpoint.DecideAfter)
	if d == nil {
		return s.write(ctx, s.noted(c, o, request, now))
	}
	// What is needed, the transition that is taken says: of a list of them, each
	// may need something else.
	if err := s.checkInput(ctx, c, d.Taken[0], o); err != nil {
		return false, err
	}
	if err := s.mayDecide(ctx, c, d, o); err != nil {
		return false, err
	}
	if err := s.refresh(ctx, c, d, o.Actor); err != nil {
		return false, err
	}
	if o.Trigger.Kind == workflow.ByExtend {
		st, err := s.extend(ctx, c, d.Taken[0], o, request, now)
		if err != nil {
			return false, err
		}
		return s.write(ctx, st)
	}
	st, err := s.plan(ctx, c, d, o, request, v)
	if err != nil {
		return false, err
	}
	if err := s.rehearse(ctx, st, d, o, v); err != nil {
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
	in := workflow.Input{State: c.State, Trigger: o.Trigger, Vars: v.vars(), Roles: s.rolesOf(o.Actor, c), ActorID: o.Actor.ID,
		Visits: c.Memory.Visits, ActedBy: c.Memory.Acted, System: o.Actor.Kind == agency.System}
	switch {
	case o.Report != nil:
		return s.report(c, o, v)
	case o.Trigger.Kind == workflow.ByJoin:
		return s.join(c, o, v, true)
	case o.Trigger.Kind == workflow.ByCancel:
		if c.ClosedAt != nil || m.PastReturn(c.State, c.Memory.Visits) {
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
	o := order{Command: command, Trigger: workflow.Trigger{Kind: workflow.BySignal, Event: event},
		Actor: agency.Actor{Kind: agency.System, ID: cause}, Input: Input{Data: data}}
	if c, err := s.recent.last(id); err == nil && c != nil {
		if written, err := s.try(ctx, c, o); err == nil && written {
			return nil
		} // as in act
	}
	return s.system(ctx, id, o)
}

// Timeout fires a timer, unless its generation is over.
func (s *Service) Timeout(ctx context.Context, id ID, name string, gen int) error {
	o := order{Command: derived(id, fmt.Sprintf("timer %s %d", name, gen)), Gen: gen, Timer: name,
		Trigger: workflow.Trigger{Kind: workflow.ByTimeout, Event: workflow.Event(name)},
		Actor:   agency.Actor{Kind: agency.System, ID: "timer " + name}}
	if name == JoinWindow || name == JoinReminded {
		o.Trigger = workflow.Trigger{Kind: workflow.ByJoin, Event: "late"}
	}
	return s.system(ctx, id, o)
}

func (s *Service) system(ctx context.Context, id ID, o order) error {
	failpoint.Hit(failpoint.ReadBefore)
	c, err := s.snapshot(ctx, id, o.Command)
	if err != nil {
		return fmt.Errorf("%s on case %s: %w", o.Trigger.Event, id, err)
	}
	failpoint.Hit(failpoint.ReadAfter)
	if err := s.advance(ctx, c, o); err != nil {
		var refused *workflow.NotAllowedError
		if errors.As(err, &refused) && o.Trigger.Kind == workflow.ByTimeout {
			return nil // the state was left in between
		}
		return fmt.Errorf("%s on case %s: %w", o.Trigger.Event, c.Code, err)
	}
	return nil
}
