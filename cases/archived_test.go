package cases

import (
	"errors"
	"testing"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// detachMonth detaches the month of a case as package archive does, without its archive.
func (o *office) detachMonth(of *Case) {
	o.t.Helper()
	m, err := o.monthOf(o.t.Context(), of.ID)
	o.ok(err)
	owner := pgtest.Owner(o.t, o.db)
	for _, sql := range []string{
		`UPDATE cases SET closed_at = now(), outcome = 'granted'`,
		`INSERT INTO archived_cases SELECT id, '` + string(m) + `', procedure_id, definition, applicant, subject, receiving, competent, filed_at, closed_at, outcome, false, false, 0, 0, 0, 0, 0 FROM cases`,
		`UPDATE case_months SET detached_at = now(), manifest = sha256('x'), archived = '{}' WHERE suffix = '` + string(m) + `'`,
		`ALTER TABLE cases DETACH PARTITION cases_` + string(m), `ALTER TABLE cases_` + string(m) + ` SET SCHEMA detached`,
		`ALTER TABLE case_events DETACH PARTITION case_events_` + string(m), `ALTER TABLE case_events_` + string(m) + ` SET SCHEMA detached`,
	} {
		_, err := owner.Exec(o.t.Context(), sql)
		o.ok(err)
	}
}

// A node that knew a month as it was says of its cases that they are archived, to
// those who might know of them: also where it remembers their rows.
func TestArchivedCase(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receiveMany(1)[0]
	o.detachMonth(c)
	if err := o.decline(c); !errors.Is(err, ErrArchived) {
		t.Errorf("an officer decides upon it: %v, want ErrArchived", err)
	}
	if _, err := o.Get(t.Context(), agency.Actor{Kind: agency.Citizen, ID: c.Applicant, Level: 2}, c.Code); !errors.Is(err, ErrArchived) {
		t.Errorf("its applicant reads it: %v, want ErrArchived", err)
	}
	other := officer("elsewhere", agency.Seat{Agency: "UB-00004", Role: "handler"})
	if _, err := o.Get(t.Context(), other, c.Code); !errors.Is(err, ErrNotFound) || errors.Is(err, ErrArchived) {
		t.Errorf("an officer of another agency reads it: %v, want ErrNotFound alone", err)
	}
	if n := o.countOf(`SELECT count(*) FROM access_log WHERE basis = 'refused'`); n == 0 {
		t.Error("the look of the other officer is in no log")
	}
	if _, err := o.monthOf(t.Context(), c.ID); !errors.Is(err, ErrArchived) {
		t.Errorf("its month: %v", err)
	}
}

// A sub-case is read after its parent was archived.
func TestParentArchived(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	parent := o.receiveMany(1)[0]
	child := o.receive(received{Procedure: "opinion", Parent: parent, Applicant: parent.Applicant, Name: "An", Receiving: parent.Receiving, Competent: parent.Competent})
	of := agency.Actor{Kind: agency.System, ID: "test"}
	if c, err := o.Get(t.Context(), of, child.Code); err != nil || c.Parent == nil || c.Parent.Code != parent.Code {
		t.Fatalf("before: %+v, %v", c, err)
	}
	_, err := o.db.Exec(t.Context(), `DELETE FROM cases WHERE id = $1`, parent.ID)
	o.ok(err)
	if c, err := o.Get(t.Context(), of, child.Code); err != nil || c.Parent != nil {
		t.Errorf("after: %+v, %v", c, err)
	}
}
