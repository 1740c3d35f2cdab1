package diagram

import (
	"maps"
	"slices"

	"github.com/hoso-gov/hoso/workflow"
)

// An arrow is one way from a state to another, also those that no transition
// says: what a join leads to.
type arrow struct {
	from  workflow.State // empty: at filing
	to    workflow.State
	kind  workflow.TriggerKind // auto states: ""
	event workflow.Event       // of a join: then, refused, late
	t     *workflow.Transition // nil: a join
	delay workflow.Duration    // of a time-out, and of a join's window
}

// arrows lists the ways of a machine: at filing, then state by state in the
// order written. A withdrawal is none: nearly every state has it.
func arrows(m *workflow.Machine) []arrow {
	var out []arrow
	add := func(from workflow.State, kind workflow.TriggerKind, d workflow.Duration, ts []*workflow.Transition) {
		for _, t := range ts {
			out = append(out, arrow{from, t.To, kind, t.Event, t, d})
		}
	}
	add("", workflow.ByFile, workflow.Duration{}, m.File)
	for _, name := range m.Order {
		s := m.States[name]
		for _, e := range s.ActionOrder {
			add(name, workflow.ByAction, workflow.Duration{}, s.Actions[e])
		}
		for _, e := range slices.Sorted(maps.Keys(s.Signals)) {
			add(name, workflow.BySignal, workflow.Duration{}, s.Signals[e])
		}
		for _, a := range s.After {
			add(name, workflow.ByTimeout, a.Delay, a.Then)
		}
		add(name, "", workflow.Duration{}, s.Choose)
		if j := s.Join; j != nil {
			for _, a := range []arrow{{to: j.Then, event: joinThen}, {to: j.Refused, event: joinRefused}, {to: j.Late, event: joinLate, delay: j.Window}} {
				if a.to != "" {
					a.from, a.kind = name, workflow.ByJoin
					out = append(out, a)
				}
			}
		}
	}
	return out
}

// The ways out of a join.
const (
	joinThen    workflow.Event = "then"
	joinRefused workflow.Event = "refused"
	joinLate    workflow.Event = "late"
)

// withdrawable tells whether the applicant may withdraw in a state.
func withdrawable(m *workflow.Machine, s *workflow.StateDef) bool {
	return m.Withdraw != nil && s.Kind != workflow.Final && s.Kind != workflow.Auto && !s.FinalAct && !slices.Contains(m.Withdraw.Before, s.Name)
}
