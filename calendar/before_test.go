package calendar

import (
	"testing"

	"pgregory.net/rapid"
)

// A reminder comes so long before a term ends, in the time that offices work.
func TestBefore(t *testing.T) {
	for _, tt := range []struct{ at, d, want string }{
		{"2026-03-09 17:00", "1wd", "2026-03-06 17:00"},
		{"2026-03-08 10:00", "1wd", "2026-03-06 17:00"},
		{"2026-02-23 17:00", "2wd", "2026-02-12 17:00"}, // over Tết
		{"2026-03-09 10:00", "4h", "2026-03-06 15:30"},
		{"2026-03-09 17:00", "4h", "2026-03-09 13:00"},
		{"2026-03-09 17:00", "5h", "2026-03-09 10:30"},
		{"2026-03-09 12:00", "1h", "2026-03-09 10:30"},
		{"2026-03-09 09:00", "3d", "2026-03-06 09:00"},
	} {
		got, err := Vietnam().Before(at(t, tt.at), limit(t, tt.d))
		if err != nil || !got.Equal(at(t, tt.want)) {
			t.Errorf("%s before %s is %s (%v), want %s", tt.d, tt.at, got, err, tt.want)
		}
	}
	if _, err := Vietnam().Before(at(t, "2024-01-02 09:00"), limit(t, "9wd")); err == nil {
		t.Error("an instant before the calendar's years was made up")
	}
}

// Whatever lies so many office hours before an instant of office time, a term
// of as many hours brings back to it.
func TestBeforeTurnsHoursRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock, _ := drawClock(t, WorkingHours)
		clock.Pauses, clock.CutOff = nil, ""
		due := dueOf(t, clock, later)
		before, err := Vietnam().Before(due, clock.Limit)
		if err != nil {
			t.Fatal(err)
		}
		if again := dueOf(t, Clock{Start: before, Limit: clock.Limit}, later); !again.Equal(due) {
			t.Fatalf("%s before %s is %s, from where it ends %s", clock.Limit, due, before, again)
		}
	})
}
