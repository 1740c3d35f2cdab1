package anchor

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// quick makes an anchor at every call.
func quick(t *testing.T, db *pgxpool.Pool, cfg Config) *Anchors {
	t.Helper()
	cfg.DB, cfg.Every, cfg.Log = db, time.Nanosecond, slog.New(slog.DiscardHandler)
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *Anchors) must(t *testing.T) {
	t.Helper()
	if n, err := a.Make(t.Context()); err != nil || n != 1 {
		t.Fatalf("made %d anchors, %v; want 1", n, err)
	}
}

const insertEvent = `
	INSERT INTO case_events (case_id, seq, command_id, req_hash, kind, event, from_state, to_state, actor_kind, actor, actor_name, at, prev_hash, hash)
	VALUES ($1, $2, gen_random_uuid(), '', 'action', 'e', 'a', 'b', 'officer', 'x', 'X', now(), '', sha256($1::uuid::text::bytea || $2::int::text::bytea))`

func newCase(t *testing.T) uuid.UUID {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func step(t *testing.T, db *pgxpool.Pool, id uuid.UUID, seq int) {
	t.Helper()
	if _, err := db.Exec(t.Context(), insertEvent, id, seq); err != nil {
		t.Fatal(err)
	}
}

// headsOf are the revisions under an anchor by case.
func headsOf(t *testing.T, db *pgxpool.Pool, n int) map[uuid.UUID]int {
	t.Helper()
	out := map[uuid.UUID]int{}
	var id uuid.UUID
	var revision int
	rows, _ := db.Query(t.Context(), "SELECT case_id, revision FROM anchor_heads WHERE n = $1", n)
	if _, err := pgx.ForEachRow(rows, []any{&id, &revision}, func() error { out[id] = revision; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// An anchor has the heads of the cases that moved since the one before, and no
// others; it counts their events and the reads.
func TestMake(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	a, one, two := quick(t, db, Config{}), newCase(t), newCase(t)
	step(t, db, one, 1)
	step(t, db, one, 2)
	step(t, db, two, 1)
	a.must(t)
	a.must(t)
	step(t, db, two, 2)
	if err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		return audit.Read(t.Context(), tx, audit.Entry{ReaderKind: "officer", Reader: "cb-01", Subject: "001196000101", Purpose: "Giải quyết hồ sơ", Basis: "law: Luật Cư trú", Fields: []string{"fullName"}})
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Seal(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	a.must(t)
	for n, want := range map[int]map[uuid.UUID]int{1: {one: 2, two: 1}, 2: {}, 3: {two: 2}} {
		if diff := cmp.Diff(want, headsOf(t, db, n)); diff != "" {
			t.Errorf("anchor %d: %s", n, diff)
		}
	}
	var counts string
	if err := db.QueryRow(t.Context(), "SELECT counts::text FROM anchors WHERE n = 3 AND log_seq = 1").Scan(&counts); err != nil {
		t.Fatal(err)
	}
	month := time.Now().UTC().Format("2006-01")
	if want := fmt.Sprintf(`{"events":{%q:4},"reads":{%q:1}}`, month, month); counts != want {
		t.Errorf("counts %s, want %s", counts, want)
	}
}

// A minute has one anchor, whoever makes it.
func TestOneAnchorAMinute(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var nodes sync.WaitGroup
	for range 4 {
		a, err := New(Config{DB: db, Every: 1000 * time.Hour}) // the minute must not end meanwhile
		if err != nil {
			t.Fatal(err)
		}
		nodes.Go(func() {
			for range 5 {
				if _, err := a.Make(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	nodes.Wait()
	var n int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM anchors").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d anchors, %v; want 1", n, err)
	}
}

// An event that is recorded before an anchor and committed after it is in a later
// anchor. A look at the clock alone would never find it.
func TestLateCommit(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	a, id := quick(t, db, Config{Patience: 50 * time.Millisecond}), newCase(t)
	a.must(t)
	late, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer late.Rollback(context.WithoutCancel(t.Context()))
	if _, err := late.Exec(t.Context(), insertEvent, id, 1); err != nil {
		t.Fatal(err)
	}
	before := clock(t, db)
	a.must(t)
	if got := headsOf(t, db, 2); len(got) != 0 {
		t.Fatalf("anchor 2 has %v, which is not committed", got)
	}
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	blind := movedBetween(t, db, before, clock(t, db)) // what an anchor would see that goes on from its clock
	if len(blind) != 0 {
		t.Errorf("by the clock alone: %v; the test proves nothing", blind)
	}
	a.must(t)
	if diff := cmp.Diff(map[uuid.UUID]int{id: 1}, headsOf(t, db, 3)); diff != "" {
		t.Error(diff)
	}
}

func clock(t *testing.T, db *pgxpool.Pool) (at time.Time) {
	t.Helper()
	if err := db.QueryRow(t.Context(), "SELECT clock_timestamp()").Scan(&at); err != nil {
		t.Fatal(err)
	}
	return at
}

func movedBetween(t *testing.T, db *pgxpool.Pool, from, until time.Time) (heads []head) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) (err error) {
		heads, err = moved(t.Context(), tx, from, until)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return heads
}

// An anchor waits a moment for a step in flight, and has it then.
func TestWaitsForSteps(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	a, id := quick(t, db, Config{Patience: time.Minute}), newCase(t)
	a.must(t)
	late, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := late.Exec(t.Context(), insertEvent, id, 1); err != nil {
		t.Fatal(err)
	}
	made := make(chan error, 1)
	go func() {
		_, err := a.Make(t.Context())
		made <- err
	}()
	for waiting := 0; waiting == 0; { // the maker holds its lock: it has begun
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", making).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-made; err != nil {
		t.Fatal(err)
	}
	a.must(t) // should the step have been recorded after the clock was looked at
	if n := headsOf(t, db, 2)[id] + headsOf(t, db, 3)[id]; n != 1 {
		t.Errorf("the step is in %d anchors, want 1", n)
	}
}

// Whatever the order of recording and committing, every event ends up under an
// anchor, and no revision under two.
func TestNothingIsMissed(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	a := quick(t, db, Config{Patience: time.Millisecond})
	var writers sync.WaitGroup
	for w := range 4 {
		id := newCase(t)
		writers.Go(func() {
			for seq := 1; seq <= 40; seq++ {
				err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
					_, err := tx.Exec(t.Context(), insertEvent, id, seq)
					time.Sleep(time.Duration((w+seq)%4) * 3 * time.Millisecond) // it commits late
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		if _, err := a.Make(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	a.must(t)
	var missed, heads int
	if err := db.QueryRow(t.Context(), `
		SELECT count(*), (SELECT count(*) FROM anchor_heads)
		FROM (SELECT case_id, max(seq) AS seq FROM case_events GROUP BY 1) e
		WHERE NOT EXISTS (SELECT FROM anchor_heads h WHERE h.case_id = e.case_id AND h.revision = e.seq)`).Scan(&missed, &heads); err != nil || missed > 0 || heads < 8 {
		t.Errorf("%d cases whose last event is under no anchor, %d heads, %v", missed, heads, err)
	}
}

// A database with a past is caught up with by several anchors, an hour in each.
func TestCatchUp(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	id := newCase(t)
	owner := pgtest.Owner(t, db)
	for seq, ago := range []string{"3 hours", "2 hours 30 minutes", "10 minutes"} {
		step(t, db, id, seq+1)
		if err := pgx.BeginFunc(t.Context(), owner, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), "SET LOCAL session_replication_role = replica"); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), "UPDATE case_events SET recorded_at = recorded_at - $2::interval WHERE case_id = $1 AND seq = $3", id, ago, seq+1)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	a, err := New(Config{DB: db})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := a.Make(t.Context()); err != nil || n != 3 {
		t.Errorf("made %d anchors, %v; want 3", n, err)
	}
	for n, want := range map[int]map[uuid.UUID]int{1: {id: 2}, 2: {}, 3: {id: 3}} {
		if diff := cmp.Diff(want, headsOf(t, db, n)); diff != "" {
			t.Errorf("anchor %d: %s", n, diff)
		}
	}
}

// The tree is that of RFC 6962: these are the roots of the test vectors of
// Certificate Transparency.
func TestTreeRoot(t *testing.T) {
	t.Parallel()
	data := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	want := []string{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}
	var leaves [][]byte
	for i, d := range data {
		b, err := hex.DecodeString(d)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leaf(b))
		if got := hex.EncodeToString(treeRoot(leaves)); got != want[i] {
			t.Errorf("%d leaves: %s, want %s", i+1, got, want[i])
		}
	}
}
