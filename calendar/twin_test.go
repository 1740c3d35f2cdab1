package calendar

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/internal/law"
)

// The days off of 2026 and 2027 by revision, typed from the acts and not from
// the calendar's file.
var (
	offSince = map[string]int{"2026-01-01": 1, "2026-01-02": 2, "2026-02-16": 1, "2026-02-17": 1, "2026-02-18": 1, "2026-02-19": 1, "2026-02-20": 1,
		"2026-04-27": 1, "2026-04-30": 1, "2026-05-01": 1, "2026-08-31": 1, "2026-09-01": 1, "2026-09-02": 1, "2026-11-24": 3,
		"2027-01-01": 1, "2027-02-05": 1, "2027-02-08": 1, "2027-02-09": 1, "2027-02-10": 1, "2027-02-11": 1, "2027-04-16": 1, "2027-04-30": 1, "2027-05-03": 1}
	workSince = map[string]int{"2026-01-10": 2, "2026-08-22": 1}
)

// officeOf is the office under a revision, for terms that begin at start: 140
// days are more than any of them lasts.
func officeOf(revision int, start time.Time) law.Office {
	return law.Office{
		Works: func(day time.Time) bool { return worked[revision][day.Unix()] },
		Parts: [][2]time.Duration{{7*time.Hour + 30*time.Minute, 11*time.Hour + 30*time.Minute}, {13 * time.Hour, 17 * time.Hour}},
		Until: start.AddDate(0, 0, 140),
	}
}

// worked are the working days by revision, each as its midnight.
var worked = func() map[int]map[int64]bool {
	out := map[int]map[int64]bool{}
	for revision := 1; revision <= 3; revision++ {
		out[revision] = map[int64]bool{}
		for day := time.Date(2026, 1, 1, 0, 0, 0, 0, law.Hanoi); day.Year() < 2028; day = day.AddDate(0, 0, 1) {
			since, off := offSince[day.Format(time.DateOnly)]
			made, work := workSince[day.Format(time.DateOnly)]
			works := !off || revision < since
			if wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday {
				works = work && revision >= made
			}
			out[revision][day.Unix()] = works
		}
	}
	return out
}()

// life is a clock and what has happened to it, as both readings take it.
type life struct {
	revision int
	clock    Clock
	term     law.Term
	now      time.Time
}

// drawLife makes up the life of a clock: received, stopped and going on,
// started again after a supplement, extended, seen at some moment.
func drawLife(r *rand.Rand) life {
	quarter := func(from time.Time, days int) time.Time {
		t := from.Add(time.Duration(r.IntN(days*96)) * 15 * time.Minute)
		if at := clockOn(t, 17, 0); r.IntN(3) == 0 && !at.Before(from) {
			return at // the tie rule decides here
		}
		return t
	}
	l := life{revision: 1 + r.IntN(3)}
	start := quarter(time.Date(2026, 1, 3, 0, 0, 0, 0, Hanoi), 285)
	l.clock.Limit = Duration{N: 1 + r.IntN(25), Unit: []Unit{WorkingDays, Days, WorkingHours}[r.IntN(3)]}
	if r.IntN(25) == 0 {
		l.clock.Limit = SameDay
	}
	if r.IntN(2) == 0 {
		l.clock.CutOff, l.term.CutOff = "15:00", 15*time.Hour
		if r.IntN(4) == 0 {
			start = clockOn(start, 15, 0)
		}
	}
	at, stops := start, []Span{}
	for range r.IntN(4) {
		from := quarter(at, 12)
		to := quarter(from, 10)
		if r.IntN(6) == 0 { // the law counts from the complete dossier: the term starts again
			start, stops = to, nil
		} else {
			stops = append(stops, Span{From: from, To: to})
		}
		at = to
	}
	if r.IntN(3) == 0 {
		l.clock.Extended = []Extension{{At: at, N: 1 + r.IntN(10)}}
	}
	l.now = later
	if r.IntN(3) == 0 && len(stops) > 0 { // seen while it stands still
		last := stops[len(stops)-1]
		l.now = quarter(last.From, 12)
	}
	r.Shuffle(len(stops), func(i, k int) { stops[i], stops[k] = stops[k], stops[i] })
	l.clock.Start, l.clock.Pauses = start, stops
	l.term.Received, l.term.N, l.term.Unit = start, l.clock.total().N, string(l.clock.Limit.Unit)
	for _, s := range stops {
		l.term.Stops = append(l.term.Stops, law.Stop(s))
	}
	return l
}

