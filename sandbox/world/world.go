// Package world is what the registries of other ministries hold and do, as far
// as the demo goes: fines, civil status, health insurance, land. It reads demo
// data, answers by kind and key, and carries out operations once for each
// idempotency key. It has no network: package sandbox serves it, and the
// resident database is Hoso's own.
package world

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/signed"
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
	mu   sync.Mutex
	s    *state
	put  map[string]map[string]map[string]any // by kind and key; nil values: no record
	save func(any) error
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

// kinds tells which registry answers which kind, and how.
var kinds = map[string]struct {
	registry string
	read     func(s *state, key, today string) any // nil: no such record
}{
	"fine":          {"fines", readFine},
	"myFines":       {"fines", readMyFines},
	"minutes":       {"fines", readMinutes},
	"marriage":      {"civil-status", readMarriage},
	"kinship":       {"civil-status", readKinship},
	"birthNotice":   {"health-insurance", readBirthNotices},
	"noticeOfBirth": {"health-insurance", readNotice},
	"facilities":    {"health-insurance", readFacilities},
	"insuredChild":  {"health-insurance", readInsuredChild},
	"landholdings":  {"land", readLandholdings},
	"dwelling":      {"land", readDwelling},
}

// operations tells what each registry does on request.
var operations = map[string]map[string]func(s *state, body fields, today string) registry.Reply{
	"fines":            {"mark-paid": markPaid, "annul-payment": annulPayment, "lift-bars": liftBars},
	"civil-status":     {"register-birth": registerBirth},
	"health-insurance": {"issue-card": issueCard, "revoke-card": revokeCard},
	"land":             {},
}

// Registries lists the names of all registries.
func Registries() []string { return slices.Sorted(maps.Keys(operations)) }

// Kinds lists the kinds that a registry answers.
func Kinds(name string) []string {
	var out []string
	for kind, k := range kinds {
		if k.registry == name {
			out = append(out, kind)
		}
	}
	slices.Sort(out)
	return out
}

// Operations lists what a registry does on request.
func Operations(name string) []string { return slices.Sorted(maps.Keys(operations[name])) }

// Read answers one request as of today (an ISO date). ok is false when there is
// no such record; the version changes whenever the values do.
func (w *World) Read(name, kind, key, today string) (values map[string]any, version string, ok bool, err error) {
	k, known := kinds[kind]
	if !known || k.registry != name {
		return nil, "", false, fmt.Errorf("registry %s, %q: %w", name, kind, ErrKind)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if over, ok := w.put[kind][key]; ok {
		return over, version12(over), over != nil, nil
	}
	found := k.read(w.s, key, today)
	if found == nil {
		return nil, "", false, nil
	}
	if values, err = plain(found); err != nil {
		return nil, "", false, err
	}
	return values, version12(values), true, nil
}

// Put lets Read answer values for a kind and key, whatever the data say; nil
// values mean that there is no record. It lasts until [World.Reset].
func (w *World) Put(kind, key string, values map[string]any) error {
	if _, ok := kinds[kind]; !ok {
		return fmt.Errorf("%q: %w", kind, ErrKind)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.put[kind] == nil {
		w.put[kind] = map[string]map[string]any{}
	}
	w.put[kind][key] = values
	return nil
}

// Do carries out an operation. The same key gets the same reply and takes effect once.
func (w *World) Do(name, operation, key string, body map[string]any, today string) (registry.Reply, error) {
	do, ok := operations[name][operation]
	if !ok {
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
	reply := do(w.s, fields(body), today)
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
