package workflow

import (
	"fmt"
	"slices"
)

// tacit: nothing is decided because nobody acted, unless the law takes
// silence for the decision and the definition names the article. Whoever does
// not answer in time may lose the case for that (lapsed); the office that does
// not decide in time is late, and stays so.
//
// Source: engine.md, section 2; what an act of law says of a procedure stands in its definition.
func (c *checker) tacit() {
	done := c.beyond()
	g := newGraph(c.m)
	ways := g.ways(g.from, everyEdge)
	for _, b := range c.m.branches() {
		for _, t := range b.ts {
			switch {
			case t.Tacit && b.kind != ByTimeout:
				c.at("TACIT", t, fmt.Sprintf("%s is no time-out: nobody is silent there", t.Event), "remove tacit, or write it below after")
			case t.Tacit && t.Law == "":
				c.at("TACIT", t, "silence decides, and no act says so", `write law: "act, article"`)
			case t.Law != "" && !t.Tacit:
				c.at("TACIT", t, "an article stands at a transition that does not rest on silence", "write tacit: true, or remove law")
			}
			if b.kind != ByTimeout {
				continue
			}
			end := c.decidedBySilence(b.from, t.To, done)
			switch {
			case end != nil && !t.Tacit:
				c.report("TACIT", t.Line, t.Column, append(slices.Clip(ways[t.From]), fmt.Sprintf("%s: %s → %s", t.From, t.Event, t.To)),
					fmt.Sprintf("after %s the case ends as %s because nobody acted", t.Event, end.Outcome), `lead to a person's task, or write tacit: true and law: "act, article" where the law says so`)
			case end == nil && t.Tacit:
				c.at("TACIT", t, fmt.Sprintf("%s decides nothing", t.Event), "remove tacit")
			}
		}
	}
	for _, name := range c.m.Order {
		s := c.m.States[name]
		if s.Join == nil || s.Join.Late == "" {
			continue
		}
		for _, end := range c.m.rests(s.Join.Late) {
			if end.Kind == Final && (end.Negative || decides(s, end, done)) {
				c.atState("TACIT", s, append(slices.Clip(ways[name]), fmt.Sprintf("%s: late → %s", name, s.Join.Late)), fmt.Sprintf("the case ends as %s because others did not answer", end.Outcome), "let late lead to an officer, who sees who was silent")
				break
			}
		}
	}
}

// decidedBySilence is an end that a time-out of from reaches at once, and that
// decides the case; nil when there is none. done are the states after a final act.
func (c *checker) decidedBySilence(from *StateDef, to State, done map[State][]string) *StateDef {
	for _, s := range c.m.rests(to) {
		if s.Kind == Final && decides(from, s, done) {
			return s
		}
	}
	return nil
}

// decides tells whether an end is a decision when it comes by a time-out. Who
// does not answer a question, or does not collect what was decided before, is
// closed for that.
func decides(from, end *StateDef, done map[State][]string) bool {
	switch end.Outcome {
	case "lapsed", "withdrawn", "cancelled":
		return false
	case "refused", "declined":
		return true
	}
	_, decided := done[from.Name]
	return from.Kind != Wait || from.For != "applicant" || !end.Negative && !decided
}

// beyond are the states that a final act leads to.
func (c *checker) beyond() map[State][]string {
	var from []State
	for _, name := range c.m.Order {
		if c.m.States[name].FinalAct {
			from = append(from, name)
		}
	}
	return newGraph(c.m).ways(from, func(e edge) bool { return e.kind != ByWithdraw })
}
