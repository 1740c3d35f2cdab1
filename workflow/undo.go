package workflow

import (
	"fmt"
	"maps"
	"slices"
)

// Undoable says how an effect can be taken back.
type Undoable struct {
	Acts       bool  // it changes something outside the case; false: nothing has to be taken back
	Reversible bool  // something takes it back
	Refused    Event // the signal by which its peer says that it did nothing; empty: none
}

// CheckUndo proves that a case which ends without success leaves nothing behind:
// what may have happened by then is taken back by an end that compensates, and
// nothing that cannot be taken back may have happened. of tells how an effect
// can be taken back.
//
// An effect may have happened in every state that is reached after it, until its
// peer has answered that it did nothing.
func CheckUndo(m *Machine, of func(Effect) Undoable) []Finding {
	c := &checker{m: m}
	u := &undoing{g: newGraph(m), of: of, may: map[State]map[Effect][]string{}}
	for _, t := range m.File {
		u.pass(nil, t, "filed: "+string(t.To), t.To, "")
	}
	for len(u.queue) > 0 {
		s := u.queue[0]
		u.queue = u.queue[1:]
		for _, e := range u.g.out[s] {
			if e.kind == ByWithdraw && m.States[s].Kind == Auto {
				continue // nobody finds a case there
			}
			u.pass(u.may[s], e.at, e.String(), e.to, Event(e.event))
		}
	}
	for _, name := range m.Order {
		s := m.States[name]
		if s.Compensate && !s.Negative {
			c.atState("COMPENSATE", s, nil, fmt.Sprintf("%s takes back what the citizen got", name), "keep compensate to ends with negative: true")
		}
		if s.Kind != Final || !s.Negative {
			continue
		}
		for _, e := range sortedEffects(u.may[name]) {
			switch way := u.may[name][e]; {
			case !of(e).Reversible:
				c.atState("NORETURN", s, way, fmt.Sprintf("the case can end as %s though %s may have happened, and nothing takes it back", s.Outcome, e), "lead to a state with final-act: true by it, or give the message an undo")
			case !s.Compensate:
				c.atState("COMPENSATE", s, way, fmt.Sprintf("the case can end as %s though %s may have happened", s.Outcome, e), "write compensate: true, so that it is taken back")
			}
		}
	}
	return c.findings
}

// String is the effect as the definition has it.
func (e Effect) String() string {
	if e.Name == "" {
		return e.Type
	}
	return e.Type + ": " + e.Name
}

// undoing finds what may have happened by each state, and on which way.
type undoing struct {
	g     *graph
	of    func(Effect) Undoable
	may   map[State]map[Effect][]string
	queue []State
}

// pass carries what may have happened over one step.
func (u *undoing) pass(before map[Effect][]string, t *Transition, step string, to State, event Event) {
	after := map[Effect][]string{}
	for e, way := range before {
		if r := u.of(e).Refused; r == "" || r != event {
			after[e] = append(slices.Clip(way), step)
		}
	}
	if t != nil {
		for _, e := range t.Effects {
			if u.of(e).Acts {
				after[e] = []string{step}
			}
		}
	}
	known, seen := u.may[to]
	if !seen {
		known = map[Effect][]string{}
		u.may[to] = known
	}
	changed := !seen
	for e, way := range after {
		if _, ok := known[e]; !ok {
			known[e], changed = way, true
		}
	}
	if changed {
		u.queue = append(u.queue, to)
	}
}

func sortedEffects(m map[Effect][]string) []Effect {
	return slices.SortedFunc(maps.Keys(m), func(a, b Effect) int {
		if a.String() < b.String() {
			return -1
		}
		return 1
	})
}
