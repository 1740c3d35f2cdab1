package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// The types of effects that definitions name. What each does in the world
// belongs to package jobs.
const (
	EffectNotify   = "notify"
	EffectReceipt  = "issue-receipt"
	EffectLetter   = "issue-letter"
	EffectResult   = "issue-result"
	EffectPayment  = "request-payment"
	EffectResident = "update-resident"
	EffectSend     = "send"
)

// The signals that effects bring, beside those that a message names itself.
const (
	SignalPaid            workflow.Event = "paid"
	SignalPaymentFailed   workflow.Event = "payment-failed"
	SignalPaymentUnknown  workflow.Event = "payment-unknown"
	SignalRegistryUpdated workflow.Event = "registry-updated"
	SignalRegistryRefused workflow.Event = "registry-refused"
)

// The values of case_effects.status.
const (
	effectOpen       = 0
	effectInHand     = 1
	effectDone       = 2
	effectRefused    = 3 // the peer said no, and the case knows
	effectGivenUp    = 4 // an operator has to look at it
	effectWrittenOff = 5 // an operator did
)

// leaseTime is how long a worker may keep an effect. A job lasts 30 s at most,
// so a lease that is over belongs to a worker that is gone.
const leaseTime = 90 * time.Second

// earlyBell is how much before its time an effect may be claimed: the clocks of
// the node that scheduled it and of the one that does it differ a little.
const earlyBell = 2 * time.Second

var (
	// ErrLeaseLost reports that another worker has the effect by now. What the
	// late one did about it changes nothing.
	ErrLeaseLost = errors.New("the effect is in another worker's hand")
	// ErrPassed reports that the case went on without the effect: doing it now
	// would do harm.
	ErrPassed = errors.New("the case went on without it")
)

// NotDueError reports an effect that cannot be claimed now.
type NotDueError struct {
	At time.Time // when it is due; zero: it has ended, or is in another worker's hand
}

func (e *NotDueError) Error() string {
	if e.At.IsZero() {
		return "ended, or in another worker's hand"
	}
	return "not due before " + e.At.Format(time.RFC3339)
}

// Effect is what an event left to be done, in the hand of one worker.
type Effect struct {
	Bell
	Type     string
	Name     string    // notice, letter, payment, change or message; may be empty
	Key      uuid.UUID // given to the outside, the same over all attempts
	Code     Code      // of the case
	Attempts int       // this one included
	At       time.Time // of the event
	Result   *Result   // of an earlier attempt that did it and was cut off; nil: still to be done

	lease uuid.UUID
	args  []byte
	c     *snapshot
	step  []stepEvent // the events of the step that scheduled it
}

// Result is how doing an effect ended. It is kept before the case is told, so
// that a crash in between does not do the thing again.
type Result struct {
	Refused bool           `json:"refused,omitempty"` // the peer's business answer was no
	Signal  workflow.Event `json:"signal,omitempty"`  // that the case gets; empty: nobody waits for an answer
	Data    map[string]any `json:"data,omitempty"`    // what the signal brings into case.output
	Receipt string         `json:"receipt,omitempty"` // the peer's number for what it did
}

// stepEvent is an event of the step that scheduled an effect.
type stepEvent struct {
	Seq       int
	Event     workflow.Event
	From, To  workflow.State
	ActorKind agency.ActorKind
	ActorName string
	At        time.Time
	Input     Input
}

// queueOf is the line that an effect waits in.
func queueOf(p *procedures.Procedure, kind, name string) string {
	switch kind {
	case EffectNotify:
		return "notices"
	case EffectReceipt, EffectLetter, EffectResult:
		return "papers"
	case EffectPayment:
		return "payments"
	case EffectResident:
		return "residents"
	case EffectSend:
		if m := p.Messages[name]; m != nil {
			return registryQueue(m.To)
		}
	}
	return QueueCases
}

// QueueCases is the line of what cases tell each other.
const QueueCases = "cases"

func registryQueue(name string) string { return "registry_" + name }

// Queues are the lines that effects of the catalogue's procedures wait in.
func (s *Service) Queues() []string {
	queues := []string{QueueCases, "notices", "papers", "payments", "residents"}
	for _, p := range s.cfg.Procedures.All() {
		for _, m := range p.Messages {
			queues = append(queues, registryQueue(m.To))
		}
	}
	slices.Sort(queues)
	return slices.Compact(queues)
}

