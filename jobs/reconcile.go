package jobs

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/hoso-gov/hoso/cases"
)

// Reconcile looks after what no bell would ring for: effects whose bell was lost,
// peers that are to be tried again or are back, incidents of what waits too long,
// and citizens who have to know of it. Every node does it; they share the work.
func (j *Jobs) Reconcile(ctx context.Context) error {
	if err := j.RingLate(ctx); err != nil {
		return err
	}
	if _, err := j.cfg.Cases.Probe(ctx, j.ring); err != nil {
		return err
	}
	if err := j.wake(ctx); err != nil {
		return err
	}
	for _, do := range []func(context.Context, int) (int, error){j.cfg.Cases.OpenIncidents, j.cfg.Cases.TellHeldUp} {
		for {
			n, err := do(ctx, atOnce)
			if err != nil {
				return err
			}
			if n < atOnce {
				break
			}
		}
	}
	return nil
}

// RingLate rings again for effects whose bell was lost.
func (j *Jobs) RingLate(ctx context.Context) error {
	return j.rings(ctx, j.cfg.Cases.Late)
}

// wake rings for effects whose peer is back.
func (j *Jobs) wake(ctx context.Context) error {
	return j.rings(ctx, j.cfg.Cases.Wake)
}

// rings rings for all that find finds.
func (j *Jobs) rings(ctx context.Context, find func(context.Context, int, func(context.Context, pgx.Tx, []cases.Bell) error) (int, error)) error {
	for {
		n, err := find(ctx, atOnce, j.ring)
		if err != nil || n < atOnce {
			return err
		}
	}
}

// ring puts a job for each bell.
func (j *Jobs) ring(ctx context.Context, tx pgx.Tx, bells []cases.Bell) error {
	params := make([]river.InsertManyParams, len(bells))
	for i, b := range bells {
		if _, ok := j.queues[b.Queue]; !ok {
			b.Queue = cases.QueueCases // of a registry that the catalogue no longer knows
		}
		params[i] = river.InsertManyParams{Args: effectArgs{Case: b.Case, Seq: b.Seq, Idx: b.Idx}, InsertOpts: &river.InsertOpts{Queue: b.Queue, ScheduledAt: b.At}}
	}
	_, err := j.client.InsertManyFastTx(ctx, tx, params)
	return err
}
