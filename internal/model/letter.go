package model

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hoso-gov/hoso/cases"
)

// letter is a letter of apology that the engine wrote: by which event, and when.
// It goes out within the last working day of the legal term, or earlier in that
// day as the budgets ahead demand. The reference does not count those: it takes
// the letter where the engine has it, if one may be written there, and misses it
// where none was written and the term is over (engine.md, section 2).
type letter struct {
	seq int
	at  time.Time
}

// apologise writes the letters down that come before the case's next event.
func (c *Case) apologise() {
	for len(c.letters) > 0 && c.letters[0].seq == len(c.events)+1 && c.mayApologise(c.letters[0].at) {
		at := c.letters[0].at
		c.letters, c.apologised = c.letters[1:], true
		c.events = append(c.events, Event{Seq: len(c.events) + 1, Kind: "apology", Name: "apology", From: c.state, To: c.state, Effect: "notify:hoso.late", At: at})
	}
}

// mayApologise: once, while the term runs, and not before its last working day.
func (c *Case) mayApologise(at time.Time) bool {
	if c.apologised || c.closed || c.due.IsZero() || !c.term.paused.IsZero() {
		return false
	}
	day := midnight(c.due).AddDate(0, 0, -1)
	for !days.Working(day) {
		day = day.AddDate(0, 0, -1)
	}
	return !at.Before(day.Add(c.due.Sub(midnight(c.due))))
}

// owesLetter: the term is over, and nobody apologised. While a sub-case waits for
// the citizen nobody has to.
func (c *Case) owesLetter(now time.Time) bool {
	asks := slices.ContainsFunc(c.kids, func(k *kid) bool { return !k.of.closed })
	return c.mayApologise(now) && now.After(c.due) && !asks
}

// letters lets the reference know which letters the engine has written.
func (e *Engine) letters(ctx context.Context, w *World, id cases.ID) error {
	rows, err := e.Owner.Query(ctx, `
		SELECT seq, at
		FROM case_events
		WHERE case_id = $1 AND kind = 'apology' AND seq > $2
		ORDER BY seq`, id, len(w.top.events))
	if err != nil {
		return fmt.Errorf("letters of %s: %w", id, err)
	}
	defer rows.Close()
	w.top.letters = nil
	for rows.Next() {
		var l letter
		if err := rows.Scan(&l.seq, &l.at); err != nil {
			return fmt.Errorf("letters of %s: %w", id, err)
		}
		w.top.letters = append(w.top.letters, l)
	}
	return rows.Err()
}
