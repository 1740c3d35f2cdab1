package calendar

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Span is a stretch of time in which a clock is paused. One that ends no later
// than it begins pauses nothing.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Clock is a legal term and its way so far.
type Clock struct {
	Start  time.Time // when the case was received
	Limit  Duration  // 0wd: the day of receipt itself
	CutOff string    // "15:00": received later counts as the next working day; empty: the close of business
	Pauses []Span    // in any order; what reaches beyond now is cut off there

	Extended []Extension // decisions that lengthened the term, in their order
}

// Extension is a decision that lengthens a term.
type Extension struct {
	At time.Time `json:"at"`
	N  int       `json:"n"` // by so many units of the limit
}

// total is the limit with its extensions.
func (c *Clock) total() Duration {
	d := c.Limit
	for _, e := range c.Extended {
		d.N += e.N
	}
	return d
}

// Due is the end of a term and the way there.
type Due struct {
	At      time.Time `json:"at"`
	Because []Line    `json:"because"`
}

// Due returns when a term ends, supposing that its clock keeps running from now.
//
// The law of the clock: a working day is used up if the clock is running at
// that day's close of business and the day comes after the first. The term ends
// at the close of business of the day on which the used days reach the limit.
// A pause or resume at the closing instant itself leaves that day used up.
//
// The first day is the day of receipt, or the next working day when that is a
// day off or the case came after the cut-off. A limit in days of the calendar
// counts days off too, but ends on a working day at whose close the clock runs.
// A limit in hours counts office hours, less the time paused, to the instant.
// An extension makes the limit longer, whenever it was decided.
//
//	7wd from Tue 2026-02-10 09:00, Tết off 14 to 22 February  →  Thu 2026-02-26 17:00
//
// A *RangeError reports a term that leaves the years of the calendar.
//
// Source: Civil Code 91/2015/QH13, Article 147(2) on the first day, Article
// 148(5) on a last day that is a day off; engine.md, section 5.
func (c *Calendar) Due(clock Clock, now time.Time) (Due, error) {
	w, err := c.walk(clock, now)
	if err != nil {
		return Due{}, err
	}
	return Due{At: w.due, Because: w.lines()}, nil
}

// End is the At of [Calendar.Due], without the way told in words: for whoever
// stores the date on each step of a case.
func (c *Calendar) End(clock Clock, now time.Time) (time.Time, error) {
	w, err := c.walk(clock, now)
	if err != nil {
		return time.Time{}, err
	}
	return w.due, nil
}

// walk goes the whole way of a clock. Its errors name the term.
func (c *Calendar) walk(clock Clock, now time.Time) (*way, error) {
	w := &way{start: clock.Start, limit: clock.total(), extended: clock.Extended}
	pauses := pausesUntil(clock.Pauses, now)
	err := c.receive(w, clock.CutOff)
	switch unit := clock.Limit.Unit; {
	case err != nil:
	case clock.Limit.N < 0, slices.ContainsFunc(clock.Extended, func(e Extension) bool { return e.N < 0 }):
		err = errors.New("the limit, or an extension of it, is negative")
	case unit == Days, unit == WorkingDays:
		err = c.walkDays(w, pauses)
	case unit == WorkingHours:
		err = c.walkHours(w, pauses)
	default:
		err = fmt.Errorf("unit %q: there are h, d and wd", unit)
	}
	if err != nil {
		return nil, fmt.Errorf("count %s from %s: %w", w.limit, clock.Start.In(Hanoi).Format(time.RFC3339), err)
	}
	return w, nil
}

// receive finds the first day: that of the start, or the next working day when
// the start is on a day off or after the cut-off.
func (c *Calendar) receive(w *way, cutOff string) error {
	d := dayOf(w.start)
	k, err := c.kind(d)
	if err != nil {
		return err
	}
	last := c.close(d)
	if cutOff != "" {
		after, err := clockTime(cutOff)
		if err != nil {
			return fmt.Errorf("cut-off %w", err)
		}
		if t := d.at(after); t.Before(last) {
			last = t
		}
	}
	if k.working && w.start.After(last) {
		w.missed = last
		d++
	}
	w.first, err = c.nextWorking(d)
	return err
}

