package jobs

import (
	"errors"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// A node whose clock is hours ahead leases an effect, puts others off and marks
// timers until then; a node whose clock is right takes all of them up within the
// minute.
func TestClockHoursAhead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.granted()
	b := h.bell(c, cases.EffectSend)
	right := h.clock()
	h.wait(3 * time.Hour)
	_, err := h.cases.Claim(t.Context(), b) // and is killed
	must(t, err)
	h.exec(`UPDATE case_effects SET next_at = $1 WHERE status = 0`, h.clock())
	h.exec(`DELETE FROM river.river_job`)
	h.exec(`UPDATE case_timers SET fire_at = $1, rung_at = $2`, right, h.clock())
	h.set(right.Add(time.Minute))
	open := one[int](h, `SELECT count(*) FROM case_effects WHERE status IN (0, 1)`)
	must(t, h.jobs.Reconcile(t.Context()))
	if n := one[int](h, `SELECT count(*) FROM river.river_job WHERE kind = 'case_effect' AND scheduled_at <= now() + interval '1 minute'`); n != open || n == 0 {
		t.Errorf("%d bells for %d effects that a wrong clock put off", n, open)
	}
	if _, err := h.cases.Claim(t.Context(), b); err != nil {
		t.Errorf("the lease of a clock that was wrong holds: %v", err)
	}
	// A node whose clock is hours behind takes nothing from those that are at work:
	// what they have is rung for when their lease is over.
	h.exec(`DELETE FROM river.river_job`)
	h.set(right.Add(-3 * time.Hour))
	must(t, h.jobs.Reconcile(t.Context()))
	h.exec(`DELETE FROM river.river_job`)
	h.set(right.Add(80 * time.Second))
	must(t, h.jobs.Reconcile(t.Context()))
	if n := one[int](h, `SELECT count(*) FROM river.river_job WHERE kind = 'case_effect'`); n != 0 {
		t.Errorf("%d bells for what is in a worker's hand", n)
	}
	h.wait(90 * time.Second)
	must(t, h.jobs.Reconcile(t.Context()))
	if n := one[int](h, `SELECT count(*) FROM river.river_job WHERE kind = 'case_effect'`); n != 1 {
		t.Errorf("%d bells when its lease is over, want 1", n)
	}
	must(t, h.jobs.SweepTimers(t.Context()))
	if n := one[int](h, `SELECT count(*) FROM river.river_job WHERE kind = 'case_timer'`); n == 0 {
		t.Error("a timer that was marked by a wrong clock does not ring")
	}
}

// A breaker that a node opened whose clock is hours ahead keeps nobody for hours:
// one effect tries at once whether the peer is back.
func TestBreakerHoursAhead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.granted()
	ahead := h.clock().Add(3 * time.Hour)
	h.exec(`INSERT INTO peers (name, failures, failing_since, opened_at, probe_at) VALUES ('registry_land', 5, $1, $1, $1)`, ahead)
	if _, err := h.cases.Claim(t.Context(), h.bell(c, cases.EffectSend)); err != nil {
		t.Errorf("a breaker that opened in three hours holds now: %v", err)
	}
}

// An effect that a node with a clock hours ahead took and lost waits for its
// peer like any other while the breaker is open: it is woken when the peer is back.
func TestLeaseHoursAheadWaitsForPeer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.granted()
	b := h.bell(c, cases.EffectSend)
	right := h.clock()
	h.wait(3 * time.Hour)
	_, err := h.cases.Claim(t.Context(), b) // and is killed
	must(t, err)
	h.set(right.Add(time.Minute))
	h.exec(`INSERT INTO peers (name, failures, failing_since, opened_at, probe_at) VALUES ('registry_land', 5, $1, $1, $2)`, right, right.Add(2*time.Minute))
	_, err = h.cases.Claim(t.Context(), b)
	if held, ok := errors.AsType[*cases.HeldError](err); !ok || held.Peer != "registry_land" {
		t.Fatalf("the effect does not wait for its peer: %v", err)
	}
	if got := one[string](h, `SELECT string_agg(coalesce(result, 'open'), ',' ORDER BY n) FROM case_effect_attempts WHERE case_id = $1 AND seq = $2 AND idx = $3`, b.Case, b.Seq, b.Idx); got != "lost" {
		t.Errorf("its attempts are %s, want lost", got)
	}
}

