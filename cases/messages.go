package cases

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/message"
)

// typeOf is the message that an effect sends.
var typeOf = map[string]message.Type{
	EffectOpen: message.Open, EffectReport: message.Outcome, EffectCancel: message.Cancel, EffectRemind: message.Remind,
}

// about is the payload of a message about a sub-case that is there, or will be.
type about struct {
	Child ID     `json:"child"`
	Slot  string `json:"slot"`
	Gen   int    `json:"gen"`
}

// The rules by which a message is declined. The first two end what the effect is
// for as well as doing it would.
const (
	declinedNotNeeded = "no-longer-needed" // the parent has left the state that asked for it
	declinedNotOpened = "not-opened"       // the sub-case was never opened
	declinedDepth     = "depth"            // sub-cases of sub-cases of sub-cases
	declinedProcedure = "procedure"        // nobody offers it here
)

// PassOn sends what a case tells another one and keeps the receipt: the message
// is written down, delivered, and done when the receiver's receipt is stored.
// Doing it again changes nothing. It wraps ErrDeclined when a rule stands against it.
func (s *Service) PassOn(ctx context.Context, e *Effect) error {
	failpoint.Hit(failpoint.DeliverBefore)
	if err := s.passOn(ctx, e); err != nil {
		return fmt.Errorf("%s: %w", e, err)
	}
	failpoint.Hit(failpoint.DeliverAfter)
	return nil
}

// ErrDeclined reports a message that the receiver will never act upon.
var ErrDeclined = errors.New("the receiver declines the message")

func (s *Service) passOn(ctx context.Context, e *Effect) error {
	m, payload, err := s.envelope(e)
	if err != nil {
		return err
	}
	receipt, err := s.dispatch(ctx, e, m, payload)
	if err != nil {
		return err
	}
	r, err := s.cfg.Office.ReadReceipt(ctx, receipt, m)
	if err != nil {
		return err
	}
	if _, err := s.cfg.DB.Exec(ctx, `
		UPDATE message_outbox SET receipt = @receipt, outcome = @outcome, receipted_at = @now
		WHERE case_id = @case AND seq = @seq AND idx = @idx AND receipt IS NULL`, pgx.StrictNamedArgs{
		"receipt": receipt, "outcome": r.Outcome, "now": s.now(), "case": e.Case, "seq": e.Seq, "idx": e.Idx}); err != nil {
		return err
	}
	if r.Outcome == message.Refused && r.Reason != declinedNotNeeded && r.Reason != declinedNotOpened {
		return fmt.Errorf("%w: %s", ErrDeclined, r.Reason)
	}
	return nil
}

// envelope addresses the effect's message. Its payload is what the step that
// scheduled the effect wrote down.
func (s *Service) envelope(e *Effect) (*message.Envelope, any, error) {
	now, here := s.now(), s.cfg.Office.Name()
	m := &message.Envelope{ID: e.Key, Source: message.Place{Installation: here, Agency: string(e.c.Competent)}, Target: message.Place{Installation: here},
		Type: typeOf[e.Type], Cause: hex.EncodeToString(e.step[0].Hash), SentAt: now, ExpiresAt: now.Add(message.Life)}
	switch e.Type {
	case EffectOpen:
		var o Opening
		if err := json.Unmarshal(e.args, &o); err != nil {
			return nil, nil, err
		}
		o.Parent = e.Case // an opening that an older release wrote down does not name it
		m.Case, m.Slot, m.Gen, m.Target.Agency = o.Child, o.Slot, o.Gen, string(o.Agency)
		return m, o, nil
	case EffectReport:
		var r Report
		if err := json.Unmarshal(e.args, &r); err != nil {
			return nil, nil, err
		}
		m.Case, m.Slot, m.Gen = r.Parent, r.Slot, r.Gen
	case EffectCancel, EffectRemind:
		var a about
		if err := json.Unmarshal(e.args, &a); err != nil {
			return nil, nil, err
		}
		m.Case, m.Slot, m.Gen = a.Child, a.Slot, a.Gen
	default:
		return nil, nil, fmt.Errorf("no message has the type %q", e.Type)
	}
	return m, json.RawMessage(e.args), nil
}

// dispatch writes the message down and delivers it, unless its receipt is here
// already. A message that is sent again has a new signature and time, and the
// same id and payload.
func (s *Service) dispatch(ctx context.Context, e *Effect, m *message.Envelope, payload any) (receipt []byte, err error) {
	content, err := s.cfg.Office.Seal(m, payload)
	if err != nil {
		return nil, err
	}
	hash, err := hex.DecodeString(m.PayloadHash)
	if err != nil {
		return nil, err
	}
	if err := s.cfg.DB.QueryRow(ctx, `
		INSERT INTO message_outbox AS o (case_id, seq, idx, message_id, source, type, target_case, payload_hash, content, sent_at, expires_at)
		VALUES (@case, @seq, @idx, @id, @source, @type, @target, @hash, @content, @sent, @expires)
		ON CONFLICT (case_id, seq, idx) DO UPDATE SET
			content = CASE WHEN o.receipt IS NULL THEN excluded.content ELSE o.content END,
			sent_at = CASE WHEN o.receipt IS NULL THEN excluded.sent_at ELSE o.sent_at END,
			expires_at = CASE WHEN o.receipt IS NULL THEN excluded.expires_at ELSE o.expires_at END
		RETURNING o.receipt`, pgx.StrictNamedArgs{
		"case": e.Case, "seq": e.Seq, "idx": e.Idx, "id": m.ID, "source": m.Source.String(), "type": string(m.Type), "target": m.Case,
		"hash": hash, "content": content, "sent": m.SentAt, "expires": m.ExpiresAt}).Scan(&receipt); err != nil || receipt != nil {
		return receipt, err
	}
	return s.Deliver(ctx, content)
}

// Unacknowledged counts the messages that were sent before a time and have no receipt.
func (s *Service) Unacknowledged(ctx context.Context, before time.Time) (n int, err error) {
	if err = s.cfg.DB.QueryRow(ctx, `SELECT count(*) FROM message_outbox WHERE receipt IS NULL AND sent_at < $1`, before).Scan(&n); err != nil {
		return 0, fmt.Errorf("count messages without a receipt: %w", err)
	}
	return n, nil
}
