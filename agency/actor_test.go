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
