package workflow

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
)

// Trigger is what sets a transition off.
type Trigger struct {
	Kind  TriggerKind
	Event Event // the action, signal or time-out; of the others a name for the history
}

// Input is everything that a decision rests on.
type Input struct {
	State   State // empty: at filing
	Trigger Trigger
	Target  State          // where a join or a cancellation leads
	Vars    map[string]any // of the expressions
	Roles   []Role         // that the actor has in the case
	ActorID string
	System  bool               // the system itself acts: roles do not count
	Visits  map[string]int     // "state.event" → how often it was taken
	ActedBy map[Event][]string // who took an action before
}

// Decision is the way that a trigger takes: one transition, and then those of
// the states that are left at once.
type Decision struct {
	Taken          []*Transition
	To             State
	EntersSubcases []*Child // that are opened, when To is a subcases state
}

// Reasons for which a transition is not taken, beside that there is none.
const (
	ReasonRole   = "role"          // the actor does not have the role
	ReasonUnlike = "same-person"   // who did the earlier step may not do this one
	ReasonMax    = "used-up"       // taken as often as it may be
	ReasonGuard  = "condition"     // no condition holds
	ReasonEnded  = "ended"         // the case has ended
	ReasonFinal  = "final-act"     // the decision is being carried out: no way back
	ReasonNone   = "not-available" // the state has no such transition
)

// NotAllowedError reports an event that the machine does not permit now.
type NotAllowedError struct {
	State  State
	Event  Event
	Reason string  // one of the reasons above, or of package cases
	Unlike Event   // for ReasonUnlike: what the actor did
	Open   []Event // actions of the state that the actor's roles may take
}

func (e *NotAllowedError) Error() string {
	return fmt.Sprintf("%s in state %s: %s", e.Event, e.State, e.Reason)
}

// GuardError reports a condition that could not be evaluated. It does not count
// as false: the command is refused.
type GuardError struct {
	State  State
	Event  Event
	Source string
	Err    error
}

func (e *GuardError) Error() string {
	return fmt.Sprintf("condition %q of %s in state %s: %v", e.Source, e.Event, e.State, e.Err)
}

// Unwrap returns what the expression failed with.
func (e *GuardError) Unwrap() error { return e.Err }

// maxHops bounds the states that one decision may pass.
const maxHops = 16

// Transitions are those that a trigger may take in a state, in their order. A
// join, a withdrawal and a cancellation have none that is written down.
func (m *Machine) Transitions(s State, t Trigger) []*Transition {
	if t.Kind == ByFile {
		return m.File
	}
	def := m.States[s]
	if def == nil {
		return nil
	}
	switch t.Kind {
	case ByAction:
		return def.Actions[t.Event]
	case BySignal:
		return def.Signals[t.Event]
	case ByTimeout:
		for _, a := range def.After {
			if a.Name == t.Event {
				return a.Then
			}
		}
	}
	return nil
}

// Decide finds the way that a trigger takes. Errors: *NotAllowedError, *GuardError.
func (m *Machine) Decide(in Input) (*Decision, error) {
	d, err := m.decide(in)
	if m.Observe != nil {
		m.Observe(in, d, err)
	}
	return d, err
}

func (m *Machine) decide(in Input) (*Decision, error) {
	first, err := m.first(in)
	if err != nil {
		return nil, err
	}
	d, err := m.follow(in, first)
	if err != nil {
		return nil, err
	}
	if to := m.States[d.To]; in.Trigger.Kind == ByAction && to.Kind == Final && to.Negative && m.PastReturn(in.State, in.Visits) {
		return nil, &NotAllowedError{State: in.State, Event: in.Trigger.Event, Reason: ReasonFinal, Open: m.open(in)}
	}
	return d, nil
}

// PastReturn tells whether the decision is being carried out, or was before: the
// case is in a state with final-act, or has left one. From there on nobody
// refuses or withdraws it.
func (m *Machine) PastReturn(s State, visits map[string]int) bool {
	if def := m.States[s]; def != nil && def.FinalAct {
		return true
	}
	for visit := range visits {
		state, _, _ := strings.Cut(visit, ".")
		if def := m.States[State(state)]; def != nil && def.FinalAct {
			return true
		}
	}
	return false
}

// follow takes the first transition, and then those of the states that are left at once.
func (m *Machine) follow(in Input, first *Transition) (*Decision, error) {
	d := &Decision{Taken: []*Transition{first}, To: first.To}
	for hop := 1; ; hop++ {
		s := m.States[d.To]
		switch {
		case s == nil:
			return nil, fmt.Errorf("there is no state %q", d.To)
		case hop > maxHops:
			return nil, fmt.Errorf("more than %d states are left at once, from %s", maxHops, in.State)
		case s.Kind == Auto:
			next, err := choose(s.Choose, Input{State: s.Name, Trigger: Trigger{Event: "choose"}, Vars: in.Vars, System: true})
			if err != nil {
				return nil, err
			}
			d.Taken, d.To = append(d.Taken, next), next.To
		case s.Kind == Subcases:
			open, err := s.opens(in.Vars)
			if err != nil || len(open) > 0 {
				d.EntersSubcases = open
				return d, err
			}
			next := &Transition{Event: "join", From: s.Name, To: s.Join.Then}
			d.Taken, d.To = append(d.Taken, next), next.To
		default:
			return d, nil
		}
	}
}

