package calendar

import (
	"fmt"
	"strconv"
	"strings"
)

// Unit is the unit of a Duration. They are never converted into each other.
type Unit string

// The units.
const (
	WorkingHours Unit = "h"
	Days         Unit = "d" // of the calendar
	WorkingDays  Unit = "wd"
)

// Duration is a delay as the law counts it: 4h, 30d, 7wd. Zero: none.
type Duration struct {
	N    int  `json:"n"`
	Unit Unit `json:"unit"`
}

// String is the duration as definitions write it: 7wd.
func (d Duration) String() string { return strconv.Itoa(d.N) + string(d.Unit) }

// maxDuration is the longest number of units that a definition may name; no
// calendar reaches further.
const maxDuration = 9999

// SameDay is the limit of a case that is decided on the day that it counts as
// received on; definitions write it 0wd.
var SameDay = Duration{Unit: WorkingDays}

// ParseLimit reads a legal term as definitions write it: a duration, or 0wd.
func ParseLimit(s string) (Duration, error) {
	if s == SameDay.String() {
		return SameDay, nil
	}
	return ParseDuration(s)
}

// ParseDuration reads a duration as definitions write it: 4h, 30d, 7wd. The
// number has no sign and no leading zero and is at most 9999.
func ParseDuration(s string) (Duration, error) {
	digits := strings.TrimRight(s, "hdw")
	d := Duration{Unit: Unit(s[len(digits):])}
	n, err := strconv.ParseUint(digits, 10, 16)
	switch d.N = int(n); {
	case err != nil, digits[0] == '0', d.N > maxDuration:
	case d.Unit == WorkingHours, d.Unit == Days, d.Unit == WorkingDays:
		return d, nil
	}
	return Duration{}, fmt.Errorf("duration %q: write working hours as 4h, days as 30d, working days as 5wd", s)
}
