package cases

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

var fairHand = officer("ub-00070-thuly", agency.Seat{Agency: "UB-00070", Role: "handler"})

// joinsAtOnce is how many joins the test has finish at once, in all: 5,000, and
// fewer under the race detector, where each takes many times as long. `make
// test` runs both.
func joinsAtOnce() int {
	if raced {
		return 500
	}
	return 5000
}

// Four outcomes that come at the same instant, 5,000 times: the join fires
// exactly once each time. In every third of them something races with the
// outcomes: the end of the window, a second delivery of each outcome, or the
// applicant who withdraws.
func TestFourWayJoinFiresOnce(t *testing.T) {
	t.Parallel()
	o := newFair(t)
	rules := []procedures.ID{"fair-all", "fair-any", "fair-count", "fair-first", "fair-settled"}
	var left atomic.Int64
	left.Store(int64(joinsAtOnce()))
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 4))
			var c *snapshot
			for left.Add(-1) >= 0 {
				if c == nil || c.ClosedAt != nil {
					c = o.fair(rules[r.IntN(len(rules))])
				} else {
					o.ok(o.Do(t.Context(), fairHand, Command{Code: c.Code, Event: "again"}))
					c = o.now1(c.ID)
				}
				o.finishAtOnce(r, c)
				c = o.now1(c.ID)
			}
		})
	}
	all.Wait()
	visits, faults := o.firings()
	for _, f := range faults {
		t.Error(f)
	}
	if visits != joinsAtOnce() {
		t.Errorf("%d joins were finished, want %d", visits, joinsAtOnce())
	}
	if n := o.count(`SELECT count(*) FROM message_inbox`); n != 4*joinsAtOnce() {
		t.Errorf("%d outcomes are in the inbox, want four of each join", n)
	}
}

// finishAtOnce delivers four outcomes at one instant, with what races with them.
func (o *office) finishAtOnce(r *rand.Rand, c *snapshot) {
	var (
		ctx   = o.t.Context()
		start = make(chan struct{})
		all   sync.WaitGroup
		do    = func(f func() error) {
			all.Go(func() {
				<-start
				if err := f(); err != nil {
					o.t.Error(err)
				}
			})
		}
		race = r.IntN(9)
	)
	for _, slot := range []string{"a", "b", "c", "d"} {
		content := o.outcome(c, slot, []workflow.Outcome{"agreed", "agreed", "disagreed", "lapsed"}[r.IntN(4)])
		do(func() error { return deliver(ctx, o, content) })
		if race == 0 {
			do(func() error { return deliver(ctx, o, content) })
		}
	}
	switch race {
	case 1:
		do(func() error { return o.Timeout(ctx, c.ID, JoinWindow, c.Memory.Gen) })
	case 2:
		do(func() error {
			err := o.Do(ctx, lan, Command{Code: c.Code, Event: "withdraw"})
			if _, late := errors.AsType[*ConflictError](err); late {
				return nil
			}
			return err
		})
	}
	close(start)
	all.Wait()
}

func deliver(ctx context.Context, o *office, content []byte) error {
	_, err := o.Deliver(ctx, content)
	return err
}

// firings goes over the histories of all fairs: how often the state of the join
// was entered, and each visit that was not left by exactly one event.
func (o *office) firings() (visits int, faults []string) {
	o.t.Helper()
	rows, err := o.db.Query(o.t.Context(), `
		SELECT c.code, v.gen, v.next, v.silent,
			(SELECT count(*) FROM case_events e WHERE e.case_id = c.id AND e.seq > v.gen AND e.seq <= v.next AND e.from_state = 'asking' AND e.to_state <> 'asking')
		FROM cases c
		JOIN LATERAL (
			SELECT k.gen, coalesce(lead(k.gen) OVER (ORDER BY k.gen), c.revision) AS next, k.silent
			FROM (SELECT gen, count(*) FILTER (WHERE outcome IS NULL) AS silent FROM case_children WHERE case_id = c.id GROUP BY gen) AS k) AS v ON true`)
	o.ok(err)
	var (
		code               Code
		gen, next, mute, n int
	)
	_, err = pgx.ForEachRow(rows, []any{&code, &gen, &next, &mute, &n}, func() error {
		visits++
		if n != 1 {
			faults = append(faults, fmt.Sprintf("case %s: the join of event %d was left %d times", code, gen, n))
		}
		if mute > 0 {
			faults = append(faults, fmt.Sprintf("case %s: of the join of event %d %d outcomes are lost", code, gen, mute))
		}
		return nil
	})
	o.ok(err)
	return visits, faults
}

// The test of the joins can fail: four workers who decide on what they have
// read, and write what they decided though the case has moved meanwhile, are
// found by it. With the rule any each of them fires; with the rule all none does.
func TestCarelessJoinIsFound(t *testing.T) {
	t.Parallel()
	o := newFair(t)
	for _, id := range []procedures.ID{"fair-any", "fair-all"} {
		c := o.fair(id)
		var planned, all sync.WaitGroup
		var turn sync.Mutex
		planned.Add(4)
		for _, slot := range []string{"a", "b", "c", "d"} {
			all.Go(func() {
				st := o.decided(c.ID, slot)
				planned.Done()
				planned.Wait() // each has read before any has written
				turn.Lock()
				defer turn.Unlock()
				o.writeAnyway(st)
			})
		}
		all.Wait()
	}
	visits, faults := o.firings()
	if visits != 2 || len(faults) != 2 {
		t.Errorf("of %d careless joins %d were found: %v", visits, len(faults), faults)
	}
}

// decided is the step of an outcome as one worker decides on it.
func (o *office) decided(id ID, slot string) *step {
	ctx := o.t.Context()
	c := o.now1(id)
	ord := order{Command: uuid.New(), Report: &Report{Parent: id, Slot: slot, Gen: c.Memory.Gen, Outcome: "agreed"},
		Trigger: workflow.Trigger{Kind: workflow.ByJoin, Event: workflow.Event(slot)}, Actor: agency.Actor{Kind: agency.System, ID: slot}}
	v := variables{c: c, now: o.now()}
	var err error
	v.kids, err = o.children(ctx, id)
	o.ok(err)
	d, err := o.decide(c, ord, v)
	o.ok(err)
	if d == nil {
		return o.noted(c, ord, ord.Command[:], v.now)
	}
	st, err := o.plan(ctx, c, d, ord, ord.Command[:], v)
	o.ok(err)
	return st
}

// writeAnyway writes a step upon whatever the case is by now.
func (o *office) writeAnyway(st *step) {
	c := o.now1(st.c.ID)
	st.seen, st.c.Revision, st.c.Head = c.Revision, c.Revision+len(st.events), c.Head
	for i := range st.events {
		st.events[i].Seq = c.Revision + 1 + i
		st.events[i].seal(c.ID, st.c.Head)
		st.c.Head = st.events[i].Sum
	}
	st.effects, st.children = nil, nil
	written, err := o.write(o.t.Context(), st)
	o.ok(err)
	if !written {
		o.t.Error("the careless step was not written")
	}
}
