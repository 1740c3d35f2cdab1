package agency

import "slices"

// ActorKind says in what quality an actor acts.
type ActorKind string

// The kinds of actor.
const (
	Citizen ActorKind = "citizen"
	Officer ActorKind = "officer"
	System  ActorKind = "system"
)

// The roles that officers hold at agencies; definitions name the first three.
const (
	Reception = "reception" // the one-stop desk: bộ phận một cửa
	Handler   = "handler"   // examines and proposes: thụ lý
	Approver  = "approver"  // decides: phê duyệt
	Leader    = "leader"    // reads the figures
	Operator  = "operator"  // runs the machine
	Author    = "author"    // writes definitions of procedures; the seat gives no sight of any case
)

// Seat is one role at one agency.
type Seat struct {
	Agency ID
	Role   string
}

// Actor is who does something: a citizen, an officer, or the system itself.
type Actor struct {
	Kind       ActorKind
	ID         string // personal number, officer id, or the cause of a system's act
	Name       string // as people read it; may be empty for the system
	Level      int    // assurance of the sign-in, 1 or 2; 0: none
	Seats      []Seat // of an officer, valid today
	OnBehalfOf string // personal number of the person represented; empty: oneself
}

// Has tells whether the actor is an officer who holds role at the agency.
func (a Actor) Has(role string, at ID) bool {
	return a.Kind == Officer && slices.Contains(a.Seats, Seat{Agency: at, Role: role})
}

// At tells whether the actor is an officer with any role in cases at the agency.
func (a Actor) At(id ID) bool {
	return a.Kind == Officer && slices.ContainsFunc(a.Seats, func(s Seat) bool { return s.Agency == id && s.Role != Author })
}

// Writes tells whether the actor is an officer who writes definitions.
func (a Actor) Writes() bool {
	return a.Kind == Officer && slices.ContainsFunc(a.Seats, func(s Seat) bool { return s.Role == Author })
}

// Agencies are the agencies where the actor holds a role in cases, each once, sorted.
func (a Actor) Agencies() []ID {
	if a.Kind != Officer {
		return nil
	}
	ids := make([]ID, 0, len(a.Seats))
	for _, s := range a.Seats {
		if s.Role != Author {
			ids = append(ids, s.Agency)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
