// Package tsa plays a time-stamping authority (RFC 3161 over HTTP): real tokens,
// signed with a certificate for time-stamping under a root of its own. Its clock
// is the machine's, and it keeps no book: a token proves itself.
package tsa

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/sandbox/drill"
	"github.com/hoso-gov/hoso/sandbox/store"
)

const (
	queryType = "application/timestamp-query"
	replyType = "application/timestamp-reply"
	maxQuery  = 1 << 14 // bytes
)

// policy names the rules under which the sandbox stamps, in the arc for examples.
var policy = asn1.ObjectIdentifier{2, 999, 1, 3161}

// Config says how the authority behaves. Board is required.
type Config struct {
	Board *drill.Board
	Part  string           // its name on the board
	Store store.File       // keeps its keys over restarts
	Now   func() time.Time // default time.Now
}

// Authority makes time-stamps.
type Authority struct {
	cfg  Config
	keys *keys
}

// New makes an authority with the keys of the store, or new ones.
func New(cfg Config) (*Authority, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	k, err := readKeys(cfg.Store, cfg.Now())
	if err != nil {
		return nil, err
	}
	return &Authority{cfg, k}, nil
}

// Routes answers queries at /, and with the certificate to trust at /ca.pem.
func (a *Authority) Routes(r chi.Router) {
	r.Post("/", a.answer)
	r.Get("/ca.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		_, _ = w.Write(a.RootPEM())
	})
}

// RootPEM is the certificate to trust.
func (a *Authority) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.keys.root.Raw})
}

// Root is the certificate to trust.
func (a *Authority) Root() *x509.Certificate { return a.keys.root }

func (a *Authority) answer(w http.ResponseWriter, r *http.Request) {
	sw := a.cfg.Board.Take(a.cfg.Part)
	sw.Wait(r.Context())
	if sw.Down {
		http.Error(w, "switched off", http.StatusServiceUnavailable)
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != queryType {
		http.Error(w, "Content-Type must be "+queryType, http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuery))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reply, err := a.reply(body, sw)
	if err != nil {
		slog.ErrorContext(r.Context(), "the sandbox could not make a time-stamp", "error", err)
		http.Error(w, "no time-stamp could be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", replyType)
	_, _ = w.Write(reply)
}

// reply is the DER of the answer to a query. Wrong stamps other bytes.
func (a *Authority) reply(query []byte, sw drill.Switch) ([]byte, error) {
	q, err := timestamp.ParseRequest(query)
	switch {
	case err != nil:
		return timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.BadDataFormat)
	case q.HashAlgorithm != crypto.SHA256 || len(q.HashedMessage) != sha256.Size:
		return timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.BadAlgorithm)
	case len(q.TSAPolicyOID) > 0 && !q.TSAPolicyOID.Equal(policy):
		return timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.UnacceptedPolicy)
	}
	digest := q.HashedMessage
	if sw.Wrong {
		other := sha256.Sum256(digest)
		digest = other[:]
	}
	t := timestamp.Timestamp{HashAlgorithm: q.HashAlgorithm, HashedMessage: digest, Time: a.cfg.Now().UTC().Truncate(time.Second), Accuracy: time.Second,
		Nonce: q.Nonce, Policy: policy, AddTSACertificate: q.Certificates}
	return t.CreateResponseWithOpts(a.keys.cert, a.keys.key, crypto.SHA256)
}
