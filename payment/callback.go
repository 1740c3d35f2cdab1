package payment

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/hoso-gov/hoso/registry/signed"
)

// An Event is what the platform reports by itself. The platform sends it until
// it gets a 2xx and may send it again after that: whoever takes it in does so
// once for each ID.
type Event struct {
	ID      string // stable over attempts
	Order   string
	State   State // Paid, Failed or Refunded
	Amount  int64 // đồng
	Receipt string
	Reason  string
	At      time.Time
}

// ParseCallback reads and verifies a callback. The signature must be the
// platform's, fresh, made for this path, and not seen before by this process.
// Errors wrap [ErrForged], or [ErrUnavailable] when the platform's key could not
// be read: answer 401 and 503, and the platform tries again.
func (g *Gateway) ParseCallback(r *http.Request) (Event, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil {
		return Event{}, fmt.Errorf("payment callback: %w: %w", ErrForged, err)
	}
	_, err = g.verify.Request(r, body)
	switch {
	case errors.Is(err, signed.ErrBadSignature), errors.Is(err, signed.ErrReplayed):
		g.cfg.Log.WarnContext(r.Context(), "a payment callback is not believed", "remote", r.RemoteAddr, "error", err)
		return Event{}, fmt.Errorf("payment callback: %w: %w", ErrForged, err)
	case err != nil:
		return Event{}, fmt.Errorf("payment callback: %w: %w", ErrUnavailable, err)
	}
	var in struct {
		Event   string    `json:"event"`
		Order   string    `json:"order"`
		Status  State     `json:"status"`
		Amount  int64     `json:"amount"`
		Receipt string    `json:"receipt"`
		Reason  string    `json:"reason"`
		At      time.Time `json:"at"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.Event == "" || in.Order == "" {
		return Event{}, fmt.Errorf("payment callback: %w: it cannot be read", ErrForged)
	}
	switch in.Status {
	case Paid, Failed, Refunded:
	default:
		return Event{}, fmt.Errorf("payment callback: %w: status %q means nothing", ErrForged, in.Status)
	}
	return Event{ID: in.Event, Order: in.Order, State: in.Status, Amount: in.Amount, Receipt: in.Receipt, Reason: in.Reason, At: in.At}, nil
}
