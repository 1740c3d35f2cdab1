package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// The shape of what is filled: cases of two years, evenly; of the last sixty
// days 85 of 100 are open, which is 7 of 100 in all.
const (
	filledDays = 730
	openDays   = 60
	openShare  = 85
)

// share is how many of a hundred cases are in a state.
type share struct {
	state workflow.State
	part  int
}

var (
	openStates   = []share{{"intake", 35}, {"examine", 30}, {"approve", 10}, {"supplement", 15}, {"recording", 10}}
	closedStates = []share{{light, 92}, {"granted", 4}, {"refused", 2}, {"withdrawn", 2}}
)

func draw(r *rand.Rand, from []share) workflow.State {
	n := r.IntN(100)
	for _, s := range from {
		if n -= s.part; n < 0 {
			return s.state
		}
	}
	return from[0].state
}

// agenciesFor is how many agencies a number of cases is spread over. It grows
// with the square root of the cases, so that the cases of an agency do too: 4
// agencies with 175 open cases each at 10,000; 126 with some 5,500 at 10,000,000.
func agenciesFor(cases int) int { return max(1, int(math.Round(4*math.Sqrt(float64(cases)/10_000)))) }

// filler fills cases into a database.
type filler struct {
	db      *pgxpool.Pool
	tables  []*filledTable
	models  map[workflow.State]*model
	offices []*office
	people  *people
	now     time.Time
	tell    *teller

	mu      sync.Mutex
	numbers map[string]int  // given out, by prefix and day
	pairs   map[string]bool // of people with an open case
	kept    []*clone        // some of the cases of the last fill, to look at
}

// month is a part of the time that is filled: a month, or less at both ends.
type month struct {
	from, to time.Time
	cases    int
}

// monthsOf divides n cases over the months of two years, by their length.
func monthsOf(now time.Time, n int) []month {
	start := now.AddDate(0, 0, -filledDays)
	var list []month
	given := 0
	for from := start; from.Before(now); {
		to := time.Date(from.UTC().Year(), from.UTC().Month()+1, 1, 0, 0, 0, 0, time.UTC)
		if to.After(now) {
			to = now
		}
		upto := int(float64(n) * (to.Sub(start).Seconds() / now.Sub(start).Seconds()))
		list = append(list, month{from, to, upto - given})
		given, from = upto, to
	}
	list[len(list)-1].cases += n - given
	return list
}

// fill adds n cases, spread over the first agencies.
func (f *filler) fill(ctx context.Context, n, agencies int, seed uint64) error {
	f.kept = nil
	f.tell.begin("cases", n)
	if err := f.readNumbers(ctx); err != nil {
		return err
	}
	months := monthsOf(f.now, n)
	lie := make([]partitions, len(months))
	for i, m := range months {
		var err error
		if lie[i], err = partitionsAt(ctx, f.db, m.from); err != nil {
			return err
		}
	}
	var loose []string
	for _, t := range f.byMonth(false) {
		loose = append(loose, t.name)
	}
	err := withoutIndexes(ctx, f.db, loose, func() error {
		return inTurn(ctx, len(months), func(ctx context.Context, i int) error {
			return f.fillMonth(ctx, months[i], lie[i], agencies, seed+uint64(i)<<32)
		})
	})
	if err != nil {
		return err
	}
	for _, p := range lie { // not before: it waits for everybody who reads the tables
		if err := p.swap(ctx, f.db, f.byMonth(true)); err != nil {
			return err
		}
	}
	return f.writeNumbers(ctx)
}

// fillMonth makes up the cases of a month and writes all of their rows.
func (f *filler) fillMonth(ctx context.Context, m month, p partitions, agencies int, seed uint64) error {
	clones, err := f.clones(m, agencies, seed)
	if err != nil {
		return err
	}
	if err := p.fill(ctx, f.db, f.byMonth(true), func(t *filledTable) func([]byte) ([]byte, bool) { return lines(t, clones) }); err != nil {
		return err
	}
	conn, err := f.db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	for _, t := range f.byMonth(false) {
		if _, err := copyIn(ctx, conn.Conn(), "COPY "+t.name+" ("+t.list()+") FROM STDIN", lines(t, clones)); err != nil {
			return fmt.Errorf("copy %s: %w", t.name, err)
		}
	}
	f.tell.add(len(clones))
	return nil
}

func (f *filler) byMonth(yes bool) []*filledTable {
	var out []*filledTable
	for _, t := range f.tables {
		if t.byMonth == yes {
			out = append(out, t)
		}
	}
	return out
}

