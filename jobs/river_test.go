package jobs

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/cases"
)

// eventually waits for what River does in its own time.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// Two processes with River bring cases to their end, each effect once.
func TestWithRiver(t *testing.T) {
	t.Parallel()
	h := newHouse(t, moved...)
	h.now = time.Now() // River snoozes by its own clock
	var sealed atomic.Int32
	h.cfg.Sweep, h.cfg.Reconcile, h.cfg.Workers = 50*time.Millisecond, 50*time.Millisecond, 4
	h.cfg.Periodic = []Periodic{{"count", 10 * time.Millisecond, func(context.Context) error { sealed.Add(1); return nil }}}
	for range 2 {
		j, err := New(h.cfg)
		must(t, err)
		must(t, j.Start(t.Context()))
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			if err := j.Stop(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	c := h.file(2)
	h.act(officer("reception", c), c.Code, "accept", cases.Input{})
	eventually(t, "the sub-case is opened", func() bool { return one[int](h, `SELECT count(*) FROM cases WHERE parent_id = $1`, c.ID) == 1 })
	child := cases.Code(one[string](h, `SELECT code FROM cases WHERE parent_id = $1`, c.ID))
	h.act(citizen(binh), child, "agree", cases.Input{})
	eventually(t, "the sub-case has reported", func() bool { return h.state(c) == "examine" })
	h.act(officer("handler", c), c.Code, "grant", cases.Input{Judgements: []cases.Judgement{{Item: "stall", Verdict: cases.Satisfied}}})
	eventually(t, "everything is done", func() bool {
		return h.state(c) == "granted" && one[int](h, `SELECT count(*) FROM case_effects WHERE status <> 2`) == 0
	})
	got := h.left(c)
	for name, want := range map[string]int64{"notices": 2, "documents": 2, "numbers": 2, "changes": 1, "sub-cases": 1} {
		if got[name] != want {
			t.Errorf("%s: got %d, want %d", name, got[name], want)
		}
	}
	if sealed.Load() == 0 {
		t.Error("periodic work was not done")
	}
	if n := one[int](h, `SELECT count(*) FROM river.river_job WHERE args - ARRAY['case', 'seq', 'idx', 'name', 'gen'] <> '{}'`); n != 0 {
		t.Errorf("%d jobs know more than which effect they are for", n)
	}
}

// A bell that is lost is rung again, and the effect is done.
func TestLostBell(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.file(2)
	h.act(officer("reception", c), c.Code, "accept", cases.Input{})
	h.exec(`DELETE FROM river.river_job`)
	rung := func() int { return one[int](h, `SELECT count(*) FROM river.river_job`) }
	must(t, h.jobs.RingLate(t.Context()))
	if n := rung(); n != 0 {
		t.Errorf("%d bells before they count as lost", n)
	}
	h.wait(61 * time.Second)
	must(t, h.jobs.RingLate(t.Context()))
	must(t, h.jobs.RingLate(t.Context()))
	effects := one[int](h, `SELECT count(*) FROM case_effects`)
	if n := rung(); n != effects || n == 0 {
		t.Errorf("%d bells for %d effects", n, effects)
	}
	// One that is lost a second time rings within the minute, as long as the workers are not behind.
	h.exec(`DELETE FROM river.river_job`)
	h.wait(31 * time.Second)
	must(t, h.jobs.RingLate(t.Context()))
	if n := rung(); n != effects {
		t.Errorf("%d bells for %d effects when they were lost again", n, effects)
	}
	// A worker that dies with an effect in its hand leaves it to the next one.
	b := h.bell(c, cases.EffectNotify)
	_, err := h.cases.Claim(t.Context(), b)
	must(t, err)
	h.exec(`DELETE FROM river.river_job`)
	h.exec(`UPDATE case_effects SET rung_at = NULL`)
	h.wait(91 * time.Second)
	must(t, h.jobs.RingLate(t.Context()))
	if n := rung(); n != effects {
		t.Errorf("%d bells, want %d", n, effects)
	}
	must(t, h.jobs.Start(t.Context()))
	eventually(t, "the effects are done", func() bool {
		return one[int](h, `SELECT count(*) FROM case_effects WHERE case_id = $1 AND status <> 2`, c.ID) == 0
	})
	must(t, h.jobs.Stop(t.Context()))
}
