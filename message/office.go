package message

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/hoso-gov/hoso/registry/signed"
)

// An Office seals what an installation sends, and opens what it gets. It may be
// used by many at once.
type Office struct {
	signer *signed.Signer
	peers  map[string]signed.Keys // by installation, our own among them
}

// NewOffice makes the office of the installation that signer signs for; peers
// are the keys of other installations, by their names.
func NewOffice(signer *signed.Signer, peers map[string]signed.Keys) *Office {
	o := &Office{signer: signer, peers: map[string]signed.Keys{}}
	maps.Copy(o.peers, peers)
	o.peers[signer.Name()] = signed.Static(signer.Public())
	return o
}

// Name is the installation's.
func (o *Office) Name() string { return o.signer.Name() }

// Seal writes a message with its payload as bytes to send, and fills in the
// payload, its hash and the schema. It is an error when they are more than [Limit].
func (o *Office) Seal(e *Envelope, payload any) ([]byte, error) {
	text, err := signed.Canonical(payload)
	if err != nil {
		return nil, fmt.Errorf("seal message %s: %w", e.ID, err)
	}
	e.Payload, e.PayloadHash, e.Schema = text, hashOf(text), e.Type.Schema()
	e.SentAt, e.ExpiresAt = e.SentAt.UTC(), e.ExpiresAt.UTC()
	content, err := seal(o.signer, e.ID.String(), e)
	if err != nil {
		return nil, fmt.Errorf("seal message %s: %w", e.ID, err)
	}
	if len(content) > Limit {
		return nil, fmt.Errorf("seal message %s: %w", e.ID, &RefusedError{Reason: "oversized", Claims: e.claims()})
	}
	return content, nil
}

// Open reads a message and makes sure that its source sent it, untouched, to us,
// and that it is neither early nor expired at now. Errors: *RefusedError; any
// other says that the keys of the source could not be read just now.
func (o *Office) Open(ctx context.Context, content []byte, now time.Time) (*Envelope, error) {
	if len(content) > Limit {
		return nil, &RefusedError{Reason: "oversized"}
	}
	var e Envelope
	w, reason, err := unseal(content, &e)
	refuse := func(reason string, because error) (*Envelope, error) {
		return nil, &RefusedError{Reason: reason, Claims: e.claims(), Because: because}
	}
	if reason != "" {
		return refuse(reason, err)
	}
	if !whole(e.Source) || !whole(e.Target) {
		return refuse("source", nil)
	}
	if err := o.verify(ctx, w, e.Source.Installation, e.ID.String()); errors.Is(err, signed.ErrBadSignature) {
		return refuse("signature", err)
	} else if err != nil {
		return nil, fmt.Errorf("open message %s: %w", e.ID, err)
	}
	switch {
	case e.Target.Installation != o.Name():
		return refuse("target", nil)
	case e.SentAt.After(now.Add(Early)):
		return refuse("early", nil)
	case !e.ExpiresAt.After(now) || e.ExpiresAt.Sub(e.SentAt) > Life:
		return refuse("expired", nil)
	case !e.Type.known() || e.Schema != e.Type.Schema():
		return refuse("schema", nil)
	case hashOf(e.Payload) != e.PayloadHash:
		return refuse("payload", nil)
	}
	return &e, nil
}

// Receipt writes the receipt of a message that was opened.
func (o *Office) Receipt(e *Envelope, outcome, reason string, at time.Time) ([]byte, error) {
	r := Receipt{ID: e.ID, Source: e.Source, By: o.Name(), PayloadHash: e.PayloadHash, At: at.UTC(), Outcome: outcome, Reason: reason}
	content, err := seal(o.signer, e.ID.String(), r)
	if err != nil {
		return nil, fmt.Errorf("seal the receipt of message %s: %w", e.ID, err)
	}
	return content, nil
}

// ReadReceipt reads the receipt that came for a message, and makes sure that it
// is the receiver's, and for this message. The error wraps [ErrReceipt].
func (o *Office) ReadReceipt(ctx context.Context, content []byte, of *Envelope) (*Receipt, error) {
	var r Receipt
	if len(content) > Limit {
		return nil, fmt.Errorf("message %s: %w: oversized", of.ID, ErrReceipt)
	}
	w, reason, err := unseal(content, &r)
	if reason != "" {
		return nil, fmt.Errorf("message %s: %w: %s: %w", of.ID, ErrReceipt, reason, errors.Join(err))
	}
	if err := o.verify(ctx, w, r.By, r.ID.String()); err != nil {
		return nil, fmt.Errorf("message %s: %w: %w", of.ID, ErrReceipt, err)
	}
	if r.ID != of.ID || r.Source != of.Source || r.By != of.Target.Installation || r.PayloadHash != of.PayloadHash || r.Outcome != Done && r.Outcome != Refused {
		return nil, fmt.Errorf("message %s: %w: it is for another one", of.ID, ErrReceipt)
	}
	return &r, nil
}
