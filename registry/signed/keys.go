package signed

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Static is a key set that is known beforehand.
type Static jose.JSONWebKeySet

// Key finds the key with an id.
func (s Static) Key(_ context.Context, id string) (jose.JSONWebKey, error) {
	for _, k := range s.Keys {
		if k.KeyID == id {
			return k, nil
		}
	}
	return jose.JSONWebKey{}, fmt.Errorf("%w: key %q is not known", ErrBadSignature, id)
}

// Remote is a key set that stands at a URL. It is read at the first use, and
// again, at most every ten seconds, when a message names a key it lacks.
type Remote struct {
	url    string
	client *http.Client

	mu   sync.Mutex
	set  Static
	read time.Time
}

// NewRemote reads keys from url; a nil client means one with a short time limit.
func NewRemote(url string, client *http.Client) *Remote {
	if client == nil {
		client = &http.Client{Timeout: 2 * time.Second}
	}
	return &Remote{url: url, client: client}
}

// Key finds the key with an id.
func (r *Remote) Key(ctx context.Context, id string) (jose.JSONWebKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k, err := r.set.Key(ctx, id); err == nil {
		return k, nil
	}
	if time.Since(r.read) > 10*time.Second {
		set, err := r.fetch(ctx)
		if err != nil {
			return jose.JSONWebKey{}, fmt.Errorf("read keys of %s: %w", r.url, err)
		}
		r.set, r.read = set, time.Now()
	}
	return r.set.Key(ctx, id)
}

func (r *Remote) fetch(ctx context.Context) (Static, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return Static{}, err
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return Static{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Static{}, fmt.Errorf("answered %s", resp.Status)
	}
	var set jose.JSONWebKeySet
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&set); err != nil {
		return Static{}, err
	}
	return Static(set), nil
}
