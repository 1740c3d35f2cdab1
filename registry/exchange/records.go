package exchange

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/signed"
)

type question struct {
	Kind    string           `json:"kind"`
	Key     string           `json:"key"`
	Purpose registry.Purpose `json:"purpose"`
	Today   string           `json:"today,omitempty"`
}

// Fetch asks the registry for one record. Whatever keeps the registry from
// answering believably makes the record Unavailable; an error says that our own
// request was wrong.
func (c *Client) Fetch(ctx context.Context, r registry.Request) (registry.Record, error) {
	rec := registry.Record{Registry: c.cfg.Name, Kind: r.Kind, Key: r.Key, FetchedAt: c.cfg.Now(), State: registry.Unavailable}
	if r.Key == "" {
		rec.State = registry.Unknown
		return rec, nil
	}
	q := question{Kind: r.Kind, Key: r.Key, Purpose: r.Purpose}
	if c.cfg.Today != nil {
		q.Today = c.cfg.Today()
	}
	text, err := c.post(ctx, "/records", "", q)
	if errors.Is(err, registry.ErrUnavailable) || errors.Is(err, registry.ErrAmbiguous) {
		c.cfg.Log.InfoContext(ctx, "a registry is unavailable", "registry", c.cfg.Name, "kind", r.Kind, "case", r.Purpose.Case, "error", err)
		return rec, nil
	}
	if err != nil {
		return rec, fmt.Errorf("read %s of registry %s: %w", r.Kind, c.cfg.Name, err)
	}
	var a struct {
		State   registry.State `json:"state"`
		Version string         `json:"version"`
		AsOf    time.Time      `json:"asOf"`
		Values  map[string]any `json:"values"`
	}
	if err := signed.Decode(text, &a); err != nil || (a.State != registry.Fetched && a.State != registry.Empty) {
		c.cfg.Log.WarnContext(ctx, "an answer of a registry cannot be read", "registry", c.cfg.Name, "kind", r.Kind, "state", a.State, "error", err)
		return rec, nil
	}
	rec.State, rec.AsOf = a.State, a.AsOf
	if a.State == registry.Fetched {
		rec.Version, rec.Values = a.Version, signed.Plain(a.Values)
	}
	return rec, nil
}

// Send has the registry do m.Operation once for m.Key.
func (c *Client) Send(ctx context.Context, m registry.Message) (registry.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.SendLimit)
	defer cancel()
	var reply registry.Reply
	if m.Key == "" || m.Operation == "" {
		return reply, fmt.Errorf("send to %s: operation and key are required", c.cfg.Name)
	}
	body := map[string]any{"body": m.Body}
	if c.cfg.Today != nil {
		body["today"] = c.cfg.Today()
	}
	text, err := c.post(ctx, "/operations/"+m.Operation, m.Key, body)
	if err != nil {
		return reply, fmt.Errorf("send %s to %s: %w", m.Operation, c.cfg.Name, err)
	}
	if err := signed.Decode(text, &reply); err != nil {
		return registry.Reply{}, fmt.Errorf("send %s to %s: %w: %w", m.Operation, c.cfg.Name, registry.ErrAmbiguous, err)
	}
	if reply.Outcome != registry.Done && reply.Outcome != registry.Refused {
		return registry.Reply{}, fmt.Errorf("send %s to %s: outcome %q means nothing", m.Operation, c.cfg.Name, reply.Outcome)
	}
	signed.Plain(reply.Body)
	return reply, nil
}
