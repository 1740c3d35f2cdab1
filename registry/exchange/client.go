// Package exchange speaks with the registries of other ministries: signed JSON
// over HTTP, POST /records to read one record and POST /operations/NAME with an
// Idempotency-Key to have something done.
//
// A [Client] is the source and the writer for one registry. An answer that the
// registry did not sign is no answer. A registry that keeps failing is not read
// from for a while, so that nobody waits for it on every page: the breaker for
// reads is open in this process. Messages have a breaker that all nodes share, and
// packages cases and jobs decide when one is sent again.
package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/signed"
)

// Config says how to reach one registry. Name, URL, Keys and Signer are required.
type Config struct {
	Name   string         // fines, civil-status, health-insurance, land
	URL    string         // what /records and /operations are appended to
	Keys   signed.Keys    // of the registry, usually signed.NewRemote(URL + "/jwks.json", nil)
	Signer *signed.Signer // signs as Hoso
	Client *http.Client   // default: a client of its own; time limits come from the context

	Concurrent int           // requests at a time; default 16
	Failures   int           // in a row that open the breaker; default 5
	Rest       time.Duration // before the breaker lets one request try; default 10 s
	SendLimit  time.Duration // time limit of a message; default 10 s

	// Class says why a message to the registry takes effect once; default Keyed.
	Class registry.Class

	// Today tells registries that compute by the day which day to take. It is for
	// scenarios with a set clock; nil: the registry takes its own day.
	Today func() string

	Now func() time.Time // default time.Now
	Log *slog.Logger     // default slog.Default()
}

// A Client reads records from one registry and sends messages to it.
type Client struct {
	cfg     Config
	verify  *signed.Verifier
	breaker *breaker
	slots   chan struct{}
}

var (
	_ registry.Source = (*Client)(nil)
	_ registry.Writer = (*Client)(nil)
	_ registry.Prober = (*Client)(nil)
)

// New makes a client; it does not reach out yet.
func New(cfg Config) (*Client, error) {
	if cfg.Name == "" || cfg.URL == "" || cfg.Keys == nil || cfg.Signer == nil {
		return nil, errors.New("exchange: Name, URL, Keys and Signer are required")
	}
	cfg.URL = strings.TrimSuffix(cfg.URL, "/")
	if cfg.Client == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = 16
		transport.Proxy = nil
		cfg.Client = &http.Client{Transport: transport}
	}
	if cfg.Concurrent == 0 {
		cfg.Concurrent = 16
	}
	if cfg.Failures == 0 {
		cfg.Failures = 5
	}
	if cfg.Rest == 0 {
		cfg.Rest = 10 * time.Second
	}
	if cfg.Class == "" {
		cfg.Class = registry.Keyed
	}
	if cfg.SendLimit == 0 {
		cfg.SendLimit = 10 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Client{
		cfg:     cfg,
		verify:  signed.NewVerifier(cfg.Keys),
		breaker: &breaker{limit: cfg.Failures, rest: cfg.Rest, now: cfg.Now},
		slots:   make(chan struct{}, cfg.Concurrent),
	}, nil
}

// Name is the registry's name.
func (c *Client) Name() string { return c.cfg.Name }

// Class says why a message to the registry takes effect once.
func (c *Client) Class() registry.Class { return c.cfg.Class }

// recordsPath is where records are read, below the registry's address.
const recordsPath = "/records"

// Healthy tells whether the registry is being read from at all; false while the
// breaker rests.
func (c *Client) Healthy() bool { return c.breaker.closed() }

// errRefused is a signed answer that says our request was wrong.
type errRefused struct {
	status int
	detail string
}

func (e *errRefused) Error() string {
	return fmt.Sprintf("answered %d %s: %s", e.status, http.StatusText(e.status), e.detail)
}

// post sends body and returns a believed answer with status 200. Errors wrap
// registry.ErrUnavailable, registry.ErrAmbiguous, or are an *errRefused.
func (c *Client) post(ctx context.Context, path, key string, body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: too many requests are under way", registry.ErrUnavailable)
	}
	if path != recordsPath { // messages have a breaker that all nodes share, in package cases
		return c.exchange(ctx, path, key, text)
	}
	if !c.breaker.allow() {
		return nil, fmt.Errorf("%w: it failed too often, left alone for a while", registry.ErrUnavailable)
	}
	answer, err := c.exchange(ctx, path, key, text)
	refused := (*errRefused)(nil)
	// A caller that gave up says nothing about the registry; its time limit does.
	c.breaker.report(err == nil || errors.As(err, &refused), errors.Is(ctx.Err(), context.Canceled))
	return answer, err
}

func (c *Client) exchange(ctx context.Context, path, key string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set(signed.IdempotencyKey, key)
	}
	id, err := c.cfg.Signer.Request(req, body)
	if err != nil {
		return nil, err
	}
	resp, err := c.cfg.Client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", outcome(err), err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", registry.ErrAmbiguous, err)
	}
	switch {
	case resp.StatusCode == http.StatusServiceUnavailable, resp.StatusCode == http.StatusTooManyRequests:
		return nil, fmt.Errorf("%w: answered %s", registry.ErrUnavailable, resp.Status)
	case resp.StatusCode >= 500:
		return nil, fmt.Errorf("%w: answered %s", registry.ErrAmbiguous, resp.Status)
	}
	if err := c.verify.Response(ctx, resp.Header, resp.StatusCode, answer, id); err != nil {
		c.cfg.Log.WarnContext(ctx, "an answer of a registry is not believed", "registry", c.cfg.Name, "path", path, "status", resp.StatusCode, "error", err)
		return nil, fmt.Errorf("%w: %w", registry.ErrAmbiguous, err)
	}
	if resp.StatusCode != http.StatusOK {
		var problem struct{ Detail string }
		_ = json.Unmarshal(answer, &problem)
		return nil, &errRefused{resp.StatusCode, problem.Detail}
	}
	return answer, nil
}

// outcome tells whether a request that failed may have arrived.
func outcome(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return registry.ErrUnavailable
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return registry.ErrUnavailable
	}
	return registry.ErrAmbiguous
}
