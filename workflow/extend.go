package workflow

import (
	"fmt"
	"slices"
)

// Extend says who may lengthen the legal term of a case, by how much and where.
type Extend struct {
	By   Role
	UpTo Duration // of one extension, in the unit of the legal terms
	Max  int      // how often a case may be extended
	In   []State
	Law  string

	Line, Column int
}

// Extended is the key under which a case's extensions are counted among its visits.
const Extended = ".extend"

// transition is the way that an extension takes: it stays where it is, and the
// citizen gets a letter of apology with the new date.
//
// Source: Decree 118/2025/NĐ-CP on the one-stop rules; Circular 03/2025/TT-VPCP, Annex I, form 04.
func (x *Extend) transition(s State) *Transition {
	return &Transition{Event: Event(ByExtend), From: s, To: s, By: x.By, Max: x.Max, Needs: []string{"days", "note"}, Confirm: true,
		Title: Text{VI: "Gia hạn thời gian giải quyết", EN: "Extend the term"}, Effects: []Effect{{Type: "issue-letter", Name: "apology"}}, Line: x.Line, Column: x.Column}
}

// extension is the transition of an extension, when the actor may take it now.
func (m *Machine) extension(in Input) (*Transition, error) {
	refuse := func(reason string) (*Transition, error) {
		return nil, &NotAllowedError{State: in.State, Event: in.Trigger.Event, Reason: reason, Open: m.open(in)}
	}
	switch x := m.Extend; {
	case x == nil || !slices.Contains(x.In, in.State):
		return refuse(ReasonNone)
	case !slices.Contains(in.Roles, x.By):
		return refuse(ReasonRole)
	case in.Visits[Extended] >= x.Max:
		return refuse(ReasonMax)
	default:
		return x.transition(in.State), nil
	}
}

// extensions: a term is lengthened by an officer, where it runs.
func (c *checker) extensions() {
	for _, b := range c.m.branches() {
		if b.kind == ByAction && len(b.ts) > 0 && b.ts[0].Event == Event(ByExtend) {
			c.at("EXTEND", b.ts[0], "extend is the engine's own action", "write extend: {by, up-to, in, law} beside states, or name the action otherwise")
		}
	}
	x := c.m.Extend
	if x == nil {
		return
	}
	report := func(message, remedy string) { c.report("EXTEND", x.Line, x.Column, nil, message, remedy) }
	if r := c.m.Roles[x.By]; r == nil || r.Kind != "officer" {
		report(fmt.Sprintf("%q extends the term, which is no officer role", x.By), "name a role of kind officer")
	}
	if c.m.Clock.Starts == "" {
		report("a term is extended that never starts", "write clock: {starts: state.event}, or remove extend")
	}
	for _, name := range x.In {
		switch s := c.m.States[name]; {
		case s == nil:
			report(fmt.Sprintf("there is no state %q", name), "name states in which the case may be extended")
		case s.Kind == Final || s.Kind == Auto || s.Clock != Running:
			report(fmt.Sprintf("the term is extended in %s, where it does not run", name), "name states whose clock is running")
		}
	}
}
