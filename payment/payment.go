// Package payment asks the payment platform to collect money and believes only
// what the platform signed. An order is placed once for each id, whatever gets
// lost on the way; that it is paid is known from the platform's callback or from
// asking for its status, never from where the payer's browser comes back.
//
// What a payment means for a case belongs to package cases, when to ask again to
// package jobs.
package payment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/registry/signed"
)

var (
	// ErrUnavailable reports that the platform did not answer, or not believably.
	// The same call may be made again; an order is still placed once.
	ErrUnavailable = errors.New("payment platform unavailable")

	// ErrRejected reports that the platform will never take this order, refund or
	// question. It is a fault of ours.
	ErrRejected = errors.New("payment platform rejects the request")

	// ErrForged reports a callback that the platform did not sign, that is old, or
	// that was used before.
	ErrForged = errors.New("payment callback is not to be believed")
)

// A State is how far an order is.
type State string

// The states of an order.
const (
	Pending  State = "pending"  // nobody has paid or declined yet
	Paid     State = "paid"     // booked; there is a receipt
	Failed   State = "failed"   // declined by payer or bank; a new order may be placed
	Refunded State = "refunded" // paid back
	Unknown  State = "unknown"  // the platform never heard of the order
)

// An Order asks for money.
type Order struct {
	ID        string // chosen by us; the same id is the same order
	Amount    int64  // đồng, more than 0
	Account   string // of the beneficiary
	Purpose   string // what the payer and the bank statement read; no personal data
	ReturnURL string // where the payer's browser goes on
}

// A Status is what the platform knows of an order.
type Status struct {
	Order   string
	State   State
	Amount  int64
	Receipt string // number of the receipt, once paid
	Reason  string // why it failed
	Refund  string // number of the refund
	At      time.Time
}

// Config says how to reach the platform. All but Client, Limit and Log are required.
type Config struct {
	URL         string         // https://pay.example/pay; /orders is appended
	Keys        signed.Keys    // of the platform, usually signed.NewRemote(URL + "/jwks.json", nil)
	Signer      *signed.Signer // signs as Hoso
	CallbackURL string         // where the platform reports; served with [Gateway.ParseCallback]
	Client      *http.Client
	Limit       time.Duration // time limit of a call; default 5 s
	Log         *slog.Logger
}

// A Gateway is the payment platform as Hoso sees it.
type Gateway struct {
	cfg    Config
	verify *signed.Verifier
}

// New makes a gateway; it does not reach out yet.
func New(cfg Config) (*Gateway, error) {
	if cfg.URL == "" || cfg.Keys == nil || cfg.Signer == nil || cfg.CallbackURL == "" {
		return nil, errors.New("payment: URL, Keys, Signer and CallbackURL are required")
	}
	cfg.URL = strings.TrimSuffix(cfg.URL, "/")
	if cfg.Client == nil {
		cfg.Client = &http.Client{}
	}
	if cfg.Limit == 0 {
		cfg.Limit = 5 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Gateway{cfg: cfg, verify: signed.NewVerifier(cfg.Keys)}, nil
}

// Order places an order and returns the page where the citizen pays. Calling it
// again with the same id returns the same page. Errors wrap [ErrUnavailable] or
// [ErrRejected].
func (g *Gateway) Order(ctx context.Context, o Order) (payURL string, err error) {
	body := map[string]any{"id": o.ID, "amount": o.Amount, "account": o.Account, "purpose": o.Purpose, "return_url": o.ReturnURL, "callback_url": g.cfg.CallbackURL}
	var a struct {
		ID     string `json:"id"`
		PayURL string `json:"pay_url"`
	}
	if err := g.call(ctx, http.MethodPost, "/orders", body, &a); err != nil {
		return "", fmt.Errorf("order %s: %w", o.ID, err)
	}
	if u, err := url.Parse(a.PayURL); a.ID != o.ID || err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return "", fmt.Errorf("order %s: %w: it answered another order", o.ID, ErrUnavailable)
	}
	return a.PayURL, nil
}

// Status asks how far an order is. Errors wrap [ErrUnavailable] or [ErrRejected].
func (g *Gateway) Status(ctx context.Context, id string) (Status, error) {
	return g.status(ctx, http.MethodGet, "/orders/"+url.PathEscape(id), id)
}

// Refund has a paid order paid back in full. Calling it again changes nothing.
// Errors wrap [ErrUnavailable], or [ErrRejected] when the order was not paid.
func (g *Gateway) Refund(ctx context.Context, id string) (Status, error) {
	return g.status(ctx, http.MethodPost, "/orders/"+url.PathEscape(id)+"/refund", id)
}

// Cancel ends an order that nobody has paid, so that nobody can. One that was
// paid stays paid, and the answer says so; calling it again changes nothing.
// Errors wrap [ErrUnavailable] or [ErrRejected].
func (g *Gateway) Cancel(ctx context.Context, id string) (Status, error) {
	return g.status(ctx, http.MethodPost, "/orders/"+url.PathEscape(id)+"/cancel", id)
}

func (g *Gateway) status(ctx context.Context, method, path, id string) (Status, error) {
	var a answer
	if err := g.call(ctx, method, path, nil, &a); err != nil {
		return Status{}, fmt.Errorf("order %s: %w", id, err)
	}
	if a.ID != id {
		return Status{}, fmt.Errorf("order %s: %w: it answered another order", id, ErrUnavailable)
	}
	return a.status(), nil
}

type answer struct {
	ID      string    `json:"id"`
	Status  State     `json:"status"`
	Amount  int64     `json:"amount"`
	Receipt string    `json:"receipt"`
	Reason  string    `json:"reason"`
	Refund  string    `json:"refund"`
	At      time.Time `json:"at"`
}

func (a answer) status() Status {
	return Status{Order: a.ID, State: a.Status, Amount: a.Amount, Receipt: a.Receipt, Reason: a.Reason, Refund: a.Refund, At: a.At}
}

// call makes one signed call and reads the signed answer.
func (g *Gateway) call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, g.cfg.Limit)
	defer cancel()
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, g.cfg.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	id, err := g.cfg.Signer.Request(req, body)
	if err != nil {
		return err
	}
	resp, err := g.cfg.Client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if resp.StatusCode >= 500 {
		return fmt.Errorf("%w: answered %s", ErrUnavailable, resp.Status)
	}
	if err := g.verify.Response(ctx, resp.Header, resp.StatusCode, text, id); err != nil {
		g.cfg.Log.WarnContext(ctx, "an answer of the payment platform is not believed", "path", path, "status", resp.StatusCode, "error", err)
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: answered %s: %s", ErrRejected, resp.Status, text)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}
