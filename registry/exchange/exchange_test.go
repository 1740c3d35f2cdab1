package exchange

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/signed"
)

// peer is a registry that answers with status and body, signed by signer.
type peer struct {
	status int
	body   string
	signer *signed.Signer // nil: unsigned
	tamper func([]byte) []byte
	asked  atomic.Int32
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked.Add(1)
	if p.signer != nil {
		_ = p.signer.Response(w.Header(), p.status, []byte(p.body), signed.RequestID(r))
	}
	w.WriteHeader(p.status)
	text := []byte(p.body)
	if p.tamper != nil {
		text = p.tamper(text)
	}
	_, _ = w.Write(text)
}

func client(t *testing.T, p *peer, them *signed.Signer, now func() time.Time) *Client {
	t.Helper()
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	us, err := signed.Generate("hoso")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{Name: "fines", URL: srv.URL, Keys: signed.Static(them.Public()), Signer: us, Now: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Only a signed, untouched answer is a record; anything else is Unavailable.
func TestFetch(t *testing.T) {
	them, _ := signed.Generate("fines")
	stranger, _ := signed.Generate("fines")
	record := `{"state":"fetched","version":"3","asOf":"2026-11-24T00:00:00Z","values":{"amount":5000000,"area":85.5}}`
	for _, tt := range []struct {
		name  string
		peer  *peer
		want  registry.State
		fault bool
	}{
		{"signed", &peer{status: 200, body: record, signer: them}, registry.Fetched, false},
		{"signed and empty", &peer{status: 200, body: `{"state":"empty"}`, signer: them}, registry.Empty, false},
		{"unsigned", &peer{status: 200, body: record}, registry.Unavailable, false},
		{"signed by a stranger", &peer{status: 200, body: record, signer: stranger}, registry.Unavailable, false},
		{"changed on the way", &peer{status: 200, body: record, signer: them, tamper: func(b []byte) []byte { b[len(b)-5] = '6'; return b }}, registry.Unavailable, false},
		{"garbage, signed", &peer{status: 200, body: "<html>", signer: them}, registry.Unavailable, false},
		{"a state that does not exist", &peer{status: 200, body: `{"state":"maybe"}`, signer: them}, registry.Unavailable, false},
		{"broken", &peer{status: 500}, registry.Unavailable, false},
		{"our fault, signed", &peer{status: 400, body: `{"detail":"no such kind"}`, signer: them}, registry.Unavailable, true},
		{"our fault, but nobody signed it", &peer{status: 400, body: `{"detail":"no such kind"}`}, registry.Unavailable, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec, err := client(t, tt.peer, them, nil).Fetch(t.Context(), registry.Request{Kind: "fine", Key: "1"})
			if rec.State != tt.want || (err != nil) != tt.fault {
				t.Fatalf("got %s and error %v, want %s", rec.State, err, tt.want)
			}
			if tt.want == registry.Fetched && (rec.Values["amount"] != int64(5000000) || rec.Values["area"] != 85.5) {
				t.Errorf("values are %v", rec.Values)
			}
		})
	}
}

// After five failures in a row nothing is sent; after ten seconds one request
// tries, and when it succeeds all pass again.
func TestBreaker(t *testing.T) {
	them, _ := signed.Generate("fines")
	now := time.Now()
	p := &peer{status: 503}
	c := client(t, p, them, func() time.Time { return now })
	ask := func() registry.State {
		rec, err := c.Fetch(t.Context(), registry.Request{Kind: "fine", Key: "1"})
		if err != nil {
			t.Fatal(err)
		}
		return rec.State
	}
	for range 8 {
		ask()
	}
	if got := p.asked.Load(); got != 5 || c.Healthy() {
		t.Fatalf("asked %d times, want 5 and an open breaker", got)
	}
	now = now.Add(11 * time.Second)
	ask()
	ask()
	if got := p.asked.Load(); got != 6 {
		t.Fatalf("asked %d times, want one try only", got)
	}
	now = now.Add(11 * time.Second)
	p.status, p.body, p.signer = 200, `{"state":"empty"}`, them
	for range 2 {
		if got := ask(); got != registry.Empty {
			t.Errorf("got %s, want empty", got)
		}
	}
	if !c.Healthy() {
		t.Error("the breaker is still open")
	}
}

// Each way a message can fail is told apart.
func TestSend(t *testing.T) {
	them, _ := signed.Generate("fines")
	reply, _ := json.Marshal(registry.Reply{Outcome: registry.Done, Receipt: "R-1"})
	for _, tt := range []struct {
		name      string
		peer      *peer
		want      error
		permanent bool
	}{
		{"done", &peer{status: 200, body: string(reply), signer: them}, nil, false},
		{"busy", &peer{status: 503}, registry.ErrUnavailable, false},
		{"broken after the work", &peer{status: 500}, registry.ErrAmbiguous, false},
		{"unsigned", &peer{status: 200, body: string(reply)}, registry.ErrAmbiguous, false},
		{"no such operation", &peer{status: 404, body: `{}`, signer: them}, nil, true},
	} {
		got, err := client(t, tt.peer, them, nil).Send(t.Context(), registry.Message{To: "fines", Operation: "mark-paid", Key: "k"})
		switch {
		case tt.permanent:
			if err == nil || registry.IsTransient(err) {
				t.Errorf("%s: got %v, want a permanent error", tt.name, err)
			}
		case !errors.Is(err, tt.want):
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		case err == nil && got.Receipt != "R-1":
			t.Errorf("%s: got %+v", tt.name, got)
		}
	}
	for name, tt := range map[string]struct {
		body string
		want error
	}{
		"done":        {`{"found":true,"reply":` + string(reply) + `}`, nil},
		"not done":    {`{"found":false}`, registry.ErrNotDone},
		"garbage":     {`<html>`, registry.ErrAmbiguous},
		"no such key": {`{"found":true}`, registry.ErrAmbiguous},
	} {
		got, err := client(t, &peer{status: 200, body: tt.body, signer: them}, them, nil).Probe(t.Context(), registry.Message{To: "fines", Operation: "mark-paid", Key: "k"})
		if !errors.Is(err, tt.want) || tt.want == nil && got.Receipt != "R-1" {
			t.Errorf("asked what became of it, %s: got %+v, error %v", name, got, err)
		}
	}
	us, _ := signed.Generate("hoso")
	nobody, _ := New(Config{Name: "fines", URL: "http://127.0.0.1:1", Keys: signed.Static(them.Public()), Signer: us})
	if _, err := nobody.Send(t.Context(), registry.Message{Operation: "x", Key: "k"}); !errors.Is(err, registry.ErrUnavailable) {
		t.Errorf("nobody listens: got %v, want ErrUnavailable", err)
	}
}
