package diagram

import (
	"slices"

	"github.com/hoso-gov/hoso/workflow"
)

// opening are the inner states of a subcases state: the first opens what is to be
// opened, and is left at once.
func (x xstate) opening(s *workflow.StateDef) object {
	var children, always []object
	for _, c := range s.Open {
		o := object{{"name", c.Name}, {"procedure", c.Procedure}}
		if c.When != nil {
			o.add("when", c.When.Source)
		}
		children = append(children, o)
	}
	if !slices.ContainsFunc(s.Open, func(c *workflow.Child) bool { return c.When == nil }) {
		always = append(always, object{{"guard", object{{"type", "none-open"}}}, {"target", x.outer(s.Join.Then)}, {"actions", []object{count(workflow.Visit(s.Name, "join"), "")}}})
	}
	return object{
		{opening, object{
			{"entry", []object{{{"type", "open"}, {"params", object{{"children", children}}}}}},
			{"always", append(always, object{{"target", waiting}})},
		}},
		{waiting, object{}},
	}
}

// outer names a state from within another.
func (x xstate) outer(s workflow.State) string { return "#" + string(x.p.ID) + "." + string(s) }

// join are the ways that the outcome of a sub-case may open.
func (x xstate) join(s *workflow.StateDef) []object {
	j := s.Join
	var out []object
	for _, way := range []struct {
		name workflow.Event
		to   workflow.State
	}{{joinRefused, j.Refused}, {joinThen, j.Then}} {
		if way.to == "" {
			continue
		}
		params := object{{"to", way.name}, {"rule", j.Rule}}
		if j.Count > 0 {
			params.add("count", j.Count)
		}
		if len(j.OK) > 0 {
			params.add("ok", j.OK)
		}
		if len(j.Outcomes) > 0 {
			params.add("outcomes", j.Outcomes)
		}
		out = append(out, object{{"guard", object{{"type", "joined"}, {"params", params}}}, {"target", way.to},
			{"actions", []object{{{"type", "outcome"}}, {{"type", "count"}, {"params", object{{"state", s.Name}}}}}}})
	}
	return append(out, object{{"actions", []object{{{"type", "outcome"}}}}})
}
