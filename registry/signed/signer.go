// Package signed carries JSON messages between the systems of the state so that
// each side knows who wrote what: a detached JWS (RFC 7515, appendix F; Ed25519)
// in the header X-Signature covers method, path, idempotency key and body of a
// request; that of an answer covers status, body and the request it answers.
//
// The package signs and verifies. Retries, time limits and the meaning of a
// message belong to registry/exchange and payment.
package signed

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
)

// Header carries the signature of a request or an answer.
const Header = "X-Signature"

// IdempotencyKey names the header of a request that takes effect once.
const IdempotencyKey = "Idempotency-Key"

// A Signer signs for one system.
type Signer struct {
	name string
	key  jose.JSONWebKey
	now  func() time.Time
}

// NewSigner signs as name, for instance "hoso" or "fines".
func NewSigner(name string, key ed25519.PrivateKey) (*Signer, error) {
	k := jose.JSONWebKey{Key: key, Algorithm: string(jose.EdDSA), Use: "sig"}
	print, err := k.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("signer %s: %w", name, err)
	}
	k.KeyID = base64.RawURLEncoding.EncodeToString(print)[:16]
	return &Signer{name: name, key: k, now: time.Now}, nil
}

// Generate makes a signer with a new key, for tests and first starts.
func Generate(name string) (*Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return NewSigner(name, key)
}

// ReadOrCreate reads the private key (a JWK) of name from a file that only its
// owner may read, and makes it at the first start.
func ReadOrCreate(name, file string) (*Signer, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		s, err := Generate(name)
		if err != nil {
			return nil, err
		}
		text, err := json.MarshalIndent(s.key, "", "  ")
		if err != nil {
			return nil, err
		}
		return s, os.WriteFile(file, append(text, '\n'), 0o600)
	}
	if err != nil {
		return nil, err
	}
	var k jose.JSONWebKey
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, fmt.Errorf("key %s: %w", file, err)
	}
	key, ok := k.Key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("key %s: not a private Ed25519 key", file)
	}
	return NewSigner(name, key)
}

// Public is the key set that the other side verifies with.
func (s *Signer) Public() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{s.key.Public()}}
}

// ServeHTTP answers the public key set.
func (s *Signer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/jwk-set+json")
	_ = json.NewEncoder(w).Encode(s.Public())
}

// Request signs r, whose body is body, and returns the signature's id: an answer
// must name it.
func (s *Signer) Request(r *http.Request, body []byte) (id string, err error) {
	id = uuid.NewString()
	sig, err := s.sign(id, covered(r.Method, r.URL.EscapedPath(), r.Header.Get(IdempotencyKey), "", body))
	if err != nil {
		return "", fmt.Errorf("sign request: %w", err)
	}
	r.Header.Set(Header, sig)
	return id, nil
}

// Response signs an answer to the request with the signature id.
func (s *Signer) Response(h http.Header, status int, body []byte, id string) error {
	sig, err := s.sign(uuid.NewString(), covered("", strconv.Itoa(status), "", id, body))
	if err != nil {
		return fmt.Errorf("sign response: %w", err)
	}
	h.Set(Header, sig)
	return nil
}

func (s *Signer) sign(id string, payload []byte) (string, error) {
	opts := (&jose.SignerOptions{}).WithHeader("iss", s.name).WithHeader("jti", id).WithHeader("iat", s.now().Unix())
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: s.key}, opts)
	if err != nil {
		return "", err
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return jws.DetachedCompactSerialize()
}

// covered is the text that is signed. A line break cannot stand in a path that
// is escaped, nor in a header.
func covered(method, target, key, answers string, body []byte) []byte {
	sum := sha256.Sum256(body)
	return fmt.Appendf(nil, "method: %s\ntarget: %s\nkey: %s\nanswers: %s\ndigest: %x\n", method, target, key, answers, sum)
}