// A worker that is killed while it tries whether a peer is back does not keep the
// breaker open for the time of its lease: another effect tries half a minute later.
func TestProbeOfKilledWorker(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	both := h.all(2)
	first, other := both[0], both[1]
	now := h.clock()
	h.exec(`INSERT INTO peers (name, failures, failing_since, opened_at, probe_at) VALUES ('registry_land', 5, $1, $1, $1)`, now)
	_, err := h.cases.Claim(t.Context(), h.bell(first, cases.EffectSend)) // and is killed
	must(t, err)
	if _, err := h.cases.Claim(t.Context(), h.bell(other, cases.EffectSend)); err == nil {
		t.Fatal("two try at a time")
	}
	h.wait(31 * time.Second)
	_, err = h.cases.Probe(t.Context(), h.jobs.ring)
	must(t, err)
	if _, err := h.cases.Claim(t.Context(), h.bell(other, cases.EffectSend)); err != nil {
		t.Errorf("nobody tries after the worker that tried is gone: %v", err)
	}
}

// A node whose clock is hours behind takes an effect from a worker that is just
// taking it: that one's attempt is written down as lost, though it was not there
// yet when the second one began.
func TestTakenWhileBeingTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.bell(h.granted(), cases.EffectSend)
	ctx := t.Context()
	_, err := h.cases.Claim(ctx, b) // and is killed
	must(t, err)
	h.wait(2 * time.Minute)
	owner := pgtest.Owner(t, h.db)
	tx, err := owner.Begin(ctx)
	must(t, err)
	for _, sql := range []string{
		`UPDATE case_effect_attempts SET ended_at = $4, result = 'lost' WHERE case_id = $1 AND seq = $2 AND idx = $3`,
		`UPDATE case_effects SET status = 1, attempts = attempts + 1, lease = gen_random_uuid(), lease_until = $4::timestamptz + interval '90 s', next_at = $4::timestamptz + interval '90 s'
			WHERE case_id = $1 AND seq = $2 AND idx = $3`,
		`INSERT INTO case_effect_attempts (case_id, seq, idx, n, started_at) VALUES ($1, $2, $3, 2, $4)`,
	} {
		_, err := tx.Exec(ctx, sql, b.Case, b.Seq, b.Idx, h.clock())
		must(t, err)
	}
	h.wait(-3 * time.Hour)
	claimed := make(chan *cases.Effect, 1)
	go func() {
		e, err := h.cases.Claim(ctx, b)
		if err != nil {
			t.Error(err)
		}
		claimed <- e
	}()
	for waits := 0; waits == 0 && !t.Failed(); time.Sleep(time.Millisecond) {
		must(t, owner.QueryRow(ctx, `SELECT count(*) FROM pg_locks WHERE NOT granted`).Scan(&waits))
	}
	must(t, tx.Commit(ctx))
	e := <-claimed
	if n := one[int](h, `SELECT count(*) FROM case_effect_attempts WHERE case_id = $1 AND ended_at IS NULL`, b.Case); n != 1 {
		t.Errorf("%d attempts are under way, want the last one", n)
	}
	must(t, h.cases.Finish(ctx, e, cases.Result{Receipt: "so-1"}))
	if got := one[string](h, `SELECT string_agg(coalesce(result, 'under way'), ', ' ORDER BY n) FROM case_effect_attempts WHERE case_id = $1 AND seq = $2 AND idx = $3`, b.Case, b.Seq, b.Idx); got != "lost, lost, done" {
		t.Errorf("attempts: %s", got)
	}
}