// mutants are twins that have one word of the law wrong.
var mutants = []struct {
	name  string
	wrong func(*life)
}{
	{"a close at which a stop begins or ends is stopped", func(l *life) {
		l.term.Stops = slices.Clone(l.term.Stops)
		for i := range l.term.Stops {
			l.term.Stops[i].From = l.term.Stops[i].From.Add(-time.Nanosecond)
			l.term.Stops[i].To = l.term.Stops[i].To.Add(time.Nanosecond)
		}
	}},
	{"the first day counts", func(l *life) {
		if l.term.Unit != "h" && l.term.N > 0 {
			l.term.N--
		}
	}},
	{"the cut-off is a minute early", func(l *life) { l.term.CutOff -= min(l.term.CutOff, time.Minute) }},
	{"the cut-off does not exist", func(l *life) { l.term.CutOff = 0 }},
	{"the newest calendar counts, whatever the case names", func(l *life) { l.revision = 3 }},
	{"a stop that lasts beyond now is known to the end", func(l *life) { l.now = later }},
	{"the extension is forgotten", func(l *life) { l.term.N = l.clock.Limit.N }},
	{"days are working days", func(l *life) {
		if l.term.Unit == "d" {
			l.term.Unit = "wd"
		}
	}},
}

// The calendar and the second reading of the law agree on 20,000 lives of
// clocks; each mutant of the second reading is found out by lives of the same run.
func TestTwoReadingsOfTheLawAgree(t *testing.T) {
	const runs = 20_000
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("HOSO_SEED"), 10, 64); err == nil {
		seed = s
	}
	r := rand.New(rand.NewPCG(seed, 5))
	revisions, counted := VietnamRevisions(), 0
	caught := make([]int, len(mutants))
	for i := range runs {
		l := drawLife(r)
		want, ok := law.Due(officeOf(l.revision, l.clock.Start), l.term, l.now)
		if !ok {
			t.Fatalf("HOSO_SEED=%d, run %d: the second reading finds no end for %s", seed, i, l)
		}
		got, err := revisions[l.revision-1].End(l.clock, l.now)
		if err != nil || !got.Equal(want) {
			t.Fatalf("HOSO_SEED=%d, run %d: due %s (%v), by the second reading %s: %s", seed, i, got, err, want, l)
		}
		counted++
		for k, m := range mutants {
			if i%25 != 0 && caught[k] > 0 {
				continue // it is known for what it is
			}
			twin := l
			m.wrong(&twin)
			if wrong, ok := law.Due(officeOf(twin.revision, l.clock.Start), twin.term, twin.now); !ok || !wrong.Equal(got) {
				caught[k]++
			}
		}
	}
	for k, m := range mutants {
		if caught[k] == 0 {
			t.Errorf("HOSO_SEED=%d: %d lives do not tell the law from %q", seed, runs, m.name)
		}
	}
	t.Logf("HOSO_SEED=%d: %d lives agree; mutants found out by so many: %v", seed, counted, caught)
}

func (l life) String() string {
	return fmt.Sprintf("%s of revision %d from %s, cut-off %q, extended %v, stops %v, seen at %s", l.clock.Limit, l.revision, l.clock.Start, l.clock.CutOff, l.clock.Extended, l.clock.Pauses, l.now)
}
