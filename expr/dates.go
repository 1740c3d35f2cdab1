package expr

import (
	"fmt"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Terms of months and years end on the day of the same number, and in a month
// that has no such day on its last. Source: Civil Code 91/2015/QH13, Article
// 148(3) for months; a year (148(4)) is taken for twelve of them. So somebody
// born on 29 February completes a year of life on 28 February of common years,
// and on 29 February of leap years.

func fullYears(from, to time.Time) int64 { return fullMonths(from, to) / 12 }

// fullMonths counts the months that have been completed; negative when to is
// before from.
func fullMonths(from, to time.Time) int64 {
	if to.Before(from) {
		return -fullMonths(to, from)
	}
	n := 12*(to.Year()-from.Year()) + int(to.Month()) - int(from.Month())
	if addMonths(from, int64(n)).After(to) {
		n--
	}
	return int64(n)
}

func fullDays(from, to time.Time) int64 { return (to.Unix() - from.Unix()) / (24 * 60 * 60) }

func addDays(d time.Time, n int64) time.Time { return d.AddDate(0, 0, int(n)) }

func addMonths(d time.Time, n int64) time.Time {
	month := time.Date(d.Year(), d.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := month.AddDate(0, 1, -1).Day()
	return month.AddDate(0, 0, min(d.Day(), last)-1)
}

func span(args []ref.Val, count func(from, to time.Time) int64) (ref.Val, error) {
	from, err := dateOf(args[0])
	if err != nil {
		return nil, err
	}
	to, err := dateOf(args[1])
	if err != nil {
		return nil, err
	}
	return types.Int(count(from, to)), nil
}

const farthest = 10_000 * 366 // days; a sum beyond it is a mistake

func move(args []ref.Val, add func(time.Time, int64) time.Time) (ref.Val, error) {
	d, err := dateOf(args[0])
	if err != nil {
		return nil, err
	}
	n, ok := args[1].(types.Int)
	if !ok {
		return nil, fmt.Errorf("%s is not a whole number", kindOf(args[1]))
	}
	if n > farthest || n < -farthest {
		return nil, fmt.Errorf("%d is too far away", n)
	}
	d = add(d, int64(n))
	if d.Year() < 1 || d.Year() > 9999 {
		return nil, fmt.Errorf("the year %d is too far away", d.Year())
	}
	return types.String(d.Format(time.DateOnly)), nil
}

func dateOf(v ref.Val) (time.Time, error) {
	s, ok := v.(types.String)
	if !ok {
		return time.Time{}, fmt.Errorf("%s is not a date", kindOf(v))
	}
	d, err := time.Parse(time.DateOnly, string(s))
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a date as 2026-11-24", string(s))
	}
	return d, nil
}
