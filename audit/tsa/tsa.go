// Package tsa asks a time-stamping authority for time-stamps and verifies them:
// the Time-Stamp Protocol over HTTP (RFC 3161). What is stamped, and what a
// missing stamp means, belongs to package audit/anchor.
package tsa

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// ErrToken reports a time-stamp that does not prove what it is held to prove:
// it is over other bytes, its signature does not hold, or nobody we trust made it.
var ErrToken = errors.New("the time-stamp does not hold")

// Media types of the protocol.
const (
	QueryType = "application/timestamp-query"
	ReplyType = "application/timestamp-reply"
)

// maxReply is the size of a reply in bytes: a token with a chain of certificates has some 6 KB.
const maxReply = 1 << 16

// Config says where the authority is. URL is required.
type Config struct {
	URL string
	// Trusted are the certificates that a token must lead to; nil: whoever signed
	// is believed. Production sets it.
	Trusted *x509.CertPool
	HTTP    *http.Client // default: one that waits 10 s
}

// Client asks one authority.
type Client struct{ cfg Config }

// New checks the configuration.
func New(cfg Config) (*Client, error) {
	if u, err := url.Parse(cfg.URL); err != nil || u.Host == "" {
		return nil, fmt.Errorf("time-stamps: %q is no address of an authority", cfg.URL)
	}
	cfg.HTTP = cmp.Or(cfg.HTTP, &http.Client{Timeout: 10 * time.Second})
	return &Client{cfg}, nil
}

// Stamp asks for a time-stamp over a SHA-256 digest and returns the verified
// token in DER. It wraps [ErrToken] when the authority's answer does not hold.
func (c *Client) Stamp(ctx context.Context, digest []byte) ([]byte, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, fmt.Errorf("ask for a time-stamp: %w", err)
	}
	query := timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: digest, Certificates: true, Nonce: nonce}
	body, err := query.Marshal()
	if err != nil {
		return nil, fmt.Errorf("ask for a time-stamp: %w", err)
	}
	reply, err := c.post(ctx, body)
	if err != nil {
		return nil, fmt.Errorf("ask for a time-stamp: %w", err)
	}
	stamp, err := timestamp.ParseResponse(reply)
	if err != nil {
		return nil, fmt.Errorf("ask for a time-stamp: %w: %w", ErrToken, err)
	}
	if stamp.Nonce == nil || stamp.Nonce.Cmp(nonce) != 0 {
		return nil, fmt.Errorf("ask for a time-stamp: %w: it answers another query", ErrToken)
	}
	if _, err := Verify(stamp.RawToken, digest, c.cfg.Trusted); err != nil {
		return nil, fmt.Errorf("ask for a time-stamp: %w", err)
	}
	return stamp.RawToken, nil
}

func (c *Client) post(ctx context.Context, query []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.URL, bytes.NewReader(query))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", QueryType)
	r.Header.Set("Accept", ReplyType)
	res, err := c.cfg.HTTP.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the authority answers %s", res.Status)
	}
	reply, err := io.ReadAll(io.LimitReader(res.Body, maxReply+1))
	if err == nil && len(reply) > maxReply {
		err = fmt.Errorf("the authority's answer has more than %d bytes", maxReply)
	}
	return reply, err
}

// Verify checks a token: it is over the SHA-256 digest, its signature holds, and
// its certificate is one for time-stamping that leads to a trusted one and was
// valid at the time it tells, which is returned. trusted nil: the certificate in
// the token is believed. It wraps [ErrToken].
func Verify(token, digest []byte, trusted *x509.CertPool) (time.Time, error) {
	fail := func(why error) (time.Time, error) { return time.Time{}, fmt.Errorf("%w: %w", ErrToken, why) }
	stamp, err := timestamp.Parse(token)
	if err != nil {
		return fail(err)
	}
	if stamp.HashAlgorithm != crypto.SHA256 || !bytes.Equal(stamp.HashedMessage, digest) {
		return fail(errors.New("it is over other bytes"))
	}
	signed, err := pkcs7.Parse(token)
	if err != nil {
		return fail(err)
	}
	opts := x509.VerifyOptions{Roots: trusted, Intermediates: x509.NewCertPool(), CurrentTime: stamp.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}}
	for _, c := range signed.Certificates {
		opts.Intermediates.AddCert(c)
	}
	if err := signed.VerifyWithOpts(opts); err != nil {
		return fail(err)
	}
	return stamp.Time, nil
}

// ReadTrusted reads certificates in PEM from a file.
func ReadTrusted(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the certificates of the time-stamping authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("read the certificates of the time-stamping authority: %s has no certificate in PEM", file)
	}
	return pool, nil
}
