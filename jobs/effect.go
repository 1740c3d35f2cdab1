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
	"github.com/hoso-gov/hoso/registry"
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
	next, _, err := w.j.effect(ctx, cases.Bell{Case: job.Args.Case, Seq: job.Args.Seq, Idx: job.Args.Idx})
	if err != nil || next.IsZero() {
		return err
	}
	return river.JobSnooze(max(0, next.Sub(w.j.cfg.Now())))
}

// waiting tells that an effect is on its way and is to be looked at again.
type waiting struct{ until time.Time }

func (w *waiting) Error() string { return "waiting until " + w.until.Format(time.RFC3339) }

// permanent wraps an error that no later attempt can mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

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
	if err == nil {
		err = j.do(ctx, e)
	} else if e == nil {
		return next, false, err
	} else {
		err = permanent{err}
	}
	// What came of it is written down even when the job's own time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	var onItsWay *waiting
	var hopeless permanent
	switch {
	case err == nil:
		j.wake(ctx, e)
		return next, true, nil
	case errors.As(err, &onItsWay):
		next, err = onItsWay.until, j.cfg.Cases.Wait(ctx, e, onItsWay.until)
	case !errors.Is(err, cases.ErrLeaseLost):
		cause := err
		next, err = j.cfg.Cases.Fail(ctx, e, cause, errors.As(cause, &hopeless))
		if err == nil {
			j.tellFailure(ctx, e, cause, next)
		}
	}
	if errors.Is(err, cases.ErrLeaseLost) {
		j.cfg.Log.WarnContext(ctx, "a late worker lost its effect to another one", "effect", e.String())
		return time.Time{}, true, nil
	}
	return next, true, err
}

// tellFailure logs a failed attempt. What a mail server or a definition says may
// hold an address or a name: that stands in the effect's row only.
func (j *Jobs) tellFailure(ctx context.Context, e *cases.Effect, cause error, next time.Time) {
	kind := "failed"
	if registry.IsTransient(cause) {
		kind = "peer unavailable"
	}
	if next.IsZero() {
		j.cfg.Log.ErrorContext(ctx, "an effect was given up: an operator has to look at it", "effect", e.String(), "attempts", e.Attempts, "failure", kind)
		return
	}
	j.cfg.Log.WarnContext(ctx, "an effect will be tried again", "effect", e.String(), "attempts", e.Attempts, "failure", kind, "next", next)
}

// wakeAgain is how long effects of a type are left alone after they were woken.
const wakeAgain = time.Minute

// wake lets others go ahead that wait for the same peer, when an effect got
// through that had failed before. The reconciler rings for them.
func (j *Jobs) wake(ctx context.Context, e *cases.Effect) {
	peer, now := e.Type+" "+e.Name, j.cfg.Now()
	j.mu.Lock()
	due := e.Attempts > 1 && now.Sub(j.woke[peer]) >= wakeAgain
	if due {
		j.woke[peer] = now
	}
	j.mu.Unlock()
	if !due {
		return
	}
	n, err := j.cfg.Cases.Wake(ctx, e)
	switch {
	case err != nil:
		j.cfg.Log.WarnContext(ctx, "effects wait on though their peer is back", "error", err)
	case n > 0:
		j.cfg.Log.InfoContext(ctx, "a peer is back: what waited for it goes on", "effect", e.String(), "woken", n)
	}
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
	case cases.EffectOpen, cases.EffectReport, cases.EffectCancel:
		if err := j.cfg.Cases.PassOn(ctx, e); err != nil {
			return err
		}
		return j.cfg.Cases.Finish(ctx, e, cases.Result{})
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

// send has a registry do something. The effect's key makes it happen once.
func (j *Jobs) send(ctx context.Context, e *cases.Effect) error {
	m, done, refused, err := j.cfg.Cases.RegistryMessage(ctx, e)
	if err != nil {
		return err
	}
	reply, err := j.cfg.Writers.Send(ctx, m)
	failpoint.Hit(failpoint.CallAfter)
	switch {
	case err != nil && (registry.IsTransient(err) || ctx.Err() != nil):
		return err
	case err != nil:
		return permanent{err}
	case reply.Outcome == registry.Refused && refused == "":
		return permanent{fmt.Errorf("registry %s refused, and the case does not wait for its answer: %v", m.To, reply.Body["reason"])}
	case reply.Outcome == registry.Refused:
		return j.cfg.Cases.Finish(ctx, e, cases.Result{Refused: true, Signal: refused, Data: reply.Body, Receipt: reply.Receipt})
	}
	return j.cfg.Cases.Finish(ctx, e, cases.Result{Signal: done, Data: reply.Body, Receipt: reply.Receipt})
}
