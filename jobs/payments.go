package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/payment"
)

// looks are the times after an order at which the platform is asked how it
// stands, should its callback not come; then it is every half hour. A payer who
// comes back to the portal makes it look at once.
var looks = []time.Duration{time.Minute, 3 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute}

const lookEvery = 30 * time.Minute

func nextLook(asked, now time.Time) time.Time {
	for _, d := range looks {
		if at := asked.Add(d); at.After(now) {
			return at
		}
	}
	return now.Add(lookEvery)
}

// pay places the order, and then looks how it stands until it is paid, declined
// or no longer wanted. The effect is open all the while.
func (j *Jobs) pay(ctx context.Context, e *cases.Effect) error {
	a, err := j.cfg.Cases.AskPayment(ctx, e, j.account)
	if err != nil {
		return err
	}
	switch a.State {
	case cases.PaymentPaid, cases.PaymentFailed, cases.PaymentRefunded:
		return j.look(ctx, e, a) // its word was taken in; the case may not have heard it
	case cases.PaymentAsked:
		if a.Left {
			return j.cfg.Cases.Finish(ctx, e, cases.Result{Receipt: "not asked for: the case went on"})
		}
		return j.order(ctx, e, a)
	}
	return j.look(ctx, e, a)
}

// account is where an agency's money goes.
func (j *Jobs) account(id agency.ID) (string, error) {
	if to, ok := j.cfg.Accounts[id]; ok {
		return to, nil
	}
	if j.cfg.Treasury == "" {
		return "", fmt.Errorf("agency %s has no account, and there is none for all", id)
	}
	return j.cfg.Treasury, nil
}

// order places the order; the same key is the same order.
func (j *Jobs) order(ctx context.Context, e *cases.Effect, a *cases.Asking) error {
	o := a.Order
	o.ReturnURL = j.cfg.ReturnURL(e.Code)
	to, err := j.cfg.Gateway.Order(ctx, o)
	failpoint.Hit(failpoint.CallAfter)
	if errors.Is(err, payment.ErrRejected) {
		e.Answered()
		return permanent{err}
	}
	if err != nil { // it may have been placed; the same id is the same order
		return noAnswer{err, true}
	}
	e.Answered()
	if err := j.cfg.Cases.PaymentReady(ctx, e, to); err != nil {
		return err
	}
	return &waiting{nextLook(a.AskedAt, j.cfg.Now())}
}

// look asks how the order stands.
func (j *Jobs) look(ctx context.Context, e *cases.Effect, a *cases.Asking) error {
	now := j.cfg.Now()
	st, err := j.cfg.Gateway.Status(ctx, a.Order.ID)
	failpoint.Hit(failpoint.CallAfter)
	switch {
	case errors.Is(err, payment.ErrUnavailable):
		return j.silent(ctx, e, a, noAnswer{err, false})
	case err != nil:
		e.Answered()
		return permanent{err}
	}
	e.Answered()
	switch st.State {
	case payment.Paid, payment.Failed, payment.Refunded:
		err := j.cfg.Cases.PaymentEvent(ctx, payment.Event{ID: fmt.Sprintf("asked:%s:%s", st.Order, st.State), Order: st.Order, State: st.State,
			Amount: st.Amount, Receipt: st.Receipt, Reason: st.Reason, At: st.At})
		if errors.Is(err, cases.ErrAmount) {
			return nil // it was given up and says so
		}
		return err
	case payment.Unknown:
		if a.Left {
			return j.cfg.Cases.Finish(ctx, e, cases.Result{Receipt: "not paid: the case went on"})
		}
		// The platform lost the order. It is placed again under the same id, and
		// the case is told when that does not help.
		if err := j.order(ctx, e, a); !errors.Is(err, payment.ErrUnavailable) {
			return err
		}
		return j.silent(ctx, e, a, fmt.Errorf("order %s: %w", a.Order.ID, payment.ErrUnavailable))
	}
	if a.Left {
		return j.cfg.Cases.Finish(ctx, e, cases.Result{Receipt: "not paid: the case went on"})
	}
	if err := j.cfg.Cases.PaymentHeard(ctx, e); err != nil {
		return err
	}
	return &waiting{nextLook(a.AskedAt, now)}
}

// silent tells the case when the platform has not said for too long how the
// payment stands, and returns cause, so that the platform is asked again.
func (j *Jobs) silent(ctx context.Context, e *cases.Effect, a *cases.Asking, cause error) error {
	limit, since := j.cfg.Silence, a.HeardAt
	if a.ReturnedAt.After(since) {
		limit, since = limit/6, a.ReturnedAt
	}
	if j.cfg.Now().Sub(since) < limit || a.Left {
		return cause
	}
	if err := j.cfg.Cases.PaymentSilent(ctx, e); err != nil {
		return err
	}
	return cause
}
