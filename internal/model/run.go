package model

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/workflow"
)

// Story is a definition, a case of it, and what happens to it.
type Story struct {
	Def      *Def
	Answers  Answers
	At       time.Time // of filing
	Commands []Command
}

// DrawStory draws what happens to a case of a definition. The reference tells
// what the next command could be, so the story gets somewhere.
func DrawStory(r *rand.Rand, d *Def, length int) *Story {
	s := &Story{Def: d, Answers: Answers{Size: max(0, r.IntN(12)-2), Kind: []string{"red", "blue"}[r.IntN(2)], Rest: r.IntN(12) - 2}}
	if s.Answers.Rest < 0 || s.Answers.Rest > 9 {
		s.Answers.Rest = absent
	}
	// Any minute of the year: nights, Sundays, Tết.
	s.At = time.Date(2026, 1, 5, 0, 0, 0, 0, calendar.Hanoi).Add(time.Duration(r.IntN(200*24*60)) * time.Minute)
	if r.IntN(3) != 0 {
		s.At = time.Date(s.At.Year(), s.At.Month(), s.At.Day(), 8+r.IntN(9), r.IntN(60), 0, 0, calendar.Hanoi)
	}
	w := &World{now: s.At}
	w.file(d, s.Answers, applicant.ID)
	for n := 1; n <= length; n++ {
		c := drawCommand(r, d, w, n)
		w.do(c)
		if w.tied {
			break
		}
		s.Commands = append(s.Commands, c)
		if w.top.closed && r.IntN(3) == 0 {
			break
		}
	}
	return s
}

// target is the case that a command is meant for.
func (w *World) target(slot int) *Case {
	if slot == 0 || len(w.top.kids) == 0 {
		return w.top
	}
	return w.top.kids[(slot-1)%len(w.top.kids)].of
}

// seen is the revision that a command names.
func (w *World) seen(c Command) int {
	if c.Back < 0 {
		return 0
	}
	return max(1, len(w.target(c.Slot).events)-c.Back)
}

// until is the instant that a wait lasts to. It does not rest on what the
// reference believes of timers, so that one that is wrong is found out.
func (w *World) until(c Command, next time.Time) time.Time {
	if c.Next && !next.IsZero() {
		return next
	}
	return w.now.Add(c.Wait)
}

// do carries a command out.
func (w *World) do(c Command) string {
	next, _, _, _ := w.next()
	return w.doUntil(c, next)
}

func (w *World) doUntil(c Command, next time.Time) string {
	id := fmt.Sprint(c.ID)
	switch c.Kind {
	case "wait":
		w.pass(w.until(c, next))
		return Accepted
	case "signal":
		return w.signal(w.target(c.Slot), id, c.Event, c.In.Word)
	}
	return w.act(w.target(c.Slot), c.Who, id, c.Event, w.seen(c), c.In)
}

// Play lets the engine and the reference live through the story. The result
// says where they differ; empty: nowhere. The error is that of a part that broke.
func (e *Engine) Play(ctx context.Context, s *Story, twist Twist) (string, error) {
	w := &World{now: s.At, twist: twist}
	e.Set(s.At)
	w.file(s.Def, s.Answers, applicant.ID)
	filed, err := e.File(ctx, s.Def, s.Answers, applicant)
	if err != nil {
		return "", fmt.Errorf("file: %w", err)
	}
	defer e.forget(ctx)
	if err := e.Jobs.Drain(ctx); err != nil {
		return "", err
	}
	if diff, err := e.compare(ctx, w, filed.ID); diff != "" || err != nil {
		return "after filing: " + diff, err
	}
	for i, c := range s.Commands {
		got, want, err := e.both(ctx, w, filed.ID, c)
		if err != nil {
			return "", fmt.Errorf("command %d: %s: %w", i+1, c, err)
		}
		if w.tied {
			return "", nil // a shorter story, of which the reference says nothing from here on
		}
		if got != want {
			return fmt.Sprintf("command %d: %s: the engine says %q, the reference %q", i+1, c, got, want), nil
		}
		if diff, err := e.compare(ctx, w, filed.ID); diff != "" || err != nil {
			return fmt.Sprintf("after command %d: %s (-reference +engine)\n%s", i+1, c, diff), err
		}
		if w.top.owesLetter(w.now) {
			return fmt.Sprintf("after command %d: %s: the term is over, and there is no letter of apology", i+1, c), nil
		}
	}
	return "", nil
}

