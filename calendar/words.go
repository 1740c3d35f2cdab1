package calendar

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

var weekdaysVI = [...]string{"chủ nhật", "thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy"}

// vi is the day inside a sentence: thứ hai 02/03/2026.
func (d day) vi() string { return weekdaysVI[d.weekday()] + " " + d.at(0).Format("02/01/2006") }

// en is the day: Mon 2 Mar 2026.
func (d day) en() string { return d.at(0).Format("Mon 2 Jan 2006") }

// upper makes a sentence of words.
func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// vi is the duration for people: 7 ngày làm việc.
func (d Duration) vi() string {
	if d.N == 0 {
		return "trong ngày"
	}
	return fmt.Sprintf("%d %s", d.N, map[Unit]string{WorkingHours: "giờ làm việc", Days: "ngày", WorkingDays: "ngày làm việc"}[d.Unit])
}

// en is the duration for people: 7 working days.
func (d Duration) en() string {
	if d.N == 0 {
		return "the same day"
	}
	s := fmt.Sprintf("%d %s", d.N, map[Unit]string{WorkingHours: "working hour", Days: "day", WorkingDays: "working day"}[d.Unit])
	if d.N != 1 {
		s += "s"
	}
	return s
}
