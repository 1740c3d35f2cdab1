package model

import (
	"testing"
	"time"

	"github.com/hoso-gov/hoso/calendar"
)

// A letter of apology is taken once, while the term runs, and not before its last
// working day; one that is missing when the term is over is missed.
func TestLettersAreJudged(t *testing.T) {
	t.Parallel()
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, calendar.Hanoi) }
	for _, tt := range []struct {
		name   string
		change func(c *Case)
		at     time.Time
		may    bool
		owes   bool
	}{
		{"before a week-end, the term ends on Monday", nil, at(6, 17), true, false},
		{"an hour too early", nil, at(6, 16), false, false},
		{"when the term is over", nil, at(9, 18), true, true},
		{"a second time", func(c *Case) { c.apologised = true }, at(9, 18), false, false},
		{"while the clock stands", func(c *Case) { c.term.paused = at(5, 9) }, at(9, 18), false, false},
		{"after the end", func(c *Case) { c.closed = true }, at(9, 18), false, false},
		{"before the term has begun", func(c *Case) { c.due = time.Time{} }, at(9, 18), false, false},
		{"while a sub-case is open", func(c *Case) { c.kids = []*kid{{of: &Case{}}} }, at(9, 18), true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &Case{state: "s0", due: at(9, 17), letters: []letter{{seq: 1, at: tt.at}}}
			if tt.change != nil {
				tt.change(c)
			}
			if owes := c.owesLetter(tt.at); owes != tt.owes {
				t.Errorf("owes a letter: %t", owes)
			}
			if c.apologise(); len(c.events) == 1 != tt.may {
				t.Errorf("takes the letter: %v", c.events)
			}
		})
	}
}