// both lets the two carry a command out, and returns what each said.
func (e *Engine) both(ctx context.Context, w *World, id cases.ID, c Command) (got, want string, err error) {
	command := uuid.NewSHA1(id, fmt.Append(nil, c.ID))
	var next time.Time
	switch c.Kind {
	case "wait":
		if c.Next {
			var at *time.Time
			if err := e.Owner.QueryRow(ctx, `SELECT min(t.fire_at) FROM case_timers t JOIN cases c ON c.id = t.case_id WHERE c.id = $1 OR c.parent_id = $1`, id).Scan(&at); err != nil {
				return "", "", err
			}
			if at != nil {
				next = *at
			}
		}
		until := w.until(c, next)
		if err := e.pass(ctx, until); err != nil {
			return "", "", err
		}
		got = Accepted
	case "signal":
		target, err := e.target(ctx, w, id, c)
		if err != nil {
			return "", "", err
		}
		data := map[string]any{}
		if c.In.Word != "" {
			data["k"] = c.In.Word
		}
		got, err = kindOf(e.Cases.Signal(ctx, target.ID, command, workflow.Event(c.Event), "model", data))
		if err != nil {
			return "", "", err
		}
	default:
		target, err := e.target(ctx, w, id, c)
		if err != nil {
			return "", "", err
		}
		got, err = kindOf(e.Cases.Do(ctx, c.Who.person(), cases.Command{Code: target.Code, ID: command, Revision: w.seen(c), Event: workflow.Event(c.Event), Input: c.In.input()}))
		if err != nil {
			return "", "", err
		}
	}
	if err := e.Jobs.Drain(ctx); err != nil {
		return "", "", err
	}
	if err := e.letters(ctx, w, id); err != nil {
		return "", "", err
	}
	want = w.doUntil(c, next)
	w.top.apologise()
	return got, want, nil
}

// target finds the case that a command is meant for, as the engine knows it.
func (e *Engine) target(ctx context.Context, w *World, id cases.ID, c Command) (cases.Case, error) {
	out := cases.Case{}
	t := w.target(c.Slot)
	gen := 0
	for _, k := range w.top.kids {
		if k.of == t {
			gen = k.gen
		}
	}
	err := e.Owner.QueryRow(ctx, `
		SELECT id, code
		FROM cases
		WHERE CASE WHEN $2 = '' THEN id = $1 ELSE parent_id = $1 AND parent_slot = $2 AND parent_gen = $3 END`, id, t.slot, gen).Scan(&out.ID, &out.Code)
	return out, err
}

// compare holds what there is against what the reference says.
func (e *Engine) compare(ctx context.Context, w *World, id cases.ID) (string, error) {
	got, err := e.view(ctx, id)
	if err != nil {
		return "", err
	}
	return cmp.Diff(w.view(), got, cmpopts.EquateEmpty()), nil
}

// forget takes what is left to be done of a story away, so that the next one has
// the clock for itself.
func (e *Engine) forget(ctx context.Context) {
	_, err := e.Owner.Exec(ctx, `DELETE FROM case_timers`)
	if err == nil {
		_, err = e.Owner.Exec(ctx, `UPDATE case_clocks SET apology_at = NULL`)
	}
	if err == nil {
		_, err = e.Owner.Exec(ctx, `UPDATE case_effects SET status = 4, next_at = NULL, lease = NULL, lease_until = NULL WHERE status IN (0, 1)`)
	}
	if err != nil {
		panic(err)
	}
}
