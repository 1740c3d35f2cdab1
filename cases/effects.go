package cases

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
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

// The values of case_effect_attempts.result.
const (
	attemptDone      = "done"
	attemptRefused   = "refused"
	attemptTransient = "transient"
	attemptAmbiguous = "ambiguous"
	attemptPermanent = "permanent"
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

// HeldError reports an effect that waits because the breaker of its peer is open:
// it is not attempted meanwhile.
type HeldError struct {
	Peer  string    // as its line is called
	Since time.Time // when the breaker opened
	First bool      // it begins to wait
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s is unavailable since %s", e.Peer, e.Since.Format(time.RFC3339))
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
	// Ambiguous: an earlier attempt may have been carried out, and nobody knows.
	Ambiguous bool
	// Recovered is set when finishing closed the breaker of the effect's peer.
	Recovered bool

	lease    uuid.UUID
	failures int       // in a row, before this attempt
	troubled time.Time // since when it fails or waits for a breaker; now when it does not
	peer     string    // whom it leads to; empty: nobody outside
	answered bool      // the peer answered this attempt, whatever it said
	probes   bool      // this attempt is the one that the open breaker lets through
	args     []byte
	c        *snapshot
	step     []stepEvent // the events of the step that scheduled it
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
	Hash      []byte
}

// queueOf is the line that an effect waits in.
func queueOf(p *procedures.Procedure, kind, name string) string {
	switch kind {
	case EffectNotify:
		return "notices"
	case EffectReceipt, EffectLetter, EffectResult, EffectUndoResult:
		return "papers"
	case EffectPayment, EffectUndoPayment:
		return "payments"
	case EffectResident, EffectUndoResident:
		return "residents"
	case EffectSend, EffectUndoSend:
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

// stepSQL reads the events of the step that event $2 of case $1 belongs to, in
// their order.
const stepSQL = `
	SELECT e.seq, e.event, e.from_state, e.to_state, e.actor_kind, e.actor_name, e.at, e.input, e.hash
	FROM case_events e
	WHERE e.case_id = $1 AND e.command_id = (SELECT command_id FROM case_events WHERE case_id = $1 AND seq = $2)
	ORDER BY e.hop`

func readStepEvent(row pgx.CollectableRow) (e stepEvent, err error) {
	var input []byte
	if err := row.Scan(&e.Seq, &e.Event, &e.From, &e.To, &e.ActorKind, &e.ActorName, &e.At, &input, &e.Hash); err != nil {
		return e, err
	}
	return e, json.Unmarshal(input, &e.Input)
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

// String names the effect in errors and logs; it holds no personal data.
func (e *Effect) String() string {
	name := e.Type
	if e.Name != "" {
		name += " " + e.Name
	}
	return fmt.Sprintf("%s (%d.%d) of case %s", name, e.Seq, e.Idx, e.Code)
}
