package diagram

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// An event is one step of a sequence as XState gets it.
type event struct {
	Type    string           `json:"type"`
	Truth   string           `json:"truth"`
	Actor   string           `json:"actor,omitempty"`
	Roles   []workflow.Role  `json:"roles"`
	System  bool             `json:"system,omitempty"`
	Child   string           `json:"child,omitempty"`
	Outcome workflow.Outcome `json:"outcome,omitempty"`
	trigger workflow.Trigger
	of      workflow.State // of a time-out: whose it is
}

// A walk is one case on its way through a machine, held as package cases holds
// it: what was taken how often, who did what, what became of the sub-cases.
type walk struct {
	m        *twin
	internal bool
	id       procedures.ID
	r        *rand.Rand
	eager    bool  // goes on for long: the right people act mostly, and ends are avoided
	goal     *goal // what it looks for; nil: nothing

	state    workflow.State
	visits   map[string]int
	acted    map[workflow.Event][]string
	children map[string]workflow.Outcome

	seen coverage
}

// coverage counts what the walks met.
type coverage struct {
	taken   map[*workflow.Transition]int
	refused map[string]int         // by reason
	used    map[string]int         // "state.event" → how often its limit refused it
	joined  map[workflow.State]int // by target
}

func newCoverage() coverage {
	return coverage{map[*workflow.Transition]int{}, map[string]int{}, map[string]int{}, map[workflow.State]int{}}
}

func newWalk(m *twin, p *procedures.Procedure, r *rand.Rand, seen coverage) *walk {
	w := &walk{m: m, id: p.ID, internal: p.Internal, r: r, eager: r.IntN(2) == 0, visits: map[string]int{}, acted: map[workflow.Event][]string{}, children: map[string]workflow.Outcome{}, seen: seen}
	if w.eager && r.IntN(2) == 0 {
		w.goal = w.newGoal()
	}
	return w
}

// sequence plays at most n events and tells what each led to; a few come after the end.
func (w *walk) sequence(n int) (events []event, told []string) {
	for after := 0; len(events) < n && after < 3; {
		if s := w.m.States[w.state]; s != nil && s.Kind == workflow.Final {
			after++
		}
		e := w.draw()
		events, told = append(events, e), append(told, w.play(e))
	}
	return events, told
}

// play takes one event through Decide, and tells the case afterwards in the words of differential.mjs.
func (w *walk) play(e event) string {
	d, err := w.decide(e)
	refused, barred := errors.AsType[*workflow.NotAllowedError](err)
	_, failed := errors.AsType[*workflow.GuardError](err)
	switch {
	case failed:
		w.seen.refused["error"]++
		return "error|" + w.tell("")
	case barred:
		w.seen.refused[refused.Reason]++
		if refused.Reason == workflow.ReasonMax {
			w.seen.used[workflow.Visit(w.state, e.trigger.Event)]++
		}
		return w.tell("")
	case err != nil && w.state != "":
		panic(err) // the machine has no such error for a state that exists
	case d == nil:
		return w.tell("") // before filing, or an outcome that leaves the join as it is
	}
	var effects []string
	from := w.state
	for hop, t := range d.Taken {
		w.seen.taken[t]++
		switch {
		case e.trigger.Kind == workflow.ByExtend:
			w.visits[workflow.Extended]++
		case from != "":
			w.visits[workflow.Visit(from, t.Event)]++
		}
		if hop == 0 && e.trigger.Kind == workflow.ByAction && !slices.Contains(w.acted[t.Event], e.Actor) {
			w.acted[t.Event] = append(w.acted[t.Event], e.Actor)
		}
		for _, x := range t.Effects {
			effects = append(effects, strings.TrimSpace(x.Type+" "+x.Name))
		}
		if def := w.m.States[t.To]; def.Kind == workflow.Subcases {
			w.children = map[string]workflow.Outcome{}
		}
		from = t.To
	}
	w.state = d.To
	for _, c := range d.EntersSubcases {
		w.children[c.Name] = ""
	}
	return w.tell(strings.Join(effects, ","))
}

func (w *walk) decide(e event) (*workflow.Decision, error) {
	if e.of != "" && e.of != w.state {
		return nil, nil // the bell of a state that was left rings in vain
	}
	in := workflow.Input{State: w.state, Trigger: e.trigger, Vars: map[string]any{"g": truths(e.Truth)}, Roles: e.Roles, ActorID: e.Actor, System: e.System,
		Visits: w.visits, ActedBy: w.acted}
	switch e.trigger.Kind {
	case workflow.ByCancel:
		in.Target, _ = w.m.CancelTo()
	case workflow.ByJoin:
		over := e.Child == ""
		if def := w.m.States[w.state]; def == nil || def.Kind != workflow.Subcases {
			return nil, nil // cases.report keeps such an outcome and goes no further
		}
		before := w.children
		w.children = maps.Clone(before)
		if old, known := w.children[e.Child]; !over && known && old == "" {
			w.children[e.Child] = e.Outcome
		}
		to, left := w.m.Joined(w.state, w.children, over)
		if !left {
			return nil, nil
		}
		w.seen.joined[to]++
		in.Target = to
		d, err := w.m.Decide(in)
		if err != nil {
			w.children = before // nothing was written, the report comes again
		}
		return d, err
	}
	return w.m.Decide(in)
}

func truths(letters string) map[string]any {
	out := map[string]any{}
	for i, l := range letters {
		if l != 'e' {
			out[letter(i)] = l == '1'
		}
	}
	return out
}

// tell is the case in the words of differential.mjs: state, effects, visits, actors, sub-cases.
func (w *walk) tell(effects string) string {
	state := string(w.state)
	if state == "" {
		state = filing
	}
	return strings.Join([]string{state, effects, sorted(w.visits, func(n int) string { return fmt.Sprint(n) }),
		sorted(w.acted, func(a []string) string { return strings.Join(a, "+") }),
		sorted(w.children, func(o workflow.Outcome) string { return string(o) })}, "|")
}

func sorted[K ~string, V any](m map[K]V, show func(V) string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, string(k)+"="+show(m[k]))
	}
	return strings.Join(out, ",")
}
