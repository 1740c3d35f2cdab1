package workflow

import (
	"fmt"
	"slices"
)

// persons: whoever has a task can do it, and where a registry or the system is
// silent a person looks.
func (c *checker) persons() {
	for _, name := range c.m.Order {
		s := c.m.States[name]
		switch {
		case s.Kind == Task:
			if !slices.ContainsFunc(s.ActionOrder, func(e Event) bool { return s.Actions[e][0].By == s.Owner }) {
				c.atState("TASKROLE", s, nil, fmt.Sprintf("the task %s is %s's, who has no action in it", name, s.Owner), "give the owner an action, or the task to whom acts")
			}
		case s.Kind == Wait && s.For != "applicant":
			for _, a := range s.After {
				for _, t := range a.Then {
					if at := c.noPerson(t.To, nil); at != nil {
						c.at("TIMEOUT", t, fmt.Sprintf("when %s is silent in %s, the case goes to %s, where no person looks at it", s.For, name, at.Name), "lead to a task")
					}
				}
			}
		}
	}
}

// noPerson is a state without a person that a case comes to rest in from a state
// on; nil when a person has it. Ends are another rule's.
func (c *checker) noPerson(to State, seen []State) *StateDef {
	s := c.m.States[to]
	switch {
	case slices.Contains(seen, to):
	case s.Kind == Auto:
		for _, t := range s.Choose {
			if at := c.noPerson(t.To, append(seen, to)); at != nil {
				return at
			}
		}
	case s.Kind == Subcases, s.Kind == Wait && s.For != "applicant":
		return s
	}
	return nil
}

// rests are the states that a transition comes to rest in: its own target, or
// those behind the states that are left at once.
func (m *Machine) rests(to State) []*StateDef {
	var out []*StateDef
	var walk func(State, []State)
	walk = func(to State, seen []State) {
		s := m.States[to]
		if s == nil || slices.Contains(seen, to) {
			return
		}
		if s.Kind != Auto {
			out = append(out, s)
			return
		}
		for _, t := range s.Choose {
			walk(t.To, append(seen, to))
		}
	}
	walk(to, nil)
	return out
}

// officers' actions of a state.
func (c *checker) officerActions(s *StateDef) []*Transition {
	var out []*Transition
	for _, e := range s.ActionOrder {
		for _, t := range s.Actions[e] {
			if r := c.m.Roles[t.By]; r != nil && r.Kind == "officer" {
				out = append(out, t)
			}
		}
	}
	return out
}
