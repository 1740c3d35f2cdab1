package jobs

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/exchange"
	"github.com/hoso-gov/hoso/registry/signed"
)

// landPeer is a land registry over HTTP that keeps a book of what it did.
type landPeer struct {
	signer *signed.Signer

	mu      sync.Mutex
	down    bool
	keyless bool // it does a message as often as it comes
	cutOff  int  // so many messages are done and answered 500
	dies    bool // after those it is down
	calls   int
	book    map[string]int            // by key: how often it was done
	replies map[string]registry.Reply // by key
}

// newLandPeer puts the peer in the place of the house's own, with the class that
// Hoso takes it for.
func (h *house) newLandPeer(class registry.Class) *landPeer {
	h.t.Helper()
	them, err := signed.Generate("land")
	must(h.t, err)
	us, err := signed.Generate("hoso")
	must(h.t, err)
	p := &landPeer{signer: them, book: map[string]int{}, replies: map[string]registry.Reply{}}
	srv := httptest.NewServer(p)
	h.t.Cleanup(srv.Close)
	c, err := exchange.New(exchange.Config{Name: "land", URL: srv.URL, Keys: signed.Static(them.Public()), Signer: us, Class: class, Log: h.cfg.Log})
	must(h.t, err)
	h.cfg.Writers = registry.Writers{"land": c}
	h.jobs, err = New(h.cfg)
	must(h.t, err)
	return p
}

func (p *landPeer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	body, _ := io.ReadAll(r.Body)
	if p.down {
		http.Error(w, "out of service", http.StatusServiceUnavailable)
		return
	}
	var answer any
	if strings.HasSuffix(r.URL.Path, "/outcomes") {
		var q struct{ Key string }
		_ = json.Unmarshal(body, &q)
		reply, found := p.replies[q.Key]
		answer = map[string]any{"found": found, "reply": reply}
	} else {
		key := r.Header.Get(signed.IdempotencyKey)
		if p.book[key] == 0 || p.keyless {
			p.book[key]++
			p.replies[key] = registry.Reply{Outcome: registry.Done, Body: map[string]any{"entry": "S-1"}, Receipt: "R-1"}
		}
		answer = p.replies[key]
		if p.cutOff > 0 {
			p.cutOff--
			p.down = p.dies && p.cutOff == 0
			http.Error(w, "something broke after the work", http.StatusInternalServerError)
			return
		}
	}
	text, _ := json.Marshal(answer)
	_ = p.signer.Response(w.Header(), http.StatusOK, text, signed.RequestID(r))
	_, _ = w.Write(text)
}

// faults are what the peer's book has against n effects that are all done: each
// of their keys was carried out exactly once.
func (p *landPeer) faults(keys []string) (missing, repeated int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, k := range keys {
		switch n := p.book[k]; {
		case n == 0:
			missing++
		case n > 1:
			repeated++
		}
	}
	return missing, repeated
}

// sends are the keys of all messages to the land registry.
func (h *house) sends() []string {
	h.t.Helper()
	return one[[]string](h, `SELECT coalesce(array_agg(key::text), '{}') FROM case_effects WHERE type = 'send'`)
}

// A peer that answers an error after the work does it once all the same: it
// knows the key, or it is asked first. Taken for what it is not, it does it
// twice, and its book shows that; one of neither kind is not called at all.
func TestClasses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name               string
		class              registry.Class
		keyless            bool
		missing, repeated  int
		incidents, granted int
	}{
		{"it knows keys", registry.Keyed, false, 0, 0, 0, 1},
		{"it can be asked", registry.Probed, true, 0, 0, 0, 1},
		{"seeded fault: it is said to know keys and does not", registry.Keyed, true, 0, 1, 0, 1},
		{"a person has to do it", registry.Manual, true, 1, 0, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, patient...)
			p := h.newLandPeer(tt.class)
			p.keyless, p.cutOff = tt.keyless, 1
			c := h.granted()
			h.drain()
			h.pass(time5, time5)
			if missing, repeated := p.faults(h.sends()); missing != tt.missing || repeated != tt.repeated {
				t.Errorf("the book lacks %d and has %d twice, want %d and %d", missing, repeated, tt.missing, tt.repeated)
			}
			if n := h.incidents(`closed_at IS NULL AND kind = 'manual'`); n != tt.incidents {
				t.Errorf("%d incidents, want %d", n, tt.incidents)
			}
			if got := h.state(c) == "granted"; got != (tt.granted == 1) {
				t.Errorf("the case is %s", h.state(c))
			}
		})
	}
}
