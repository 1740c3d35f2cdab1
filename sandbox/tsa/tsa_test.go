package tsa_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	client "github.com/hoso-gov/hoso/audit/tsa"
	"github.com/hoso-gov/hoso/sandbox/drill"
	"github.com/hoso-gov/hoso/sandbox/store"
	"github.com/hoso-gov/hoso/sandbox/tsa"
)

type server struct {
	*tsa.Authority
	board *drill.Board
	url   string
}

func serve(t *testing.T, cfg tsa.Config) server {
	t.Helper()
	cfg.Board, cfg.Part = drill.New(drill.Part{ID: "tsa", Can: []string{"slow", "down", "wrong"}}), "tsa"
	a, err := tsa.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	r.Route("/tsa", a.Routes)
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	return server{a, cfg.Board, s.URL + "/tsa"}
}

func pool(a *tsa.Authority) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Root())
	return p
}

func asker(t *testing.T, s server) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{URL: s.url, Trusted: pool(s.Authority)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A token is over the digest, tells the authority's time, and leads to its root
// and to no other.
func TestStamp(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 26, 7, 0, 0, 0, time.UTC)
	s := serve(t, tsa.Config{Now: func() time.Time { return at }})
	digest, other := sha256.Sum256([]byte("a")), sha256.Sum256([]byte("b"))
	token, err := asker(t, s).Stamp(t.Context(), digest[:])
	if err != nil {
		t.Fatal(err)
	}
	if got, err := client.Verify(token, digest[:], pool(s.Authority)); err != nil || !got.Equal(at) {
		t.Errorf("got %v, %v; want %v", got, err, at)
	}
	if _, err := client.Verify(token, other[:], pool(s.Authority)); !errors.Is(err, client.ErrToken) {
		t.Errorf("over another digest: %v", err)
	}
	if _, err := client.Verify(token, digest[:], pool(serve(t, tsa.Config{}).Authority)); !errors.Is(err, client.ErrToken) {
		t.Errorf("of another authority: %v", err)
	}
	for i := range token { // no bit of a token may be turned: what is not signed is a certificate or a length
		bad := bytes.Clone(token)
		bad[i] ^= 1
		if got, err := client.Verify(bad, digest[:], pool(s.Authority)); err == nil && !got.Equal(at) {
			t.Errorf("byte %d changed: it holds and tells %v", i, got)
		}
	}
}

// An authority that is out of reach or stamps something else gives no token.
func TestDrills(t *testing.T) {
	t.Parallel()
	s, digest := serve(t, tsa.Config{}), sha256.Sum256([]byte("a"))
	for name, sw := range map[string]drill.Switch{"down": {Down: true}, "wrong": {Wrong: true}} {
		if err := s.board.Set("tsa", sw); err != nil {
			t.Fatal(err)
		}
		token, err := asker(t, s).Stamp(t.Context(), digest[:])
		if err == nil || token != nil {
			t.Errorf("%s: got a token", name)
		}
		if sw.Wrong && !errors.Is(err, client.ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.board.Clear()
	if _, err := asker(t, s).Stamp(t.Context(), digest[:]); err != nil {
		t.Error(err)
	}
}

// What is no query is answered as the protocol says, and never with a token.
func TestBadQueries(t *testing.T) {
	t.Parallel()
	s := serve(t, tsa.Config{})
	post := func(kind, body string) int {
		t.Helper()
		res, err := http.Post(s.url, kind, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if got := post("text/plain", "x"); got != http.StatusUnsupportedMediaType {
		t.Errorf("text: %d", got)
	}
	if got := post("application/timestamp-query", strings.Repeat("x", 1<<15)); got != http.StatusBadRequest {
		t.Errorf("too long: %d", got)
	}
	if got := post("application/timestamp-query", "x"); got != http.StatusOK {
		t.Errorf("no DER: %d, want a rejection in DER", got)
	}
	c, err := client.New(client.Config{URL: s.url})
	if err != nil {
		t.Fatal(err)
	}
	if token, err := c.Stamp(t.Context(), []byte("short")); !errors.Is(err, client.ErrToken) || token != nil {
		t.Errorf("a digest of another length: %v", err)
	}
}

// The keys are kept over a restart: tokens of before still verify.
func TestKeysAreKept(t *testing.T) {
	t.Parallel()
	file, err := store.In(t.TempDir(), "tsa.json")
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("a"))
	token, err := asker(t, serve(t, tsa.Config{Store: file})).Stamp(t.Context(), digest[:])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Verify(token, digest[:], pool(serve(t, tsa.Config{Store: file}).Authority)); err != nil {
		t.Error(err)
	}
}
