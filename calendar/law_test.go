package calendar

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A second reading of the law, written from its words and not from the code:
// its own days off, plain time.Time arithmetic, hours counted by quarters. It
// serves 2026 only.

// off2026 are the weekdays of 2026 on which offices are closed, work2026 the
// Saturdays on which they work.
var (
	off2026 = []string{"01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "04-27", "04-30", "05-01",
		"08-31", "09-01", "09-02", "11-24"}
	work2026 = []string{"01-10", "08-22"}
)

func works2026(t time.Time) bool {
	switch date := t.Format("01-02"); t.Weekday() {
	case time.Saturday, time.Sunday:
		return slices.Contains(work2026, date)
	default:
		return !slices.Contains(off2026, date)
	}
}

func clockOn(day time.Time, hour, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, Hanoi)
}

// strictlyPaused: a pause holds an instant when it began before and ends after.
func strictlyPaused(pauses []Span, at time.Time) bool {
	for _, p := range pauses {
		if p.From.Before(at) && at.Before(p.To) {
			return true
		}
	}
	return false
}

// firstDay2026 is midnight of the day that a case counts as received on.
func firstDay2026(start time.Time, cutOffHour int) time.Time {
	day := clockOn(start, 0, 0)
	if works2026(day) && !start.After(clockOn(day, cutOffHour, 0)) {
		return day
	}
	for day = day.AddDate(0, 0, 1); !works2026(day); {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// lawDue walks from one close of business to the next.
func lawDue(start time.Time, limit Duration, cutOffHour int, pauses []Span) time.Time {
	first := firstDay2026(start, cutOffHour)
	if limit.Unit == WorkingHours {
		return lawHours(start, first, limit.N, pauses)
	}
	used := 0
	for day := first; ; day = day.AddDate(0, 0, 1) {
		close := clockOn(day, 17, 0)
		if strictlyPaused(pauses, close) {
			continue
		}
		if day.After(first) && (limit.Unit == Days || works2026(day)) {
			used++
		}
		if used >= limit.N && works2026(day) {
			return close
		}
	}
}

// grid is the step in which random times are drawn, so that no hour is cut.
const grid = 15 * time.Minute

// lawHours counts quarters of an hour in which an office is open and the clock runs.
func lawHours(start, first time.Time, hours int, pauses []Span) time.Time {
	from := start
	if first.After(start) {
		from = first
	}
	quarters := 0
	for at := from; ; at = at.Add(grid) {
		day, mid := clockOn(at, 0, 0), at.Add(grid/2)
		if !works2026(day) {
			at = day.AddDate(0, 0, 1).Add(-grid)
			continue
		}
		open := mid.After(clockOn(day, 7, 30)) && mid.Before(clockOn(day, 11, 30)) || mid.After(clockOn(day, 13, 0)) && mid.Before(clockOn(day, 17, 0))
		if open && !strictlyPaused(pauses, mid) {
			quarters++
		}
		if quarters == hours*4 {
			return at.Add(grid)
		}
	}
}

func drawInstant(t *rapid.T, label string, from, to time.Time) time.Time {
	n := int(to.Sub(from) / grid)
	return from.Add(grid * time.Duration(rapid.IntRange(0, n).Draw(t, label)))
}

var (
	newYear = time.Date(2026, 1, 3, 0, 0, 0, 0, Hanoi)
	autumn  = time.Date(2026, 9, 15, 0, 0, 0, 0, Hanoi)
)

// drawPauses draws pauses that begin within 40 days of start. Half of their
// ends are pulled to a close of business, where the tie rule decides.
func drawPauses(t *rapid.T, start time.Time) []Span {
	out := make([]Span, rapid.IntRange(0, 4).Draw(t, "pauses"))
	for i := range out {
		edge := func(label string, from time.Time, days int) time.Time {
			e := drawInstant(t, label, from, from.AddDate(0, 0, days))
			if pulled := clockOn(e, 17, 0); rapid.Bool().Draw(t, label+" at the close") && !pulled.Before(from) {
				return pulled
			}
			return e
		}
		out[i].From = edge("pause", start, 40)
		out[i].To = edge("resume", out[i].From, 12)
	}
	return out
}

func drawClock(t *rapid.T, units ...Unit) (clock Clock, cutOffHour int) {
	clock.Start = drawInstant(t, "start", newYear, autumn)
	clock.Limit.Unit = rapid.SampledFrom(units).Draw(t, "unit")
	clock.Limit.N = rapid.IntRange(1, 25).Draw(t, "n")
	clock.Pauses = drawPauses(t, clock.Start)
	cutOffHour = 17
	if rapid.Bool().Draw(t, "cut-off") {
		clock.CutOff, cutOffHour = "15:00", 15
	}
	return clock, cutOffHour
}

func dueOf(t rapid.TB, clock Clock, now time.Time) time.Time {
	t.Helper()
	due, err := Vietnam().Due(clock, now)
	if err != nil {
		t.Fatal(err)
	}
	return due.At
}

// The calendar and the second reading agree on every clock.
func TestDueAgreesWithTheLaw(t *testing.T) {
	for range 20 { // each Check runs 100 clocks, or as many as -rapid.checks says
		rapid.Check(t, func(t *rapid.T) {
			clock, cutOffHour := drawClock(t, WorkingDays, WorkingDays, Days, WorkingHours)
			want := lawDue(clock.Start, clock.Limit, cutOffHour, clock.Pauses)
			if got := dueOf(t, clock, later); !got.Equal(want) {
				t.Fatalf("%s from %s with %v is due %s, by the law %s", clock.Limit, clock.Start, clock.Pauses, got, want)
			}
		})
	}
}

// A pause that ends on the day that it began, over no closing instant, changes nothing.
func TestPauseWithinADayChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock, _ := drawClock(t, WorkingDays, Days)
		before := dueOf(t, clock, later)
		day := clockOn(drawInstant(t, "day", clock.Start, clock.Start.AddDate(0, 0, 40)), 0, 0)
		lo, hi := day, clockOn(day, 17, 0)
		if rapid.Bool().Draw(t, "evening") {
			lo, hi = clockOn(day, 17, 0), clockOn(day, 23, 45)
		}
		from := drawInstant(t, "from", lo, hi)
		clock.Pauses = append(clock.Pauses, Span{From: from, To: drawInstant(t, "to", from, hi)})
		if after := dueOf(t, clock, later); !after.Equal(before) {
			t.Fatalf("%v moved the date from %s to %s", clock.Pauses, before, after)
		}
	})
}

