package diagram

import (
	"math"
	"slices"

	"github.com/hoso-gov/hoso/workflow"
)

// A goal is a place that no walk has met yet, and how far each state is from it.
// Chance alone does not come to the end of a long machine.
type goal struct {
	at  arrow
	far map[workflow.State]int // in events; absent: no way leads there
}

// newGoal picks one of the places that are left; nil when all were met.
func (w *walk) newGoal() *goal {
	all := arrows(w.m.Machine)
	left := slices.DeleteFunc(slices.Clone(all), func(a arrow) bool { return w.seen.met(a) })
	if len(left) == 0 {
		return nil
	}
	g := &goal{at: left[w.r.IntN(len(left))]}
	g.far = map[workflow.State]int{g.at.from: 0}
	for queue := []workflow.State{g.at.from}; len(queue) > 0; queue = queue[1:] {
		for _, a := range all {
			if _, known := g.far[a.from]; !known && a.to == queue[0] {
				g.far[a.from] = g.far[a.to] + 1
				queue = append(queue, a.from)
			}
		}
	}
	return g
}

// met tells whether the walks took an arrow and, where it is bounded, were
// refused because it was used up.
func (c coverage) met(a arrow) bool {
	switch {
	case a.t == nil:
		return c.joined[a.to] > 0
	case c.taken[a.t] == 0:
		return false
	}
	return a.t.Max == 0 || c.used[workflow.Visit(a.from, a.event)] > 0
}

// far is how many events the goal is away from a state.
func (w *walk) far(s workflow.State) int {
	if n, ok := w.goal.far[s]; ok {
		return n
	}
	return math.MaxInt
}

// approaches tells whether an event, with its conditions, leads towards the
// goal; of what has no decision, and of the goal itself, it is said too.
func (w *walk) approaches(e event) bool {
	if e.trigger.Kind == workflow.ByJoin {
		return true
	}
	d, err := w.decide(e)
	switch at := w.goal.at; {
	case err != nil || d == nil:
		return true
	case w.state == at.from:
		return at.t == nil || e.trigger.Event != at.event || d.Taken[0] == at.t
	}
	return w.far(d.To) < w.far(w.state)
}

// nearer are the events among open that lead towards the goal.
func (w *walk) nearer(open []event) (out []event) {
	for _, e := range open {
		if w.state == w.goal.at.from && w.goal.at.t != nil {
			if e.trigger.Event == w.goal.at.event && e.trigger.Kind == w.goal.at.kind {
				out = append(out, e)
			}
			continue
		}
		if slices.ContainsFunc(w.m.Transitions(w.state, e.trigger), func(t *workflow.Transition) bool { return w.far(t.To) < w.far(w.state) }) {
			out = append(out, e)
		}
	}
	return out
}
