package workflow

// Straight are the tasks on the way from filing to a success that takes the
// fewest of them, in their order: the steps of offices that no case is spared.
func (m *Machine) Straight() []State {
	g := newGraph(m)
	type way struct {
		at    State
		tasks []State
	}
	var queue []way
	seen := map[State]bool{}
	push := func(to State, tasks []State) {
		s := m.States[to]
		if s == nil || seen[to] {
			return
		}
		if s.Kind == Task {
			queue = append(queue, way{to, append(tasks[:len(tasks):len(tasks)], to)})
			return
		}
		queue = append([]way{{to, tasks}}, queue...) // no task more: looked at first
	}
	for _, to := range g.from {
		push(to, nil)
	}
	for len(queue) > 0 {
		w := queue[0]
		queue = queue[1:]
		if seen[w.at] {
			continue
		}
		seen[w.at] = true
		if s := m.States[w.at]; s.Kind == Final {
			if !s.Negative {
				return w.tasks
			}
			continue
		}
		for _, e := range g.out[w.at] {
			push(e.to, w.tasks)
		}
	}
	return nil
}
