package cases

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/message"
	"github.com/hoso-gov/hoso/workflow"
)

// delivery is a message on its way into a case. Its row in the inbox, with our
// receipt, is written by the statement that acts upon it.
type delivery struct {
	envelope *message.Envelope
	content  []byte
	hash     []byte // of the payload
	receipt  []byte
	at       time.Time
	known    bool // the case has acted upon it before
}

// Deliver takes in a message, whoever carried it: what it says is done once, and
// the signed receipt is the same for every attempt.
//
// Errors: *message.RefusedError for one that is not to be believed or cannot be
// read: it is noted, and nothing follows from it. After any other error the
// message may be sent again.
func (s *Service) Deliver(ctx context.Context, content []byte) ([]byte, error) {
	e, err := s.cfg.Office.Open(ctx, content, s.now())
	var receipt []byte
	if err == nil {
		receipt, err = s.receive(ctx, e, content)
	}
	if refused, ok := errors.AsType[*message.RefusedError](err); ok {
		err = errors.Join(err, s.noteRefused(ctx, content, refused))
	}
	if err != nil {
		return nil, fmt.Errorf("deliver a message: %w", err)
	}
	return receipt, nil
}

func (s *Service) receive(ctx context.Context, e *message.Envelope, content []byte) ([]byte, error) {
	d := &delivery{envelope: e, content: content, at: s.now()}
	var err error
	if d.hash, err = hex.DecodeString(e.PayloadHash); err != nil {
		return nil, err
	}
	if d.receipt, err = s.cfg.Office.Receipt(e, message.Done, "", d.at); err != nil {
		return nil, err
	}
	declined, err := s.actUpon(ctx, d)
	switch {
	case errors.Is(err, ErrReused):
		d.known = true // with another content, perhaps: receiptOf looks
	case err != nil:
		return nil, err
	}
	switch {
	case declined != "":
		return s.decline(ctx, d, declined)
	case d.known:
		return s.receiptOf(ctx, d)
	}
	return d.receipt, nil
}

// actUpon does what the message asks for. declined names the rule that stands
// against it for ever.
func (s *Service) actUpon(ctx context.Context, d *delivery) (declined string, err error) {
	e := d.envelope
	odd := func() error {
		return &message.RefusedError{Reason: "payload", Claims: message.Claims{Source: e.Source.String(), ID: e.ID.String()}}
	}
	switch e.Type {
	case message.Open:
		var o Opening
		if err := e.Read(&o); err != nil {
			return "", err
		}
		if o.Child != e.Case || o.Slot != e.Slot || o.Gen != e.Gen {
			return "", odd()
		}
		return s.openFor(ctx, o, d)
	case message.Outcome:
		var r Report
		if err := e.Read(&r); err != nil {
			return "", err
		}
		if r.Parent != e.Case || r.Slot != e.Slot || r.Gen != e.Gen {
			return "", odd()
		}
		return "", s.reported(ctx, r, e.ID, d)
	case message.Cancel, message.Remind:
		var a about
		if err := e.Read(&a); err != nil {
			return "", err
		}
		if a.Child != e.Case || a.Slot != e.Slot || a.Gen != e.Gen {
			return "", odd()
		}
		kind := workflow.ByCancel
		if e.Type == message.Remind {
			kind = ByReminder
		}
		err := s.system(ctx, a.Child, order{Command: e.ID, Trigger: workflow.Trigger{Kind: kind, Event: workflow.Event(e.Type)},
			Actor: agency.Actor{Kind: agency.System, ID: "parent case"}, in: d})
		if errors.Is(err, ErrNotFound) {
			return s.neverOpened(ctx, a.Child, err)
		}
		return "", err
	}
	return "", fmt.Errorf("no message has the type %q", e.Type)
}

// neverOpened tells whether the opening of a sub-case was declined; if not, it
// is still under way, and the message that follows it has to wait.
func (s *Service) neverOpened(ctx context.Context, child ID, missing error) (declined string, err error) {
	var never bool
	if err := s.cfg.DB.QueryRow(ctx, `SELECT EXISTS (SELECT FROM message_inbox WHERE case_id = $1 AND type = 'open' AND outcome = 'refused')`, child).Scan(&never); err != nil {
		return "", err
	}
	if never {
		return declinedNotOpened, nil
	}
	return "", missing
}

