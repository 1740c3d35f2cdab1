package calendar

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ParseRevision reads the short name of a revision: vn-state-offices/3.
func ParseRevision(name string) (id string, number int, err error) {
	id, digits, ok := strings.Cut(name, "/")
	if number, err = strconv.Atoi(digits); !ok || id == "" || err != nil || number < 1 {
		return "", 0, fmt.Errorf("%q is no name of a calendar revision", name)
	}
	return id, number, nil
}

// Source is the file that the revision was read from. [Parse] reads it again,
// so whoever keeps it can count by the revision for ever.
func (c *Calendar) Source() []byte { return bytes.Clone(c.source) }

// CoversMore tells whether c knows days that other does not.
func (c *Calendar) CoversMore(other *Calendar) bool {
	return c.first < other.first || c.end() > other.end()
}

// DiffersFrom tells the first thing in which two readings of the same revision
// contradict each other; empty when there is none. Years that only one of them
// covers are no contradiction: nothing was counted by them.
func (c *Calendar) DiffersFrom(other *Calendar) string {
	if !slices.Equal(c.hours, other.hours) {
		return "the office hours"
	}
	for d := max(c.first, other.first); d < min(c.end(), other.end()); d++ {
		if c.days[d-c.first].working != other.days[d-other.first].working {
			return d.String()
		}
	}
	return ""
}

// Reasons are the days on which two revisions differ between two dates, with
// what the newer one says of each: why a due date moved.
func (c *Calendar) Reasons(older *Calendar, from, until string) []Day {
	first, err1 := dateOf(from)
	last, err2 := dateOf(until)
	if err1 != nil || err2 != nil {
		return nil
	}
	var out []Day
	for d := max(first, c.first, older.first); d <= last && d < min(c.end(), older.end()); d++ {
		now, was := c.days[d-c.first], older.days[d-older.first]
		if now.working == was.working {
			continue
		}
		day := Day{Date: d.String(), Working: now.working}
		why := now.why
		if why == nil {
			why = was.why // a row that was ended
		}
		if why != nil {
			day.Why, day.Act = why.text, *why.act
		}
		out = append(out, day)
	}
	return out
}

// Year are the days of a year that are not as the week has them.
func (c *Calendar) Year(year int) ([]Day, error) {
	first, err := dateOf(fmt.Sprintf("%04d-01-01", year))
	if err != nil {
		return nil, fmt.Errorf("year %d: %w", year, err)
	}
	last, err := dateOf(fmt.Sprintf("%04d-12-31", year))
	if err != nil {
		return nil, fmt.Errorf("year %d: %w", year, err)
	}
	var out []Day
	for d := first; d <= last; d++ {
		k, err := c.kind(d)
		if err != nil {
			return nil, fmt.Errorf("year %d: %w", year, err)
		}
		if k.why != nil {
			out = append(out, Day{Date: d.String(), Working: k.working, Why: k.why.text, Act: *k.why.act})
		}
	}
	return out, nil
}
