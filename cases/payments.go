package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/workflow"
)

// The states of a payment.
const (
	PaymentAsked    = "asked"    // written down, the platform does not know yet
	PaymentReady    = "ready"    // the citizen can pay
	PaymentUnknown  = "unknown"  // the platform does not tell how it stands
	PaymentFailed   = "failed"   // declined
	PaymentPaid     = "paid"     //
	PaymentRefunded = "refunded" // paid back
)

// rankSQL orders the states: a later word of a lower rank changes nothing, so the
// order in which callbacks arrive does not matter.
const rankSQL = `array_position(ARRAY['asked', 'ready', 'unknown', 'failed', 'paid', 'refunded'], `

// ErrAmount reports that the platform booked another amount than was asked for.
// It does not count as paid: an operator has to look at it.
var ErrAmount = errors.New("another amount than was asked for")

// Asking is a payment that a case asks for.
type Asking struct {
	Order      payment.Order // without the return address
	Agency     agency.ID     // whose account it is, when the order names none
	State      string
	AskedAt    time.Time
	HeardAt    time.Time // last word of the platform; zero: none yet
	ReturnedAt time.Time // when the payer's browser came back; zero: not yet
	Left       bool      // the case no longer waits for it
}

// AskPayment writes down what the effect asks for, once, and returns how it
// stands. account names the account of an agency.
func (s *Service) AskPayment(ctx context.Context, e *Effect, account func(agency.ID) (string, error)) (*Asking, error) {
	a, err := s.asking(ctx, e)
	if errors.Is(err, pgx.ErrNoRows) {
		if err = s.ask(ctx, e, account); err == nil {
			a, err = s.asking(ctx, e)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e, err)
	}
	return a, nil
}

func (s *Service) asking(ctx context.Context, e *Effect) (*Asking, error) {
	a := &Asking{Order: payment.Order{ID: e.Key.String()}, Left: e.left()}
	var heard, returned *time.Time
	err := s.cfg.DB.QueryRow(ctx, `
		SELECT amount, account, purpose, status, asked_at, heard_at, returned_at
		FROM case_payments
		WHERE order_id = $1`, e.Key).Scan(&a.Order.Amount, &a.Order.Account, &a.Order.Purpose, &a.State, &a.AskedAt, &heard, &returned)
	if heard != nil {
		a.HeardAt = *heard
	}
	if returned != nil {
		a.ReturnedAt = *returned
	}
	return a, err
}

func (s *Service) ask(ctx context.Context, e *Effect, account func(agency.ID) (string, error)) error {
	def := e.c.Procedure.Payments[e.Name]
	if def == nil {
		return fmt.Errorf("there is no payment %q", e.Name)
	}
	v, err := s.effectVars(ctx, e)
	if err != nil {
		return err
	}
	vars := s.in(v, "vi")
	val, err := def.Amount.Eval(vars)
	if err != nil {
		return fmt.Errorf("amount: %w", err)
	}
	amount, ok := val.(int64)
	if !ok || amount <= 0 {
		return fmt.Errorf("amount of %v đồng: nothing to pay", val)
	}
	var to string
	if def.To != nil {
		to, err = def.To.String(vars)
	} else {
		to, err = account(e.c.Receiving)
	}
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	if to == "" {
		return errors.New("account: none is named")
	}
	purpose, err := def.Purpose.Execute(vars, "vi")
	if err != nil {
		return err
	}
	_, err = s.cfg.DB.Exec(ctx, `
		INSERT INTO case_payments (case_id, name, order_id, amount, account, purpose, status, asked_at)
		VALUES (@case, @name, @order, @amount, @account, @purpose, 'asked', @at)
		ON CONFLICT (order_id) DO NOTHING`, pgx.StrictNamedArgs{
		"case": e.Case, "name": e.Name, "order": e.Key, "amount": amount, "account": to, "purpose": purpose, "at": s.now()})
	return err
}

// PaymentReady writes down where the citizen can pay.
func (s *Service) PaymentReady(ctx context.Context, e *Effect, payURL string) error {
	_, err := s.cfg.DB.Exec(ctx, `
		UPDATE case_payments SET status = CASE status WHEN 'asked' THEN 'ready' ELSE status END, pay_url = $2, heard_at = $3
		WHERE order_id = $1`, e.Key, payURL, s.now())
	if err != nil {
		return fmt.Errorf("%s: %w", e, err)
	}
	return nil
}