// insert writes the inbox row of the message that the step acts upon.
func (d *delivery) insert(q *statement, seq int) {
	e := d.envelope
	q.with("received", `INSERT INTO message_inbox (source, message_id, type, case_id, seq, payload_hash, content, received_at, outcome, receipt)
		SELECT `+q.arg(e.Source.String())+`, `+q.arg(e.ID)+`::uuid, `+q.arg(string(e.Type))+`, moved.id, `+q.arg(seq)+`::int, `+q.arg(d.hash)+`::bytea,
			`+q.arg(d.content)+`::bytea, `+q.arg(d.at)+`::timestamptz, 'done', `+q.arg(d.receipt)+`::bytea
		FROM moved`)
}

// decline writes the inbox row of a message that nothing follows from, and
// returns its receipt.
func (s *Service) decline(ctx context.Context, d *delivery, reason string) ([]byte, error) {
	e := d.envelope
	receipt, err := s.cfg.Office.Receipt(e, message.Refused, reason, d.at)
	if err != nil {
		return nil, err
	}
	tag, err := s.cfg.DB.Exec(ctx, `
		INSERT INTO message_inbox (source, message_id, type, case_id, payload_hash, content, received_at, outcome, reason, receipt)
		VALUES (@source, @id, @type, @case, @hash, @content, @at, 'refused', @reason, @receipt)
		ON CONFLICT (source, message_id) DO NOTHING`, pgx.StrictNamedArgs{
		"source": e.Source.String(), "id": e.ID, "type": string(e.Type), "case": e.Case, "hash": d.hash, "content": d.content, "at": d.at,
		"reason": reason, "receipt": receipt})
	if err != nil || tag.RowsAffected() == 1 {
		return receipt, err
	}
	return s.receiptOf(ctx, d)
}

// receiptOf is the receipt that was given for a message before. One with the id
// of another message is refused.
func (s *Service) receiptOf(ctx context.Context, d *delivery) ([]byte, error) {
	var receipt, hash []byte
	e := d.envelope
	err := s.cfg.DB.QueryRow(ctx, `
		SELECT receipt, payload_hash
		FROM message_inbox
		WHERE source = $1 AND message_id = $2`, e.Source.String(), e.ID).Scan(&receipt, &hash)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return s.adopt(ctx, d)
	case err == nil && !bytes.Equal(hash, d.hash):
		err = &message.RefusedError{Reason: "altered", Claims: message.Claims{Source: e.Source.String(), ID: e.ID.String()}}
	}
	return receipt, err
}

// adopt writes the inbox row of what a release without messages did already: the
// case knows the command, and no message is there.
func (s *Service) adopt(ctx context.Context, d *delivery) ([]byte, error) {
	e := d.envelope
	tag, err := s.cfg.DB.Exec(ctx, `
		INSERT INTO message_inbox (source, message_id, type, case_id, seq, payload_hash, content, received_at, outcome, receipt)
		SELECT @source, @id, @type, e.case_id, e.seq, @hash, @content, @at, 'done', @receipt
		FROM case_events e
		WHERE e.case_id = @case AND e.command_id = @id AND e.hop = 0
		ON CONFLICT (source, message_id) DO NOTHING`, pgx.StrictNamedArgs{
		"source": e.Source.String(), "id": e.ID, "type": string(e.Type), "case": e.Case, "hash": d.hash, "content": d.content, "at": d.at, "receipt": d.receipt})
	if err == nil && tag.RowsAffected() == 0 {
		err = fmt.Errorf("message %s was acted upon at this instant", e.ID)
	}
	return d.receipt, err
}

// noteRefused writes down a message that nothing follows from. The same bytes
// make one row, however often they come.
func (s *Service) noteRefused(ctx context.Context, content []byte, r *message.RefusedError) error {
	sum := sha256.Sum256(content)
	var kept []byte
	if len(content) <= message.Limit {
		kept = content
	}
	source, id := claim(r.Claims.Source), claim(r.Claims.ID)
	if source == "/" {
		source = ""
	}
	if id == uuid.Nil.String() {
		id = ""
	}
	_, err := s.cfg.DB.Exec(ctx, `
		INSERT INTO message_refusals AS m (sha256, reason, source, message_id, size, content, first_at, last_at)
		VALUES (@sum, @reason, @source, @id, @size, @content, @now, @now)
		ON CONFLICT (sha256) DO UPDATE SET last_at = excluded.last_at, times = m.times + 1`, pgx.StrictNamedArgs{
		"sum": sum[:], "reason": r.Reason, "source": source, "id": id, "size": len(content), "content": kept, "now": s.now()})
	if err != nil {
		return fmt.Errorf("note a refused message: %w", err)
	}
	return nil
}

// claim is what a stranger says, in a form that can be stored.
func claim(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "?")
	return strings.ToValidUTF8(text[:min(len(text), 200)], "")
}
