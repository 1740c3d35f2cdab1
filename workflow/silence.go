package workflow

import (
	"fmt"
	"slices"
)

// silence: nothing is decided because nobody acted, unless the law takes
// silence for the decision and the definition names the article. Whoever does
// not answer in time may lose the case for that (lapsed); the office that does
// not decide in time is late, and stays so.
//
// Source: engine.md, section 2; what an act of law says of a procedure stands in its definition.
func (c *checker) silence() {
	done := c.beyond()
	for _, b := range c.m.branches() {
		for _, t := range b.ts {
			switch {
			case t.Tacit && b.kind != ByTimeout:
				c.at("SILENCE", t, fmt.Sprintf("%s is no time-out: nobody is silent there", t.Event), "remove tacit, or write it below after")
			case t.Tacit && t.Law == "":
				c.at("SILENCE", t, "silence decides, and no act says so", `write law: "act, article"`)
			case t.Law != "" && !t.Tacit:
				c.at("SILENCE", t, "an article stands at a transition that does not rest on silence", "write tacit: true, or remove law")
			}
			if b.kind != ByTimeout {
				continue
			}
			end := c.decidedBySilence(b.from, t.To, done, nil)
			switch {
			case end != nil && !t.Tacit:
				c.at("SILENCE", t, fmt.Sprintf("after %s the case ends as %s because nobody acted", t.Event, end.Outcome), `lead to a person's task, or write tacit: true and law: "act, article" where the law says so`)
			case end == nil && t.Tacit:
				c.at("SILENCE", t, fmt.Sprintf("%s decides nothing", t.Event), "remove tacit")
			}
		}
	}
	for _, name := range c.m.Order {
		s := c.m.States[name]
		if s.Join == nil || s.Join.Late == "" {
			continue
		}
		if end := c.decidedBySilence(s, s.Join.Late, done, nil); end != nil {
			c.atState("SILENCE", s, nil, fmt.Sprintf("the case ends as %s because others did not answer", end.Outcome), "let late lead to a person's task")
		}
	}
}

// decidedBySilence is an end that a time-out of from reaches at once, and that
// decides the case; nil when there is none. done are the states after a final act.
func (c *checker) decidedBySilence(from *StateDef, to State, done map[State][]string, seen []State) *StateDef {
	s := c.m.States[to]
	switch {
	case s == nil || slices.Contains(seen, to):
		return nil
	case s.Kind == Final && decides(from, s, done):
		return s
	case s.Kind == Auto:
		for _, t := range s.Choose {
			if end := c.decidedBySilence(from, t.To, done, append(seen, to)); end != nil {
				return end
			}
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
