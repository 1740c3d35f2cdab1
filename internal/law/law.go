// Package law is a second reading of the law of the clock, for tests and for
// checks of a database. It is written from the law's words and shares no line
// with package calendar: where that walks from day to day, this lays out the
// closes of business and office hours as sets, takes away what a pause covers,
// and counts what is left. It reads no calendar; the caller says which days are
// worked. Its speed does not matter.
package law

import (
	"slices"
	"time"
)

// Hanoi is legal time.
var Hanoi = time.FixedZone("+07", 7*60*60)

// Office is when an office works.
type Office struct {
	Works func(day time.Time) bool // day is midnight in Hanoi
	Parts [][2]time.Duration       // of a working day, after midnight, ascending
	Until time.Time                // the last day that Works knows
}

// Stop is a time in which a clock stands still; To is zero while it lasts.
type Stop struct{ From, To time.Time }

// Term is what a due date is counted from.
type Term struct {
	Received time.Time
	N        int    // of the limit, extensions included
	Unit     string // wd, d, h
	CutOff   time.Duration
	Stops    []Stop // in any order
}

// Due is the end of a term, supposing that nothing stops it from now on; false
// when the term leaves the days that the office knows.
//
// A working day is used up if the clock is running at that day's close of
// business and the day comes after the first. The term ends at the close of
// business of the day on which the used days reach the limit; an instant at
// which a stop begins or ends is not stopped. A term in days counts every day,
// and ends on a working day. A term in hours is used up by office hours.
func Due(o Office, t Term, now time.Time) (time.Time, bool) {
	days := o.days(t.Received)
	worked := filter(days, o.Works)
	first := slices.IndexFunc(worked, func(day time.Time) bool { return !t.Received.After(o.lastMoment(day, t.CutOff)) })
	if first < 0 {
		return time.Time{}, false
	}
	stops := t.until(now)
	if t.Unit == "h" {
		return o.hours(worked[first:], t, stops)
	}
	counted := worked
	if t.Unit == "d" {
		counted = days
	}
	used := filter(o.closes(after(counted, worked[first])), func(at time.Time) bool { return !stopped(stops, at) })
	from := o.close(worked[first])
	if t.N > 0 {
		if len(used) < t.N {
			return time.Time{}, false
		}
		from = used[t.N-1]
	}
	ends := filter(o.closes(worked), func(at time.Time) bool { return !at.Before(from) && !stopped(stops, at) })
	if len(ends) == 0 {
		return time.Time{}, false
	}
	return ends[0], true
}

// days are the midnights from the day of t to the last one known.
func (o Office) days(t time.Time) []time.Time {
	y, m, d := t.In(Hanoi).Date()
	var out []time.Time
	for day := time.Date(y, m, d, 0, 0, 0, 0, Hanoi); !day.After(o.Until); day = day.Add(24 * time.Hour) { // no summer time
		out = append(out, day)
	}
	return out
}

func (o Office) close(day time.Time) time.Time { return day.Add(o.Parts[len(o.Parts)-1][1]) }

func (o Office) closes(days []time.Time) []time.Time {
	out := make([]time.Time, len(days))
	for i, d := range days {
		out[i] = o.close(d)
	}
	return out
}

// lastMoment is until when what comes on a day counts as received on it.
func (o Office) lastMoment(day time.Time, cutOff time.Duration) time.Time {
	last := o.close(day)
	if at := day.Add(cutOff); cutOff > 0 && at.Before(last) {
		return at
	}
	return last
}

// hours finds when the open time that no stop covers reaches the limit.
func (o Office) hours(worked []time.Time, t Term, stops []Stop) (time.Time, bool) {
	var open []Stop // as spans
	for _, day := range worked {
		for _, p := range o.Parts {
			from, to := day.Add(p[0]), day.Add(p[1])
			if from.Before(t.Received) {
				from = t.Received
			}
			open = append(open, Stop{from, to})
		}
	}
	for _, s := range stops {
		open = without(open, s)
	}
	var sum time.Duration
	for _, s := range open {
		long := s.To.Sub(s.From)
		if long <= 0 {
			continue
		}
		if left := time.Duration(t.N)*time.Hour - sum; long >= left {
			return s.From.Add(left), true
		}
		sum += long
	}
	return time.Time{}, false
}

// without takes a stop out of spans.
func without(spans []Stop, s Stop) []Stop {
	var out []Stop
	for _, o := range spans {
		if !s.To.After(o.From) || !s.From.Before(o.To) {
			out = append(out, o)
			continue
		}
		if o.From.Before(s.From) {
			out = append(out, Stop{o.From, s.From})
		}
		if s.To.Before(o.To) {
			out = append(out, Stop{s.To, o.To})
		}
	}
	return out
}

// until are the stops as far as they are known at now.
func (t Term) until(now time.Time) []Stop {
	var out []Stop
	for _, s := range t.Stops {
		if s.To.IsZero() || s.To.After(now) {
			s.To = now
		}
		if s.From.Before(s.To) {
			out = append(out, s)
		}
	}
	return out
}

func stopped(stops []Stop, at time.Time) bool {
	return slices.ContainsFunc(stops, func(s Stop) bool { return s.From.Before(at) && at.Before(s.To) })
}

func filter(ts []time.Time, keep func(time.Time) bool) []time.Time {
	var out []time.Time
	for _, t := range ts {
		if keep(t) {
			out = append(out, t)
		}
	}
	return out
}

func after(days []time.Time, first time.Time) []time.Time {
	return filter(days, func(d time.Time) bool { return d.After(first) })
}