// Claim takes an effect into the caller's hand for the time of a lease. Errors:
// *NotDueError when there is nothing to do now, and ErrPassed, with the effect,
// when the state that waits for it was left.
func (s *Service) Claim(ctx context.Context, b Bell) (*Effect, error) {
	failpoint.Hit(failpoint.ClaimBefore)
	e, err := s.claim(ctx, b)
	failpoint.Hit(failpoint.ClaimAfter)
	if err != nil {
		return e, fmt.Errorf("claim effect %d.%d of case %s: %w", b.Seq, b.Idx, b.Case, err)
	}
	return e, nil
}

func (s *Service) claim(ctx context.Context, b Bell) (*Effect, error) {
	e := &Effect{Bell: b, lease: uuid.New()}
	now := s.now()
	var receipt []byte
	err := s.cfg.DB.QueryRow(ctx, `
		UPDATE case_effects SET status = 1, attempts = attempts + 1, lease = @lease, lease_until = @until, next_at = @until
		WHERE case_id = @case AND seq = @seq AND idx = @idx AND status IN (0, 1) AND next_at <= @soon
			AND (lease_until IS NULL OR lease_until <= @now)
		RETURNING type, name, key, args, attempts, receipt`, pgx.StrictNamedArgs{
		"case": b.Case, "seq": b.Seq, "idx": b.Idx, "lease": e.lease, "until": now.Add(leaseTime), "now": now, "soon": now.Add(earlyBell)}).
		Scan(&e.Type, &e.Name, &e.Key, &e.args, &e.Attempts, &receipt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, s.notDue(ctx, b)
	}
	if err != nil {
		return nil, err
	}
	if receipt != nil {
		if err := json.Unmarshal(receipt, &e.Result); err != nil {
			return nil, err
		}
	}
	if e.c, err = s.snapshot(ctx, b.Case, uuid.Nil); err != nil {
		return nil, err
	}
	e.Code = e.c.Code
	if e.step, err = s.stepOf(ctx, b.Case, b.Seq); err != nil {
		return nil, err
	}
	if len(e.step) == 0 {
		return nil, fmt.Errorf("event %d is not there", b.Seq)
	}
	e.At = e.step[0].At
	if e.Result == nil && e.passed() {
		return e, ErrPassed
	}
	return e, nil
}

// notDue tells why an effect was not to be had.
func (s *Service) notDue(ctx context.Context, b Bell) error {
	var at *time.Time
	err := s.cfg.DB.QueryRow(ctx, `
		SELECT next_at
		FROM case_effects
		WHERE case_id = $1 AND seq = $2 AND idx = $3 AND status = 0`, b.Case, b.Seq, b.Idx).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && at == nil {
		return &NotDueError{}
	}
	if err != nil {
		return err
	}
	return &NotDueError{At: *at}
}

