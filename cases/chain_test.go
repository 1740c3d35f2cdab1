package cases

import (
	"slices"
	"testing"
	"time"

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

// The key of an effect follows from the command that scheduled it: something else
// that is written to the case before, as after a restore, leaves it as it was;
// another command, kind or number gives another one.
func TestKeysSurviveAnotherHistory(t *testing.T) {
	t.Parallel()
	id, command := ID(uuid.New()), uuid.New()
	keys := func(revision int, command uuid.UUID) (out []uuid.UUID) {
		st := &step{c: &snapshot{ID: id, Revision: revision}, events: []event{{Seq: revision, Command: command}}}
		for _, kind := range []string{EffectSend, EffectNotify, EffectSend} {
			if err := st.follow(kind, "lift", nil, time.Now()); err != nil {
				t.Fatal(err)
			}
			out = append(out, st.effects[len(st.effects)-1].Key)
		}
		return out
	}
	was := keys(3, command)
	if diff := cmp.Diff(was, keys(7, command)); diff != "" {
		t.Errorf("at another place: %s", diff)
	}
	seen := map[uuid.UUID]bool{}
	for _, key := range slices.Concat(was, keys(3, uuid.New())) {
		if seen[key] {
			t.Errorf("two effects bear key %s", key)
		}
		seen[key] = true
	}
}
