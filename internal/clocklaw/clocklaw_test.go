package clocklaw

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hoso-gov/hoso/calendar"
)

func law(t testing.TB) *Law {
	t.Helper()
	cal := calendar.Vietnam()
	l, err := Read(cal.Source(), cal.Revision().Number)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, vietnam)
	if err != nil {
		panic(err) // of this file's own tables
	}
	return t
}

// The examples of engine.md, section 5.
func TestExamples(t *testing.T) {
	l := law(t)
	for _, tt := range []struct {
		start  string
		n      int
		pauses []Pause
		want   string
	}{
		{"2026-02-10 09:00", 7, nil, "2026-02-26 17:00"},
		{"2026-02-10 18:30", 7, nil, "2026-02-27 17:00"},
		{"2026-08-20 09:00", 5, nil, "2026-08-26 17:00"},
		{"2026-03-02 09:00", 7, nil, "2026-03-11 17:00"},
		{"2026-03-02 09:00", 7, []Pause{{at("2026-03-04 15:00"), at("2026-03-12 10:00")}}, "2026-03-19 17:00"},
	} {
		got, err := l.Due(Term{Start: at(tt.start), N: tt.n, Unit: "wd", Pauses: tt.pauses}, at("2026-12-31 00:00"))
		if err != nil || !got.Equal(at(tt.want)) {
			t.Errorf("%d wd from %s: %s (%v), want %s", tt.n, tt.start, got, err, tt.want)
		}
	}
}

// Both readings of the law say the same of random terms.
func TestAgrees(t *testing.T) {
	l, cal := law(t), calendar.Vietnam()
	rapid.Check(t, func(t *rapid.T) {
		begin := at("2026-01-05 00:00")
		instant := func(name string, from time.Time, days int) time.Time {
			return from.Add(time.Duration(rapid.IntRange(0, days*24*60).Draw(t, name)) * time.Minute)
		}
		term := Term{Start: instant("start", begin, 200), N: rapid.IntRange(1, 30).Draw(t, "n"), Unit: rapid.SampledFrom([]string{"h", "d", "wd"}).Draw(t, "unit"),
			CutOff: rapid.SampledFrom([]string{"", "15:00"}).Draw(t, "cut-off")}
		clock := calendar.Clock{Start: term.Start, Limit: calendar.Duration{N: term.N, Unit: calendar.Unit(term.Unit)}, CutOff: term.CutOff}
		for range rapid.IntRange(0, 3).Draw(t, "pauses") {
			p := Pause{From: instant("from", term.Start, 20)}
			if rapid.Bool().Draw(t, "at the close") {
				p.From = l.close(p.From.Format(time.DateOnly))
			}
			p.To = instant("to", p.From, 9)
			term.Pauses = append(term.Pauses, p)
			clock.Pauses = append(clock.Pauses, calendar.Span{From: p.From, To: p.To})
		}
		now := instant("now", term.Start, 40)
		got, err := l.Due(term, now)
		if err != nil {
			t.Fatal(err)
		}
		want, err := cal.End(clock, now)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Equal(want) {
			t.Fatalf("this law says %s, package calendar %s", got, want)
		}
		got, err = l.Add(term.Start, term.N, term.Unit)
		if err != nil {
			t.Fatal(err)
		}
		if want, err = cal.Add(term.Start, clock.Limit); err != nil || !got.Equal(want) {
			t.Fatalf("the delay ends %s by this law, %s (%v) by package calendar", got, want, err)
		}
	})
}

// Used days never fall while time passes, and a paused clock uses none.
func TestUsed(t *testing.T) {
	l := law(t)
	term := Term{Start: at("2026-03-02 09:00"), N: 7, Unit: "wd", Pauses: []Pause{{at("2026-03-04 15:00"), at("2026-03-12 10:00")}}}
	last := 0
	for now := term.Start; now.Before(at("2026-03-20 00:00")); now = now.Add(time.Hour) {
		n, err := l.Used(term, now)
		if err != nil {
			t.Fatal(err)
		}
		if n < last || n > last && now.After(term.Pauses[0].From) && now.Before(term.Pauses[0].To) {
			t.Fatalf("at %s %d days are used, %d before", now, n, last)
		}
		last = n
	}
	if last != 7 {
		t.Errorf("%d days used by the due date, want 7", last)
	}
}
