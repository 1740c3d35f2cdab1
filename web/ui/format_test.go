package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/calendar"
)

// Numbers are written as Vietnamese write them, in both languages.
func TestMoney(t *testing.T) {
	for amount, want := range map[int64]string{
		0: "0\u00a0đ", 999: "999\u00a0đ", 1000: "1.000\u00a0đ", 1234567: "1.234.567\u00a0đ", -20000: "-20.000\u00a0đ",
	} {
		if got := Money(amount); got != want {
			t.Errorf("Money(%d) = %q, want %q", amount, got, want)
		}
	}
}

// A day is that of Hanoi, wherever the server stands.
func TestDate(t *testing.T) {
	at := time.Date(2026, 11, 25, 17, 5, 0, 0, time.UTC) // 00:05 on the 26th in Hanoi
	for _, c := range []struct{ got, want string }{
		{Date(at), "26/11/2026"},
		{Clock(at), "00:05"},
		{DateTime(at, "vi"), "00:05 26/11/2026"},
		{DateTime(at, "en"), "26/11/2026 00:05"},
		{Stamp(at), "2026-11-26T00:05:00+07:00"},
		{Date(time.Time{}), ""},
		{ISODate("2026-03-27"), "27/03/2026"},
		{ISODate("năm 2026"), "năm 2026"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// A due time is counted in days of the calendar; midnight belongs to the day
// that it ends.
func TestLeft(t *testing.T) {
	now := time.Date(2026, 11, 26, 10, 42, 0, 0, calendar.Hanoi)
	day := func(d, hour, min int) time.Time { return time.Date(2026, 11, d, hour, min, 0, 0, calendar.Hanoi) }
	for _, c := range []struct {
		name   string
		due    time.Time
		vi, en string
		tone   Tone
	}{
		{"none", time.Time{}, "", "", ""},
		{"end of today", day(27, 0, 0), "Hạn hôm nay", "Due today", Warning},
		{"later today", day(26, 10, 43), "Hạn hôm nay", "Due today", Warning},
		{"now", now, "Quá hạn hôm nay", "Overdue today", Danger},
		{"end of yesterday", day(26, 0, 0), "Quá hạn 1 ngày", "Overdue by 1 day", Danger},
		{"two days ago", day(24, 17, 0), "Quá hạn 2 ngày", "Overdue by 2 days", Danger},
		{"end of tomorrow", day(28, 0, 0), "Còn 1 ngày", "1 day left", Warning},
		{"in two days", day(28, 17, 0), "Còn 2 ngày", "2 days left", Warning},
		{"in three days", day(29, 17, 0), "Còn 3 ngày", "3 days left", Neutral},
	} {
		if got, want := Left(c.due, now, "vi"), (Tag{c.vi, c.tone}); got != want {
			t.Errorf("%s: got %v, want %v", c.name, got, want)
		}
		if got := Left(c.due, now, "en").Text; got != c.en {
			t.Errorf("%s: got %q, want %q", c.name, got, c.en)
		}
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 26, 10, 42, 0, 0, calendar.Hanoi)
	for _, c := range []struct {
		before time.Duration
		vi, en string
	}{
		{30 * time.Second, "vừa xong", "just now"},
		{time.Minute, "1 phút trước", "1 minute ago"},
		{2 * time.Hour, "2 giờ trước", "2 hours ago"},
		{25 * time.Hour, "ngày 25/11/2026", "on 25/11/2026"},
	} {
		if got := Ago(now.Add(-c.before), now, "vi"); got != c.vi {
			t.Errorf("%v: got %q, want %q", c.before, got, c.vi)
		}
		if got := Ago(now.Add(-c.before), now, "en"); got != c.en {
			t.Errorf("%v: got %q, want %q", c.before, got, c.en)
		}
	}
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		bytes  int64
		vi, en string
	}{
		{0, "0 B", "0 B"}, {1023, "1023 B", "1023 B"}, {1024, "1 KB", "1 KB"}, {839_680, "820 KB", "820 KB"}, {1_468_006, "1,4 MB", "1.4 MB"},
	} {
		if got := Size(c.bytes, "vi"); got != c.vi {
			t.Errorf("Size(%d) = %q, want %q", c.bytes, got, c.vi)
		}
		if got := Size(c.bytes, "en"); got != c.en {
			t.Errorf("Size(%d) = %q, want %q", c.bytes, got, c.en)
		}
	}
}

// Grouping never changes what a copy of the number holds.
func TestGroups(t *testing.T) {
	for in, want := range map[string]int{"001196000101": 4, "0912345678": 3, "12345": 1, "": 1, "+84912345678": 1, "٠١٢٣٤٥٦٧٨٩": 1} {
		got := groups(in)
		if len(got) != want || strings.Join(got, "") != in {
			t.Errorf("groups(%q) = %q, want %d groups that join to it", in, got, want)
		}
	}
}