// first is the transition that the trigger itself takes.
func (m *Machine) first(in Input) (*Transition, error) {
	refuse := func(reason string) error {
		return &NotAllowedError{State: in.State, Event: in.Trigger.Event, Reason: reason, Open: m.open(in)}
	}
	def := m.States[in.State]
	if in.Trigger.Kind != ByFile {
		if def == nil {
			return nil, fmt.Errorf("there is no state %q", in.State)
		}
		if def.Kind == Final {
			return nil, refuse(ReasonEnded)
		}
	}
	switch in.Trigger.Kind {
	case ByJoin, ByCancel:
		// The event names the sub-case whose outcome came, or that the window is over.
		return &Transition{Event: cmp.Or(in.Trigger.Event, Event(in.Trigger.Kind)), From: in.State, To: in.Target}, nil
	case ByExtend:
		return m.extension(in)
	case ByWithdraw:
		w := m.Withdraw
		switch {
		case w == nil:
			return nil, refuse(ReasonNone)
		case m.PastReturn(in.State, in.Visits) || slices.Contains(w.Before, in.State):
			return nil, refuse(ReasonFinal)
		case !slices.Contains(in.Roles, w.By):
			return nil, refuse(ReasonRole)
		}
		return &Transition{Event: Event(ByWithdraw), From: in.State, To: w.To, By: w.By, Confirm: true}, nil
	}
	ts := m.Transitions(in.State, in.Trigger)
	if len(ts) == 0 {
		return nil, refuse(ReasonNone)
	}
	return choose(ts, in)
}

// choose takes the first transition whose condition holds, and makes sure that
// the actor may take it.
func choose(ts []*Transition, in Input) (*Transition, error) {
	refuse := func(reason string, unlike Event) (*Transition, error) {
		return nil, &NotAllowedError{State: in.State, Event: in.Trigger.Event, Reason: reason, Unlike: unlike}
	}
	for _, t := range ts {
		// The role comes before the condition: a stranger learns nothing from it.
		if !in.System && t.By != "" && !slices.Contains(in.Roles, t.By) {
			return refuse(ReasonRole, "")
		}
		if t.When != nil {
			ok, err := t.When.Bool(in.Vars)
			if err != nil {
				return nil, &GuardError{State: in.State, Event: in.Trigger.Event, Source: t.When.Source, Err: err}
			}
			if !ok {
				continue
			}
		}
		if t.Max > 0 && in.Visits[Visit(in.State, t.Event)] >= t.Max {
			return refuse(ReasonMax, "")
		}
		if i := slices.IndexFunc(t.Unlike, func(e Event) bool { return slices.Contains(in.ActedBy[e], in.ActorID) }); i >= 0 && !in.System {
			return refuse(ReasonUnlike, t.Unlike[i])
		}
		return t, nil
	}
	return refuse(ReasonGuard, "")
}

// Visit is the key under which a transition's visits are counted.
func Visit(s State, e Event) string { return string(s) + "." + string(e) }

// opens are the sub-cases whose condition holds.
func (s *StateDef) opens(vars map[string]any) ([]*Child, error) {
	var open []*Child
	for _, c := range s.Open {
		ok, err := holds(c.When, vars)
		if err != nil {
			return nil, &GuardError{State: s.Name, Event: Event(c.Name), Source: c.When.Source, Err: err}
		}
		if ok {
			open = append(open, c)
		}
	}
	return open, nil
}

func holds(p *expr.Program, vars map[string]any) (bool, error) {
	if p == nil {
		return true, nil
	}
	return p.Bool(vars)
}

// open are the actions of the state that the actor's roles may take.
func (m *Machine) open(in Input) []Event {
	def := m.States[in.State]
	if def == nil {
		return nil
	}
	var out []Event
	for _, e := range def.ActionOrder {
		if slices.Contains(in.Roles, def.Actions[e][0].By) {
			out = append(out, e)
		}
	}
	return out
}

// Option is an action that the actor's roles may take in a state.
type Option struct {
	*Transition                  // that would be taken; the first of the event when none would
	Refused     *NotAllowedError // nil: it may be taken now
}

// Options are the actions that the actor's roles may take in the state, with an
// extension of the term and a withdrawal last.
// The error is a *GuardError.
func (m *Machine) Options(in Input) ([]Option, error) {
	var out []Option
	for _, e := range m.open(in) {
		in.Trigger = Trigger{Kind: ByAction, Event: e}
		t, err := m.first(in)
		refused, ok := errors.AsType[*NotAllowedError](err)
		if err != nil && !ok {
			return nil, err
		}
		if ok {
			t = m.States[in.State].Actions[e][0]
		}
		out = append(out, Option{Transition: t, Refused: refused})
	}
	if x := m.Extend; x != nil && slices.Contains(in.Roles, x.By) && slices.Contains(x.In, in.State) {
		in.Trigger = Trigger{Kind: ByExtend, Event: Event(ByExtend)}
		_, err := m.first(in)
		refused, _ := errors.AsType[*NotAllowedError](err)
		out = append(out, Option{Transition: x.transition(in.State), Refused: refused})
	}
	if m.Withdraw != nil && slices.Contains(in.Roles, m.Withdraw.By) {
		in.Trigger = Trigger{Kind: ByWithdraw, Event: Event(ByWithdraw)}
		if t, err := m.first(in); err == nil {
			out = append(out, Option{Transition: t})
		}
	}
	return out, nil
}

// CancelTo is the end of a case that its parent no longer needs: the state with
// the outcome cancelled, else where a withdrawal leads, else the first end
// without success.
func (m *Machine) CancelTo() (State, bool) {
	for _, name := range m.Order {
		if m.States[name].Outcome == "cancelled" {
			return name, true
		}
	}
	if m.Withdraw != nil {
		return m.Withdraw.To, true
	}
	for _, name := range m.Order {
		if s := m.States[name]; s.Kind == Final && s.Negative {
			return name, true
		}
	}
	return "", false
}
