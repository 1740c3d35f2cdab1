package model

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/workflow"
)

// racer is one of two that meet at a case: what the engine is asked to do, and
// what it means to the reference. Both return the kind of refusal.
type racer struct {
	name   string
	engine func(ctx context.Context, s *cases.Service, j *jobs.Jobs) error
	model  func(w *World) string
}

// commandOf is a racer that acts on the case, or on a sub-case, and names the
// revision that is there before the race.
func (x *race) commandOf(c Command) racer {
	seen := x.w.seen(c)
	return racer{c.Who.ID + " " + c.Event,
		func(ctx context.Context, s *cases.Service, _ *jobs.Jobs) error {
			at, err := x.e.target(ctx, x.w, x.id, c)
			if err != nil {
				return err
			}
			return s.Do(ctx, c.Who.person(), cases.Command{Code: at.Code, ID: uuid.NewSHA1(x.id, fmt.Append(nil, c.ID)), Revision: seen, Event: workflow.Event(c.Event), Input: c.In.input()})
		},
		func(w *World) string { return w.act(w.target(c.Slot), c.Who, fmt.Sprint(c.ID), c.Event, seen, c.In) }}
}

// timer is a racer that fires a time-out of the case.
func (x *race) timer(name string) racer {
	var gen int
	if err := x.e.Owner.QueryRow(x.t.Context(), `SELECT gen FROM case_timers WHERE case_id = $1 AND name = $2`, x.id, name).Scan(&gen); err != nil {
		x.t.Fatal(err)
	}
	return racer{"time-out " + name,
		func(ctx context.Context, s *cases.Service, _ *jobs.Jobs) error {
			return s.Fire(ctx, cases.Timer{Case: x.id, Name: name, Gen: gen})
		},
		func(w *World) string { w.fire(w.top, name); return Accepted }}
}

// told is a racer that does what is waiting to be told to other cases.
func (x *race) told() racer {
	return racer{"what is told", func(ctx context.Context, _ *cases.Service, j *jobs.Jobs) error { return j.Drain(ctx) },
		func(w *World) string { w.held = false; w.settle(); return Accepted }}
}

// race is a case that was brought to the point where two meet.
type race struct {
	t  *testing.T
	e  *Engine
	w  *World
	id cases.ID
	// last is what has happened and was not told yet; nil: nothing.
	last func(w *World)
}

// meets brings a case to the point by commands that nobody disturbs.
func meets(t *testing.T, kind string, way ...Command) *race {
	d := licence()
	x := &race{t: t, e: NewEngine(t, Files(d))}
	a := Answers{Size: 3, Kind: kind, Rest: absent}
	x.w = &World{now: x.e.Now()}
	x.w.file(d, a, applicant.ID)
	c, err := x.e.File(t.Context(), d, a, applicant)
	if err != nil {
		t.Fatal(err)
	}
	x.id = c.ID
	if err := x.e.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range way {
		if got, want, err := x.e.both(t.Context(), x.w, x.id, c); err != nil || got != want || got != Accepted {
			t.Fatalf("%s: %q, %q, %v", c, got, want, err)
		}
	}
	return x
}

// held locks the row of a case until release, so that whoever wants to write it
// has decided and waits.
func (x *race) held(id cases.ID) (release func()) {
	tx, err := x.e.Owner.Begin(x.t.Context())
	if err == nil {
		_, err = tx.Exec(x.t.Context(), `SELECT FROM cases WHERE id = $1 FOR UPDATE`, id)
	}
	if err != nil {
		x.t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(x.t.Context()); err != nil {
			x.t.Error(err)
		}
	}
}

// waiting returns once n sessions of this database wait for a lock.
func (x *race) waiting(n int, gone <-chan error) {
	x.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		var waits int
		if err := x.e.Owner.QueryRow(x.t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waits); err != nil {
			x.t.Fatal(err)
		}
		switch {
		case waits >= n:
			return
		case time.Now().After(deadline):
			x.t.Fatalf("%d of %d racers wait for the case after a minute", waits, n)
		}
		select {
		case err := <-gone:
			x.t.Fatalf("a racer did not wait for the case: %v", err)
		default:
		}
	}
}

