// Package grants makes random changes of a resident database, as granted cases
// bring them: of every type, by several connections at once, some of them taken
// back. What must hold afterwards is package resident's list of invariants; the
// tests and `hoso bench grants` hold a database against it.
//
// It never runs beside real work: what it writes is made up.
package grants

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/resident"
)

// Config says what to play. DB and Grants are required.
type Config struct {
	DB       *pgxpool.Pool
	Grants   int            // how many changes are tried
	Workers  int            // connections at once; 0: 4
	Seed     uint64         // another seed draws others; with one worker the same seed draws the same
	Today    time.Time      // day of the grants; zero: 26 November 2026
	Name     string         // begins the ids of the cases; empty: grants
	Keep     float64        // share of grants that stand; the others are taken back sooner or later; 0: 0.8
	Types    []string       // draws these types of change only; empty: all
	Progress func(done int) // called with the changes tried so far, from several goroutines; nil: nobody watches
}

// Result is what came of it.
type Result struct {
	Granted   map[string]int // by type of change
	Refused   map[string]int // by "type rule"
	Undone    map[string]int // by type of change
	NotUndone map[string]int // refused undos, by rule
	Took      time.Duration
}

// Sum adds numbers up.
func Sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// Run plays grants until there are as many as asked for. A refusal by a rule of
// the registry is a result; any other error of a change, a deadlock among them,
// ends the run.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	start := time.Now()
	if cfg.Workers == 0 {
		cfg.Workers = 4
	}
	if cfg.Today.IsZero() {
		cfg.Today = time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)
	}
	if cfg.Name == "" {
		cfg.Name = "grants"
	}
	if cfg.Keep == 0 {
		cfg.Keep = 0.8
	}
	all, err := load(ctx, cfg.DB)
	if err != nil {
		return nil, fmt.Errorf("play grants: %w", err)
	}
	r := &run{cfg: cfg, all: all, res: &Result{Granted: map[string]int{}, Refused: map[string]int{}, Undone: map[string]int{}, NotUndone: map[string]int{}}}
	var workers sync.WaitGroup
	for w := range cfg.Workers {
		n := cfg.Grants / cfg.Workers
		if w < cfg.Grants%cfg.Workers {
			n++
		}
		workers.Go(func() { r.work(ctx, w, n) })
	}
	workers.Wait()
	r.res.Took = time.Since(start)
	if r.failed != nil {
		return r.res, fmt.Errorf("play grants: %w", r.failed)
	}
	return r.res, nil
}

// run is a run under way.
type run struct {
	cfg Config
	all *people

	mu     sync.Mutex // guards what follows
	res    *Result
	done   int
	failed error
}

// work is one connection's share.
func (r *run) work(ctx context.Context, worker, n int) {
	d := &drawer{rand: rand.New(rand.NewPCG(r.cfg.Seed, uint64(worker))), all: r.all, today: r.cfg.Today, types: r.cfg.Types}
	var made []grant // that may still be taken back
	for i := range n {
		if r.stopped() {
			return
		}
		g := grant{kind: d.kind(), cause: resident.Cause{CaseID: fmt.Sprintf("%s-%d-%d", r.cfg.Name, worker, i), CaseCode: "H-" + r.cfg.Name, Seq: 5}}
		change := resident.Change{Type: g.kind, Values: d.values(g.kind), Cause: g.cause, At: r.cfg.Today}
		var out map[string]any
		err := pgx.BeginFunc(ctx, r.cfg.DB, func(tx pgx.Tx) (err error) {
			out, err = resident.Apply(ctx, tx, change)
			return err
		})
		if r.note(err, r.res.Granted, r.res.Refused, g.kind, true) {
			made = append(made, g)
			d.learn(out)
		}
		if len(made) > 0 && d.rand.Float64() > r.cfg.Keep {
			at := len(made) - 1 - d.rand.IntN(min(len(made), 20)) // mostly fresh ones
			r.takeBack(ctx, made[at])
			made = append(made[:at], made[at+1:]...)
		}
	}
}

// grant is a change that was made.
type grant struct {
	kind  string
	cause resident.Cause
}

func (r *run) takeBack(ctx context.Context, g grant) {
	cause := g.cause
	cause.Seq = 9
	err := pgx.BeginFunc(ctx, r.cfg.DB, func(tx pgx.Tx) error {
		_, err := resident.Undo(ctx, tx, resident.Change{Cause: cause, At: r.cfg.Today}, g.cause)
		return err
	})
	r.note(err, r.res.Undone, r.res.NotUndone, g.kind, false)
}

// note counts what came of a change; true: it was made.
func (r *run) note(err error, made, refused map[string]int, kind string, counts bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	rule, no := errors.AsType[*resident.RefusedError](err)
	switch {
	case err == nil:
		made[kind]++
	case no:
		refused[kind+" "+rule.Rule]++
	default:
		r.failed = errors.Join(r.failed, err)
	}
	if counts {
		if r.done++; r.cfg.Progress != nil {
			r.cfg.Progress(r.done)
		}
	}
	return err == nil
}

func (r *run) stopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed != nil
}
