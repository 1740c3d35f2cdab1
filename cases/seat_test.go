package cases

import (
	"testing"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

// An officer with seats at both agencies of a case acts each time from the seat
// that gives the role, and the event says which: with the definition's roles it
// can be checked from the events alone. A right at the one agency is none at the other.
func TestActsFromTheRightSeat(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	both := officer("ub-both", agency.Seat{Agency: "UB-00004", Role: "handler"}, agency.Seat{Agency: "UB-00070", Role: "reception"})
	wrong := officer("ub-wrong", agency.Seat{Agency: "UB-00004", Role: "reception"}, agency.Seat{Agency: "UB-00070", Role: "handler"})
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00004"})
	try := func(a agency.Actor, event workflow.Event, in Input) error {
		return o.Do(t.Context(), a, Command{Code: c.Code, Event: event, Input: in})
	}
	if err := try(wrong, "decline", Input{Grounds: []string{"no-place"}}); refusalOf(err) != workflow.ReasonRole {
		t.Errorf("a counter of the deciding agency declines: %v", err)
	}
	o.ok(try(both, "decline", Input{Grounds: []string{"no-place"}}))
	c = o.receive(received{Applicant: minh.ID, Name: minh.Name, Receiving: "UB-00070", Competent: "UB-00004"})
	o.setState(c, "examine", "UB-00004", "handler")
	if err := try(wrong, "refuse", Input{Grounds: []string{"no-place"}}); refusalOf(err) != workflow.ReasonRole {
		t.Errorf("a handler of the receiving agency refuses: %v", err)
	}
	o.ok(try(both, "refuse", Input{Grounds: []string{"no-place"}}))
	rows, err := o.db.Query(t.Context(), `SELECT event, agency FROM case_events WHERE actor = $1 AND hop = 0 ORDER BY recorded_at`, both.ID)
	o.ok(err)
	var got []string
	for rows.Next() {
		var event, at string
		o.ok(rows.Scan(&event, &at))
		got = append(got, event+" "+at)
	}
	o.ok(rows.Err())
	if len(got) != 2 || got[0] != "decline UB-00070" || got[1] != "refuse UB-00004" {
		t.Errorf("the events say %v", got)
	}
}