// PaymentHeard writes down that the platform answered: nobody has paid yet.
func (s *Service) PaymentHeard(ctx context.Context, e *Effect) error {
	if _, err := s.cfg.DB.Exec(ctx, `
		UPDATE case_payments SET heard_at = $2, status = CASE status WHEN 'unknown' THEN 'ready' ELSE status END
		WHERE order_id = $1`, e.Key, s.now()); err != nil {
		return fmt.Errorf("%s: %w", e, err)
	}
	return nil
}

// PaymentSilent tells the case that nobody knows whether the payment was made.
// The effect stays open: the platform is asked on.
func (s *Service) PaymentSilent(ctx context.Context, e *Effect) error {
	if _, err := s.cfg.DB.Exec(ctx, `UPDATE case_payments SET status = 'unknown' WHERE order_id = $1 AND status = 'ready'`, e.Key); err != nil {
		return fmt.Errorf("%s: %w", e, err)
	}
	return s.deliver(ctx, e.Case, e.Key, Result{Signal: SignalPaymentUnknown}, e.Type+" "+e.Name)
}

// PayerReturned has the platform asked at once how a payment stands, because the
// payer has come back from its page. What the browser says is not believed.
func (s *Service) PayerReturned(ctx context.Context, a agency.Actor, code Code) error {
	c, err := s.visible(ctx, a, code)
	if err != nil {
		return fmt.Errorf("payment of case %s: %w", code, err)
	}
	_, err = s.cfg.DB.Exec(ctx, `
		WITH back AS (
			UPDATE case_payments SET returned_at = coalesce(returned_at, $2)
			WHERE case_id = $1 AND status IN ('ready', 'unknown')
			RETURNING order_id)
		UPDATE case_effects e SET next_at = $2
		FROM back
		WHERE e.case_id = $1 AND e.key = back.order_id AND e.status = 0 AND e.next_at > $2`, c.ID, s.now())
	if err != nil {
		return fmt.Errorf("payment of case %s: %w", code, err)
	}
	return nil
}

// PaymentEvent takes in what the platform reports of an order: each event once,
// whatever their order. It wraps ErrNotFound for an order that no case placed,
// and ErrAmount.
func (s *Service) PaymentEvent(ctx context.Context, e payment.Event) error {
	failpoint.Hit(failpoint.CallbackBefore)
	if err := s.paymentEvent(ctx, e); err != nil {
		return fmt.Errorf("payment event %s of order %s: %w", e.ID, e.Order, err)
	}
	failpoint.Hit(failpoint.CallbackAfter)
	return nil
}

func (s *Service) paymentEvent(ctx context.Context, e payment.Event) error {
	order, err := uuid.Parse(e.Order)
	if err != nil {
		return ErrNotFound
	}
	var (
		id     ID
		name   string
		amount int64
		status string
	)
	err = s.cfg.DB.QueryRow(ctx, `
		WITH known AS (
			SELECT order_id FROM case_payments WHERE order_id = @order),
		heard AS (
			INSERT INTO payment_events (id, order_id, state, amount, receipt, reason, at)
			SELECT @id, known.order_id, @state, @amount, @receipt, @reason, @at FROM known
			ON CONFLICT (id) DO NOTHING)
		UPDATE case_payments p SET heard_at = @now,
			status = CASE WHEN `+rankSQL+`@state) > `+rankSQL+`p.status) AND @amount = p.amount THEN @state ELSE p.status END,
			receipt = CASE WHEN @state = 'paid' AND @amount = p.amount THEN @receipt ELSE p.receipt END,
			paid_at = CASE WHEN @state = 'paid' AND @amount = p.amount THEN coalesce(p.paid_at, @at) ELSE p.paid_at END
		WHERE p.order_id = @order
		RETURNING p.case_id, p.name, p.amount, p.status`, pgx.StrictNamedArgs{
		"order": order, "id": e.ID, "state": string(e.State), "amount": e.Amount, "receipt": e.Receipt, "reason": e.Reason, "at": e.At, "now": s.now()}).
		Scan(&id, &name, &amount, &status)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if amount != e.Amount {
		err := fmt.Errorf("%w: %d instead of %d đồng", ErrAmount, e.Amount, amount)
		return errors.Join(err, s.endPayment(ctx, id, order, effectGivenUp, Result{}, err.Error()))
	}
	return s.tellPayment(ctx, id, order, name, status, e)
}