// run lets first and second meet at the case: both have decided when the first
// may write. What comes of it must be what one of the two orders gives.
func (x *race) run(at cases.ID, first, second racer) {
	t := x.t
	t.Helper()
	release := x.held(at)
	node, work := x.e.Node(t)
	done := [2]chan error{make(chan error, 1), make(chan error, 1)}
	go func() { done[0] <- first.engine(t.Context(), x.e.Cases, x.e.Jobs) }()
	x.waiting(1, done[0])
	go func() { done[1] <- second.engine(t.Context(), node, work) }()
	x.waiting(2, done[1])
	release()
	var got [2]string
	for i, d := range done {
		var err error
		if got[i], err = kindOf(<-d); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.e.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen, err := x.e.view(t.Context(), x.id)
	if err != nil {
		t.Fatal(err)
	}
	var diffs []error
	for _, swap := range []bool{false, true} {
		w := x.w.clone()
		if x.last != nil {
			x.last(w)
		}
		var want [2]string
		if swap {
			want[1] = second.model(w)
			want[0] = first.model(w)
		} else {
			want[0] = first.model(w)
			want[1] = second.model(w)
		}
		w.held = false
		w.settle()
		diff := cmp.Diff(want, got) + cmp.Diff(w.view(), seen, cmpopts.EquateEmpty())
		if diff == "" {
			return
		}
		diffs = append(diffs, errors.New(diff))
	}
	t.Errorf("%s and %s: it is neither as if the first had come first, nor the second:\n%v", first.name, second.name, errors.Join(diffs...))
}

// Section 13.5: two that meet at one case end as if one had come after the
// other, whichever was first; never both, never neither.
func TestRaces(t *testing.T) {
	t.Parallel()
	accept, propose, askFor := does(1, "reception", "accept"), does(2, "handler", "propose"), does(3, "handler", "ask")
	for _, tt := range []struct {
		name   string
		way    []Command
		racers func(x *race) (racer, racer)
	}{
		{"the last supplement and the time-out", []Command{accept, askFor},
			func(x *race) (racer, racer) { return x.commandOf(does(9, applicant.ID, "supply")), x.timer("10d") }},
		{"a withdrawal and the grant", []Command{accept, propose},
			func(x *race) (racer, racer) {
				return x.commandOf(does(9, applicant.ID, "withdraw")), x.commandOf(does(10, "approver", "grant"))
			}},
		{"two officers at one task", []Command{accept},
			func(x *race) (racer, racer) {
				return x.commandOf(does(9, "handler", "propose")), x.commandOf(does(10, "everything", "ask"))
			}},
		{"a time-out and an action", []Command{accept, propose},
			func(x *race) (racer, racer) { return x.timer("4wd"), x.commandOf(does(9, "approver", "grant")) }},
		{"the same command twice", []Command{accept},
			func(x *race) (racer, racer) {
				return x.commandOf(does(9, "handler", "propose")), x.commandOf(does(9, "handler", "propose"))
			}},
	} {
		for _, swapped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, swapped %t", tt.name, swapped), func(t *testing.T) {
				t.Parallel()
				x := meets(t, "blue", tt.way...)
				first, second := tt.racers(x)
				if swapped {
					first, second = second, first
				}
				x.run(x.id, first, second)
			})
		}
	}
}

// A sub-case that ends while its parent cancels it ended either way, and its
// parent knows how.
func TestCancellationMeetsCompletion(t *testing.T) {
	t.Parallel()
	for _, swapped := range []bool{false, true} {
		t.Run(fmt.Sprintf("swapped %t", swapped), func(t *testing.T) {
			t.Parallel()
			x := meets(t, "red", does(1, "reception", "accept"), Command{Kind: "act", ID: 2, Slot: 2, Who: applicant, Event: "agree"})
			withdraw := does(3, applicant.ID, "withdraw")
			if err := x.commandOf(withdraw).engine(t.Context(), x.e.Cases, nil); err != nil {
				t.Fatal(err)
			}
			x.last = func(w *World) {
				w.held = true
				w.act(w.top, withdraw.Who, "3", withdraw.Event, 0, withdraw.In)
			}
			child, err := x.e.target(t.Context(), x.w, x.id, Command{Slot: 1})
			if err != nil {
				t.Fatal(err)
			}
			first, second := x.told(), x.commandOf(Command{Kind: "act", ID: 4, Slot: 1, Who: applicant, Event: "disagree"})
			if swapped {
				first, second = second, first
			}
			x.run(child.ID, first, second)
		})
	}
}