// pausesUntil returns the pauses in order, cut off at now.
func pausesUntil(pauses []Span, now time.Time) []Span {
	var out []Span
	for _, p := range pauses {
		if p.To.After(now) {
			p.To = now
		}
		if p.From.Before(p.To) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Span) int { return a.From.Compare(b.From) })
	return out
}

// pausedAt applies the tie rule: an instant at which a pause begins or ends is not paused.
func pausedAt(pauses []Span, t time.Time) bool {
	return slices.ContainsFunc(pauses, func(p Span) bool { return p.From.Before(t) && p.To.After(t) })
}

// walkDays goes from close of business to close of business until the limit is used up.
func (c *Calendar) walkDays(w *way, pauses []Span) error {
	for d, used := w.first, 0; ; d++ {
		k, err := c.kind(d)
		if err != nil {
			return err
		}
		closing := c.close(d)
		running := !pausedAt(pauses, closing)
		s := step{day: d, why: k.why}
		switch {
		case d == w.first:
			s.kind = firstDay
		case !running:
			s.kind = pausedDay
		case used < w.limit.N && (k.working || w.limit.Unit == Days):
			used++
			s.kind, s.n = countedDay, used
		case k.working:
			s.kind = nextDay
		default:
			s.kind = dayOff
		}
		w.steps = append(w.steps, s)
		if used == w.limit.N && running && k.working {
			w.due = closing
			return nil
		}
	}
}

// walkHours goes through the office hours until the limit is used up.
func (c *Calendar) walkHours(w *way, pauses []Span) error {
	left := time.Duration(w.limit.N) * time.Hour
	for d := w.first; ; d++ {
		k, err := c.kind(d)
		if err != nil {
			return err
		}
		s := step{day: d, why: k.why, kind: dayOff}
		if k.working {
			var at time.Time
			s.spent, at = c.spend(d, w.start, left, pauses)
			left -= s.spent
			if s.kind = countedHours; s.spent == 0 && d != w.first {
				s.kind = pausedDay
			}
			if left == 0 {
				w.steps, w.due = append(w.steps, s), at
				return nil
			}
		}
		w.steps = append(w.steps, s)
	}
}

// spend is how much of left runs off in the office hours of a day, and when
// the last of it did.
func (c *Calendar) spend(d day, start time.Time, left time.Duration, pauses []Span) (spent time.Duration, at time.Time) {
	for _, h := range c.hours {
		from, to := d.at(h.open), d.at(h.close)
		if start.After(from) {
			from = start.In(Hanoi)
		}
		for _, p := range append(slices.Clip(pauses), Span{From: to, To: to}) {
			if p.To.Before(from) || p.From.After(to) {
				continue
			}
			if run := p.From.Sub(from); run >= left-spent {
				return left, from.Add(left - spent)
			} else if run > 0 {
				spent += run
			}
			from = p.To.In(Hanoi)
		}
	}
	return spent, time.Time{}
}

// Add returns the end of a delay that starts at from and is never paused.
//
// Working days and working hours are counted as Due counts them, so a delay of
// working days ends at a close of business. Days of the calendar run from the
// day after from, whatever day that is, and the last of them ends at midnight;
// on a day off it is the next working day that does. The result is that
// midnight's last second, 23:59:59, so that it bears the date of the last day.
//
//	30d from Thu 2026-03-05 10:00  →  Sat 4 April is a day off  →  Mon 2026-04-06 23:59:59
//
// A *RangeError reports a delay that leaves the years of the calendar.
//
// Source: Civil Code 91/2015/QH13, Articles 147(2), 148(5) and 148(6).
func (c *Calendar) Add(from time.Time, d Duration) (time.Time, error) {
	if d.Unit != Days || d.N < 0 {
		return c.End(Clock{Start: from, Limit: d}, from)
	}
	last, err := c.nextWorking(dayOf(from) + day(d.N))
	if err != nil {
		return time.Time{}, fmt.Errorf("count %s from %s: %w", d, from.In(Hanoi).Format(time.RFC3339), err)
	}
	return last.at(24*time.Hour - time.Second), nil
}

// clockTime reads "15:00" as the time after midnight.
func clockTime(s string) (time.Duration, error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, fmt.Errorf("%q is no time of day as 15:00", s)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}
