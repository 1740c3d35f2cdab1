package cases

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
)

var tuan = agency.Actor{Kind: agency.Citizen, ID: "001091000115", Name: "Phan Anh Tuấn", Level: 2}

// forChild is what Tuấn files for his daughter, under a key.
func forChild(key uuid.UUID) Filing {
	return Filing{Key: key, Procedure: residence, Subject: "001326000117",
		Answers: map[string]any{"childHome": map[string]any{"parent": "me"}, "delivery": map[string]any{"result": "electronic"}}}
}

// together lets everybody act at once, in one group that is written when all of
// them wait.
func (o *office) together(acts ...func() error) error {
	o.t.Helper()
	free := o.full(&Case{ID: uuid.Must(uuid.NewV7())})
	errs := make([]error, len(acts))
	var all sync.WaitGroup
	for i, act := range acts {
		all.Go(func() { errs[i] = act() })
	}
	o.inLine(len(acts))
	free()
	all.Wait()
	return errors.Join(errs...)
}

// New cases are written together, and with steps of others: those that a program
// files under a key, of which one comes however often it is sent, and those of drafts.
func TestFilingsAreWrittenTogether(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	key := uuid.New()
	var twice [2]Filed
	file := func(i int) func() error {
		return func() (err error) {
			twice[i], err = o.Submit(t.Context(), tuan, forChild(key))
			return err
		}
	}
	o.ok(o.together(file(0), file(1)))
	if n := o.count(`SELECT count(*) FROM cases`); n != 1 || twice[0] != twice[1] {
		t.Errorf("one key brought %d cases: %v", n, twice)
	}
	d := o.draft(joining())
	r, err := o.Review(t.Context(), an, d.ID)
	o.ok(err)
	tab := func() error { _, err := o.FileDraft(t.Context(), an, d.ID, r.Digest); return err }
	accept := func() error {
		return o.Do(t.Context(), officer("r", agency.Seat{Agency: "CA-00004", Role: agency.Reception}), Command{Code: twice[0].Code, ID: uuid.New(), Event: "accept"})
	}
	o.ok(o.together(accept, tab, tab))
	if n := o.count(`SELECT count(*) FROM cases WHERE applicant = $1`, an.ID); n != 1 {
		t.Errorf("a draft that was filed from two tabs brought %d cases", n)
	}
	if n := o.count(`SELECT count(DISTINCT e.xmin::text) FROM case_events e JOIN cases c ON c.id = e.case_id WHERE e.event = 'accept' OR c.applicant = $1`, an.ID); n != 1 {
		t.Errorf("a step and a filing took %d statements", n)
	}
}

// Two filings of one group that may not both be open: one is, and the other is
// told so; who shares the group with them is not held up.
func TestGroupWithTwoOfOneKind(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	errs := make([]error, 2)
	file := func(i int) func() error {
		return func() error {
			_, errs[i] = o.Submit(t.Context(), an, Filing{Key: uuid.New(), Procedure: residence, Answers: joining()})
			return nil
		}
	}
	o.ok(o.together(file(0), file(1), func() error { _, err := o.Submit(t.Context(), tuan, forChild(uuid.New())); return err }))
	twice, ok := errors.AsType[*DuplicateError](errors.Join(errs...))
	if !ok || twice.Code == "" || errs[0] != nil && errs[1] != nil {
		t.Errorf("got %v", errs)
	}
	if n := o.count(`SELECT count(*) FROM cases`); n != 2 {
		t.Errorf("%d cases, want 2", n)
	}
}
