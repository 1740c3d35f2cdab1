package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An expanded node is a state together with how often each bounded action was
// taken: what is left of a case's ways depends on both.
type node struct {
	state  State
	visits string // one byte a bounded transition
}

// expanded is the graph of nodes, from filing on.
type expanded struct {
	order []node // by distance from filing
	came  map[node]string
	prev  map[node]node
	out   map[node][]step
}

type step struct {
	to node
	by edge
}

// expand unfolds the graph; false when it outgrows the bound.
func (g *graph) expand(most int) (*expanded, bool) {
	var bounded []string // actions, as the engine counts them: all transitions of one together
	for _, b := range g.m.branches() {
		if b.from != nil && slices.ContainsFunc(b.ts, func(t *Transition) bool { return t.Max > 0 }) {
			bounded = append(bounded, Visit(b.from.Name, b.ts[0].Event))
		}
	}
	x := &expanded{came: map[node]string{}, prev: map[node]node{}, out: map[node][]step{}}
	add := func(n node) {
		if _, seen := x.out[n]; !seen {
			x.out[n] = nil
			x.order = append(x.order, n)
		}
	}
	none := strings.Repeat("\x00", len(bounded))
	for _, s := range g.from {
		add(node{s, none})
	}
	for i := 0; i < len(x.order); i++ {
		if len(x.order) > most {
			return x, false
		}
		n := x.order[i]
		for _, e := range g.out[n.state] {
			to := node{e.to, n.visits}
			if k := slices.Index(bounded, Visit(e.from, Event(e.event))); k >= 0 && e.kind == ByAction {
				if e.at.Max > 0 && int(n.visits[k]) >= e.at.Max {
					continue
				}
				// Beyond what any of them allows nothing changes any more.
				if most := g.most(e.at); int(n.visits[k]) < most {
					to.visits = n.visits[:k] + string(rune(n.visits[k]+1)) + n.visits[k+1:]
				}
			}
			if _, seen := x.out[to]; !seen {
				x.prev[to], x.came[to] = n, e.String()
			}
			add(to)
			x.out[n] = append(x.out[n], step{to, e})
		}
	}
	return x, true
}

// most is the greatest limit among the transitions that one action chooses from.
func (g *graph) most(t *Transition) int {
	most := 0
	for _, x := range g.m.States[t.From].Actions[t.Event] {
		most = max(most, x.Max)
	}
	return min(most, 127)
}

// way is the shortest way from filing to a node.
func (x *expanded) way(n node) []string {
	var out []string
	for {
		by, ok := x.came[n]
		if !ok {
			break
		}
		out = append(out, by)
		n = x.prev[n]
	}
	slices.Reverse(out)
	return append([]string{"filed: " + string(n.state)}, out...)
}

// ending are the nodes from which an end, or one that is known, can be reached
// over the steps that use allows.
func (x *expanded) ending(m *Machine, use func(edge) bool, known map[node]bool) map[node]bool {
	into := map[node][]node{}
	var queue []node
	ends := map[node]bool{}
	for n, steps := range x.out {
		if m.States[n.state].Kind == Final || known[n] {
			ends[n] = true
			queue = append(queue, n)
		}
		for _, s := range steps {
			if use(s.by) {
				into[s.to] = append(into[s.to], n)
			}
		}
	}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, p := range into[n] {
			if !ends[p] {
				ends[p] = true
				queue = append(queue, p)
			}
		}
	}
	return ends
}

// reaching are the states from which an end, or one that is known, can be
// reached over the edges that use allows.
func (g *graph) reaching(use func(edge) bool, known map[State]bool) map[State]bool {
	ends := map[State]bool{}
	maps.Copy(ends, known)
	for changed := true; changed; {
		changed = false
		for _, name := range g.m.Order {
			if ends[name] {
				continue
			}
			if g.m.States[name].Kind == Final || slices.ContainsFunc(g.out[name], func(e edge) bool { return use(e) && ends[e.to] }) {
				ends[name], changed = true, true
			}
		}
	}
	return ends
}

// endings: from everywhere an end can be reached without a withdrawal, also when every bounded action
// is used up, and also when neither citizens nor registries ever act.
func (c *checker) endings(g *graph, ways map[State][]string) {
	plain := g.reaching(func(e edge) bool { return e.kind != ByWithdraw }, nil)
	reported := map[State]bool{}
	for _, name := range c.m.Order {
		if !plain[name] {
			reported[name] = true
			c.atState("DEADEND", c.m.States[name], ways[name], fmt.Sprintf("from %s no end can be reached", name), "lead from it to an end")
		}
	}
	unasked := c.unasked
	anyhow := func(e edge) bool { return e.kind != ByWithdraw }
	if !g.needBounded(anyhow, reported) && !g.needBounded(unasked, reported) {
		c.silent(g, ways, reported)
		return
	}
	x, whole := g.expand(c.nodes)
	if !whole {
		c.findings = append(c.findings, Finding{Code: "TRAP", File: c.m.Source, Line: c.m.States[c.m.Order[0]].Line, Column: 1, Warning: true,
			Message: "too many bounded actions to prove that a case ends once they are used up", Remedy: "lower max"})
		return
	}
	stuck := map[node]bool{} // what is found is not found again as what follows from it
	find := func(code string, use func(edge) bool, message, remedy string) {
		for n := range x.out {
			stuck[n] = stuck[n] || reported[n.state]
		}
		ends := x.ending(c.m, use, stuck)
		for _, n := range x.order {
			if stuck[n] = stuck[n] || !ends[n]; !ends[n] && !reported[n.state] {
				reported[n.state] = true
				c.atState(code, c.m.States[n.state], x.way(n), fmt.Sprintf(message, n.state), remedy)
			}
		}
	}
	find("TRAP", anyhow, "a case is stuck in %s once its actions are used up", "leave one way out of it without max")
	c.silent(g, ways, reported)
	find("SILENTTRAP", unasked, "a case is stuck in %s once its actions are used up and citizens and registries never answer", "write after: {…} that leads on, or an officer's action without max")
}

// silent finds the states from which only citizens and registries lead on.
func (c *checker) silent(g *graph, ways map[State][]string, reported map[State]bool) {
	silent := g.reaching(c.unasked, reported)
	for _, name := range c.m.Order {
		if !silent[name] && !reported[name] {
			reported[name] = true
			c.atState("SILENCE", c.m.States[name], ways[name], fmt.Sprintf("a case is stuck in %s when citizens and registries never answer", name), "write after: {…} that leads on, or an officer's action")
		}
	}
}

// needBounded tells whether some state reaches an end only by an action that is
// bounded. Where none does, no case is ever stuck, however often actions were
// taken, and the graph need not be unfolded: what is left of it once all are used
// up leads to an end by itself.
func (g *graph) needBounded(use func(edge) bool, known map[State]bool) bool {
	ends := g.reaching(func(e edge) bool { return use(e) && (e.at == nil || e.at.Max == 0) }, known)
	return slices.ContainsFunc(g.m.Order, func(s State) bool { return !ends[s] })
}

// unasked are the edges that need no citizen and no registry.
func (c *checker) unasked(e edge) bool {
	switch e.kind {
	case BySignal, ByWithdraw:
		return false
	case ByJoin:
		return e.event == "late"
	case ByAction:
		r := c.m.Roles[e.by]
		return r != nil && r.Kind == "officer"
	}
	return true
}
