package cases

import (
	"context"
	"sync"
	"time"

	"github.com/hoso-gov/hoso/internal/failpoint"
)

// Steps of different cases that come at the same moment are written together:
// most of the cost of a step is that of a statement and a commit, not that of
// its rows. A step that finds nothing under way goes at once, alone; others wait
// until they are as many as are under way, or until that is written.
//
// Each step of a group stands and falls by itself: it is written when its case
// is where it saw it and nobody holds the row. Otherwise, or when the group's
// statement failed, it is tried again alone, and waits alone: one step's trouble
// is never another's.
const (
	writersAtOnce = 2  // statements under way for the cases of one month
	groupSize     = 64 // steps in one statement
	groupTimeout  = 10 * time.Second
)

// grouper makes groups of the steps that are to be written.
type grouper struct {
	mu     sync.Mutex
	months map[month]*line
}

// line is what waits to be written into the partitions of a month.
type line struct {
	statements int // under way
	steps      int // in them
	waiting    []*waiter
}

// waiter is a step in a line.
type waiter struct {
	st   *step
	done chan verdict
}

// verdict is what became of a step in a group.
type verdict int

const (
	written   verdict = iota
	unsettled         // the group could not write it: it is to be tried alone
)

// write writes the step and tells whether it was written; if not, the case was
// changed meanwhile, or the filing was done before.
func (s *Service) write(ctx context.Context, st *step) (bool, error) {
	m, err := s.monthOf(ctx, st.c.ID)
	if err != nil {
		return false, err
	}
	if err := failpoint.Fail(failpoint.WriteBefore); err != nil {
		return false, err
	}
	begun := time.Now()
	ok, err := s.writeGrouped(ctx, st, m)
	s.pressure.wrote(time.Since(begun))
	if err != nil {
		return false, err
	}
	if err := failpoint.Fail(failpoint.WriteAfter); err != nil {
		return false, err
	}
	if ok {
		s.recent.put(st)
	}
	return ok, nil
}

func (s *Service) writeGrouped(ctx context.Context, st *step, m month) (bool, error) {
	if !st.alone() {
		w := &waiter{st, make(chan verdict, 1)}
		if group := s.groups.join(w, m); group != nil {
			s.writeGroup(m, group)
		}
		select {
		case <-ctx.Done(): // it may still be written: whoever asks again with the same command learns it
			return false, ctx.Err()
		case v := <-w.done:
			if v == written {
				return true, nil
			}
		}
	}
	return s.writeAlone(ctx, st, m)
}

// join puts the step into the month's line, and returns a group if one may be
// written now. That is so when nothing is under way, or when as many wait as are
// under way: two statements of a like size take turns at the processors, and a
// small one beside a large one would cost as much as a larger one later.
func (g *grouper) join(w *waiter, m month) []*waiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.months[m]
	if l == nil {
		if g.months == nil {
			g.months = map[month]*line{}
		}
		l = &line{}
		g.months[m] = l
	}
	l.waiting = append(l.waiting, w)
	return l.next()
}

// done notes that a group was written, and returns the next one if it may be written now.
func (g *grouper) done(m month, group []*waiter) []*waiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.months[m]
	l.statements--
	l.steps -= len(group)
	return l.next()
}

// next starts a group of those who wait, if it may be written now.
func (l *line) next() []*waiter {
	if len(l.waiting) == 0 || l.statements == writersAtOnce || len(l.waiting) < l.steps {
		return nil
	}
	group := l.take()
	l.statements++
	l.steps += len(group)
	return group
}

// take takes the next group out of the line: a case is in it once.
func (l *line) take() []*waiter {
	var group, rest []*waiter
	in := map[ID]bool{}
	for _, w := range l.waiting {
		if len(group) < groupSize && !in[w.st.c.ID] {
			in[w.st.c.ID] = true
			group = append(group, w)
		} else {
			rest = append(rest, w)
		}
	}
	l.waiting = rest
	return group
}

// writeGroup writes a group and tells everybody in it. Those who came meanwhile go on by themselves.
func (s *Service) writeGroup(m month, group []*waiter) {
	ctx, cancel := context.WithTimeout(context.Background(), groupTimeout)
	defer cancel()
	steps := make([]*step, len(group))
	for i, w := range group {
		steps[i] = w.st
	}
	moved, err := s.writeSteps(ctx, steps, m, false)
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "steps that were to be written together are tried one by one", "steps", len(steps), "error", err)
	}
	if next := s.groups.done(m, group); next != nil {
		go s.writeGroup(m, next)
	}
	for _, w := range group {
		v := unsettled
		if err == nil && moved[w.st.c.ID] {
			v = written
		}
		w.done <- v
	}
}

// writeAlone writes one step. It waits for whoever holds the case's row.
func (s *Service) writeAlone(ctx context.Context, st *step, m month) (bool, error) {
	moved, err := s.writeSteps(ctx, []*step{st}, m, true)
	if noPartition(err) {
		if err = s.readMonths(ctx); err != nil {
			return false, err
		}
		if m, err = s.monthOf(ctx, st.c.ID); err != nil {
			return false, err
		}
		moved, err = s.writeSteps(ctx, []*step{st}, m, true)
	}
	return moved[st.c.ID], err
}

// writeSteps writes steps by one statement and tells which cases moved. wait
// says whether it waits for whoever holds a case's row.
func (s *Service) writeSteps(ctx context.Context, steps []*step, m month, wait bool) (map[ID]bool, error) {
	sql, args, err := statementOf(steps, m, wait, s.cfg.Outbox)
	if err != nil {
		return nil, err
	}
	rows, err := s.cfg.DB.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	moved := make(map[ID]bool, len(steps))
	for rows.Next() {
		var id ID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		moved[id] = true
	}
	return moved, rows.Err()
}