// tellPayment signals what the platform reported to the case and ends the effect.
func (s *Service) tellPayment(ctx context.Context, id ID, order uuid.UUID, name, status string, e payment.Event) error {
	r := Result{Receipt: e.Receipt}
	switch {
	case e.State == payment.Paid:
		r.Signal = SignalPaid
		r.Data = map[string]any{"receipt": e.Receipt, "amount": e.Amount, "paidOn": e.At.In(calendar.Hanoi).Format(time.DateOnly)}
	case e.State == payment.Failed && status == PaymentFailed:
		r.Signal, r.Refused = SignalPaymentFailed, true
	case e.State == payment.Refunded:
		return s.endPayment(ctx, id, order, effectDone, r, "") // whatever was amiss, the money is back
	default:
		return nil // declined after it was paid: written down
	}
	if err := s.deliver(ctx, id, order, r, EffectPayment+" "+name); err != nil {
		return err
	}
	taken, err := s.took(ctx, id, derived(order, string(r.Signal)), r.Signal)
	if err != nil {
		return err
	}
	switch {
	case r.Signal == SignalPaid && !taken:
		return s.endPayment(ctx, id, order, effectGivenUp, Result{}, "paid when the case no longer waited for it: the money has to be paid back")
	case r.Refused:
		return s.endPayment(ctx, id, order, effectRefused, r, "")
	default:
		return s.endPayment(ctx, id, order, effectDone, r, "")
	}
}

// took tells whether the case acted upon a signal, or only wrote it down.
func (s *Service) took(ctx context.Context, id ID, command uuid.UUID, signal workflow.Event) (bool, error) {
	c, err := s.snapshot(ctx, id, command)
	if err != nil {
		return false, err
	}
	var from workflow.State
	if err := s.cfg.DB.QueryRow(ctx, `
		SELECT from_state
		FROM case_events
		WHERE case_id = $1 AND command_id = $2 AND hop = 0`, id, command).Scan(&from); err != nil {
		return false, err
	}
	return len(c.Procedure.Machine.Transitions(from, workflow.Trigger{Kind: workflow.BySignal, Event: signal})) > 0, nil
}

// endPayment closes the effect that placed an order, whoever has it in hand: the
// platform's own word counts more. One that was written off stays so. An effect
// that is given up has an incident; one that is done closes it.
func (s *Service) endPayment(ctx context.Context, id ID, order uuid.UUID, status int, r Result, reason string) error {
	receipt, err := json.Marshal(r)
	if err != nil {
		return err
	}
	result, incident := attemptDone, ""
	switch status {
	case effectRefused:
		result = attemptRefused
	case effectGivenUp:
		result, incident = attemptPermanent, incidentPermanent
	}
	_, err = s.cfg.DB.Exec(ctx, `
		WITH ended AS (
			UPDATE case_effects SET status = @status::int, next_at = NULL, lease = NULL, lease_until = NULL, done_at = @now, error = @reason, waits_for = NULL,
				failures = 0, ambiguous = false, receipt = coalesce(receipt, CASE WHEN @status::int <> 4 THEN @receipt::jsonb END)
			WHERE case_id = @case AND key = @order AND status <> 5 AND (status <> 2 OR @status::int = 4)
			RETURNING case_id, seq, idx, type, name),
		attempt AS (
			UPDATE case_effect_attempts a SET ended_at = @now, result = @result, detail = @reason
			FROM ended
			WHERE a.case_id = @case AND a.seq = ended.seq AND a.idx = ended.idx AND a.ended_at IS NULL),
		closed AS (
			UPDATE incidents i SET closed_at = @now, closed_by = 'system', closed_how = @result
			FROM ended
			WHERE i.case_id = @case AND i.seq = ended.seq AND i.idx = ended.idx AND i.closed_at IS NULL AND @status::int <> 4)
		INSERT INTO incidents (case_id, seq, idx, kind, code, agency, receiving, peer, type, name, opened_at, detail)
		SELECT c.id, ended.seq, ended.idx, @incident, c.code, c.competent, c.receiving, @peer, ended.type, ended.name, @now, @reason
		FROM ended
		JOIN cases c ON c.id = ended.case_id
		WHERE @status::int = 4
		ON CONFLICT (case_id, seq, idx) WHERE closed_at IS NULL DO UPDATE SET kind = excluded.kind, detail = excluded.detail`, pgx.StrictNamedArgs{
		"status": status, "now": s.now(), "reason": nullText(reason), "receipt": receipt, "result": result, "incident": incident, "peer": PeerPayments,
		"case": id, "order": order})
	return err
}
