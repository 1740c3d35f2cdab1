package calendar

import (
	"strings"
	"testing"
	"time"
)

// Each year has the eleven days off of the Labour Code, Article 112, on
// weekdays; a swapped day is made up on a Saturday or Sunday. From its revision
// on, Vietnam Culture Day is the twelfth.
func TestShippedDaysAddUp(t *testing.T) {
	revisions := VietnamRevisions()
	for _, c := range revisions {
		for year := 2024; year <= 2027; year++ {
			want := 11
			if c.Revision().Number >= 3 && year >= 2026 {
				want = 12
			}
			off := 0
			for d := time.Date(year, 1, 1, 12, 0, 0, 0, Hanoi); d.Year() == year; d = d.AddDate(0, 0, 1) {
				weekday := d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
				if weekday && !c.Working(d) {
					off++
				} else if !weekday && c.Working(d) {
					off--
				}
			}
			if off != want {
				t.Errorf("%s, %d: %d days off, want %d", c.Revision(), year, off, want)
			}
		}
	}
	if got, want := Vietnam().Revision(), revisions[len(revisions)-1].Revision(); got.Number != want.Number || got.Number != len(revisions) {
		t.Errorf("Vietnam is revision %d of %d", got.Number, len(revisions))
	}
}

// A day that is not as the week has it names its act and its reason.
func TestDay(t *testing.T) {
	tests := []struct {
		day     string
		working bool
		act, en string
	}{
		{"2026-03-02", true, "", ""},
		{"2026-03-07", false, "", ""},
		{"2026-02-16", false, "notice-2026", "Tết, Lunar New Year"},
		{"2026-08-22", true, "notice-2026", "made up for Mon 31 Aug 2026"},
		{"2026-01-02", false, "swap-new-year-2026", "swapped with Sat 10 Jan 2026"},
		{"2026-04-27", false, "labour-code", "in lieu of Hùng Kings' Commemoration Day"},
		{"2026-11-24", false, "culture-day", "Vietnam Culture Day"},
		{"2027-02-11", false, "expected-2027", "Tết, Lunar New Year"},
		{"2025-04-26", true, "notice-2025", "made up for Fri 2 May 2025"},
	}
	for _, tt := range tests {
		d, err := Vietnam().Day(at(t, tt.day+" 23:59"))
		if err != nil {
			t.Fatal(err)
		}
		if d.Date != tt.day || d.Working != tt.working || d.Act.ID != tt.act || d.Why.EN != tt.en || (d.Why.VI == "") != (tt.en == "") {
			t.Errorf("%s is %+v, want working %t by %q: %q", tt.day, d, tt.working, tt.act, tt.en)
		}
	}
	for _, day := range []string{"2023-12-31 23:59", "2028-01-01 00:00"} {
		if d, err := Vietnam().Day(at(t, day)); err == nil {
			t.Errorf("%s is %+v, want an error", day, d)
		}
		if Vietnam().Working(at(t, day)) {
			t.Errorf("offices are known to work on %s", day)
		}
	}
}

// A term is counted by the revision that it is given to: a later one moves it.
func TestRevisionsDiffer(t *testing.T) {
	clock := Clock{Start: at(t, "2026-11-20 09:00"), Limit: limit(t, "3wd")}
	for i, want := range []string{"2026-11-25 17:00", "2026-11-25 17:00", "2026-11-26 17:00"} {
		c := VietnamRevisions()[i]
		due, err := c.Due(clock, later)
		if err != nil || !due.At.Equal(at(t, want)) {
			t.Errorf("%s: due %s (%v), want %s", c.Revision(), due.At, err, want)
		}
	}
}

