package cases

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

// The histories of cases as the engine writes them are sound, over more cases
// than one page holds.
func TestVerifyChainsOfSoundCases(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	o.signal(c, "nothing")
	var events int64
	o.ok(o.db.QueryRow(t.Context(), "SELECT count(*) FROM case_events").Scan(&events))
	for range verifyPage {
		o.receive(received{Applicant: minh.ID, Name: minh.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	}
	told := 0
	got, err := VerifyChains(t.Context(), o.db, func(Chains) { told++ })
	o.ok(err)
	if diff := cmp.Diff(Chains{Cases: 1 + verifyPage, Events: events + verifyPage}, got); diff != "" || told != 2 {
		t.Errorf("told %d times, want 2; %s", told, diff)
	}
}

// Whatever somebody with the rights of an owner does to a history is found, at
// its first place.
func TestVerifyChainsFindsBreaks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql string // $1: the case's id
		seq int
	}{
		"another event":      {"UPDATE case_events SET event = 'paid' WHERE case_id = $1 AND seq = 2", 2},
		"another state":      {"UPDATE case_events SET to_state = 'granted' WHERE case_id = $1 AND seq = 2", 2},
		"another actor":      {"UPDATE case_events SET actor_name = 'Ai đó' WHERE case_id = $1 AND seq = 1", 1},
		"another time":       {"UPDATE case_events SET at = at - interval '1 microsecond' WHERE case_id = $1 AND seq = 3", 3},
		"another input":      {"UPDATE case_events SET input = replace(input::text, 'đủ', 'thiếu')::json WHERE case_id = $1 AND seq = 2", 2},
		"a hash of its own":  {"UPDATE case_events SET hash = sha256('x') WHERE case_id = $1 AND seq = 1", 1},
		"the first removed":  {"DELETE FROM case_events WHERE case_id = $1 AND seq = 1", 1},
		"one removed":        {"DELETE FROM case_events WHERE case_id = $1 AND seq = 2", 2},
		"the last removed":   {"DELETE FROM case_events WHERE case_id = $1 AND seq = 3", 3},
		"all removed":        {"DELETE FROM case_events WHERE case_id = $1", 1},
		"moved up":           {"WITH gone AS (DELETE FROM case_events WHERE case_id = $1 AND seq = 2) UPDATE case_events SET seq = 4 WHERE case_id = $1 AND seq = 3", 2},
		"the count":          {"UPDATE cases SET revision = 2 WHERE id = $1", 3},
		"the head":           {"UPDATE cases SET head_hash = sha256('x') WHERE id = $1", 3},
		"the case is gone":   {"DELETE FROM cases WHERE id = $1", 0},
		"of another's chain": {"UPDATE case_events SET case_id = (SELECT id FROM cases WHERE id <> $1), seq = 9, command_id = gen_random_uuid() WHERE case_id = $1 AND seq = 3", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			of := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
			o.ok(o.Signal(t.Context(), of.ID, uuid.New(), "nothing", "test", map[string]any{"note": "đủ giấy tờ"}))
			o.signal(of, "nothing")
			o.receive(received{Applicant: minh.ID, Name: minh.Name, Receiving: "UB-00070", Competent: "UB-00070"})
			sound, err := VerifyChains(t.Context(), o.db, nil)
			if err != nil || sound.Break != nil || sound.Events != 4 {
				t.Fatalf("before: %+v, %v", sound, err)
			}
			o.ok(pgx.BeginFunc(t.Context(), pgtest.Owner(t, o.db), func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), "SET LOCAL session_replication_role = replica"); err != nil {
					return err
				}
				_, err := tx.Exec(t.Context(), c.sql, of.ID)
				return err
			}))
			got, err := VerifyChains(t.Context(), o.db, nil)
			o.ok(err)
			switch {
			case got.Break == nil:
				t.Error("nothing was found")
			case c.seq > 0 && (got.Break.Case != of.Code || got.Break.Seq != c.seq):
				t.Errorf("found %+v, want event %d of %s", *got.Break, c.seq, of.Code)
			}
		})
	}
}
