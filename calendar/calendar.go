// Package calendar knows the working days of Vietnamese state offices and
// counts legal terms over them: the law of the clock.
//
// A Calendar is one dated revision of the days off, each with the act that
// says so; it never changes, so any number of goroutines may read it. The
// package does no I/O and asks nobody for the time. When a clock starts, is
// paused and goes on, package cases decides; who is told of a new date, too.
package calendar

import (
	"fmt"
	"slices"
	"time"
)

// Hanoi is the time of Vietnam: seven hours ahead of UTC, without summer time.
// It is a fixed zone, so that a machine without zone data counts alike.
var Hanoi = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// Text is said in both languages.
type Text struct {
	VI string `json:"vi" yaml:"vi"`
	EN string `json:"en" yaml:"en"`
}

// Act is the act that makes a day off, or a make-up day, what it is.
type Act struct {
	ID    string `json:"id"`
	Title Text   `json:"title"`
	Date  string `json:"date"`           // of signing, "2025-10-17"
	Doubt string `json:"doubt,omitzero"` // what is still to be confirmed; empty: nothing
}

// Revision names one state of the calendar. A due date is told together with
// the revision that it was counted by.
type Revision struct {
	Calendar string `json:"calendar"` // id: vn-state-offices
	Number   int    `json:"number"`   // 1, 2, 3 ...
	Since    string `json:"since"`    // day from which offices could know it
	Why      Text   `json:"why"`      // what it changed
	Acts     []Act  `json:"acts"`     // that its days rest on
}

// String is the short name of the revision: vn-state-offices/3.
func (r Revision) String() string { return fmt.Sprintf("%s/%d", r.Calendar, r.Number) }

// Calendar is one revision of the working days and office hours.
type Calendar struct {
	rev   Revision
	hours []hours // of a working day, ascending; the last one's end is the close of business
	first day
	days  []dayKind // from first on, without gaps

	source []byte // the file that it was read from
}

// hours is an unbroken part of the working day, from midnight.
type hours struct{ open, close time.Duration }

// dayKind is what the calendar knows of one day.
type dayKind struct {
	working bool
	why     *reason // nil: an ordinary working day or weekend
}

// reason tells why a day is not as the week would have it.
type reason struct {
	text Text
	act  *Act
}

// Day is one day of the calendar.
type Day struct {
	Date    string `json:"date"` // "2026-03-02"
	Working bool   `json:"working"`
	Why     Text   `json:"why,omitzero"` // zero: an ordinary working day or weekend
	Act     Act    `json:"act,omitzero"` // zero likewise
}

// RangeError reports a day that the calendar does not cover. Holidays are set
// year by year, so a date further away is not guessed.
type RangeError struct {
	Day         string // "2028-01-03"
	From, Until string // first and last day covered
	Revision    string
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("%s is outside calendar %s, which covers %s to %s", e.Day, e.Revision, e.From, e.Until)
}

// Revision names the calendar's revision and the acts behind it.
func (c *Calendar) Revision() Revision {
	r := c.rev
	r.Acts = slices.Clone(r.Acts)
	return r
}

// Day tells what the calendar knows of the day of t in Hanoi. A *RangeError
// reports a day that it does not cover.
func (c *Calendar) Day(t time.Time) (Day, error) {
	d := dayOf(t)
	k, err := c.kind(d)
	if err != nil {
		return Day{}, err
	}
	out := Day{Date: d.String(), Working: k.working}
	if k.why != nil {
		out.Why, out.Act = k.why.text, *k.why.act
	}
	return out, nil
}

// Working tells whether offices work on the day of t in Hanoi. On a day that
// the calendar does not cover no office is known to work; Day tells the two apart.
func (c *Calendar) Working(t time.Time) bool {
	k, err := c.kind(dayOf(t))
	return err == nil && k.working
}

// kind looks a day up.
func (c *Calendar) kind(d day) (dayKind, error) {
	if d < c.first || d >= c.end() {
		return dayKind{}, &RangeError{Day: d.String(), From: c.first.String(), Until: (c.end() - 1).String(), Revision: c.rev.String()}
	}
	return c.days[d-c.first], nil
}

func (c *Calendar) end() day { return c.first + day(len(c.days)) }

// nextWorking is the first working day from d on.
func (c *Calendar) nextWorking(d day) (day, error) {
	for ; ; d++ {
		switch k, err := c.kind(d); {
		case err != nil:
			return 0, err
		case k.working:
			return d, nil
		}
	}
}

// close is the close of business of a day, or when it would be on a day off.
func (c *Calendar) close(d day) time.Time { return d.at(c.hours[len(c.hours)-1].close) }
