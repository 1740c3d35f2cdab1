package cases

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

// ByOperator is the kind of the events by which operators mend a case's effects.
// They change no state.
const ByOperator workflow.TriggerKind = "operator"

// The events of operators.
const (
	EventRetryEffect      workflow.Event = "retry-effect"
	EventWriteOff         workflow.Event = "write-off"
	EventWithdrawDocument workflow.Event = "withdraw-document"
)

// mend is what an operator does about an effect, or an approver about a paper.
type mend struct {
	event    workflow.Event
	seq, idx int
	document uuid.UUID // of EventWithdrawDocument
	at       time.Time
	of       ID     // the case
	bell     string // JSON of Bell; empty: nothing is rung
	by       string // id of who does it
	peer     string // whom the effect leads to; empty: our own house
}

// RetryEffect has an effect tried again that was given up, or that waits for its
// next attempt. The reason becomes part of the case's history. Errors:
// ErrNotFound, ErrForbidden, *InvalidError without a reason.
func (s *Service) RetryEffect(ctx context.Context, a agency.Actor, code Code, seq, idx int, reason string) error {
	return s.mend(ctx, a, code, mend{event: EventRetryEffect, seq: seq, idx: idx}, reason)
}

// WriteOff ends an effect that will not be done any more, for a reason that
// becomes part of the case's history. What the case needs of it has to be done
// by hand. Errors as of RetryEffect.
func (s *Service) WriteOff(ctx context.Context, a agency.Actor, code Code, seq, idx int, reason string) error {
	return s.mend(ctx, a, code, mend{event: EventWriteOff, seq: seq, idx: idx}, reason)
}

// WithdrawDocument takes a paper out of force that should not have been issued.
// Whoever verifies it is told so from then on; the reason becomes part of the
// case's history. It is for approvers and operators of the case's agencies.
// Errors as of RetryEffect.
func (s *Service) WithdrawDocument(ctx context.Context, a agency.Actor, code Code, id uuid.UUID, reason string) error {
	return s.mend(ctx, a, code, mend{event: EventWithdrawDocument, document: id}, reason)
}

func (m *mend) String() string {
	if m.event == EventWithdrawDocument {
		return fmt.Sprintf("%s %s", m.event, m.document)
	}
	return fmt.Sprintf("%s %d.%d", m.event, m.seq, m.idx)
}

func (s *Service) mend(ctx context.Context, a agency.Actor, code Code, m mend, reason string) error {
	for try := 1; ; try++ {
		written, err := s.tryMend(ctx, a, code, m, reason)
		if err != nil {
			return fmt.Errorf("%s of case %s: %w", &m, code, err)
		}
		if written {
			return nil
		}
		if try == triesOfSystem {
			return fmt.Errorf("%s of case %s: the case keeps changing", &m, code)
		}
	}
}

func (s *Service) tryMend(ctx context.Context, a agency.Actor, code Code, m mend, reason string) (bool, error) {
	c, err := s.snapshotByCode(ctx, code, uuid.Nil)
	if errors.Is(err, ErrNotFound) {
		err = s.archivedOr(ctx, a, code, err)
	}
	if err != nil {
		return false, err
	}
	seat, may := s.mayMend(a, c, m.event)
	switch {
	case !may && !s.maySee(a, c):
		return false, s.refused(ctx, a, c, m.event, ErrNotFound)
	case !may:
		return false, s.refused(ctx, a, c, m.event, ErrForbidden)
	case strings.TrimSpace(reason) == "":
		return false, noReason()
	}
	about, err := s.mended(ctx, c, &m)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, ErrNotFound
	}
	if err != nil {
		return false, err
	}
	o := order{Command: uuid.New(), Trigger: workflow.Trigger{Kind: ByOperator, Event: m.event}, Actor: a, seat: seat, Input: Input{Note: reason, Data: about}}
	m.at, m.by = s.now(), cmp.Or(a.ID, string(agency.System))
	n := *c
	st := &step{c: &n, seen: c.Revision, keep: true, mend: &m}
	st.add(c.State, c.State, o, requestHash(o.Trigger, a.ID, o.Input), m.at, m.event, 0)
	return s.write(ctx, st)
}

// mayMend tells whether the actor may operate on the case, and from which seat.
func (s *Service) mayMend(a agency.Actor, c *snapshot, event workflow.Event) (agency.ID, bool) {
	if a.Kind == agency.System {
		return "", true
	}
	if event == EventWithdrawDocument {
		for _, at := range []agency.ID{s.cfg.Agencies.Heir(c.Competent), s.cfg.Agencies.Heir(c.Receiving)} {
			if a.Has(agency.Approver, at) {
				return at, true
			}
		}
	}
	for _, seat := range a.Seats {
		if a.Kind == agency.Officer && seat.Role == agency.Operator {
			if at := s.operated(seat); slices.Contains(at, c.Competent) || slices.Contains(at, c.Receiving) {
				return seat.Agency, true
			}
		}
	}
	return "", false
}

// mended finds what is to be mended and returns what the event says of it.
func (s *Service) mended(ctx context.Context, c *snapshot, m *mend) (map[string]any, error) {
	if m.event == EventWithdrawDocument {
		var number string
		err := s.cfg.DB.QueryRow(ctx, `
			SELECT number
			FROM case_documents
			WHERE id = $1 AND case_id = $2 AND withdrawn_at IS NULL`, m.document, c.ID).Scan(&number)
		return map[string]any{"document": m.document.String(), "number": number}, err
	}
	var kind, name string
	if err := s.cfg.DB.QueryRow(ctx, `
		SELECT type, name
		FROM case_effects
		WHERE case_id = $1 AND seq = $2 AND idx = $3 AND status IN (0, 1, 4)`, c.ID, m.seq, m.idx).Scan(&kind, &name); err != nil {
		return nil, err
	}
	m.peer = peerOf(queueOf(c.Procedure, kind, name))
	if m.event == EventRetryEffect {
		bell, err := json.Marshal(Bell{Case: c.ID, Seq: m.seq, Idx: m.idx, Queue: queueOf(c.Procedure, kind, name)})
		if err != nil {
			return nil, err
		}
		m.of, m.bell = c.ID, string(bell)
	}
	return map[string]any{"effect": strings.TrimSpace(kind + " " + name), "seq": m.seq, "idx": m.idx}, nil
}

// update changes the effect, or the paper, in the statement that writes the
// event. An effect in a worker's hand is taken from it.
func (m *mend) update(q *statement, outbox Outbox) {
	now := q.arg(m.at)
	if m.event == EventWithdrawDocument {
		q.with("mended", `UPDATE case_documents d SET withdrawn_at = `+now+`::timestamptz
			FROM moved WHERE d.case_id = moved.id AND d.id = `+q.arg(m.document)+` AND d.withdrawn_at IS NULL`)
		return
	}
	m.mendEffect(q, now, q.of("case_effects"), q.of("case_effect_attempts"))
	if m.event == EventRetryEffect {
		q.ring(outbox, []uuid.UUID{m.of}, []string{m.bell})
	}
}
