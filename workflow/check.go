package workflow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// CheckOptions say what a check may take for granted.
type CheckOptions struct {
	// Nodes bounds the expanded graph; 0: 200,000.
	Nodes int
}

// Check proves that the machine is sound: every name exists, every choice is
// total, every state is reached and comes to an end, also when its limits are
// used up and when citizens and registries never answer, and no case runs for
// ever. What it cannot prove is a Finding, with a shortest counter-example.
func Check(m *Machine, o CheckOptions) []Finding {
	c := &checker{m: m, nodes: cmp.Or(o.Nodes, 200_000)}
	c.names()
	if len(c.findings) > 0 {
		return c.findings // a graph with holes proves nothing
	}
	c.choices()
	c.limits()
	c.doubles()
	c.joins()
	c.clocks()
	c.extensions()
	c.tacit()
	c.persons()
	c.fourEyes()
	c.outcomes()
	c.finalActs()
	c.graph()
	return c.findings
}

type checker struct {
	m        *Machine
	nodes    int
	findings []Finding
}

func (c *checker) report(code string, line, column int, trace []string, message, remedy string) {
	c.findings = append(c.findings, Finding{Code: code, File: c.m.Source, Line: line, Column: max(column, 1), Message: message, Remedy: remedy, Trace: trace})
}

func (c *checker) atState(code string, s *StateDef, trace []string, message, remedy string) {
	c.report(code, s.Line, s.Column, trace, message, remedy)
}

func (c *checker) at(code string, t *Transition, message, remedy string) {
	c.report(code, t.Line, t.Column, nil, message, remedy)
}

// branch is a list of transitions that one trigger chooses from.
type branch struct {
	kind TriggerKind // auto states: ""
	from *StateDef   // nil: at filing
	ts   []*Transition
}

// branches lists every choice of the machine, in the order written.
func (m *Machine) branches() []branch {
	out := []branch{{ByFile, nil, m.File}}
	for _, name := range m.Order {
		s := m.States[name]
		for _, e := range s.ActionOrder {
			out = append(out, branch{ByAction, s, s.Actions[e]})
		}
		for _, e := range sortedEvents(s.Signals) {
			out = append(out, branch{BySignal, s, s.Signals[e]})
		}
		for _, a := range s.After {
			out = append(out, branch{ByTimeout, s, a.Then})
		}
		if len(s.Choose) > 0 {
			out = append(out, branch{"", s, s.Choose})
		}
	}
	return out
}

func sortedEvents(m map[Event][]*Transition) []Event {
	out := make([]Event, 0, len(m))
	for e := range m {
		out = append(out, e)
	}
	slices.Sort(out)
	return out
}

// names: every state, role and event that is named exists.
func (c *checker) names() {
	m := c.m
	events := map[Event]bool{}
	for _, b := range m.branches() {
		for _, t := range b.ts {
			if b.kind == ByAction {
				events[t.Event] = true
			}
		}
	}
	state := func(s State, line, column int) {
		if m.States[s] == nil {
			c.report("REF", line, column, nil, fmt.Sprintf("there is no state %q", s), "lead to one of "+strings.Join(stateNames(m), ", "))
		}
	}
	for _, b := range m.branches() {
		for _, t := range b.ts {
			state(t.To, t.Line, t.Column)
			if t.By != "" && m.Roles[t.By] == nil {
				c.at("REF", t, fmt.Sprintf("there is no role %q", t.By), "declare it under roles")
			}
			if b.kind == ByAction && t.By == "" {
				c.at("ROLE", t, fmt.Sprintf("nobody is named who takes %s", t.Event), "write by: ROLE")
			}
			for _, u := range t.Unlike {
				if !events[u] {
					c.at("REF", t, fmt.Sprintf("unlike names %q, which is no action", u), "name an action that somebody takes before")
				}
			}
		}
	}
	for _, name := range m.Order {
		s := m.States[name]
		if s.Kind == Task && (m.Roles[s.Owner] == nil || m.Roles[s.Owner].Kind != "officer") {
			c.atState("TASKROLE", s, nil, fmt.Sprintf("the task %s is owned by %q, which is no officer role", name, s.Owner), "name a role of kind officer")
		}
		if j := s.Join; j != nil {
			for _, to := range []State{j.Then, j.Refused, j.Late} {
				if to != "" {
					state(to, s.Line, s.Column)
				}
			}
		}
	}
	if w := m.Withdraw; w != nil {
		for _, s := range append([]State{w.To}, w.Before...) {
			state(s, w.Line, w.Column)
		}
		if r := m.Roles[w.By]; r == nil || r.Kind != "citizen" {
			c.report("WITHDRAW", w.Line, w.Column, nil, fmt.Sprintf("%q withdraws, which is no citizen's role", w.By), "write by: applicant")
		}
	}
	c.start()
}

