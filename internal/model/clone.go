package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// clone is a copy of a world that is at rest, which may go another way.
func (w *World) clone() *World {
	if len(w.queue) > 0 {
		panic("a world is copied while something is under way")
	}
	n := *w
	n.top = w.top.clone()
	return &n
}

func (c *Case) clone() *Case {
	n := *c
	n.events, n.visits, n.timers, n.known = slices.Clone(c.events), maps.Clone(c.visits), maps.Clone(c.timers), maps.Clone(c.known)
	n.acted = map[string][]string{}
	for e, who := range c.acted {
		n.acted[e] = slices.Clone(who)
	}
	n.term.pauses = slices.Clone(c.term.pauses)
	n.budgets = map[string]*budget{}
	for s, b := range c.budgets {
		copied := *b
		copied.away = slices.Clone(b.away)
		n.budgets[s] = &copied
	}
	n.kids = nil
	for _, k := range c.kids {
		copied := *k
		copied.of = k.of.clone()
		n.kids = append(n.kids, &copied)
	}
	return &n
}

// key is the same for two worlds that no command can tell apart.
func (w *World) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v", w.view())
	for _, c := range append([]*Case{w.top}, w.kidCases()...) {
		fmt.Fprintf(&b, "|%s %v %v", c.output, c.known, c.acted) // fmt sorts maps
	}
	return b.String()
}

func (w *World) kidCases() []*Case {
	var out []*Case
	for _, k := range w.top.kids {
		out = append(out, k.of)
	}
	return out
}