// stepOf reads the events of the step that event seq belongs to, in their order.
func (s *Service) stepOf(ctx context.Context, id ID, seq int) ([]stepEvent, error) {
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT e.seq, e.event, e.from_state, e.to_state, e.actor_kind, e.actor_name, e.at, e.input
		FROM case_events e
		WHERE e.case_id = $1 AND e.command_id = (SELECT command_id FROM case_events WHERE case_id = $1 AND seq = $2)
		ORDER BY e.hop`, id, seq)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e stepEvent, err error) {
		var input []byte
		if err := row.Scan(&e.Seq, &e.Event, &e.From, &e.To, &e.ActorKind, &e.ActorName, &e.At, &input); err != nil {
			return e, err
		}
		return e, json.Unmarshal(input, &e.Input)
	})
}

// answers are the signals that the effect may bring.
func (e *Effect) answers() []workflow.Event {
	switch e.Type {
	case EffectPayment:
		return []workflow.Event{SignalPaid, SignalPaymentFailed, SignalPaymentUnknown}
	case EffectResident:
		return []workflow.Event{SignalRegistryUpdated, SignalRegistryRefused}
	case EffectSend:
		if m := e.c.Procedure.Messages[e.Name]; m != nil {
			return []workflow.Event{m.Done, m.Refused}
		}
	}
	return nil
}

// awaited tells whether the state that the step led to waits for the effect's answer.
func (e *Effect) awaited() bool {
	def := e.c.Procedure.Machine.States[e.step[len(e.step)-1].To]
	return def != nil && slices.ContainsFunc(e.answers(), func(a workflow.Event) bool { return len(def.Signals[a]) > 0 })
}

// left tells whether the case is no longer in the state that the step led to.
func (e *Effect) left() bool {
	return e.c.Memory.Gen != e.step[len(e.step)-1].Seq || e.c.ClosedAt != nil
}

// passed tells whether doing the effect now would do harm: an officer may have
// done it by hand, or decided otherwise. Payments look for themselves.
func (e *Effect) passed() bool {
	return (e.Type == EffectResident || e.Type == EffectSend) && e.awaited() && e.left()
}

// Keep writes down how doing the effect ended, in the transaction that did it.
// It wraps ErrLeaseLost when another worker has the effect: roll back then.
func (s *Service) Keep(ctx context.Context, tx pgx.Tx, e *Effect, r Result) error {
	failpoint.Hit(failpoint.KeepBefore)
	receipt, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep the result of %s: %w", e, err)
	}
	tag, err := tx.Exec(ctx, `
		UPDATE case_effects SET receipt = $5
		WHERE case_id = $1 AND seq = $2 AND idx = $3 AND lease = $4 AND status = 1`, e.Case, e.Seq, e.Idx, e.lease, receipt)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("keep the result of %s: %w", e, err)
	}
	e.Result = &r
	return nil
}

// Finish ends the effect: the result is kept, the case is told, and only then
// the effect is done. Cut off anywhere, the next attempt goes on from there; the
// signal has a command id that follows from the key, so the case hears it once.
func (s *Service) Finish(ctx context.Context, e *Effect, r Result) error {
	if err := s.finish(ctx, e, r); err != nil {
		return fmt.Errorf("finish %s: %w", e, err)
	}
	return nil
}

func (s *Service) finish(ctx context.Context, e *Effect, r Result) error {
	if r.Signal != "" {
		if e.Result == nil {
			if err := pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error { return s.Keep(ctx, tx, e, r) }); err != nil {
				return err
			}
		}
		failpoint.Hit(failpoint.KeepAfter)
		if err := failpoint.Fail(failpoint.SignalBefore); err != nil {
			return err
		}
		if err := s.deliver(ctx, e.Case, e.Key, r, e.Type+" "+e.Name); err != nil {
			return err
		}
		failpoint.Hit(failpoint.SignalAfter)
	}
	receipt, err := json.Marshal(r)
	if err != nil {
		return err
	}
	status := effectDone
	if r.Refused {
		status = effectRefused
	}
	if err := failpoint.Fail(failpoint.FinishBefore); err != nil {
		return err
	}
	err = s.end(ctx, e, status, receipt, "")
	failpoint.Hit(failpoint.FinishAfter)
	return err
}

// deliver signals a result to the case, once for each key and signal.
func (s *Service) deliver(ctx context.Context, id ID, key uuid.UUID, r Result, cause string) error {
	err := s.Signal(ctx, id, derived(key, string(r.Signal)), r.Signal, cause, r.Data)
	if errors.Is(err, ErrReused) {
		return nil // it was delivered before, in other words
	}
	return err
}

// end closes the effect, with the lease only.
func (s *Service) end(ctx context.Context, e *Effect, status int, receipt []byte, reason string) error {
	tag, err := s.cfg.DB.Exec(ctx, `
		UPDATE case_effects SET status = @status, next_at = NULL, lease = NULL, lease_until = NULL, done_at = @now,
			receipt = coalesce(@receipt, receipt), error = @reason
		WHERE case_id = @case AND seq = @seq AND idx = @idx AND lease = @lease AND status = 1`, pgx.StrictNamedArgs{
		"status": status, "now": s.now(), "receipt": receipt, "reason": nullText(reason),
		"case": e.Case, "seq": e.Seq, "idx": e.Idx, "lease": e.lease})
	if err == nil && tag.RowsAffected() == 0 {
		return ErrLeaseLost
	}
	return err
}

// String names the effect in errors and logs; it holds no personal data.
func (e *Effect) String() string {
	name := e.Type
	if e.Name != "" {
		name += " " + e.Name
	}
	return fmt.Sprintf("%s (%d.%d) of case %s", name, e.Seq, e.Idx, e.Code)
}
