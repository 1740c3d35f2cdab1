package exchange

import (
	"context"
	"encoding/json"
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
	text, err := c.post(ctx, recordsPath, "", q)
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
	if err == nil {
		reply, err = readReply(text)
	}
	if err != nil {
		return registry.Reply{}, fmt.Errorf("send %s to %s: %w", m.Operation, c.cfg.Name, err)
	}
	return reply, nil
}

// Probe asks the registry what it answered to a message, should it have carried
// it out: POST /outcomes with the message's key and operation.
func (c *Client) Probe(ctx context.Context, m registry.Message) (registry.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.SendLimit)
	defer cancel()
	text, err := c.post(ctx, "/outcomes", "", map[string]string{"key": m.Key, "operation": m.Operation})
	var a struct {
		Found bool            `json:"found"`
		Reply json.RawMessage `json:"reply"`
	}
	if err == nil {
		if err = json.Unmarshal(text, &a); err != nil {
			err = fmt.Errorf("%w: %w", registry.ErrAmbiguous, err)
		}
	}
	if err == nil && !a.Found {
		err = registry.ErrNotDone
	}
	var reply registry.Reply
	if err == nil {
		reply, err = readReply(a.Reply)
	}
	if err != nil {
		return registry.Reply{}, fmt.Errorf("ask %s what became of %s: %w", c.cfg.Name, m.Operation, err)
	}
	return reply, nil
}

// readReply reads a registry's word on a message. One that cannot be read leaves
// open what was done.
func readReply(text []byte) (registry.Reply, error) {
	var reply registry.Reply
	if err := signed.Decode(text, &reply); err != nil {
		return registry.Reply{}, fmt.Errorf("%w: %w", registry.ErrAmbiguous, err)
	}
	if reply.Outcome != registry.Done && reply.Outcome != registry.Refused {
		return registry.Reply{}, fmt.Errorf("outcome %q means nothing", reply.Outcome)
	}
	signed.Plain(reply.Body)
	return reply, nil
}
