package jobs

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/cases"
)

// A timer fires once, at its time, and not for a state that was left.
func TestTimer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.file(10)
	other := h.file(12)
	h.drain()
	var armed []cases.Timer
	rows, err := h.db.Query(t.Context(), `SELECT case_id, name, gen FROM case_timers ORDER BY case_id`)
	must(t, err)
	armed, err = pgx.CollectRows(rows, pgx.RowToStructByPos[cases.Timer])
	must(t, err)
	if len(armed) != 2 {
		t.Fatalf("%d timers", len(armed))
	}
	must(t, h.cases.Signal(t.Context(), other.ID, other.ID, "paid", "test", nil)) // leaves the state
	h.wait(71 * time.Hour)
	h.drain()
	if s := h.state(c); s != "payment" {
		t.Fatalf("the case is %s an hour before its time", s)
	}
	h.wait(49 * time.Hour) // the term ends with a working day
	h.drain()
	if s := h.state(c); s != "lapsed" {
		t.Fatalf("the case is %s", s)
	}
	for _, timer := range armed { // late and doubled jobs
		must(t, h.cases.Fire(t.Context(), timer))
	}
	if s := h.state(other); s != "intake" {
		t.Errorf("the other case is %s: a timer fired for a state that was left", s)
	}
	if n := one[int](h, `SELECT count(*) FROM case_events WHERE case_id = $1 AND kind = 'after'`, c.ID); n != 1 {
		t.Errorf("fired %d times", n)
	}
	if n := one[int](h, `SELECT count(*) FROM case_timers WHERE case_id = $1`, c.ID); n != 0 {
		t.Errorf("%d timers left", n)
	}
}

// Sweeps of several processes share the due timers, and one whose job is lost
// rings again after a minute.
func TestSweep(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 3 {
		h.file(10)
	}
	h.wait(200 * time.Hour)
	rung := func() int { return one[int](h, `SELECT count(*) FROM river.river_job WHERE kind = 'case_timer'`) }
	must(t, h.jobs.SweepTimers(t.Context()))
	must(t, h.jobs.SweepTimers(t.Context()))
	if n := rung(); n != 3 {
		t.Errorf("%d jobs for 3 timers", n)
	}
	h.exec(`DELETE FROM river.river_job`)
	h.wait(61 * time.Second)
	must(t, h.jobs.SweepTimers(t.Context()))
	if n := rung(); n != 3 {
		t.Errorf("%d jobs for 3 timers that were lost", n)
	}
}

// A timer of an earlier stay in the same state rings in vain.
func TestOldTimer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, failing...)
	c := h.file(10)
	old := cases.Timer{Case: c.ID, Name: "3d", Gen: one[int](h, `SELECT gen FROM case_timers WHERE case_id = $1`, c.ID)}
	must(t, h.cases.Signal(t.Context(), c.ID, c.ID, "payment-unknown", "test", nil))
	h.act(citizen(an), c.Code, "again", cases.Input{})
	must(t, h.cases.Fire(t.Context(), old))
	if s := h.state(c); s != "payment" {
		t.Errorf("the case is %s", s)
	}
	if n := one[int](h, `SELECT count(*) FROM case_timers WHERE case_id = $1`, c.ID); n != 1 {
		t.Errorf("%d timers, want that of the new stay", n)
	}
}
