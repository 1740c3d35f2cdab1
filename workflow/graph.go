package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// An edge is one way from a state to another.
type edge struct {
	from, to State
	event    string
	kind     TriggerKind // auto states: ""
	by       Role
	at       *Transition // nil: a join or a withdrawal
}

// graph is the machine as states and edges. Conditions are left out: each may
// hold or not, and the lists are total.
type graph struct {
	m    *Machine
	out  map[State][]edge
	from []State // entered by filing
}

func newGraph(m *Machine) *graph {
	g := &graph{m: m, out: map[State][]edge{}}
	for _, b := range m.branches() {
		for _, t := range b.ts {
			if b.from == nil {
				g.from = append(g.from, t.To)
				continue
			}
			g.add(edge{from: b.from.Name, to: t.To, event: string(t.Event), kind: b.kind, by: t.By, at: t})
		}
	}
	for _, name := range m.Order {
		s := m.States[name]
		if j := s.Join; j != nil {
			for event, to := range map[string]State{"joined": j.Then, "not joined": j.Refused, "late": j.Late} {
				if to != "" {
					g.add(edge{from: name, to: to, event: event, kind: ByJoin})
				}
			}
		}
		if w := m.Withdraw; w != nil && s.Kind != Final && !s.FinalAct && !slices.Contains(w.Before, name) {
			g.add(edge{from: name, to: w.To, event: "withdraw", kind: ByWithdraw, by: w.By})
		}
	}
	for _, es := range g.out {
		slices.SortStableFunc(es, func(a, b edge) int { return strings.Compare(a.event, b.event) })
	}
	return g
}

func (g *graph) add(e edge) { g.out[e.from] = append(g.out[e.from], e) }

func (e edge) String() string { return fmt.Sprintf("%s: %s → %s", e.from, e.event, e.to) }

// ways returns a shortest way to every state that can be reached.
func (g *graph) ways(from []State, use func(edge) bool) map[State][]string {
	ways := map[State][]string{}
	queue := slices.Clone(from)
	for _, s := range from {
		ways[s] = []string{string(s)}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, e := range g.out[s] {
			if _, seen := ways[e.to]; seen || !use(e) {
				continue
			}
			ways[e.to] = append(slices.Clone(ways[s]), e.String())
			queue = append(queue, e.to)
		}
	}
	return ways
}

func everyEdge(edge) bool { return true }

// graph proves what only ways can show.
func (c *checker) graph() {
	g := newGraph(c.m)
	ways := g.ways(g.from, everyEdge)
	reached := true
	ends := false
	for _, name := range c.m.Order {
		s := c.m.States[name]
		ends = ends || s.Kind == Final
		if _, ok := ways[name]; !ok && !c.m.onlyCancelled(s) {
			reached = false
			c.atState("REACH", s, nil, fmt.Sprintf("nothing leads to %s", name), "lead to it, or remove it")
		}
	}
	if !ends {
		c.atState("FINAL", c.m.States[c.m.Order[0]], nil, "no state is an end", "write a state of kind final")
		return
	}
	c.cycles(g)
	c.hops(g)
	if reached {
		c.endings(g, ways)
	}
}

// onlyCancelled is the end that only the case above leads to: what one office asks
// another is no citizen's to withdraw, and ends there when it is needed no more.
func (m *Machine) onlyCancelled(s *StateDef) bool {
	return m.Withdraw == nil && s.Kind == Final && s.Outcome == OutcomeCancelled
}

// cycles: without the transitions that max bounds, nothing goes round.
func (c *checker) cycles(g *graph) {
	for _, auto := range []bool{true, false} {
		loop := g.cycle(func(e edge) bool {
			if auto {
				return c.m.States[e.from].Kind == Auto && c.m.States[e.to].Kind == Auto
			}
			return e.at == nil || e.at.Max == 0
		})
		if loop == nil {
			continue
		}
		var trace []string
		for _, e := range loop {
			trace = append(trace, e.String())
		}
		s := c.m.States[loop[0].from]
		if auto {
			c.atState("AUTOCYCLE", s, trace, "states that are left at once lead to each other in a circle", "break the circle")
			return
		}
		c.atState("TERMINATION", s, trace, "a case can go round for ever", "bound one of the actions on the way with max")
	}
}

// hops: what is left at once is left within the bound of one decision. A state
// of sub-cases is passed too, when none of them has to be opened.
func (c *checker) hops(g *graph) {
	passed := func(s *StateDef) bool {
		return s.Kind == Auto || s.Kind == Subcases && !slices.ContainsFunc(s.Open, func(o *Child) bool { return o.When == nil })
	}
	known := map[State][]string{}
	var longest func(State) []string
	longest = func(name State) []string {
		if way, ok := known[name]; ok || !passed(c.m.States[name]) {
			return way
		}
		known[name] = nil // a circle is another rule's
		var best []string
		for _, e := range g.out[name] {
			if e.kind == ByWithdraw || e.kind == ByJoin && e.event != "joined" {
				continue
			}
			if way := longest(e.to); len(way)+1 > len(best) {
				best = append([]string{e.String()}, way...)
			}
		}
		known[name] = best
		return best
	}
	for _, name := range c.m.Order {
		if way := longest(name); len(way) >= maxHops {
			c.atState("AUTOCYCLE", c.m.States[name], way, fmt.Sprintf("from %s %d states are left at once, a decision passes %d", name, len(way), maxHops-1), "put their conditions into one state")
			return
		}
	}
}

// cycle returns a shortest circle over the edges; nil when there is none.
func (g *graph) cycle(use func(edge) bool) []edge {
	var best []edge
	for _, start := range g.m.Order {
		if loop := g.loop(start, use); loop != nil && (best == nil || len(loop) < len(best)) {
			best = loop
		}
	}
	return best
}

// loop returns a shortest way from a state back to itself.
func (g *graph) loop(start State, use func(edge) bool) []edge {
	came := map[State]edge{}
	for queue := []State{start}; len(queue) > 0; queue = queue[1:] {
		for _, e := range g.out[queue[0]] {
			if !use(e) {
				continue
			}
			if e.to == start {
				way := []edge{e}
				for at := e.from; at != start; at = came[at].from {
					way = append(way, came[at])
				}
				slices.Reverse(way)
				return way
			}
			if _, seen := came[e.to]; !seen {
				came[e.to] = e
				queue = append(queue, e.to)
			}
		}
	}
	return nil
}
