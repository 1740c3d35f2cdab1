package cases

import (
	"context"
	"sync"
	"testing"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/message"
)

// The parent's sub-case is opened once, whatever the number of bells, and holds
// what its own form shows.
func TestChildIsOpenedOnce(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	c, err := o.File(t.Context(), an, Filing{Procedure: residence, Answers: joining()})
	o.ok(err)
	reception := officer("r", agency.Seat{Agency: c.Receiving, Role: agency.Reception})
	_, err = o.Act(t.Context(), reception, Command{Code: c.Code, Event: "accept"})
	o.ok(err)
	kids, err := o.children(t.Context(), c.ID)
	o.ok(err)
	if len(kids) != 1 || kids[0].Slot != "head" {
		t.Fatalf("children %+v", kids)
	}
	open := Opening{Parent: c.ID, Child: kids[0].ID, Slot: "head", Gen: kids[0].Gen, Procedure: "consent", Addressed: kids[0].Addressed, Agency: c.Competent, Share: []string{"applicant"},
		Given: map[string]any{"who": "Nguyễn Thị An", "place": "12 phố Lê Lợi", "as": "head"}}
	content := o.sealed(message.Open, derived(c.ID, "open"), open.Child, "head", open.Gen, open)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := o.Deliver(context.WithoutCancel(t.Context()), content); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := o.count(`SELECT count(*) FROM message_inbox WHERE case_id = $1 AND outcome = 'done'`, open.Child); n != 1 {
		t.Errorf("%d messages are in the inbox", n)
	}
	if n := o.count(`SELECT count(*) FROM cases WHERE parent_id = $1`, c.ID); n != 1 {
		t.Errorf("%d sub-cases", n)
	}
	mine, _, err := o.Mine(t.Context(), agency.Actor{Kind: agency.Citizen, ID: kids[0].Addressed, Level: 2}, "", "", 10)
	o.ok(err)
	if len(mine) != 1 {
		t.Errorf("whom it is addressed to sees %d cases", len(mine))
	}
	var answers map[string]map[string]any
	o.ok(o.db.QueryRow(t.Context(), `SELECT answers FROM case_bodies WHERE case_id = $1`, kids[0].ID).Scan(&answers))
	if answers["applicant"]["fullName"] != an.Name || answers["applicant"]["phone"] != nil {
		t.Errorf("the sub-case holds %v of the applicant: more than its form shows, or less", answers["applicant"])
	}
}
