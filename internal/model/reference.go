package model

import (
	"slices"
	"time"
)

// Input is what a command brings along.
type Input struct {
	Note    string
	Grounds bool   // one ground of refusal
	Word    string // of a signal: becomes case.output.k
}

// Actor is somebody who acts.
type Actor struct {
	ID      string
	Citizen bool
	Seats   map[string][]string // agency → roles
}

// Event is one entry of a case's history.
type Event struct {
	Seq              int
	Kind, Name       string
	From, To, Effect string // Effect: type:name of what follows, in order
	At               time.Time
}

// Case is a case as the reference has it.
type Case struct {
	def       *Def
	answers   Answers
	applicant string
	at        map[string]string // role → agency

	state    string
	closed   bool
	outcome  string
	events   []Event
	visits   map[string]int      // "state.event" → times taken
	acted    map[string][]string // event → who took it
	output   string              // case.output.k
	entered  int                 // the event that entered the state
	term     term
	due      time.Time // zero: the term is not running yet
	budgets  map[string]*budget
	timers   map[string]time.Time
	taskRole string // empty: no task
	taskDue  time.Time
	kids     []*kid
	known    map[string]string // command id → what it asked for
	slot     string            // of a sub-case

	apologised bool
	letters    []letter // that the engine has written, and the reference not yet
}

// World is one case with its sub-cases, the time, and what is to be done next.
type World struct {
	now   time.Time
	top   *Case
	twist Twist
	queue []func() // what cases and registries tell each other, in order
	tied  bool     // two timers were due at one instant: the order was open
	held  bool     // nothing is told yet
}

// Twist makes the reference wrong on purpose: the comparison must notice.
type Twist string

// Kinds of refusal, beside the machine's own.
const (
	Accepted   = ""
	NotFound   = "not-found"
	Conflict   = "conflict"
	Reused     = "reused"
	Invalid    = "invalid"
	GuardFails = "guard-error" // a condition could not be evaluated
	noRole     = "role"
	samePerson = "same-person"
	usedUp     = "used-up"
	noWay      = "condition"
	ended      = "ended"
	noReturn   = "final-act"
	notHere    = "not-available"
)

// file files the case. Filing must not fail: its conditions read given answers only.
func (w *World) file(d *Def, a Answers, applicant string) *Case {
	c := newCase(d, a, applicant, map[string]string{"reception": receiving, "handler": competent, "approver": competent})
	w.top = c
	w.begin(c)
	return c
}

func newCase(d *Def, a Answers, applicant string, at map[string]string) *Case {
	return &Case{def: d, answers: a, applicant: applicant, at: at, visits: map[string]int{}, acted: map[string][]string{},
		budgets: map[string]*budget{}, timers: map[string]time.Time{}, known: map[string]string{}}
}

// begin takes the transition of filing.
func (w *World) begin(c *Case) {
	c.term.limit, c.term.cutOff = c.def.Limit, c.def.CutOff
	a, refused := w.pick(c, c.def.File, Actor{}, true, "file", Input{})
	if refused != Accepted {
		panic("a drawn definition cannot be filed: " + refused)
	}
	w.take(c, "file", "file", a, Actor{}, Input{})
	w.settle()
}

// act carries a command of a person out, or says why not (engine.md, section 3).
// seen is the revision that they saw; 0: any.
func (w *World) act(c *Case, who Actor, id, event string, seen int, in Input) string {
	if !c.visible(who) {
		return NotFound
	}
	request := event + "|" + who.ID + "|" + in.Note
	if in.Grounds {
		request += "|grounds"
	}
	if before, ok := c.known[id]; ok {
		if before != request {
			return w.unless("any body", Reused)
		}
		return Accepted
	}
	if seen != 0 && seen != len(c.events) && w.twist != "stale revision" {
		return Conflict
	}
	a, refused := w.allowed(c, who, event, in)
	if refused != Accepted {
		return refused
	}
	kind := "action"
	if event == "withdraw" {
		kind = event
	}
	c.known[id] = request
	w.take(c, kind, event, a, who, in)
	w.settle()
	return Accepted
}

