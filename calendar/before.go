package calendar

import (
	"fmt"
	"time"
)

// Before returns the instant that lies before at by a duration, the other way
// round than Add: for reminders, which come so long before a term ends.
//
// Working hours are office hours, back to the opening of the first of them.
// Working days are closes of business before the day of at, days of the
// calendar the same time of day so many days earlier.
//
//	1wd before Mon 2026-03-09 17:00  →  Fri 2026-03-06 17:00
//	4h before Mon 2026-03-09 10:00   →  Fri 2026-03-06 15:30
//
// A *RangeError reports an instant before the years of the calendar.
func (c *Calendar) Before(at time.Time, d Duration) (time.Time, error) {
	before, err := c.before(at, d)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s before %s: %w", d, at.In(Hanoi).Format(time.RFC3339), err)
	}
	return before, nil
}

func (c *Calendar) before(at time.Time, d Duration) (time.Time, error) {
	if d.N <= 0 {
		return at, nil
	}
	switch d.Unit {
	case Days:
		return at.In(Hanoi).AddDate(0, 0, -d.N), nil
	case WorkingDays:
		left := d.N
		for on := dayOf(at) - 1; ; on-- {
			k, err := c.kind(on)
			if err != nil {
				return time.Time{}, err
			}
			if k.working {
				left--
			}
			if left == 0 {
				return c.close(on), nil
			}
		}
	case WorkingHours:
		return c.hoursBefore(at, time.Duration(d.N)*time.Hour)
	}
	return time.Time{}, fmt.Errorf("unit %q: there are h, d and wd", d.Unit)
}

func (c *Calendar) hoursBefore(at time.Time, left time.Duration) (time.Time, error) {
	for on := dayOf(at); ; on-- {
		k, err := c.kind(on)
		if err != nil {
			return time.Time{}, err
		}
		if !k.working {
			continue
		}
		for i := len(c.hours) - 1; i >= 0; i-- {
			from, to := on.at(c.hours[i].open), on.at(c.hours[i].close)
			if at.Before(to) {
				to = at.In(Hanoi)
			}
			if open := to.Sub(from); open >= left {
				return to.Add(-left), nil
			} else if open > 0 {
				left -= open
			}
		}
	}
}
