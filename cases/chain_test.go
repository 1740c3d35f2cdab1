package cases

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// The histories that the engine writes are those of docs/audit.md, from which
// package audit/check computes them anew; and that check sees a change of any kind
// in them.
func TestHistoriesAreChained(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	of := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	o.ok(o.Signal(t.Context(), of.ID, uuid.New(), "nothing", "test", map[string]any{"note": "đủ giấy tờ"}))
	o.signal(of, "nothing")
	o.receive(received{Applicant: minh.ID, Name: minh.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	got, err := check.Verify(t.Context(), check.Config{DB: o.db})
	o.ok(err)
	if diff := cmp.Diff(check.Report{Cases: 2, Events: 4, Fresh: 4, Findings: []check.Finding{}}, got); diff != "" {
		t.Errorf("as written: %s", diff)
	}
	var hashed int
	o.ok(o.db.QueryRow(t.Context(), "SELECT count(*) FROM case_events WHERE input_hash = sha256(convert_to(input::text, 'UTF8'))").Scan(&hashed))
	if hashed != 4 {
		t.Errorf("%d events have the hash of their input, want 4", hashed)
	}
	o.ok(pgx.BeginFunc(t.Context(), pgtest.Owner(t, o.db), func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "SET LOCAL session_replication_role = replica"); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), "UPDATE case_events SET actor_name = 'Ai đó' WHERE case_id = $1 AND seq = 2", of.ID)
		return err
	}))
	got, err = check.Verify(t.Context(), check.Config{DB: o.db})
	o.ok(err)
	want := []check.Finding{{Of: check.OfCase, Case: string(of.Code), Seq: 2, Reason: "was changed after it was written"}}
	if diff := cmp.Diff(want, got.Findings); diff != "" {
		t.Errorf("changed: %s", diff)
	}
}
