package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/resident"
)

type effectWorker struct {
	river.WorkerDefaults[effectArgs]
	j *Jobs
}

// soon is how long a bell that rings too early is kept; another one or the
// reconciler rings for what is due later.
const soon = time.Minute

// Work does the effect that the bell rings for. A failure of the effect is
// written into its row and the bell snoozes until the next attempt; an error is
// a failure to do even that.
func (w *effectWorker) Work(ctx context.Context, job *river.Job[effectArgs]) error {
	next, _, err := w.j.effect(ctx, cases.Bell{Case: job.Args.Case, Seq: job.Args.Seq, Idx: job.Args.Idx, Queue: job.Queue})
	if err != nil || next.IsZero() {
		return err
	}
	return river.JobSnooze(max(0, next.Sub(w.j.cfg.Now())))
}

// effect claims an effect, does it, and writes down what came of it. next is
// when the bell has to ring again; zero: not by this job.
func (j *Jobs) effect(ctx context.Context, b cases.Bell) (next time.Time, claimed bool, err error) {
	e, err := j.cfg.Cases.Claim(ctx, b)
	if early, ok := errors.AsType[*cases.NotDueError](err); ok {
		if !early.At.IsZero() && early.At.Sub(j.cfg.Now()) < soon {
			next = early.At
		}
		return next, false, nil
	}
	if held, ok := errors.AsType[*cases.HeldError](err); ok {
		return time.Time{}, true, j.held(ctx, e, held)
	}
	switch {
	case err == nil:
		err = j.do(ctx, e)
	case e == nil:
		return next, false, err
	default:
		err = passed{err}
	}
	// What came of it is written down even when the job's own time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	switch onItsWay, ok := errors.AsType[*waiting](err); {
	case err == nil:
	case ok:
		next, err = onItsWay.until, j.cfg.Cases.Wait(ctx, e, onItsWay.until)
	case !errors.Is(err, cases.ErrLeaseLost):
		f := failure(err)
		next, err = j.cfg.Cases.Fail(ctx, e, f)
		if err == nil {
			j.tellFailure(ctx, e, f, next)
		}
	}
	if errors.Is(err, cases.ErrLeaseLost) {
		j.cfg.Log.WarnContext(ctx, "a late worker lost its effect to another one", "effect", e.String())
		return time.Time{}, true, nil
	}
	if err == nil && e.Recovered {
		j.cfg.Log.InfoContext(ctx, "a peer is back: what waited for it goes on", "effect", e.String())
		err = j.wake(ctx)
	}
	return next, true, err
}

// held is an effect that waits for its peer and is not attempted. What it does in
// our own house is not kept back: the notice stands in the portal, though no mail
// goes out.
func (j *Jobs) held(ctx context.Context, e *cases.Effect, h *cases.HeldError) error {
	if !h.First {
		return nil
	}
	j.cfg.Log.InfoContext(ctx, "an effect waits for its peer", "effect", e.String(), "peer", h.Peer, "since", h.Since)
	if e.Type != cases.EffectNotify {
		return nil
	}
	_, err := j.cfg.Cases.Notify(ctx, e)
	return err
}

// tellFailure logs a failed attempt. What a mail server or a definition says may
// hold an address or a name: that stands in the rows of the effect only.
func (j *Jobs) tellFailure(ctx context.Context, e *cases.Effect, f cases.Failure, next time.Time) {
	if next.IsZero() {
		j.cfg.Log.ErrorContext(ctx, "an effect was given up: an operator has to look at it", "effect", e.String(), "attempts", e.Attempts, "failure", string(f.Kind))
		return
	}
	j.cfg.Log.WarnContext(ctx, "an effect will be tried again", "effect", e.String(), "attempts", e.Attempts, "failure", string(f.Kind), "next", next)
}

// do carries out one attempt.
func (j *Jobs) do(ctx context.Context, e *cases.Effect) error {
	if e.Result != nil { // done before; the case was not told yet
		return j.cfg.Cases.Finish(ctx, e, *e.Result)
	}
	if err := failpoint.Fail(failpoint.CallBefore); err != nil {
		return err
	}
	switch e.Type {
	case cases.EffectNotify:
		return j.notify(ctx, e)
	case cases.EffectReceipt, cases.EffectLetter, cases.EffectResult:
		return j.issue(ctx, e)
	case cases.EffectPayment:
		return j.pay(ctx, e)
	case cases.EffectResident:
		return j.updateResident(ctx, e)
	case cases.EffectSend:
		return j.send(ctx, e)
	case cases.EffectOpen, cases.EffectReport, cases.EffectCancel, cases.EffectRemind:
		return j.passOn(ctx, e)
	case cases.EffectUndoPayment, cases.EffectUndoResident, cases.EffectUndoSend, cases.EffectUndoResult:
		return j.undo(ctx, e)
	}
	return permanent{fmt.Errorf("there is no effect of type %q", e.Type)}
}

// updateResident changes the resident database in the transaction that writes
// down the result: both or neither.
func (j *Jobs) updateResident(ctx context.Context, e *cases.Effect) error {
	change, err := j.cfg.Cases.ResidentChange(ctx, e)
	if err != nil {
		return err
	}
	r := cases.Result{Signal: cases.SignalRegistryUpdated}
	err = pgx.BeginFunc(ctx, j.cfg.DB, func(tx pgx.Tx) error {
		output, err := resident.Apply(ctx, tx, change)
		refused, no := errors.AsType[*resident.RefusedError](err)
		switch {
		case no:
			r = cases.Result{Refused: true, Signal: cases.SignalRegistryRefused,
				Data: map[string]any{"refusal": map[string]any{"rule": refused.Rule, "vi": refused.VI, "en": refused.EN}}}
		case errors.Is(err, resident.ErrUnknownChange), errors.Is(err, resident.ErrOtherChange):
			return permanent{err}
		case err != nil:
			return err
		default:
			r.Data = output
		}
		return j.cfg.Cases.Keep(ctx, tx, e, r)
	})
	if err != nil {
		return err
	}
	failpoint.Hit(failpoint.KeepAfter)
	return j.cfg.Cases.Finish(ctx, e, r)
}
