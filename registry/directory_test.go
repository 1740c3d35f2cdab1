package registry

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func answer(after time.Duration, err error) SourceFunc {
	return func(ctx context.Context, r Request) (Record, error) {
		select {
		case <-time.After(after):
			return Record{Kind: r.Kind, Key: r.Key, State: Fetched}, err
		case <-ctx.Done():
			return Record{}, ctx.Err()
		}
	}
}

// All registries are asked at once; one that does not answer in time, or fails,
// costs its own record and nothing else.
func TestFetchAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := Directory{"quick": answer(time.Second, nil), "slow": answer(time.Hour, nil), "broken": answer(0, errors.New("bad query"))}
		start := time.Now()
		got := d.FetchAll(t.Context(), []Request{
			{Kind: "slow", Key: "1"}, {Kind: "quick", Key: "2"}, {Kind: "broken", Key: "3"},
			{Kind: "quick"}, {Kind: "nobody", Key: "4"}, {Kind: "quick", Key: "5"},
		})
		if took := time.Since(start); took != Timeout {
			t.Errorf("took %s, want %s", took, Timeout)
		}
		want := []State{Unavailable, Fetched, Unavailable, Unknown, Unavailable, Fetched}
		for i, w := range want {
			if got[i].State != w {
				t.Errorf("record %d (%s) is %s, want %s", i, got[i].Kind, got[i].State, w)
			}
		}
		if got[0].Key != "1" || got[5].Key != "5" {
			t.Errorf("records are out of order: %+v", got)
		}
	})
}

// A kind without a source is our fault and must be seen.
func TestUnknownKind(t *testing.T) {
	if _, err := (Directory{}).Fetch(t.Context(), Request{Kind: "ghost", Key: "1"}); !errors.Is(err, ErrUnknownKind) {
		t.Errorf("got %v, want ErrUnknownKind", err)
	}
}

// A message to a registry that nobody configured can never succeed.
func TestWritersRefuseUnknown(t *testing.T) {
	_, err := Writers{}.Send(t.Context(), Message{To: "nowhere", Operation: "do"})
	if !errors.Is(err, ErrUnknownRegistry) || IsTransient(err) {
		t.Errorf("got %v, want a permanent ErrUnknownRegistry", err)
	}
}
