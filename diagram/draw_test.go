package diagram

import (
	"maps"
	"slices"

	"github.com/hoso-gov/hoso/workflow"
)

// draw makes up the next event: mostly one that the state knows, sometimes any
// of the machine's, which is refused.
func (w *walk) draw() event {
	var open []event
	if s := w.m.States[w.state]; s != nil && (w.eager || w.r.IntN(10) < 8) {
		open = w.known(s)
	}
	switch {
	case w.state == "" && w.r.IntN(20) > 0:
		open = []event{{Type: eventFile, trigger: workflow.Trigger{Kind: workflow.ByFile, Event: "file"}, Roles: []workflow.Role{}}}
	case len(open) == 0:
		for _, name := range w.m.Order {
			open = append(open, w.known(w.m.States[name])...)
		}
	}
	if w.goal != nil && w.r.IntN(5) > 0 {
		if near := w.nearer(open); len(near) > 0 {
			open = near
		}
	}
	e := open[w.r.IntN(len(open))]
	for range 3 {
		if !w.eager || !w.ends(e) {
			break
		}
		e = open[w.r.IntN(len(open))]
	}
	e.Truth = w.truth()
	e = w.act(e)
	for range 8 {
		if w.goal == nil || w.approaches(e) {
			break
		}
		e.Truth = w.truth()
	}
	if n := len(e.Truth); n > 0 && w.r.IntN(40) == 0 {
		i := w.r.IntN(n)
		e.Truth = e.Truth[:i] + "e" + e.Truth[i+1:]
	}
	return e
}

// truth draws whether each condition holds.
func (w *walk) truth() string {
	out := make([]byte, len(w.m.conditions))
	for i := range out {
		out[i] = "01"[w.r.IntN(2)]
	}
	return string(out)
}

// act says who does it: one of three persons, mostly with the right role.
func (w *walk) act(e event) event {
	switch e.trigger.Kind {
	case workflow.BySignal, workflow.ByTimeout, workflow.ByJoin, workflow.ByCancel:
		e.System = true
		return e
	}
	e.Actor = string("abc"[w.r.IntN(3)])
	if !w.eager && w.r.IntN(4) == 0 || w.eager && w.r.IntN(20) == 0 {
		e.Roles = []workflow.Role{}
		for _, r := range slices.Sorted(maps.Keys(w.m.Roles)) {
			if w.r.IntN(2) == 0 {
				e.Roles = append(e.Roles, r)
			}
		}
	}
	return e
}

// ends tells whether the event leads straight to an end.
func (w *walk) ends(e event) bool {
	switch e.trigger.Kind {
	case workflow.ByWithdraw, workflow.ByCancel:
		return true
	}
	for _, t := range w.m.Transitions(w.state, e.trigger) {
		if w.m.States[t.To].Kind == workflow.Final {
			return true
		}
	}
	return false
}

// known are the events that a state has a way for, and those that every case knows.
func (w *walk) known(s *workflow.StateDef) []event {
	var out []event
	late := func(delay string, kind workflow.TriggerKind, e workflow.Event) {
		out = append(out, event{Type: "xstate.after." + delay + "." + string(w.id) + "." + string(s.Name), trigger: workflow.Trigger{Kind: kind, Event: e}, Roles: []workflow.Role{}, of: s.Name})
	}
	add := func(name string, kind workflow.TriggerKind, e workflow.Event, roles ...workflow.Role) {
		out = append(out, event{Type: name, trigger: workflow.Trigger{Kind: kind, Event: e}, Roles: append([]workflow.Role{}, roles...)})
	}
	for _, e := range s.ActionOrder {
		t := s.Actions[e][w.r.IntN(len(s.Actions[e]))]
		add(string(e), workflow.ByAction, e, t.By)
	}
	for _, e := range slices.Sorted(maps.Keys(s.Signals)) {
		add(signalOf+string(e), workflow.BySignal, e)
	}
	for _, a := range s.After {
		late(string(a.Name), workflow.ByTimeout, a.Name)
	}
	if j := s.Join; j != nil {
		if j.Window.N > 0 && j.Late != "" {
			late(windowOf(j), workflow.ByJoin, joinLate)
		}
		for _, c := range s.Open {
			for range 2 {
				add(eventOutcome, workflow.ByJoin, workflow.Event(c.Name))
				last := &out[len(out)-1]
				last.Child, last.Outcome = c.Name, w.outcome(j)
			}
		}
	}
	if x := w.m.Extend; x != nil {
		add(eventExtend, workflow.ByExtend, "extend", x.By)
	}
	if wd := w.m.Withdraw; wd != nil && w.r.IntN(4) == 0 {
		add(eventBack, workflow.ByWithdraw, workflow.Event(workflow.ByWithdraw), wd.By)
	}
	if w.internal && w.r.IntN(4) == 0 {
		add(eventCancel, workflow.ByCancel, workflow.Event(workflow.ByCancel))
	}
	return out
}

// outcome is one that the join knows, or another.
func (w *walk) outcome(j *workflow.Join) workflow.Outcome {
	all := append(slices.Sorted(maps.Keys(j.Outcomes)), j.OK...)
	all = append(all, "withdrawn")
	return all[w.r.IntN(len(all))]
}
