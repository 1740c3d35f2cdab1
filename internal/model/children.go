package model

import (
	"slices"
	"time"
)

// kid is a sub-case as its parent has it.
type kid struct {
	slot      string
	gen       int // the event that opened it
	of        *Case
	reported  string // its outcome; empty: open
	cancelled bool
	goesOn    bool // nobody waits for it any more, and it was not cancelled
}

// openKids opens the sub-cases of the state. The state must have been entered.
func (w *World) openKids(c *Case, open []Slot) {
	for _, o := range open {
		k := &kid{slot: o.Name, gen: c.entered}
		k.of = newCase(o.Of, c.answers, c.applicant, map[string]string{"reception": competent, "handler": competent, "approver": competent})
		k.of.slot = o.Name
		c.kids = append(c.kids, k)
		w.queue = append(w.queue, func() { w.begin(k.of) })
	}
}

// leaveKids cancels the sub-cases that are still open when their state is left. A
// join that is left by its own rule or window may let them go on.
func (w *World) leaveKids(c *Case, left *State, kind string) {
	leave := kind == "join" && left.Join != nil && left.Join.Leave
	for _, k := range c.kids {
		switch {
		case k.reported != "" || k.cancelled || k.goesOn || k.gen == c.entered:
		case leave:
			k.goesOn = true
		default:
			k.cancelled = true
			w.queue = append(w.queue, func() { w.cancel(k.of) })
		}
	}
}

// cancel ends a sub-case that its parent no longer needs. One that has ended, or
// whose decision is being carried out, writes it down only.
func (w *World) cancel(c *Case) {
	if s := c.def.state(c.state); c.closed || s.FinalAct {
		c.note("cancel", "cancel", w.now)
		return
	}
	for _, s := range c.def.States {
		if s.Outcome == "cancelled" {
			w.take(c, "cancel", "cancel", &Arrow{To: s.Name}, Actor{}, Input{})
			return
		}
	}
	panic("a drawn sub-case has no end for the cancelled")
}

// report tells the parent how a sub-case ended.
func (w *World) report(c *Case) {
	if c.slot == "" {
		return
	}
	w.queue = append(w.queue, func() {
		i := slices.IndexFunc(w.top.kids, func(k *kid) bool { return k.of == c })
		w.reported(w.top, w.top.kids[i], c.outcome)
	})
}

// reported stores an outcome, and leaves the state when the rule is met. A late
// one changes nothing.
func (w *World) reported(c *Case, k *kid, outcome string) {
	k.reported = outcome
	if k.gen == c.entered && !c.closed {
		if to := w.joined(c); to != "" {
			w.take(c, "join", k.slot, &Arrow{To: to}, Actor{}, Input{})
			return
		}
	}
	c.note("join", k.slot, w.now)
}

// joined is where the state with sub-cases leads to by now; empty: nowhere yet.
func (w *World) joined(c *Case) string {
	j := c.def.state(c.state).Join
	n := map[string]int{}
	for _, k := range c.kids {
		if k.gen == c.entered {
			n[j.class(k.reported)]++
			n["all"]++
		}
	}
	needs := 1
	if j.Rule == "count" {
		needs = min(j.Count, n["all"])
	}
	ended := n["open"] == 0
	switch j.Rule {
	case "all":
		if n["stop"]+n["gap"] > 0 && (ended || w.twist != "all waits") {
			return j.Refused
		}
	case "any", "count":
		if n["ok"] >= needs {
			return j.Then
		}
		if n["ok"]+n["open"] < needs {
			return j.Refused
		}
		return ""
	case "first-negative":
		if n["stop"] > 0 {
			return j.Refused
		}
	}
	if ended {
		return j.Then
	}
	return ""
}

// class is how the outcome of a sub-case counts.
func (j *Join) class(outcome string) string {
	switch {
	case outcome == "":
		return "open"
	case j.Class != nil:
		return j.Class[outcome]
	case slices.Contains(j.OK, outcome):
		return "ok"
	}
	return "stop"
}

// next is the timer that fires first, of the case or one of its sub-cases.
// Which of two cases is first at one instant nothing says: that is a tie.
func (w *World) next() (at time.Time, of *Case, name string, tie bool) {
	for _, c := range append([]*Case{w.top}, w.kidCases()...) {
		for n, t := range c.timers {
			switch {
			case at.IsZero() || t.Before(at):
				at, of, name, tie = t, c, n, false
			case t.Equal(at):
				tie = true
			}
		}
	}
	return at, of, name, tie
}

// pass lets time go by until an instant; what falls due on the way happens at
// its own.
func (w *World) pass(until time.Time) {
	for {
		at, c, name, tie := w.next()
		if at.IsZero() || at.After(until) {
			break
		}
		w.tied = w.tied || tie
		if at.After(w.now) {
			w.now = at
		}
		w.fire(c, name)
	}
	if until.After(w.now) {
		w.now = until
	}
}

// fire takes what a timer leads to. One that is not armed any more leads nowhere.
func (w *World) fire(c *Case, name string) {
	if _, armed := c.timers[name]; !armed {
		return
	}
	delete(c.timers, name)
	s := c.def.state(c.state)
	if name == "join-window" && s.Join != nil {
		w.take(c, "join", "late", &Arrow{To: s.Join.Late}, Actor{}, Input{})
	} else if list := s.choice("after", name); list != nil {
		a, refused := w.pick(c, list, Actor{}, true, name, Input{})
		if refused != Accepted {
			panic("a drawn time-out does not fire: " + refused)
		}
		w.take(c, "after", name, a, Actor{}, Input{})
	}
	w.settle()
}