// start: the transition that starts the legal term exists.
func (c *checker) start() {
	s := c.m.Clock.Starts
	if s == "" || s == "file" {
		return
	}
	from, event, _ := strings.Cut(s, ".")
	for _, b := range c.m.branches() {
		for _, t := range b.ts {
			if string(t.From) == from && string(t.Event) == event {
				return
			}
		}
	}
	c.report("REF", c.m.Clock.Line, c.m.Clock.Column, nil, fmt.Sprintf("the legal term starts with %s, which is no transition", s), "write starts: state.event, or file")
}

func stateNames(m *Machine) []string {
	out := make([]string, len(m.Order))
	for i, s := range m.Order {
		out[i] = string(s)
	}
	return out
}

// choices: whatever the answers are, exactly one transition of a list is taken.
func (c *checker) choices() {
	for _, b := range c.m.branches() {
		for i, t := range b.ts {
			last := i == len(b.ts)-1
			if last && t.When != nil {
				c.at("DETERMINISM", t, fmt.Sprintf("when the condition fails, %s leads nowhere", t.Event), "let the last one of the list have no when")
			}
			if !last && t.When == nil && !t.broken {
				c.at("DETERMINISM", t, "this one is always taken, and hides those below it", "write when, or put it last")
			}
			if t.Max > 0 && b.kind != ByAction {
				c.at("MAX", t, fmt.Sprintf("a limit of visits on %s removes the way out once it is used up", t.Event), "keep max to actions")
			}
		}
	}
}

// limits: what may be repeated is bounded, and a supplement leads to whom it is asked of.
func (c *checker) limits() {
	for _, b := range c.m.branches() {
		for _, t := range b.ts {
			if !slices.Contains(t.Needs, "items") {
				continue
			}
			if t.Max == 0 {
				c.at("SUPPLEMENT", t, "a supplement may be asked for without end", "write max: 1, or what the law allows")
			}
			if to := c.m.States[t.To]; to.Kind != Wait || to.For != "applicant" {
				c.at("SUPPLEMENT", t, "a supplement is asked for, and the case does not wait for the applicant", "lead to a wait for: applicant")
			}
		}
	}
}

// finalActs: after the point of no return there is neither refusal nor withdrawal.
func (c *checker) finalActs() {
	g := newGraph(c.m)
	var from []State
	for _, name := range c.m.Order {
		if c.m.States[name].FinalAct {
			from = append(from, name)
		}
	}
	ways := g.ways(from, func(e edge) bool { return e.kind != ByWithdraw })
	for _, name := range c.m.Order {
		s := c.m.States[name]
		way, beyond := ways[name]
		if !beyond {
			continue
		}
		if s.Kind == Final && s.Negative {
			c.atState("NORETURN", s, way, fmt.Sprintf("the case can end as %s after the final act", s.Outcome), "repair from there on, or decide before the final act")
		}
		if w := c.m.Withdraw; w != nil && s.Kind != Final && s.Kind != Auto && !s.FinalAct && !slices.Contains(w.Before, name) {
			c.atState("NORETURN", s, way, fmt.Sprintf("the applicant can withdraw in %s, after the final act", name), "list it in withdraw.before")
		}
	}
}
