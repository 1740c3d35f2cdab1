// Package message is the contract by which cases tell each other something,
// within one installation of Hoso and between two: an envelope with a payload,
// signed by the installation that sends it, and a receipt, signed by the one
// that took it in. An [Office] seals and opens both.
//
// The package knows neither cases nor tables: what a message does, and where it
// is kept, belongs to package cases.
package message

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/registry/signed"
)

// Limit is how long a message may be, in bytes, signature included. One that is
// longer is refused, never cut: papers travel by reference.
const Limit = 64 << 10

// Life is how long a message may take. One that took longer is sent anew, with
// the same id.
const Life = 7 * 24 * time.Hour

// Early is how far ahead the sender's clock may be.
const Early = 5 * time.Minute

// Type says what a message asks for.
type Type string

// The types of messages.
const (
	Open    Type = "open"    // a parent asks for a sub-case
	Outcome Type = "outcome" // a sub-case tells its parent how it ended
	Cancel  Type = "cancel"  // a parent no longer needs a sub-case
	Remind  Type = "remind"  // a parent still waits for a sub-case
)

// Schema names the shape of the payload of a type, in the version written here.
func (t Type) Schema() string { return "hoso/" + string(t) + "/1" }

func (t Type) known() bool { return t == Open || t == Outcome || t == Cancel || t == Remind }

// Place is an agency of an installation.
type Place struct {
	Installation string `json:"installation"` // the name that its key signs as
	Agency       string `json:"agency"`
}

// String is the place as tables keep it.
func (p Place) String() string { return p.Installation + "/" + p.Agency }

// Envelope is a message. Its text is canonical JSON.
type Envelope struct {
	ID          uuid.UUID       `json:"id"` // the same over all attempts
	Source      Place           `json:"source"`
	Target      Place           `json:"target"`
	Case        uuid.UUID       `json:"case"` // that is meant; of Open: the one that is to come about
	Type        Type            `json:"type"`
	Slot        string          `json:"slot"`  // of the parent, with Gen
	Gen         int             `json:"gen"`   // the event that opened it
	Cause       string          `json:"cause"` // hex hash of the sender's event that the message follows from
	SentAt      time.Time       `json:"sentAt"`
	ExpiresAt   time.Time       `json:"expiresAt"`
	Schema      string          `json:"schema"`
	PayloadHash string          `json:"payloadHash"` // hex SHA-256 of the payload's text
	Payload     json.RawMessage `json:"payload"`
}

// Receipt is the word of the installation that took a message in.
type Receipt struct {
	ID          uuid.UUID `json:"id"` // of the message
	Source      Place     `json:"source"`
	By          string    `json:"by"` // installation
	PayloadHash string    `json:"payloadHash"`
	At          time.Time `json:"at"`
	Outcome     string    `json:"outcome"` // Done or Refused
	Reason      string    `json:"reason"`  // of a refusal: the rule
}

// The outcomes of a message.
const (
	Done    = "done"    // it was acted upon, or noted: now or on an earlier attempt
	Refused = "refused" // a rule stands against it, and always will
)

// A RefusedError reports a message that is not believed or cannot be read.
// Nothing follows from it.
type RefusedError struct {
	Reason  string // oversized, unreadable, not-canonical, signature, source, target, early, expired, schema, payload, altered
	Claims  Claims
	Because error // nil: the reason says it all
}

// Claims are what a message says of itself, which may be untrue.
type Claims struct{ Source, ID string }

func (e *RefusedError) Error() string {
	if e.Because != nil {
		return "message refused: " + e.Reason + ": " + e.Because.Error()
	}
	return "message refused: " + e.Reason
}

// Unwrap returns what was wrong with it.
func (e *RefusedError) Unwrap() error { return e.Because }

// ErrReceipt reports a receipt that is not for the message, or that the receiver did not sign.
var ErrReceipt = errors.New("receipt does not hold")

// wire is what travels: the text that is signed, and its signature.
type wire struct {
	Signed    json.RawMessage `json:"signed"`
	Signature string          `json:"signature"`
}

// seal writes and signs a value.
func seal(s *signed.Signer, id string, v any) ([]byte, error) {
	text, err := signed.Canonical(v)
	if err != nil {
		return nil, err
	}
	sig, err := s.Detached(id, text)
	if err != nil {
		return nil, err
	}
	return signed.Canonical(wire{Signed: text, Signature: sig})
}

// unseal reads a value that was sealed and not touched since.
func unseal(content []byte, into any) (wire, string, error) {
	var w wire
	if err := strict(content, &w); err != nil {
		return w, "unreadable", err
	}
	if err := strict(w.Signed, into); err != nil {
		return w, "unreadable", err
	}
	// Two readings of one text are not possible: a key that stands twice, say.
	if canonical, err := signed.CanonicalText(content); err != nil || !bytes.Equal(canonical, content) {
		return w, "not-canonical", err
	}
	return w, "", nil
}

// strict reads one JSON value; a key that into does not have is an error.
func strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one JSON value")
	}
	return nil
}

// Read reads the payload into the shape that the receiver knows under the
// message's schema.
func (e *Envelope) Read(into any) error {
	if err := strict(e.Payload, into); err != nil {
		return &RefusedError{Reason: "schema", Claims: e.claims(), Because: err}
	}
	return nil
}

func (e *Envelope) claims() Claims { return Claims{Source: e.Source.String(), ID: e.ID.String()} }

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// verify checks a signature by the installation that claims to have signed.
func (o *Office) verify(ctx context.Context, w wire, by, id string) error {
	keys, ok := o.peers[by]
	if !ok {
		return fmt.Errorf("%w: installation %q is not known here", signed.ErrBadSignature, by)
	}
	sig, err := signed.VerifyDetached(ctx, keys, w.Signature, w.Signed)
	if err != nil {
		return err
	}
	if sig.By != by || sig.ID != id {
		return fmt.Errorf("%w: it was made for %q by %q", signed.ErrBadSignature, sig.ID, sig.By)
	}
	return nil
}

func whole(p Place) bool {
	return p.Installation != "" && !strings.Contains(p.Installation, "/") && len(p.Installation) <= 64 && len(p.Agency) <= 64
}
