package pay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/registry/signed"
)

// maxTries is how often a callback is sent: with the pauses, about two hours.
const maxTries = 12

// pause before attempt n+1: 0.5 s, 1 s, 2 s … at most 15 minutes.
func pause(tries int) time.Duration {
	return min(time.Second/4<<tries, 15*time.Minute)
}

// Run sends callbacks until ctx ends.
func (g *Gateway) Run(ctx context.Context) {
	for {
		c, o, wait := g.due()
		if c == nil {
			select {
			case <-ctx.Done():
				return
			case <-g.wake:
			case <-time.After(wait):
			}
			continue
		}
		sw := g.cfg.Board.Take(g.cfg.Part + "-callback")
		sw.Wait(ctx)
		err := error(nil)
		switch {
		case sw.Down:
			err = fmt.Errorf("callbacks are switched off")
		default:
			err = g.send(ctx, *c, o, sw.Wrong)
			if err == nil && sw.Repeat {
				err = g.send(ctx, *c, o, false)
			}
			if err == nil && sw.DoneButError {
				err = fmt.Errorf("the answer was lost") // heard, and yet sent again
			}
			if err == nil && sw.Wrong {
				err = fmt.Errorf("a forged callback was accepted")
			}
		}
		if ctx.Err() != nil {
			return
		}
		g.sent(c, err)
	}
}

// due is the next callback to send now, or how long to wait for one.
func (g *Gateway) due() (*callback, Order, time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	wait := time.Minute
	for _, c := range g.s.Callbacks {
		if d := c.Next.Sub(g.cfg.Now()); d > 0 {
			wait = min(wait, d)
			continue
		}
		if o, ok := g.s.Orders[c.Order]; ok {
			copied := *c
			return &copied, *o, 0
		}
	}
	return nil, Order{}, wait
}

func (g *Gateway) sent(c *callback, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	rest := g.s.Callbacks[:0]
	for _, k := range g.s.Callbacks {
		if k.Event != c.Event {
			rest = append(rest, k)
			continue
		}
		k.Tries++
		k.Next = g.cfg.Now().Add(pause(k.Tries))
		if err != nil && k.Tries < maxTries {
			rest = append(rest, k)
		}
	}
	g.s.Callbacks = rest
	if err != nil {
		slog.Info("payment callback was not heard", "order", c.Order, "tries", c.Tries+1, "error", err)
	}
	if err := g.cfg.Store.Save(g.s); err != nil {
		slog.Error("payment platform could not keep its state", "error", err)
	}
}

// send posts one callback. A forged one carries another status than was signed.
func (g *Gateway) send(ctx context.Context, c callback, o Order, forged bool) error {
	event := map[string]any{"event": c.Event, "order": o.ID, "status": o.Status, "amount": o.Amount, "receipt": o.Receipt, "reason": o.Reason, "at": o.ChangedAt}
	body, err := json.Marshal(event)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.CallbackURL, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(signed.IdempotencyKey, c.Event)
	if _, err := g.cfg.Signer.Request(req, body); err != nil {
		return err
	}
	if forged {
		event["receipt"], event["event"] = "forged", uuid.NewString()
		if body, err = json.Marshal(event); err != nil {
			return err
		}
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp, err := g.cfg.Client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("answered %s", resp.Status)
	}
	return nil
}