// A pause over the closes of k working days after the first moves the date by exactly k working days.
func TestPauseMovesTheDateByItsWorkingDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock, cutOffHour := drawClock(t, WorkingDays)
		clock.Pauses = nil
		want := dueOf(t, clock, later)
		from := drawInstant(t, "from", clock.Start, want.Add(-grid))
		p := Span{From: from, To: drawInstant(t, "to", from, from.AddDate(0, 0, 30))}
		first, k := firstDay2026(clock.Start, cutOffHour), 0
		for day := first.AddDate(0, 0, 1); day.Before(p.To); day = day.AddDate(0, 0, 1) {
			if works2026(day) && strictlyPaused([]Span{p}, clockOn(day, 17, 0)) {
				k++
			}
		}
		for moved := 0; moved < k; {
			if want = want.AddDate(0, 0, 1); works2026(want) {
				moved++
			}
		}
		clock.Pauses = []Span{p}
		if got := dueOf(t, clock, later); !got.Equal(want) {
			t.Fatalf("paused %s to %s over %d closes: due %s, want %s", p.From, p.To, k, got, want)
		}
	})
}

// A due date never moves earlier as pauses are added.
func TestDueNeverMovesEarlier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock, _ := drawClock(t, WorkingDays, Days, WorkingHours)
		all := clock.Pauses
		clock.Pauses = nil
		last := dueOf(t, clock, later)
		for i := range all {
			clock.Pauses = all[:i+1]
			due := dueOf(t, clock, later)
			if due.Before(last) {
				t.Fatalf("%v moved the date from %s back to %s", all[i], last, due)
			}
			last = due
		}
	})
}

// A paused clock does not move: while the pause lasts, what was left of the
// term at its beginning is left. So the term never ends inside the pause, and
// between two closes the date stands still.
func TestPausedClockDoesNotMove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock, _ := drawClock(t, WorkingDays, Days)
		clock.Pauses = nil
		end := dueOf(t, clock, later)
		from := drawInstant(t, "from", clock.Start, end.Add(-grid))
		clock.Pauses = []Span{{From: from, To: later}}
		last := dueOf(t, clock, from)
		if !last.Equal(end) {
			t.Fatalf("pausing at %s moved the date from %s to %s at once", from, end, last)
		}
		for day := clockOn(from, 0, 0).AddDate(0, 0, 1); day.Before(from.AddDate(0, 0, 15)); day = day.AddDate(0, 0, 1) {
			early, evening := dueOf(t, clock, day), dueOf(t, clock, clockOn(day, 17, 0))
			if early.Before(last) || !early.After(day) {
				t.Fatalf("paused since %s, seen at %s: due %s, before that %s", from, day, early, last)
			}
			if !evening.Equal(early) {
				t.Fatalf("paused since %s: no close passed on %s, but the date moved from %s to %s", from, day, early, evening)
			}
			last = evening
		}
	})
}

// The lines follow each other without a gap from the day of receipt to the due date.
func TestBecauseHasNoGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock, _ := drawClock(t, WorkingDays, Days, WorkingHours)
		due, err := Vietnam().Due(clock, later)
		if err != nil {
			t.Fatal(err)
		}
		next := ""
		lines := due.Because[:len(due.Because)-1]
		if lines[0].Day != clock.Start.Format(time.DateOnly) {
			t.Fatalf("the lines begin on %s, the clock on %s", lines[0].Day, clock.Start)
		}
		if len(lines) > 1 && lines[1].Day != dayAfter(t, lines[0]) {
			lines = lines[1:] // received on a day that did not count
		}
		for _, l := range lines {
			if next != "" && l.Day != next {
				t.Fatalf("line %q begins on %s, want %s", l.EN, l.Day, next)
			}
			next = dayAfter(t, l)
		}
		end := due.Because[len(due.Because)-1].Day
		if end != due.At.Format(time.DateOnly) || next != due.At.AddDate(0, 0, 1).Format(time.DateOnly) {
			t.Fatalf("due %s; the last line is of %s, the one before ends before %s", due.At, end, next)
		}
	})
}

func dayAfter(t rapid.TB, l Line) string {
	last := l.Day
	if l.Until != "" {
		last = l.Until
	}
	day, err := time.ParseInLocation(time.DateOnly, last, Hanoi)
	if err != nil {
		t.Fatal(err)
	}
	return day.AddDate(0, 0, 1).Format(time.DateOnly)
}
