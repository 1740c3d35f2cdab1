package chaos

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/doctor"
	"github.com/hoso-gov/hoso/internal/failpoint"
)

// An installation that is broken for some minutes while people use it loses
// nothing, does nothing twice and comes to rest: every invariant holds.
// HOSO_CHAOS_MINUTES says how long; `make chaos` is for longer runs.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("breaks an installation for minutes")
	}
	minutes := 2.0
	if text := os.Getenv("HOSO_CHAOS_MINUTES"); text != "" {
		var err error
		if minutes, err = strconv.ParseFloat(text, 64); err != nil {
			t.Fatalf("HOSO_CHAOS_MINUTES: %v", err)
		}
	}
	if minutes == 0 {
		t.Skip("HOSO_CHAOS_MINUTES is 0")
	}
	r, err := Run(t.Context(), Config{Source: "../..", For: time.Duration(minutes * float64(time.Minute)), People: 3000, Restore: true, Out: t.Output()})
	if r != nil {
		t.Log("\n" + r.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Report.Findings); n != len(doctor.Invariants) {
		t.Errorf("%d invariants were examined, there are %d", n, len(doctor.Invariants))
	}
}

// The same seed plans the same faults, and every node is told to die only at
// places that its kind passes.
func TestPlans(t *testing.T) {
	draw := func() (out []string) {
		c := &chaos{rand: roll(7)}
		for range 50 {
			for _, n := range []*node{{addr: "x"}, {}} {
				points := c.points(n)
				if err := failpoint.Arm(points); err != nil {
					t.Fatal(err)
				}
				out = append(out, points)
			}
		}
		return out
	}
	t.Cleanup(func() { _ = failpoint.Arm("") }) // an empty text is always taken
	first := draw()
	for i, points := range draw() {
		if points != first[i] {
			t.Fatalf("draw %d is %q and was %q with the same seed", i, points, first[i])
		}
	}
}

// A recovery that never came is told as such.
func TestSince(t *testing.T) {
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	if got := since(at, time.Time{}); got != "not" {
		t.Errorf("what never happened happened after %s", got)
	}
	if got := since(at, at.Add(1500*time.Millisecond)); got != "1.5s" {
		t.Errorf("after %s, want 1.5s", got)
	}
}
