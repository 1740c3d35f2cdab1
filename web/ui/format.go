package ui

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hoso-gov/hoso/calendar"
)

// Date writes the day in Hanoi: 27/03/2026. The zero time is "".
func Date(t time.Time) string { return format(t, "02/01/2006") }

// Clock writes the time of day in Hanoi: 10:42.
func Clock(t time.Time) string { return format(t, "15:04") }

// DateTime writes both: 10:42 27/03/2026, in English 27/03/2026 10:42.
func DateTime(t time.Time, lang string) string {
	return format(t, T(lang, "15:04 02/01/2006", "02/01/2006 15:04"))
}

// Stamp is the time for machines, in the datetime attribute of <time>.
func Stamp(t time.Time) string { return format(t, time.RFC3339) }

func format(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(calendar.Hanoi).Format(layout)
}

// ISODate writes 2026-03-27 as 27/03/2026; another text comes back as it was.
func ISODate(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return t.Format("02/01/2006")
}

// Money writes đồng: 1.234.567 đ.
func Money(amount int64) string { return Count(amount) + "\u00a0đ" }

// Count writes a whole number with dots between thousands: 12.431.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = "-", rest
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return sign + s
}

// Size writes how big a file is: 820 KB, 1,4 MB; in English 1.4 MB.
func Size(bytes int64, lang string) string {
	const kb, mb = 1 << 10, 1 << 20
	switch {
	case bytes < kb:
		return strconv.FormatInt(bytes, 10) + " B"
	case bytes < mb:
		return strconv.FormatInt((bytes+kb/2)/kb, 10) + " KB"
	}
	s := strconv.FormatFloat(float64(bytes)/mb, 'f', 1, 64)
	if lang != "en" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s + " MB"
}

// groups parts the digits of a personal number or a telephone number for the
// eye: 001 196 000 101, 0912 345 678. Other texts are one group. The gaps are
// drawn, so that a copy has none.
func groups(digits string) []string {
	if strings.ContainsFunc(digits, func(r rune) bool { return !unicode.IsDigit(r) || r > '9' }) {
		return []string{digits}
	}
	switch len(digits) {
	case 12:
		return []string{digits[:3], digits[3:6], digits[6:9], digits[9:]}
	case 10:
		return []string{digits[:4], digits[4:7], digits[7:]}
	}
	return []string{digits}
}

// Left writes how far a due time is away, in days of Hanoi's calendar: còn 3
// ngày, hôm nay, quá hạn 2 ngày; with the tone of its tag. due is exclusive: an
// instant at midnight ends the day before.
func Left(due, now time.Time, lang string) Tag {
	if due.IsZero() {
		return Tag{}
	}
	last, today := day(due.Add(-time.Nanosecond)), day(now)
	days := int(last.Sub(today).Hours() / 24)
	switch {
	case !now.Before(due) && days >= 0: // earlier today
		return Tag{T(lang, "Quá hạn hôm nay", "Overdue today"), Danger}
	case days < 0:
		return Tag{T(lang, "Quá hạn "+plural(-days, "ngày", "ngày"), "Overdue by "+plural(-days, "day", "days")), Danger}
	case days == 0:
		return Tag{T(lang, "Hạn hôm nay", "Due today"), Warning}
	case days <= 2:
		return Tag{T(lang, "Còn "+plural(days, "ngày", "ngày"), plural(days, "day", "days")+" left"), Warning}
	}
	return Tag{T(lang, "Còn "+plural(days, "ngày", "ngày"), plural(days, "day", "days")+" left"), Neutral}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// day is the day of an instant in Hanoi, as midnight UTC.
func day(t time.Time) time.Time {
	y, m, d := t.In(calendar.Hanoi).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Ago writes how long ago something was saved: vừa xong, 5 phút trước, 2 giờ
// trước, and from a day on its date.
func Ago(t, now time.Time, lang string) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return ""
	case d < time.Minute:
		return T(lang, "vừa xong", "just now")
	case d < time.Hour:
		n := int(d.Minutes())
		return T(lang, plural(n, "phút", "phút")+" trước", plural(n, "minute", "minutes")+" ago")
	case d < 24*time.Hour:
		n := int(d.Hours())
		return T(lang, plural(n, "giờ", "giờ")+" trước", plural(n, "hour", "hours")+" ago")
	}
	return T(lang, "ngày ", "on ") + Date(t)
}
