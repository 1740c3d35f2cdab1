// Package model holds the engine against a reference that is small enough to be
// read in one sitting. It draws random definitions and random commands, lets the
// real engine carry them out on PostgreSQL, and compares what there is after
// each of them with what the reference says.
//
// The reference (reference.go, term.go, children.go) is written from engine.md,
// sections 2 to 6, and docs/definitions.md, and shares no code with the engine:
// it reads no YAML, compiles no expression and stores nothing. Of package
// calendar it takes the table of working days and the count of working hours;
// days are counted by itself. Only tests import the package.
package model

import "fmt"

// Def is a definition as it was drawn: what the engine reads as a folder.
type Def struct {
	ID       string
	Internal bool   // opened only by other cases
	Limit    Span   // the legal term; zero: none
	CutOff   string // "15:00"; empty: the close of business
	Starts   string // "file" or "state.event"
	File     []Arrow
	States   []*State
	Withdraw *Withdraw
	Children []*Def // the procedures that its states open
}

// Span is a delay: 4h, 30d, 5wd. Zero: none.
type Span struct {
	N    int
	Unit string
}

func (s Span) String() string { return fmt.Sprintf("%d%s", s.N, s.Unit) }

// State is one state.
type State struct {
	Name, Kind string
	Owner      string // of a task
	For        string // of a wait
	Within     Span
	Clock      string // running, paused or off; empty: running
	FinalAct   bool
	Actions    []Choice
	Signals    []Choice
	After      []Choice // the event is the delay
	Choose     []Arrow
	Open       []Slot
	Join       *Join
	Outcome    string
	Negative   bool
}

// Choice is what one event may lead to.
type Choice struct {
	Event  string
	Delay  Span // of a time-out
	Arrows []Arrow
}

// Arrow is a transition.
type Arrow struct {
	To      string
	By      string
	When    *Guard // nil: always
	Needs   []string
	Max     int
	Unlike  string
	Tacit   bool // of a time-out: the law takes silence for the decision
	Effects []Effect
}

// Effect is what follows a transition: its type and what it names.
type Effect struct{ Type, Name string }

// Slot is a sub-case that a state opens.
type Slot struct {
	Name string
	Of   *Def
	When *Guard
}

// Join tells when a state with sub-cases is left.
type Join struct {
	Rule                string
	Count               int
	OK                  []string          // outcomes that count; any other is a stop
	Class               map[string]string // instead of OK: ok, gap or stop
	Window              Span
	Then, Refused, Late string
	Leave               bool // what is open when the state is left goes on
}

// Withdraw is the applicant's way out.
type Withdraw struct {
	Before []string
	To     string
}

// state is the state of that name; nil when there is none.
func (d *Def) state(name string) *State {
	for _, s := range d.States {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// choice is what the event may lead to in the state.
func (s *State) choice(kind, event string) []Arrow {
	list := map[string][]Choice{"action": s.Actions, "signal": s.Signals, "after": s.After}[kind]
	for _, c := range list {
		if c.Event == event {
			return c.Arrows
		}
	}
	return nil
}

// seats says at which agency a role sits.
var seats = map[string]string{"reception": receiving, "handler": competent, "approver": competent}

// The agencies of the demonstration where every case is filed and decided, and
// one that has nothing to do with it.
const (
	receiving = "UB-00070"
	competent = "CA-00070"
	elsewhere = "UB-00004"
)

// Answers are what the applicant answers to the form of every definition.
type Answers struct {
	Size int    // 0 to 9
	Kind string // red or blue
	Rest int    // optional; absent: answered by nothing
}

// absent is the answer that was not given.
const absent = -1

// arrows are all transitions, those at filing first.
func (d *Def) arrows() []*Arrow {
	out := pointers(d.File)
	for _, s := range d.States {
		out = append(out, s.arrows()...)
	}
	return out
}

// arrows are the transitions of a state, but those of a join.
func (s *State) arrows() []*Arrow {
	var out []*Arrow
	for _, list := range [][]Choice{s.Actions, s.Signals, s.After} {
		for _, c := range list {
			out = append(out, pointers(c.Arrows)...)
		}
	}
	return append(out, pointers(s.Choose)...)
}

func pointers(list []Arrow) []*Arrow {
	out := make([]*Arrow, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}
