package model

import (
	"fmt"
	"slices"
)

// hop is one transition of a step, with the event that it stands under.
type hop struct {
	event string
	arrow *Arrow
}

// take carries a transition out, and those of the states that are left at once.
func (w *World) take(c *Case, kind, event string, first *Arrow, who Actor, in Input) {
	c.apologise()
	hops, open := w.way(c, hop{event, first}, in)
	from := c.state
	for i, h := range hops {
		c.events = append(c.events, Event{Seq: len(c.events) + 1, Kind: kind, Name: h.event, From: from, To: h.arrow.To, Effect: w.follow(c, h.arrow), At: w.now})
		if from != "" {
			c.visits[from+"."+h.event]++
		}
		if i == 0 && kind == "action" && !slices.Contains(c.acted[h.event], who.ID) {
			c.acted[h.event] = append(c.acted[h.event], who.ID)
		}
		if starts := c.def.Starts; c.term.start.IsZero() && starts != "" && (starts == from+"."+h.event || starts == "file" && from == "") {
			c.term.start = w.now
		}
		if b := c.budgets[from]; b != nil {
			b.left = w.now
		}
		from = h.arrow.To
	}
	left := c.def.state(c.state)
	c.state, c.entered = from, len(c.events)
	w.enter(c, left, kind, open)
}

// way is where a transition leads: states of kind auto are left in the same
// transaction, and so is one that opens no sub-case.
func (w *World) way(c *Case, first hop, in Input) (hops []hop, open []Slot) {
	hops = []hop{first}
	for {
		s := c.def.state(hops[len(hops)-1].arrow.To)
		switch s.Kind {
		case "auto":
			for i := range s.Choose {
				if s.Choose[i].When.eval(c, in) == yes {
					hops = append(hops, hop{"choose", &s.Choose[i]})
					break
				}
			}
		case "subcases":
			for _, o := range s.Open {
				if o.When.eval(c, in) == yes {
					open = append(open, o)
				}
			}
			if len(open) > 0 {
				return hops, open
			}
			hops = append(hops, hop{"join", &Arrow{To: s.Join.Then}})
		default:
			return hops, nil
		}
	}
}

// enter makes everything that the new state needs, and ends what the old one had.
func (w *World) enter(c *Case, left *State, kind string, open []Slot) {
	s := c.def.state(c.state)
	mode := s.Clock
	if s.Kind == "final" {
		mode = "off"
	}
	if w.twist == "never pause" {
		mode = ""
	}
	c.term.set(mode, w.now)
	c.due = c.term.end(w.now)
	if w.twist != "timer stays" {
		clear(c.timers)
	}
	c.taskRole = ""
	w.leaveKids(c, left, kind)
	switch s.Kind {
	case "final":
		c.closed, c.outcome = true, s.Outcome
		w.report(c)
		return
	case "task":
		b := c.budgets[s.Name]
		if b == nil || w.twist == "fresh budget" {
			b = &budget{start: w.now}
			c.budgets[s.Name] = b
		} else {
			b.away = append(b.away, span{b.left, w.now})
		}
		c.taskRole, c.taskDue = s.Owner, b.end(s.Within)
	case "subcases":
		w.openKids(c, open)
		c.timers["join-window"] = after(w.now, s.Join.Window)
	}
	for _, a := range s.After {
		c.timers[a.Event] = after(w.now, a.Delay)
	}
}

// follow lists the effects of a transition, and lets a registry answer later.
func (w *World) follow(c *Case, a *Arrow) string {
	var out []string
	for _, e := range a.Effects {
		out = append(out, e.Type+":"+e.Name)
		if e == (Effect{"send", ask}) {
			id := fmt.Sprintf("answer to %p %d", c, len(c.events))
			w.queue = append(w.queue, func() { w.signal(c, id, answer(c.answers.Kind), "") })
		}
	}
	return join(out)
}

// settle does what cases and registries tell each other until nothing is left.
func (w *World) settle() {
	for len(w.queue) > 0 && !w.held {
		next := w.queue[0]
		w.queue = w.queue[1:]
		next()
	}
}
