// Package clocklaw is a second reading of the law of the clock (engine.md,
// section 5). It shares no code with package calendar, reads the calendar's
// file by itself, and goes from instant to instant where that package goes from
// day to day: what both say is worth more than what one says. Only checks and
// tests import it.
package clocklaw

import (
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
)

// vietnam is the zone of all days and hours.
var vietnam = time.FixedZone("+07", 7*3600)

// Law is one revision of a calendar.
type Law struct {
	working     map[string]bool // by ISO date; a date that is not here is not covered
	hours       [][2]string     // "07:30", "11:30"
	first, last string
}

// Pause is a stretch in which a clock does not run.
type Pause struct{ From, To time.Time }

// Term is a legal term with its way so far.
type Term struct {
	Start  time.Time
	N      int
	Unit   string // h, d, wd
	CutOff string // "15:00"; empty: the close of business
	Pauses []Pause
}

// Read reads a revision of a calendar file.
func Read(text []byte, revision int) (*Law, error) {
	var doc struct {
		Covers struct{ From, To string }
		Week   []string
		Hours  []struct{ From, To string }
		Days   []struct {
			Off, Work  string
			Rev, Until int
		}
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("read the calendar's file: %w", err)
	}
	l := &Law{working: map[string]bool{}, first: doc.Covers.From, last: doc.Covers.To}
	for _, h := range doc.Hours {
		l.hours = append(l.hours, [2]string{h.From, h.To})
	}
	for d := l.first; d <= l.last; d = next(d) {
		name := parse(d, "12:00").Weekday().String()
		l.working[d] = slices.ContainsFunc(doc.Week, func(w string) bool { return len(w) == 3 && equalFold(w, name[:3]) })
	}
	for _, row := range doc.Days {
		if row.Rev > revision || row.Until != 0 && row.Until < revision {
			continue
		}
		text, works := row.Off, false
		if row.Work != "" {
			text, works = row.Work, true
		}
		from, to := text, text
		if len(text) > 10 {
			from, to = text[:10], text[len(text)-10:]
		}
		for d := from; d <= to; d = next(d) {
			l.working[d] = works
		}
	}
	if len(l.hours) == 0 || len(l.working) == 0 {
		return nil, fmt.Errorf("revision %d: no hours or no days", revision)
	}
	return l, nil
}

func equalFold(a, b string) bool {
	for i := range len(a) {
		if a[i]|0x20 != b[i]|0x20 {
			return false
		}
	}
	return true
}

func next(d string) string { return parse(d, "12:00").AddDate(0, 0, 1).Format(time.DateOnly) }

// parse is an instant of a date; a malformed one is the zero time, which no
// calendar covers.
func parse(d, clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", d+" "+clock, vietnam)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (l *Law) close(d string) time.Time { return parse(d, l.hours[len(l.hours)-1][1]) }

// covered tells whether the calendar knows a date.
func (l *Law) covered(d string) error {
	if d < l.first || d > l.last {
		return fmt.Errorf("%s is outside of the calendar", d)
	}
	return nil
}

// firstDay is the day that a term counts as received on.
func (l *Law) firstDay(t Term) (string, error) {
	d := t.Start.In(vietnam).Format(time.DateOnly)
	limit := l.close(d)
	if t.CutOff != "" {
		if at := parse(d, t.CutOff); at.Before(limit) {
			limit = at
		}
	}
	if !l.working[d] || t.Start.After(limit) {
		for d = next(d); !l.working[d]; d = next(d) {
			if err := l.covered(d); err != nil {
				return "", err
			}
		}
	}
	return d, l.covered(d)
}

// paused: an instant is paused when a pause began before it and ends after it.
func paused(pauses []Pause, at time.Time) bool {
	return slices.ContainsFunc(pauses, func(p Pause) bool { return p.From.Before(at) && at.Before(p.To) })
}

// until cuts pauses off at now: what lies beyond is not known.
func until(pauses []Pause, now time.Time) []Pause {
	var out []Pause
	for _, p := range pauses {
		if p.To.After(now) {
			p.To = now
		}
		out = append(out, p)
	}
	return out
}

// Due is when a term ends, supposing that its clock runs on from now.
func (l *Law) Due(t Term, now time.Time) (time.Time, error) {
	first, err := l.firstDay(t)
	if err != nil {
		return time.Time{}, err
	}
	pauses := until(t.Pauses, now)
	if t.Unit == "h" {
		return l.hour(t, first, pauses)
	}
	used := 0
	for d := first; ; d = next(d) {
		if err := l.covered(d); err != nil {
			return time.Time{}, err
		}
		closing := l.close(d)
		if paused(pauses, closing) {
			continue
		}
		if d > first && used < t.N && (l.working[d] || t.Unit == "d") {
			used++
		}
		if used == t.N && l.working[d] {
			return closing, nil
		}
	}
}

// Used is how many days of a term in days are used up at now.
func (l *Law) Used(t Term, now time.Time) (int, error) {
	first, err := l.firstDay(t)
	if err != nil {
		return 0, err
	}
	used := 0
	for d := next(first); !l.close(d).After(now); d = next(d) {
		if err := l.covered(d); err != nil {
			return 0, err
		}
		if !paused(t.Pauses, l.close(d)) && (l.working[d] || t.Unit == "d") {
			used++
		}
	}
	return used, nil
}

// hour finds the end of a term in office hours: the hours of each day are cut
// wherever they or a pause begin or end, and each piece runs or does not.
func (l *Law) hour(t Term, first string, pauses []Pause) (time.Time, error) {
	left := time.Duration(t.N) * time.Hour
	for d := first; ; d = next(d) {
		if err := l.covered(d); err != nil {
			return time.Time{}, err
		}
		if !l.working[d] {
			continue
		}
		for _, h := range l.hours {
			from, to := parse(d, h[0]), parse(d, h[1])
			cuts := []time.Time{from, to, t.Start}
			for _, p := range pauses {
				cuts = append(cuts, p.From, p.To)
			}
			slices.SortFunc(cuts, time.Time.Compare)
			for i := 1; i < len(cuts); i++ {
				a, b := cuts[i-1], cuts[i]
				mid := a.Add(b.Sub(a) / 2)
				if !a.Before(b) || a.Before(from) || b.After(to) || a.Before(t.Start) || paused(pauses, mid) {
					continue
				}
				if run := b.Sub(a); run >= left {
					return a.Add(left).In(vietnam), nil
				}
				left -= b.Sub(a)
			}
		}
	}
}

// Add is the end of a delay that starts at from and is never paused; one in
// days of the calendar ends with the last second of a working day.
func (l *Law) Add(from time.Time, n int, unit string) (time.Time, error) {
	if unit != "d" {
		return l.Due(Term{Start: from, N: n, Unit: unit}, from)
	}
	d := from.In(vietnam).AddDate(0, 0, n).Format(time.DateOnly)
	for ; !l.working[d]; d = next(d) {
		if err := l.covered(d); err != nil {
			return time.Time{}, err
		}
	}
	return parse(next(d), "00:00").Add(-time.Second), nil
}
