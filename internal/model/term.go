package model

import (
	"time"

	"github.com/hoso-gov/hoso/calendar"
)

// span is a stretch of time.
type span struct{ from, to time.Time }

// term is the legal term of a case and its way so far.
type term struct {
	start  time.Time // zero: not running yet
	limit  Span
	cutOff string
	pauses []span
	paused time.Time // since when; zero: it runs
}

// set pauses the term or lets it go on, as the new state's clock says. Before it
// has started there is nothing to pause.
func (t *term) set(mode string, now time.Time) {
	runs := mode == "" || mode == "running"
	switch {
	case t.start.IsZero():
	case runs && !t.paused.IsZero():
		t.pauses, t.paused = append(t.pauses, span{t.paused, now}), time.Time{}
	case !runs && t.paused.IsZero():
		t.paused = now
	}
}

// end is the due time, supposing that the clock runs on from now.
func (t *term) end(now time.Time) time.Time {
	if t.start.IsZero() || t.limit.N == 0 {
		return time.Time{}
	}
	pauses := t.pauses
	if !t.paused.IsZero() {
		pauses = append(pauses[:len(pauses):len(pauses)], span{t.paused, now})
	}
	return count(t.start, t.limit, t.cutOff, pauses)
}

// budget is the time that a task may use over all visits of its state.
type budget struct {
	start time.Time
	away  []span // when the case was elsewhere
	left  time.Time
}

func (b *budget) end(within Span) time.Time {
	return count(b.start, within, "", b.away)
}

// after is the end of a delay that is never paused. A delay in days of the
// calendar counts from the next day, whatever day that is, and ends with its
// last day, or with the next working day when that is a day off (Civil Code 2015,
// articles 147 and 148).
func after(now time.Time, d Span) time.Time {
	if d.Unit != "d" {
		return count(now, d, "", nil)
	}
	day := midnight(now).AddDate(0, 0, d.N)
	for !days.Working(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day.Add(24*time.Hour - time.Second)
}

// days is the table of working days; the reference takes nothing else of it but
// the count of working hours.
var days = calendar.Vietnam()

const closing = 17 * time.Hour

func midnight(t time.Time) time.Time {
	y, m, d := t.In(calendar.Hanoi).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, calendar.Hanoi)
}

// count is the law of the clock (engine.md, section 5): a working day is used up
// if the clock is running at that day's close of business and the day comes after
// the first day. A limit in days of the calendar counts days off too, and ends on
// a working day.
func count(start time.Time, limit Span, cutOff string, pauses []span) time.Time {
	if limit.Unit == "h" {
		c := calendar.Clock{Start: start, Limit: calendar.Duration{N: limit.N, Unit: calendar.WorkingHours}, CutOff: cutOff}
		far := start
		for _, p := range pauses {
			c.Pauses = append(c.Pauses, calendar.Span{From: p.from, To: p.to})
			far = p.to
		}
		end, err := days.End(c, far)
		if err != nil {
			panic(err)
		}
		return end
	}
	first := midnight(start)
	last := first.Add(closing)
	if cutOff != "" {
		t, err := time.Parse("15:04", cutOff)
		if err != nil {
			panic(err)
		}
		last = first.Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
	}
	if start.After(last) {
		first = first.AddDate(0, 0, 1)
	}
	for !days.Working(first) {
		first = first.AddDate(0, 0, 1)
	}
	used := 0
	for day := first.AddDate(0, 0, 1); ; day = day.AddDate(0, 0, 1) {
		at := day.Add(closing)
		runs := true
		for _, p := range pauses {
			if p.from.Before(at) && p.to.After(at) {
				runs = false
			}
		}
		if runs && used < limit.N && (days.Working(day) || limit.Unit == "d") {
			used++
		}
		if runs && used == limit.N && days.Working(day) {
			return at
		}
	}
}
