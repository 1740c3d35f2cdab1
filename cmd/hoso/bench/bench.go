// Package bench measures the engine against what the database itself can do, on
// the same cluster and in turns, so that a busy machine slows all alike. It
// knows how to measure and nothing of commands and output.
package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Config says how to measure steps. URL is required: a database that may be
// filled, migrated to this program's schema.
type Config struct {
	URL     string
	Workers int           // connections that step at once; 0: 16
	Round   time.Duration // how long each form runs in each round; 0: 5 s
	Rounds  int           // 0: 3
	Case    bool          // measure whole cases too

	// Progress is told of every measurement, in steps or cases a second; nil: nobody watches.
	Progress func(round int, form string, rate float64)
}

// Steps is what was measured, in steps a second: the median of the rounds.
type Steps struct {
	Floor        float64 `json:"floor_tps"`         // a bare step: one CTE on narrow tables
	OneStatement float64 `json:"one_statement_tps"` // the rows of the engine's step, written by one CTE that decides nothing
	Engine       float64 `json:"engine_tps"`        // through cases.Service
	// Cases are whole cases a second through cases.Service: each is filed and goes
	// six steps, each of which waits for a signal from outside. 0: not measured.
	Cases   float64 `json:"cases_per_s,omitempty"`
	Ratio   float64 `json:"ratio"` // engine to one-statement
	Workers int     `json:"workers"`
}

// A form is one way to do a step.
type form struct {
	name string
	// step does the n-th step of a worker, on one of the worker's own cases.
	step func(ctx context.Context, worker, n int) error
}

// Measure runs the forms in turns and returns their medians.
func Measure(ctx context.Context, cfg Config) (Steps, error) {
	if cfg.URL == "" {
		return Steps{}, errors.New("measure steps: Config.URL is missing")
	}
	if cfg.Workers == 0 {
		cfg.Workers = 16
	}
	if cfg.Round == 0 {
		cfg.Round = 5 * time.Second
	}
	if cfg.Rounds == 0 {
		cfg.Rounds = 3
	}
	t, err := newTown(ctx, cfg)
	if err != nil {
		return Steps{}, fmt.Errorf("set up a town to measure steps in: %w", err)
	}
	defer t.close()
	forms := []form{{"floor", t.bareStep}, {"one statement", t.oneStatementStep}, {"engine", t.engineStep}}
	if cfg.Case {
		forms = append(forms, form{"six-step case", t.wholeCase})
	}
	rates := make([][]float64, len(forms))
	for round := range cfg.Rounds {
		for i, f := range forms {
			if err := t.reset(ctx); err != nil {
				return Steps{}, fmt.Errorf("begin a round: %w", err)
			}
			tps, err := f.run(ctx, cfg.Workers, cfg.Round)
			if err != nil {
				return Steps{}, fmt.Errorf("%s: %w", f.name, err)
			}
			rates[i] = append(rates[i], tps)
			if cfg.Progress != nil {
				cfg.Progress(round+1, f.name, tps)
			}
		}
	}
	s := Steps{Floor: median(rates[0]), OneStatement: median(rates[1]), Engine: median(rates[2]), Workers: cfg.Workers}
	s.Ratio = s.Engine / s.OneStatement
	if cfg.Case {
		s.Cases = median(rates[3])
	}
	return s, nil
}

// run steps with all workers for a while and returns the steps a second.
func (f form) run(ctx context.Context, workers int, d time.Duration) (float64, error) {
	var done atomic.Int64
	start := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for w := range workers {
		group.Go(func() error {
			for n := 0; time.Since(start) < d; n++ {
				if err := f.step(ctx, w, n); err != nil {
					return err
				}
				done.Add(1)
			}
			return nil
		})
	}
	err := group.Wait()
	return float64(done.Load()) / time.Since(start).Seconds(), err
}

func median(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}
