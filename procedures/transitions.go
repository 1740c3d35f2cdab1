package procedures

import (
	"slices"

	"github.com/hoso-gov/hoso/workflow"
)

// Transitions lists the transitions of a machine: at filing, then state by
// state in the order written. What a join or a withdrawal leads to is not one.
func Transitions(m *workflow.Machine) []*workflow.Transition {
	out := slices.Clone(m.File)
	for _, name := range m.Order {
		s := m.States[name]
		for _, e := range s.ActionOrder {
			out = append(out, s.Actions[e]...)
		}
		for _, e := range keysOf(s.Signals) {
			out = append(out, s.Signals[e]...)
		}
		for _, a := range s.After {
			out = append(out, a.Then...)
		}
		out = append(out, s.Choose...)
	}
	return out
}
