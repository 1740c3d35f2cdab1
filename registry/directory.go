package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Timeout is how long one request may take before its registry counts as
// unavailable: a citizen waits for the page it fills.
const Timeout = 3 * time.Second

// ErrUnknownKind reports a request for a kind that no source holds. It is a
// fault of the definition or of the wiring, never of the citizen.
var ErrUnknownKind = errors.New("unknown kind of record")

// A Directory knows which source answers which kind. It is itself a [Source].
type Directory map[string]Source

// Add lets s answer kinds.
func (d Directory) Add(s Source, kinds ...string) {
	for _, k := range kinds {
		d[k] = s
	}
}

// Fetch asks the source of r.Kind and waits at most [Timeout]. Without a key
// nothing is asked and the record is [Unknown].
func (d Directory) Fetch(ctx context.Context, r Request) (Record, error) {
	s, ok := d[r.Kind]
	if !ok {
		return absent(r, Unavailable), fmt.Errorf("fetch %s: %w", r.Kind, ErrUnknownKind)
	}
	if r.Key == "" {
		return absent(r, Unknown), nil
	}
	within, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	rec, err := s.Fetch(within, r)
	switch {
	case err == nil:
		return rec, nil
	case ctx.Err() == nil && within.Err() != nil:
		return absent(r, Unavailable), nil // slow is as good as down, whatever the source called it
	default:
		return absent(r, Unavailable), fmt.Errorf("fetch %s: %w", r.Kind, err)
	}
}

// FetchAll asks for all records at once, each with its own [Timeout], and
// returns them in the order of the requests. A request that fails by a fault of
// ours is logged and answered [Unavailable], so that the journey goes on.
func (d Directory) FetchAll(ctx context.Context, requests []Request) []Record {
	records := make([]Record, len(requests))
	var all sync.WaitGroup
	for i, r := range requests {
		all.Go(func() {
			rec, err := d.Fetch(ctx, r)
			if err != nil {
				slog.ErrorContext(ctx, "a registry could not be asked", "kind", r.Kind, "case", r.Purpose.Case, "error", err)
				rec = absent(r, Unavailable)
			}
			records[i] = rec
		})
	}
	all.Wait()
	return records
}

// absent is a record without values.
func absent(r Request, s State) Record {
	return Record{Kind: r.Kind, Key: r.Key, State: s, FetchedAt: time.Now()}
}