// lines writes the rows of a table, a case at a call.
func lines(t *filledTable, clones []*clone) func([]byte) ([]byte, bool) {
	i := 0
	return func(b []byte) ([]byte, bool) {
		if i == len(clones) {
			return b, false
		}
		c := clones[i]
		i++
		if t.name == "case_events" { // the first table
			c.chain()
		}
		for _, row := range c.copies[t.name] {
			b = c.append(b, row)
		}
		return b, true
	}
}

// clones makes up the cases of a month, in the order of their ids.
func (f *filler) clones(m month, agencies int, seed uint64) ([]*clone, error) {
	list := make([]*clone, m.cases)
	step := m.to.Sub(m.from) / time.Duration(max(m.cases, 1))
	f.mu.Lock() // numbers are given out in their order
	defer f.mu.Unlock()
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range list {
		at := m.from.Add(time.Duration(i)*step + time.Duration(r.Int64N(int64(max(step, 1))))).Truncate(time.Microsecond)
		state := draw(r, closedStates)
		if f.now.Sub(at) < openDays*24*time.Hour && r.IntN(100) < openShare {
			state = draw(r, openStates)
		}
		model := f.models[state]
		if model == nil {
			return nil, fmt.Errorf("there is no model of a case in %s", state)
		}
		c := &clone{model: model, seed: r.Uint64(), at: f.offices[i%agencies], holder: -1, seen: r.IntN(10) < 7}
		for c.applicant, c.subject = f.people.pair(r); model.open && !f.once(c); {
			c.applicant, c.subject = f.people.pair(r)
		}
		if r.IntN(10) < 2 {
			c.holder = holderOf(state)
			c.seen = true
		}
		between := at.Sub(model.base)
		c.days = between.Round(24 * time.Hour)
		c.jitter = (between - c.days) / 4 // so that it stays within the hours of work
		c.id = idAt(at, r)
		c.code = f.number(c.at, at)
		list[i] = c
		if len(f.kept) < 4096 && r.IntN(max(1, m.cases/100)) == 0 {
			f.kept = append(f.kept, c)
		}
	}
	return list, nil
}

// once tells whether nobody has filed for that person yet in a case that is open.
func (f *filler) once(c *clone) bool {
	key := c.applicant.number + c.subject.number
	if c.applicant == c.subject || f.pairs[key] {
		return false
	}
	f.pairs[key] = true
	return true
}

// holderOf is who has the task of a state; -1: it is no task.
func holderOf(s workflow.State) int {
	switch s {
	case "intake":
		return byReception
	case "examine":
		return byHandler
	case "approve":
		return byApprover
	}
	return -1
}

// idAt is an id of version 7 made at an instant.
func idAt(at time.Time, r *rand.Rand) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[8:], r.Uint64())
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16|uint64(r.IntN(1<<12)))
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}

// number gives out a code, as package cases does.
func (f *filler) number(o *office, at time.Time) string {
	key := o.prefix + "-" + at.In(calendar.Hanoi).Format("060102")
	f.numbers[key]++
	return fmt.Sprintf("%s-%06d", key, f.numbers[key])
}

// readNumbers goes on behind the numbers that package cases has given out.
func (f *filler) readNumbers(ctx context.Context) error {
	rows, _ := f.db.Query(ctx, `SELECT agency || '-' || to_char(day, 'YYMMDD'), n FROM case_numbers`)
	var key string
	var n int
	_, err := pgx.ForEachRow(rows, []any{&key, &n}, func() error {
		f.numbers[key] = n
		return nil
	})
	return err
}

// writeNumbers keeps package cases from giving a number out again.
func (f *filler) writeNumbers(ctx context.Context) error {
	var prefixes, days []string
	var ns []int
	for key, n := range f.numbers {
		at := len(key) - 6
		prefixes, days, ns = append(prefixes, key[:at-1]), append(days, "20"+key[at:]), append(ns, n)
	}
	_, err := f.db.Exec(ctx, `
		INSERT INTO case_numbers AS c (agency, day, n)
		SELECT agency, day::date, n FROM unnest(@prefixes::text[], @days::text[], @ns::int[]) AS u (agency, day, n)
		ON CONFLICT (agency, day) DO UPDATE SET n = greatest(c.n, excluded.n)`,
		pgx.StrictNamedArgs{"prefixes": prefixes, "days": days, "ns": ns})
	return err
}

// atOnce is how many connections fill.
const atOnce = 2

// inTurn does n things, two at a time.
func inTurn(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range n {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return do(ctx, i)
		})
	}
	return group.Wait()
}