// A revision names the acts that its days rest on, and what is doubtful about them.
func TestRevisionActs(t *testing.T) {
	doubts := map[string]bool{}
	for _, a := range Vietnam().Revision().Acts {
		if a.Title.VI == "" || a.Title.EN == "" || a.Date == "" {
			t.Errorf("act %s is incomplete: %+v", a.ID, a)
		}
		doubts[a.ID] = a.Doubt != ""
	}
	for id, want := range map[string]bool{"labour-code": false, "notice-2026": false, "culture-day": true, "expected-2027": true} {
		if got, ok := doubts[id]; !ok || got != want {
			t.Errorf("act %s: there %t, doubtful %t, want doubtful %t", id, ok, got, want)
		}
	}
}

const small = `
calendar: test
covers: {from: "2026-01-01", to: "2026-01-31"}
week: [mon, tue, wed, thu, fri]
hours: [{from: "08:00", to: "12:00"}, {from: "13:30", to: "16:30"}]
acts:
  a: {date: "2025-01-01", title: {vi: A, en: A}}
revisions:
  - {since: "2025-01-01", why: {vi: đầu, en: first}}
  - {since: "2025-06-01", why: {vi: sau, en: second}}
days:
  - {off: "2026-01-01", act: a, why: {vi: nghỉ, en: off}}
`

// A calendar file brings its own hours and revisions.
func TestParse(t *testing.T) {
	cs, err := Parse([]byte(small + `  - {off: "2026-01-05 to 2026-01-06", until: 1, act: a, why: {vi: nghỉ, en: off}}` + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"2026-01-07 16:30", "2026-01-05 16:30"} {
		due, err := cs[i].Due(Clock{Start: at(t, "2026-01-02 16:30"), Limit: limit(t, "1wd")}, later)
		if err != nil || !due.At.Equal(at(t, want)) {
			t.Errorf("%s: due %s (%v), want %s", cs[i].Revision(), due.At, err, want)
		}
	}
}

// A mistake in a calendar file is told, never shipped.
func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"unknown key", "calendar: test", "calender: test", "calender"},
		{"no days covered", `to: "2026-01-31"`, `to: "2025-01-31"`, "covers"},
		{"unknown weekday", "[mon,", "[monday,", "week"},
		{"no working day", "[mon, tue, wed, thu, fri]", "[]", "week"},
		{"hours turned round", `to: "12:00"`, `to: "07:00"`, "hours"},
		{"hours overlap", `from: "13:30"`, `from: "11:30"`, "hours"},
		{"no hours", `hours: [{from: "08:00", to: "12:00"}, {from: "13:30", to: "16:30"}]`, "hours: []", "hours"},
		{"revisions turned round", `"2025-06-01"`, `"2024-06-01"`, "revision 2"},
		{"unknown act", "act: a", "act: b", `no act "b"`},
		{"outside the years", `off: "2026-01-01"`, `off: "2026-02-03"`, "outside calendar"},
		{"no such day", `off: "2026-01-01"`, `off: "2026-01-32"`, "2026-01-32"},
		{"days turned round", `off: "2026-01-01"`, `off: "2026-01-02 to 2026-01-01"`, "comes before"},
		{"off on a Sunday", `off: "2026-01-01"`, `off: "2026-01-04"`, "the week has it so"},
		{"work on a Monday", `off: "2026-01-01"`, `work: "2026-01-05"`, "the week has it so"},
		{"neither off nor work", `off: "2026-01-01", `, "", "either off or work"},
		{"both", `off: "2026-01-01", `, `off: "2026-01-01", work: "2026-01-03", `, "either off or work"},
		{"twice", "days:\n", "days:\n  - {off: \"2026-01-01 to 2026-01-02\", act: a, why: {vi: x, en: x}}\n", "has a row already"},
		{"reason in one language", "{vi: nghỉ, en: off}", "{vi: nghỉ}", "missing in a language"},
		{"unknown revision", "act: a,", "act: a, rev: 3,", "no revisions 3"},
		{"ends before it begins", "act: a,", "act: a, rev: 2, until: 1,", "no revisions 2 to 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(small, tt.old, tt.new, 1)
			if text == small {
				t.Fatal("the test changes nothing")
			}
			if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error about %q", err, tt.want)
			}
		})
	}
}
