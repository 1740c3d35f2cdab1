package model

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Command is one thing that happens to a case or one of its sub-cases.
type Command struct {
	Kind  string // act, signal or wait
	Slot  int    // 0: the case itself; n: its n-th sub-case, as far as there are so many
	Who   Actor
	Event string
	In    Input
	ID    int // of the command; the same again is a repetition
	Back  int // revisions that the actor is behind; -1: names none
	Wait  time.Duration
	Next  bool // wait for the next timer instead
}

// String is the command in a line of a failure.
func (c Command) String() string {
	switch c.Kind {
	case "wait":
		if c.Next {
			return "wait for the next timer"
		}
		return "wait " + c.Wait.String()
	case "signal":
		return fmt.Sprintf("case %d: signal %s %q (command %d)", c.Slot, c.Event, c.In.Word, c.ID)
	}
	return fmt.Sprintf("case %d: %s does %s %+v (command %d, behind by %d)", c.Slot, c.Who.ID, c.Event, c.In, c.ID, c.Back)
}

// people are all who try: some with the role, some at the wrong agency, some
// with several roles, some strangers.
var people = []Actor{
	{ID: "001196000101", Citizen: true},
	{ID: "reception", Seats: map[string][]string{receiving: {"reception"}}},
	{ID: "handler", Seats: map[string][]string{competent: {"handler"}}},
	{ID: "approver", Seats: map[string][]string{competent: {"approver"}}},
	{ID: "everything", Seats: map[string][]string{competent: {"handler", "approver", "reception"}, receiving: {"reception"}}},
	{ID: "misplaced", Seats: map[string][]string{receiving: {"handler", "approver"}, competent: {"leader"}}},
	{ID: "far-away", Seats: map[string][]string{elsewhere: {"reception", "handler", "approver"}}},
	{ID: "001090000102", Citizen: true},
}

var applicant = people[0]

// Draw draws a command. What it tries mostly exists in the definition, and is
// often what the case's state waits for: random events alone would go nowhere.
func drawCommand(r *rand.Rand, d *Def, w *World, n int) Command {
	c := Command{ID: n, Slot: 0}
	if r.IntN(7) == 0 {
		return drawWait(r)
	}
	at, def := w.top, d
	if k := len(w.top.kids); k > 0 && r.IntN(3) == 0 {
		c.Slot = 1 + r.IntN(k)
		at = w.top.kids[c.Slot-1].of
		def = at.def
	}
	s := def.state(at.state)
	if r.IntN(8) == 0 {
		s = def.States[r.IntN(len(def.States))] // of another state
	}
	if n > 1 && r.IntN(8) == 0 {
		c.ID = 1 + r.IntN(n-1) // used before, perhaps for something else
	}
	if len(s.Signals) > 0 && r.IntN(3) == 0 || r.IntN(15) == 0 {
		c.Kind, c.Event = "signal", "ping"
		if len(s.Signals) > 0 && r.IntN(4) != 0 {
			c.Event = s.Signals[r.IntN(len(s.Signals))].Event
		}
		if r.IntN(2) == 0 {
			c.In.Word = words[r.IntN(len(words))]
		}
		return c
	}
	c.Kind, c.Event = "act", "withdraw"
	if len(s.Actions) > 0 && r.IntN(25) != 0 {
		c.Event = s.Actions[r.IntN(len(s.Actions))].Event
	} else if len(s.Actions) == 0 && r.IntN(2) == 0 {
		return drawWait(r)
	}
	c.Who = people[r.IntN(len(people))]
	if r.IntN(4) != 0 { // somebody who may
		for _, p := range people {
			if by := roleOf(s, c.Event); at.has(p, by) && r.IntN(2) == 0 {
				c.Who = p
				break
			}
		}
	}
	if r.IntN(4) != 0 {
		c.In.Note = words[r.IntN(len(words))]
	}
	c.In.Grounds = r.IntN(4) != 0
	c.Back = []int{0, 0, 0, 0, -1, -1, 1, 2}[r.IntN(8)]
	return c
}

func roleOf(s *State, event string) string {
	list := s.choice("action", event)
	switch {
	case list != nil && list[0].By != "":
		return list[0].By
	case list == nil || s.For == "applicant":
		return "applicant"
	}
	return s.Owner
}

func drawWait(r *rand.Rand) Command {
	if r.IntN(2) == 0 {
		return Command{Kind: "wait", Next: true}
	}
	return Command{Kind: "wait", Wait: []time.Duration{time.Hour, 5 * time.Hour, 7 * time.Hour, 24 * time.Hour, 50 * time.Hour, 170 * time.Hour}[r.IntN(6)]}
}
