package jobs

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/hoso-gov/hoso/cases"
)

// atOnce is how many timers or late effects one sweep takes at a time.
const atOnce = 500

// SweepTimers makes jobs of the timers whose time has come.
func (j *Jobs) SweepTimers(ctx context.Context) error {
	for {
		n, err := j.cfg.Cases.DueTimers(ctx, atOnce, func(ctx context.Context, tx pgx.Tx, due []cases.Timer) error {
			params := make([]river.InsertManyParams, len(due))
			for i, t := range due {
				// A timer that fails is rung again by the next sweeps; River need not.
				params[i] = river.InsertManyParams{Args: timerArgs(t), InsertOpts: &river.InsertOpts{Queue: queueTimers, MaxAttempts: 1}}
			}
			_, err := j.client.InsertManyFastTx(ctx, tx, params)
			return err
		})
		if err != nil || n < atOnce {
			return err
		}
	}
}

type timerWorker struct {
	river.WorkerDefaults[timerArgs]
	j *Jobs
}

// Work fires the timer. One that fails stays in its table and rings again.
func (w *timerWorker) Work(ctx context.Context, job *river.Job[timerArgs]) error {
	if err := w.j.cfg.Cases.Fire(ctx, cases.Timer(job.Args)); err != nil {
		w.j.cfg.Log.ErrorContext(ctx, "a timer failed and will ring again", "case", job.Args.Case, "timer", job.Args.Name, "error", err)
	}
	return nil
}

// Drain does everything that is due now, in the caller's goroutine and without
// River, until nothing more comes of it. It is for programs that set the clock:
// scenarios, and tests.
func (j *Jobs) Drain(ctx context.Context) error {
	for {
		due, err := j.cfg.Cases.Stirring(ctx, atOnce)
		if err != nil || !due.Any() {
			return err
		}
		if due.Peers || due.Calendars || due.Terms {
			if err := j.sweep(ctx, due); err != nil {
				return err
			}
			if due, err = j.cfg.Cases.Stirring(ctx, atOnce); err != nil { // there may be more now
				return err
			}
		}
		done := 0
		if due.Timers {
			if done, err = j.drainTimers(ctx); err != nil {
				return err
			}
		}
		n, err := j.drainEffects(ctx, due.Effects)
		if err != nil {
			return err
		}
		done += n
		if done == 0 { // what is left is in somebody's hands, or waits to be tried again
			return nil
		}
	}
}

// sweep does what no timer and no effect stands for.
func (j *Jobs) sweep(ctx context.Context, due cases.Stirring) error {
	if due.Peers {
		if _, err := j.cfg.Cases.Probe(ctx, func(context.Context, pgx.Tx, []cases.Bell) error { return nil }); err != nil {
			return err
		}
	}
	if due.Calendars {
		if err := j.Redate(ctx); err != nil {
			return err
		}
	}
	if due.Terms {
		return j.SweepTerms(ctx)
	}
	return nil
}

// drainTimers fires the timers that are due, and returns how many there were.
func (j *Jobs) drainTimers(ctx context.Context) (int, error) {
	var due []cases.Timer
	if _, err := j.cfg.Cases.DueTimers(ctx, atOnce, func(_ context.Context, _ pgx.Tx, ts []cases.Timer) error {
		due = ts
		return nil
	}); err != nil {
		return 0, err
	}
	for _, t := range due {
		if err := j.cfg.Cases.Fire(ctx, t); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// drainEffects carries out effects that were due, and returns how many still were.
// What comes of them is for the next round.
func (j *Jobs) drainEffects(ctx context.Context, bells []cases.Bell) (int, error) {
	done := 0
	for _, b := range bells {
		_, claimed, err := j.effect(ctx, b)
		if err != nil {
			return done, err
		}
		if claimed {
			done++
		}
	}
	return done, nil
}
