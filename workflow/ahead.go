package workflow

import "slices"

// Ahead are the tasks on the longest way from a state to an end, in their
// order and without the state itself: what offices may still need for a case.
// Ways that are taken a bounded number of times are left out, so there is no
// circle; a way back lengthens the real one. Behind a final act there is none.
func (m *Machine) Ahead(s State) []*StateDef {
	type way struct {
		tasks []*StateDef
		hours int
	}
	known := map[State]way{}
	var from func(s State, seen []State) way
	from = func(s State, seen []State) way {
		if w, ok := known[s]; ok {
			return w
		}
		var longest way
		for _, to := range m.next(s) {
			def := m.States[to]
			if def == nil || slices.Contains(seen, to) {
				continue
			}
			var w way
			if !def.FinalAct { // what follows repairs what usually needs none
				w = from(to, append(slices.Clip(seen), to))
			}
			if def.Kind == Task && def.Within.N > 0 {
				w = way{append([]*StateDef{def}, w.tasks...), w.hours + hours(def.Within)}
			}
			if w.hours > longest.hours {
				longest = w
			}
		}
		known[s] = longest
		return longest
	}
	return from(s, []State{s}).tasks
}

// next are the states that a state leads to without a bounded transition.
func (m *Machine) next(s State) []State {
	var out []State
	for _, b := range m.branches() {
		if b.from == nil || b.from.Name != s {
			continue
		}
		for _, t := range b.ts {
			if t.Max == 0 {
				out = append(out, t.To)
			}
		}
	}
	if def := m.States[s]; def != nil && def.Join != nil {
		for _, to := range []State{def.Join.Then, def.Join.Refused, def.Join.Late} {
			if to != "" {
				out = append(out, to)
			}
		}
	}
	return out
}
