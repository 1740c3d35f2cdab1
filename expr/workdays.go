package expr

import (
	"fmt"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/hoso-gov/hoso/calendar"
)

// workdays are the functions over the calendar of state offices, in the newest
// revision that this program carries.
var workdays = []function{
	{"plusWorkingDays", []string{"d", "n"}, moved, types.StringType, plusWorkingDays, nil},
}

// mostWorkingDays bounds what is counted through.
const mostWorkingDays = 400

// plusWorkingDays is the n-th working day after d, or before it where n is below
// 0. With n = 0 it is d itself, or the first working day that follows: a term
// that ends on a day of rest ends then (Civil Code 91/2015/QH13, Article 148(5)).
// It is absent when d is, and beyond the days that the calendar covers.
func plusWorkingDays(args []ref.Val) (ref.Val, error) {
	if isAbsent(args[0]) {
		return absent, nil
	}
	d, err := dateOf(args[0])
	if err != nil {
		return nil, err
	}
	n, ok := args[1].(types.Int)
	if !ok {
		return nil, fmt.Errorf("%s is not a whole number", kindOf(args[1]))
	}
	if n > mostWorkingDays || n < -mostWorkingDays {
		return nil, fmt.Errorf("%d working days are too many", n)
	}
	at := time.Date(d.Year(), d.Month(), d.Day(), 12, 0, 0, 0, calendar.Hanoi)
	step, left := 1, int(n)
	if n < 0 {
		step, left = -1, -left
	}
	for {
		day, err := calendar.Vietnam().Day(at)
		if err != nil {
			return absent, nil // the calendar does not reach there
		}
		switch counts := day.Working && at.Format(time.DateOnly) != d.Format(time.DateOnly); {
		case n == 0 && day.Working, counts && left == 1:
			return types.String(day.Date), nil
		case counts:
			left--
		}
		at = at.AddDate(0, 0, step)
	}
}
