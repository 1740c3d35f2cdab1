package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
)

// The calendar is shown with its revisions, the acts behind them, what is still
// to be confirmed, and the days of a year; also where there is no database.
func TestCalendar(t *testing.T) {
	t.Setenv("DATABASE_URL", "")
	t.Chdir(t.TempDir())
	out, err := run(t, calendarCommand(), "--year", "2026")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"vn-state-offices/3", "Vietnam Culture Day on 24 November added", "to be confirmed: The resolution proposes", "Tue 2026-11-24", "Sat 2026-08-22", "work"} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "behind the newest") {
		t.Error("cases were counted without a database")
	}
	if out, err = run(t, calendarCommand(), "--json"); err != nil {
		t.Fatal(err)
	}
	var got calendarShown
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Revisions) != len(calendar.VietnamRevisions()) || got.Open != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := run(t, calendarCommand(), "--year", "2031"); err == nil || !strings.Contains(err.Error(), "outside calendar") {
		t.Errorf("a year that nobody has set: %v", err)
	}
}

// What is not named in HOSO_WARN keeps its default; what it does not know is an error.
func TestWarnings(t *testing.T) {
	w, err := warnings("head=2wd, remind=1h")
	if want := (cases.Warnings{Head: calendar.Duration{N: 2, Unit: calendar.WorkingDays}, Remind: calendar.Duration{N: 1, Unit: calendar.WorkingHours}}); err != nil || w != want {
		t.Errorf("got %+v, %v", w, err)
	}
	for text, want := range map[string]string{"boss=1wd": "none of remind", "head=soon": "HOSO_WARN: head", "head": "HOSO_WARN: head"} {
		if _, err := warnings(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error about %q", text, err, want)
		}
	}
}
