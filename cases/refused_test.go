package cases

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

// What is refused changes nothing, is counted by reason, and, where a right was
// lacking, told to the people of the case.
func TestRefusalsAreCountedAndLogged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Subject: minh.ID, SubjectName: minh.Name, Receiving: "UB-00070", Competent: "UB-00070", Fee: 1})
	o.signal(c, "paid")
	o.setState(c, "examine", "UB-00070", "handler")
	try := func(a agency.Actor, event workflow.Event, in Input) {
		t.Helper()
		if err := o.Do(t.Context(), a, Command{Code: c.Code, Event: event, Input: in}); err == nil {
			t.Fatalf("%s was not refused to %s", event, a.ID)
		}
	}
	before := o.get(hand70, c.Code).Revision
	try(hand04, "grant", Input{})                           // an agency that has nothing to do with it
	try(desk70, "refuse", Input{Grounds: []string{"none"}}) // another role
	try(hand70, "grant", Input{})                           // nothing is judged
	try(citizen(number(5), "Người Lạ"), "withdraw", Input{})
	if err := o.Take(t.Context(), desk70, c.Code); err == nil {
		t.Fatal("the counter took the handler's task")
	}
	if _, err := o.Get(t.Context(), hand04, c.Code); !errors.Is(err, ErrNotFound) {
		t.Fatalf("a stranger's look: %v", err)
	}
	if _, err := o.Get(t.Context(), hand04, "H01-261102-999999"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("a look at what is not there: %v", err)
	}
	want := map[string]int64{RefusedUnknown: 3, workflow.ReasonRole: 2, RefusedInvalid: 1}
	if d := cmp.Diff(want, o.Refusals()); d != "" {
		t.Errorf("refusals (-want +got):\n%s", d)
	}
	if got := o.get(hand70, c.Code).Revision; got != before {
		t.Errorf("the case is at revision %d, was at %d", got, before)
	}
	for _, person := range []agency.Actor{lan, minh} {
		rows, err := o.db.Query(t.Context(), `SELECT reader, agency FROM access_log WHERE subject_number = $1 AND basis = 'refused' AND fields = '{none}' ORDER BY id`, person.ID)
		o.ok(err)
		var got []agency.Seat
		for rows.Next() {
			var who agency.Seat
			o.ok(rows.Scan(&who.Role, &who.Agency))
			got = append(got, who)
		}
		o.ok(rows.Err())
		want := []agency.Seat{{Agency: "UB-00004", Role: hand04.ID}, {Agency: "UB-00070", Role: desk70.ID}, {Agency: "UB-00070", Role: desk70.ID}, {Agency: "UB-00004", Role: hand04.ID}}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("what %s reads of the refusals (-want +got):\n%s", person.Name, d)
		}
	}
}