// unless is the kind of refusal, or none for a reference that is twisted so.
func (w *World) unless(t Twist, refused string) string {
	if w.twist == t {
		return Accepted
	}
	return refused
}

// allowed finds the transition that an action takes.
func (w *World) allowed(c *Case, who Actor, event string, in Input) (*Arrow, string) {
	s := c.def.state(c.state)
	if s.Kind == "final" {
		return nil, ended
	}
	if event == "withdraw" {
		out := c.def.Withdraw
		switch {
		case out == nil:
			return nil, notHere
		case (s.FinalAct || slices.Contains(out.Before, s.Name)) && w.twist != "always withdraw":
			return nil, noReturn
		case !c.has(who, "applicant"):
			return nil, noRole
		}
		return &Arrow{To: out.To}, Accepted
	}
	list := s.choice("action", event)
	if list == nil {
		return nil, notHere
	}
	a, refused := w.pick(c, list, who, false, event, in)
	if refused != Accepted {
		return nil, refused
	}
	if slices.Contains(a.Needs, "note") && in.Note == "" || slices.Contains(a.Needs, "grounds") && !in.Grounds {
		return a, w.unless("needs", Invalid)
	}
	return a, Accepted
}

// pick takes the first transition whose condition holds. Whoever lacks the role
// is told so before any condition is looked at. The system has every role, and
// is never the same person.
func (w *World) pick(c *Case, list []Arrow, who Actor, system bool, event string, in Input) (*Arrow, string) {
	s := c.def.state(c.state)
	order := list
	if w.twist == "guard order" && len(list) > 2 { // the last stays the last
		order = append(slices.Clone(list[:len(list)-1]), list[len(list)-1])
		slices.Reverse(order[:len(order)-1])
	}
	for i := range order {
		a := &order[i]
		by := a.By
		if by == "" && s != nil {
			if by = s.Owner; s.For == "applicant" {
				by = "applicant"
			}
		}
		if !system && !c.has(who, by) && w.twist != "roles" {
			return nil, noRole
		}
		switch a.When.eval(c, in) {
		case broken:
			if w.twist == "error is false" {
				continue
			}
			return nil, GuardFails
		case no:
			continue
		}
		most := a.Max
		if w.twist == "one visit more" && most > 0 {
			most++
		}
		if most > 0 && c.visits[c.state+"."+event] >= most {
			return nil, usedUp
		}
		if !system && a.Unlike != "" && slices.Contains(c.acted[a.Unlike], who.ID) && w.twist != "unlike" {
			return nil, samePerson
		}
		return a, Accepted
	}
	return nil, noWay
}

// visible: the applicant, and the officers of the two agencies.
func (c *Case) visible(who Actor) bool {
	if who.Citizen {
		return who.ID == c.applicant
	}
	return who.Seats[c.at["reception"]] != nil || who.Seats[c.at["handler"]] != nil
}

// has tells whether the actor has the role in the case.
func (c *Case) has(who Actor, role string) bool {
	if role == "applicant" {
		return who.Citizen && who.ID == c.applicant
	}
	return slices.Contains(who.Seats[c.at[role]], role)
}

// signal brings something from outside. What the state does not name is written
// down and changes nothing.
func (w *World) signal(c *Case, id, event, word string) string {
	request := event + "|" + word
	if before, ok := c.known[id]; ok {
		if before != request {
			return w.unless("any body", Reused)
		}
		return Accepted
	}
	in := Input{Word: word}
	if list := c.def.state(c.state).choice("signal", event); list == nil || c.closed {
		c.note("signal", event, w.now)
	} else if a, refused := w.pick(c, list, Actor{}, true, event, in); refused != Accepted {
		return refused
	} else {
		w.take(c, "signal", event, a, Actor{}, in)
	}
	if word != "" {
		c.output = word
	}
	c.known[id] = request
	w.settle()
	return Accepted
}

// note writes an event down that changes nothing.
func (c *Case) note(kind, event string, now time.Time) {
	c.apologise()
	c.events = append(c.events, Event{Seq: len(c.events) + 1, Kind: kind, Name: event, From: c.state, To: c.state, At: now})
}
