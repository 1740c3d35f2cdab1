package jobs

import (
	"testing"
	"time"

	"github.com/hoso-gov/hoso/cases"
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
	h.mu.Lock()
	h.now = right.Add(time.Minute)
	h.mu.Unlock()
	open := one[int](h, `SELECT count(*) FROM case_effects WHERE status IN (0, 1)`)
	must(t, h.jobs.Reconcile(t.Context()))
	if n := one[int](h, `SELECT count(*) FROM river.river_job WHERE kind = 'case_effect' AND scheduled_at <= now() + interval '1 minute'`); n != open || n == 0 {
		t.Errorf("%d bells for %d effects that a wrong clock put off", n, open)
	}
	if _, err := h.cases.Claim(t.Context(), b); err != nil {
		t.Errorf("the lease of a clock that was wrong holds: %v", err)
	}
	must(t, h.jobs.SweepTimers(t.Context()))
	if n := one[int](h, `SELECT count(*) FROM river.river_job WHERE kind = 'case_timer'`); n == 0 {
		t.Error("a timer that was marked by a wrong clock does not ring")
	}
}
