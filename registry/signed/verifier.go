package signed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// ErrBadSignature reports a message that its sender did not sign, that was
// changed on its way, that is too old, or that answers another question.
var ErrBadSignature = errors.New("signature does not hold")

// ErrReplayed reports a request whose signature was seen before.
var ErrReplayed = errors.New("request was seen before")

// Fresh is how old a signature may be; clocks may differ by as much.
const Fresh = 5 * time.Minute

// Keys finds the public key with an id. The error wraps [ErrBadSignature] when
// there is no such key, and is another one when the keys could not be read.
type Keys interface {
	Key(ctx context.Context, id string) (jose.JSONWebKey, error)
}

// A Signature is what a verified message says of itself.
type Signature struct {
	ID string    // unique for each signing
	By string    // the name the signer gave
	At time.Time // when it was signed
}

// A Verifier checks the messages of one other system.
type Verifier struct {
	keys Keys
	now  func() time.Time

	mu   sync.Mutex
	seen map[string]time.Time // ids of requests, until they are no longer fresh
}

// NewVerifier trusts the holders of keys.
func NewVerifier(keys Keys) *Verifier {
	return &Verifier{keys: keys, now: time.Now, seen: map[string]time.Time{}}
}

// Request checks a request that came with body; each signature serves once.
func (v *Verifier) Request(r *http.Request, body []byte) (Signature, error) {
	sig, err := v.verify(r.Context(), r.Header, covered(r.Method, r.URL.EscapedPath(), r.Header.Get(IdempotencyKey), "", body))
	if err != nil {
		return Signature{}, err
	}
	if !v.first(sig) {
		return Signature{}, ErrReplayed
	}
	return sig, nil
}

// Response checks an answer to the request with the signature id.
func (v *Verifier) Response(ctx context.Context, h http.Header, status int, body []byte, id string) error {
	_, err := v.verify(ctx, h, covered("", strconv.Itoa(status), "", id, body))
	return err
}

func (v *Verifier) verify(ctx context.Context, h http.Header, payload []byte) (Signature, error) {
	sig, err := VerifyDetached(ctx, v.keys, h.Get(Header), payload)
	if err != nil {
		return Signature{}, err
	}
	if age := v.now().Sub(sig.At); sig.ID == "" || age > Fresh || age < -Fresh {
		return Signature{}, fmt.Errorf("%w: signed %s ago", ErrBadSignature, age.Round(time.Second))
	}
	return sig, nil
}

// RequestID reads the id of r's signature without believing it, so that an
// answer can be signed for it.
func RequestID(r *http.Request) string {
	jws, err := jose.ParseDetached(r.Header.Get(Header), []byte{}, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil || len(jws.Signatures) != 1 {
		return ""
	}
	id, _ := jws.Signatures[0].Protected.ExtraHeaders["jti"].(string)
	return id
}

// first remembers sig and tells whether it is new.
func (v *Verifier) first(sig Signature) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	if len(v.seen) > 10_000 || len(v.seen)%256 == 255 {
		for id, until := range v.seen {
			if now.After(until) {
				delete(v.seen, id)
			}
		}
	}
	if _, ok := v.seen[sig.ID]; ok {
		return false
	}
	v.seen[sig.ID] = sig.At.Add(2 * Fresh)
	return true
}
