package calendar

import "time"

// day is a date in Hanoi, as the number of days since 1970-01-01.
type day int

const secondsPerDay = 24 * 60 * 60

// dayOf is the date of t in Hanoi.
func dayOf(t time.Time) day {
	s := t.Unix() + 7*60*60
	d := s / secondsPerDay
	if s%secondsPerDay < 0 {
		d--
	}
	return day(d)
}

// dateOf reads "2026-03-02".
func dateOf(s string) (day, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, Hanoi)
	return dayOf(t), err
}

// at is the instant that lies after the day's midnight by d.
func (d day) at(after time.Duration) time.Time {
	return time.Unix(int64(d)*secondsPerDay-7*60*60, 0).In(Hanoi).Add(after)
}

func (d day) weekday() time.Weekday { return d.at(0).Weekday() }

func (d day) String() string { return d.at(0).Format(time.DateOnly) }
