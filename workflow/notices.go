package workflow

import (
	"fmt"
	"slices"
)

// CheckNotices proves that citizens hear of what concerns them: a case does not
// end, and does not begin to wait for its applicant, without a word to them.
// tells says whether an effect is a word to the applicant. What they do
// themselves, and what is done while they stand there, needs none.
func CheckNotices(m *Machine, tells func(Effect) bool) []Finding {
	c := &checker{m: m}
	for _, b := range m.branches() {
		if b.from == nil || b.kind == "" || b.kind == ByAction && b.from.Kind == Wait && b.from.For == "applicant" {
			continue
		}
		for _, t := range b.ts {
			if r := m.Roles[t.By]; b.kind == ByAction && r != nil && r.Kind == "citizen" {
				continue
			}
			c.told(t, []*Transition{t}, nil, tells)
		}
	}
	for _, name := range m.Order {
		s := m.States[name]
		if s.Join == nil {
			continue
		}
		for _, to := range []State{s.Join.Then, s.Join.Refused, s.Join.Late} {
			if to != "" {
				c.told(&Transition{Event: "join", From: name, To: to, Line: s.Line, Column: s.Column}, nil, nil, tells)
			}
		}
	}
	return c.findings
}

// told follows a way through the states that are left at once.
func (c *checker) told(first *Transition, taken []*Transition, seen []State, tells func(Effect) bool) {
	to := first.To
	if len(taken) > 0 {
		to = taken[len(taken)-1].To
	}
	s := c.m.States[to]
	switch {
	case s == nil || slices.Contains(seen, to):
	case s.Kind == Auto:
		for _, t := range s.Choose {
			c.told(first, append(slices.Clip(taken), t), append(slices.Clip(seen), to), tells)
		}
	case s.Kind == Final || s.Kind == Wait && s.For == "applicant":
		if slices.ContainsFunc(taken, func(t *Transition) bool { return slices.ContainsFunc(t.Effects, tells) }) {
			return
		}
		what := "ends as " + string(s.Outcome)
		if s.Kind == Wait {
			what = "waits for the applicant in " + string(to)
		}
		trace := []string{fmt.Sprintf("%s: %s → %s", first.From, first.Event, first.To)}
		for _, t := range taken[min(1, len(taken)):] {
			trace = append(trace, fmt.Sprintf("%s: %s → %s", t.From, t.Event, t.To))
		}
		c.report("NOTIFY", first.Line, first.Column, trace, fmt.Sprintf("after %s the case %s, and nobody tells the applicant", first.Event, what), "write effects: [notify: NOTICE]")
	}
}
