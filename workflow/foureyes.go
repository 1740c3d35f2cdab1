package workflow

import (
	"fmt"
	"slices"
)

// fourEyes: who proposes does not decide, and who decided does not confirm by
// hand that it was carried out.
//
// A proposal is an officer's action that brings judgements and leads to another
// task; it is decided there by what leads on, to an end or to a registry. A
// confirmation by hand leads where an answer of the registry would have led,
// from the task that its silence or refusal led to.
//
// Source: engine.md, sections 7 and 8.
func (c *checker) fourEyes() {
	for _, name := range c.m.Order {
		from := c.m.States[name]
		for _, p := range c.officerActions(from) {
			if to := c.m.States[p.To]; slices.Contains(p.Needs, "judgements") && to.Kind == Task && to != from {
				c.decided(p, to)
			}
		}
		if from.Kind == Wait && from.For != "applicant" {
			c.confirmed(from)
		}
	}
}

// decided: whoever decides in a task is not who made the proposal.
func (c *checker) decided(proposal *Transition, task *StateDef) {
	for _, t := range c.officerActions(task) {
		if slices.Contains(t.Unlike, proposal.Event) || !slices.ContainsFunc(c.m.rests(t.To), leadsOn) {
			continue
		}
		c.at("FOUREYES", t, fmt.Sprintf("the person who took %s may decide on it by %s", proposal.Event, t.Event), "write unlike: "+string(proposal.Event))
	}
}

// leadsOn tells that a decision is made when a case comes to a state: it has
// ended, or a registry is told.
func leadsOn(s *StateDef) bool {
	return s.Kind == Final || s.Kind == Wait && s.For != "applicant"
}

// confirmed: what a registry was told by an officer's decision is not confirmed
// by hand by the same officer.
func (c *checker) confirmed(wait *StateDef) {
	decision := c.tellsRegistry(wait)
	if decision == nil {
		return
	}
	answers, tasks := map[State]bool{}, map[*StateDef]bool{}
	for _, ts := range wait.Signals {
		for _, t := range ts {
			answers[t.To] = true
			for _, s := range c.m.rests(t.To) {
				tasks[s] = s.Kind == Task
			}
		}
	}
	for _, a := range wait.After {
		for _, t := range a.Then {
			for _, s := range c.m.rests(t.To) {
				tasks[s] = s.Kind == Task
			}
		}
	}
	for _, name := range c.m.Order {
		if s := c.m.States[name]; tasks[s] {
			for _, t := range c.officerActions(s) {
				if to := c.m.States[t.To]; answers[t.To] && to.Kind != Task && t.When == nil && len(t.Unlike) == 0 {
					c.at("FOUREYES", t, fmt.Sprintf("%s confirms by hand what the same person may have decided by %s", t.Event, decision.Event), "write unlike: "+string(decision.Event))
				}
			}
		}
	}
}

// tellsRegistry is an officer's decision by which the case came to wait for a
// registry; nil when there is none. Sending again from a task behind the wait is no decision.
func (c *checker) tellsRegistry(wait *StateDef) *Transition {
	behind := newGraph(c.m).ways([]State{wait.Name}, func(e edge) bool { return e.kind != ByWithdraw })
	for _, name := range c.m.Order {
		if _, back := behind[name]; back {
			continue
		}
		for _, t := range c.officerActions(c.m.States[name]) {
			if actsOutside(t) && slices.Contains(c.m.rests(t.To), wait) {
				return t
			}
		}
	}
	return nil
}

func actsOutside(t *Transition) bool {
	return slices.ContainsFunc(t.Effects, func(e Effect) bool { return e.Type == "update-resident" || e.Type == "send" })
}
