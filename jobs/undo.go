package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/resident"
)

// undo takes back what another effect of an ended case did, when its turn has
// come: the last is taken back first.
func (j *Jobs) undo(ctx context.Context, e *cases.Effect) error {
	u, err := j.cfg.Cases.Undo(ctx, e)
	switch {
	case err != nil:
		return err
	case !u.Wait.IsZero():
		return &waiting{u.Wait}
	case u.None:
		return j.cfg.Cases.Finish(ctx, e, cases.Result{Receipt: "nothing was done"})
	}
	switch e.Type {
	case cases.EffectUndoPayment:
		return j.payBack(ctx, e, u)
	case cases.EffectUndoResident:
		return j.restore(ctx, e, u)
	case cases.EffectUndoResult:
		r := cases.Result{Receipt: "withdrawn"}
		if err := pgx.BeginFunc(ctx, j.cfg.DB, func(tx pgx.Tx) error {
			if err := j.cfg.Cases.WithdrawResult(ctx, tx, e, u); err != nil {
				return err
			}
			return j.cfg.Cases.Keep(ctx, tx, e, r)
		}); err != nil {
			return err
		}
		return j.cfg.Cases.Finish(ctx, e, r)
	}
	return j.send(ctx, e) // the message that takes back what another made a registry do
}

// payBack cancels the order. One that was paid all the same is paid back: when
// the case never accepted it, and otherwise when the procedure says so.
func (j *Jobs) payBack(ctx context.Context, e *cases.Effect, u *cases.Undo) error {
	st, err := j.cfg.Gateway.Cancel(ctx, u.Key.String())
	failpoint.Hit(failpoint.CallAfter)
	if err != nil {
		return platformFailed(e, err)
	}
	e.Answered()
	switch {
	case st.State == payment.Failed || st.State == payment.Unknown:
		if err := j.cfg.Cases.OrderCancelled(ctx, e, u); err != nil {
			return err
		}
		return j.cfg.Cases.Finish(ctx, e, cases.Result{Receipt: "cancelled"})
	case st.State == payment.Paid && u.Paid && !u.Refund:
		return j.cfg.Cases.Finish(ctx, e, cases.Result{Receipt: "kept: no rule pays it back"})
	case st.State == payment.Paid:
		st, err = j.cfg.Gateway.Refund(ctx, u.Key.String())
		failpoint.Hit(failpoint.CallAfter)
		if err != nil {
			return platformFailed(e, err)
		}
	}
	if st.State != payment.Refunded {
		return permanent{fmt.Errorf("order %s is %s: it cannot be paid back", st.Order, st.State)}
	}
	if err := j.cfg.Cases.PaymentEvent(ctx, payment.Event{ID: fmt.Sprintf("asked:%s:%s", st.Order, st.State), Order: st.Order, State: st.State,
		Amount: st.Amount, Receipt: st.Refund, At: st.At}); err != nil {
		return err
	}
	return j.cfg.Cases.Finish(ctx, e, cases.Result{Signal: cases.SignalRefunded, Receipt: st.Refund,
		Data: map[string]any{"refund": st.Refund, "refunded": st.Amount}})
}

// platformFailed says what an error of the payment platform means. Both calls
// may be made again: a second one changes nothing.
func platformFailed(e *cases.Effect, err error) error {
	if errors.Is(err, payment.ErrRejected) {
		e.Answered()
		return permanent{err}
	}
	return noAnswer{err, true}
}

// restore reverses a change of the resident database. When the records have gone
// on since, a person has to see to it.
func (j *Jobs) restore(ctx context.Context, e *cases.Effect, u *cases.Undo) error {
	change, of := j.cfg.Cases.ResidentUndo(e, u)
	var r cases.Result
	err := pgx.BeginFunc(ctx, j.cfg.DB, func(tx pgx.Tx) error {
		out, err := resident.Undo(ctx, tx, change, of)
		if refused, no := errors.AsType[*resident.RefusedError](err); no {
			return permanent{refused}
		}
		if errors.Is(err, resident.ErrUnknownChange) || errors.Is(err, resident.ErrOtherChange) {
			return permanent{err}
		}
		if err != nil {
			return err
		}
		r.Receipt = "restored"
		if out["made"] == false {
			r.Receipt = "nothing was done"
		}
		return j.cfg.Cases.Keep(ctx, tx, e, r)
	})
	if err != nil {
		return err
	}
	return j.cfg.Cases.Finish(ctx, e, r)
}
