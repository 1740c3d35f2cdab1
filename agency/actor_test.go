package agency

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A role counts at its own agency only, and only for officers.
func TestActorHas(t *testing.T) {
	seats := []Seat{{"CA-00070", Handler}, {"UB-00070", Reception}, {"CA-00070", Reception}}
	for _, c := range []struct {
		name string
		kind ActorKind
		role string
		at   ID
		want bool
	}{
		{"held there", Officer, Handler, "CA-00070", true},
		{"held elsewhere", Officer, Handler, "UB-00070", false},
		{"not held", Officer, Approver, "CA-00070", false},
		{"a citizen has no seat", Citizen, Handler, "CA-00070", false},
		{"nor has the system", System, Handler, "CA-00070", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (Actor{Kind: c.kind, Seats: seats}).Has(c.role, c.at); got != c.want {
				t.Errorf("Has(%s, %s): got %t, want %t", c.role, c.at, got, c.want)
			}
		})
	}
	a := Actor{Kind: Officer, Seats: seats}
	if diff := cmp.Diff([]ID{"CA-00070", "UB-00070"}, a.Agencies()); diff != "" {
		t.Errorf("agencies (-want +got):\n%s", diff)
	}
	if !a.At("UB-00070") || a.At("BH-00070") {
		t.Error("At: want true for UB-00070 and false for BH-00070")
	}
}

// A seat as an author of definitions makes nobody an officer of cases.
func TestAuthorsHaveNoAgencyInCases(t *testing.T) {
	author := Actor{Kind: Officer, Seats: []Seat{{"UB-01", Author}}}
	if got := author.Agencies(); len(got) != 0 || author.At("UB-01") {
		t.Errorf("an author is at %v, want nowhere", got)
	}
	if both := (Actor{Kind: Officer, Seats: []Seat{{"UB-01", Author}, {"UB-01", Handler}}}); !both.At("UB-01") || !both.Writes() || !author.Writes() {
		t.Error("who is handler too is at the agency, and both write definitions")
	}
	for _, other := range []Actor{{Kind: Officer, Seats: []Seat{{"UB-01", Handler}}}, {Kind: Citizen, Seats: []Seat{{"UB-01", Author}}}} {
		if other.Writes() {
			t.Errorf("%+v writes definitions", other)
		}
	}
}
