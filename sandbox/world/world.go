// Package world is what the registries of other ministries hold and do, as far
// as the demo goes. Fines, civil status, health insurance and land are written
// here; others, and more of these, are data, which package ruled understands. It
// answers by kind and key, and carries out operations once for each idempotency
// key. It has no network: package sandbox serves it, and the resident database is
// Hoso's own.
package world

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/sandbox/world/ruled"
)

var (
	// ErrKind reports a kind of record that the registry does not hold.
	ErrKind = errors.New("no such kind of record")
	// ErrOperation reports an operation that the registry does not offer.
	ErrOperation = errors.New("no such operation")
	// ErrKeyReused reports an idempotency key that came with another request before.
	ErrKeyReused = errors.New("idempotency key was used for another request")
)

// A World holds the records of all registries. It may be used by many at once.
type World struct {
	data  *Data
	mu    sync.Mutex
	s     *state
	ruled *ruled.Registers
	put   map[string]map[string]map[string]any // by kind and key; nil values: no record
	save  func(any) error
}

// An Entry is one operation in the book of a registry.
type Entry struct {
	Key       string         `json:"key"`
	Operation string         `json:"operation"`
	Digest    string         `json:"digest"` // of the request
	Body      map[string]any `json:"body"`
	Reply     registry.Reply `json:"reply"`
	At        time.Time      `json:"at"`
	Times     int            `json:"times"` // how often it was asked for
}

// Registries lists the names of all registries.
func (w *World) Registries() []string { return w.data.Registries() }

// Kinds lists the kinds that a registry answers.
func (w *World) Kinds(name string) []string { return w.data.Kinds(name) }

// Operations lists what a registry does on request.
func (w *World) Operations(name string) []string { return w.data.Operations(name) }

// Read answers one request as of today (an ISO date). ok is false when there is
// no such record; the version changes whenever the values do.
func (w *World) Read(name, kind, key, today string) (values map[string]any, version string, ok bool, err error) {
	if w.data.registry(kind) != name || name == "" {
		return nil, "", false, fmt.Errorf("registry %s, %q: %w", name, kind, ErrKind)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if over, ok := w.put[kind][key]; ok {
		return over, version12(over), over != nil, nil
	}
	values, err = w.read(kind, key, today)
	if err != nil || values == nil {
		return nil, "", false, err
	}
	return values, version12(values), true, nil
}

// read is what the data say: records of a file come before what is written here.
func (w *World) read(kind, key, today string) (map[string]any, error) {
	if w.data.rules.Registry(kind) != "" {
		found, err := w.ruled.Read(kind, key, today)
		if err != nil {
			return nil, err
		}
		if found != nil {
			return plain(found)
		}
	}
	k, written := kinds[kind]
	if !written {
		return nil, nil
	}
	found := k.read(w.s, key, today)
	if found == nil {
		return nil, nil
	}
	return plain(found)
}

// Put lets Read answer values for a kind and key, whatever the data say; nil
// values mean that there is no record. It lasts until [World.Reset].
func (w *World) Put(kind, key string, values map[string]any) error {
	if w.data.registry(kind) == "" {
		return fmt.Errorf("%q: %w", kind, ErrKind)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, written := kinds[kind]; !written && w.ruled.Put(kind, key, values) {
		return nil
	}
	if w.put[kind] == nil {
		w.put[kind] = map[string]map[string]any{}
	}
	w.put[kind][key] = values
	return nil
}

// Do carries out an operation. The same key gets the same reply and takes effect once.
func (w *World) Do(name, operation, key string, body map[string]any, today string) (registry.Reply, error) {
	if !slices.Contains(w.data.Operations(name), operation) {
		return registry.Reply{}, fmt.Errorf("registry %s, %q: %w", name, operation, ErrOperation)
	}
	text, err := json.Marshal([]any{operation, body})
	if err != nil {
		return registry.Reply{}, err
	}
	digest := fmt.Sprintf("%x", sha256.Sum256(text))
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.s.Books[name] {
		if e.Key != key {
			continue
		}
		if e.Digest != digest {
			return registry.Reply{}, ErrKeyReused
		}
		e.Times++
		return e.Reply, w.save(w.s)
	}
	var reply registry.Reply
	if o, written := operations[name][operation]; written {
		reply = o.do(w.s, fields(body), today)
	} else if reply, err = w.ruled.Do(name, operation, body, today); err != nil {
		return registry.Reply{}, err
	}
	w.s.Books[name] = append(w.s.Books[name], &Entry{
		Key: key, Operation: operation, Digest: digest, Body: body, Reply: reply, At: time.Now().UTC(), Times: 1,
	})
	return reply, w.save(w.s)
}

// Book returns what a registry was asked to do, oldest first.
func (w *World) Book(name string) []Entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Entry, 0, len(w.s.Books[name]))
	for _, e := range w.s.Books[name] {
		out = append(out, *e)
	}
	return out
}

// plain turns a record into the values that travel.
func plain(v any) (map[string]any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	if err := signed.Decode(text, &m); err != nil {
		return nil, err
	}
	return signed.Plain(m), nil
}

func version12(values map[string]any) string {
	text, _ := json.Marshal(values)
	return fmt.Sprintf("%x", sha256.Sum256(text))[:12]
}

// list is the shape of a kind that answers several rows; nil when there are none.
func list[T any](rows []T) any {
	if len(rows) == 0 {
		return nil
	}
	return map[string]any{"list": rows}
}
