package workflow

import (
	"fmt"
	"slices"
)

// clocks: the term pauses only while somebody outside has to act, it does not
// count before it starts, and once it counts it is not switched off.
func (c *checker) clocks() {
	for _, name := range c.m.Order {
		s := c.m.States[name]
		if s.Clock == Paused && s.Kind != Subcases && (s.Kind != Wait || s.For != "applicant") {
			c.atState("PAUSE", s, nil, fmt.Sprintf("the legal term is paused in %s, where the citizen has nothing to do", name), "remove clock: paused")
		}
	}
	if c.m.Clock.Starts == "" {
		return
	}
	g := newGraph(c.m)
	reached, started := g.ways(g.from, everyEdge), c.started(g)
	var counting []State
	for _, name := range c.m.Order {
		s := c.m.States[name]
		_, on := started[name]
		_, here := reached[name]
		switch {
		case s.Kind == Final || s.Kind == Auto || !here:
		case on && s.Clock == Running:
			counting = append(counting, name)
		case !on && s.Clock != Off:
			c.atState("CLOCK", s, nil, fmt.Sprintf("the legal term has not started in %s, and the state says clock: %s", name, s.Clock), "write clock: off")
		}
	}
	after := g.ways(counting, func(e edge) bool { return e.kind != ByWithdraw })
	for _, name := range c.m.Order {
		s := c.m.States[name]
		if way, ok := after[name]; ok && len(way) > 1 && s.Clock == Off && s.Kind != Final {
			c.atState("CLOCK", s, way, fmt.Sprintf("the legal term runs, and is switched off in %s", name), "write clock: paused where the citizen has to act, else leave clock out")
		}
	}
}

// started are the states that a case may be in once the term has started.
func (c *checker) started(g *graph) map[State][]string {
	var from []State
	for _, b := range c.m.branches() {
		for _, t := range b.ts {
			if c.m.Clock.Starts == "file" && b.from == nil || b.from != nil && c.m.Clock.Starts == Visit(b.from.Name, t.Event) {
				from = append(from, t.To)
			}
		}
	}
	slices.Sort(from)
	return g.ways(slices.Compact(from), everyEdge)
}
