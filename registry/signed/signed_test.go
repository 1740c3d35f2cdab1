package signed

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"
)

func request(t *testing.T, s *Signer, body string) (*http.Request, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://fines.test/operations/mark-paid", bytes.NewBufferString(body))
	r.Header.Set(IdempotencyKey, "k-1")
	id, err := s.Request(r, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return r, id
}

// A request holds only as it was signed, by the key that was agreed, now, and once.
func TestRequest(t *testing.T) {
	us, _ := Generate("hoso")
	other, _ := Generate("hoso")
	body := `{"number":"1"}`
	for _, tt := range []struct {
		name   string
		signer *Signer
		body   string
		change func(*http.Request, *Verifier)
		want   error
	}{
		{"as signed", us, body, func(*http.Request, *Verifier) {}, nil},
		{"another body", us, `{"number":"2"}`, func(*http.Request, *Verifier) {}, ErrBadSignature},
		{"another path", us, body, func(r *http.Request, _ *Verifier) { r.URL.Path = "/operations/lift-bars" }, ErrBadSignature},
		{"another key header", us, body, func(r *http.Request, _ *Verifier) { r.Header.Set(IdempotencyKey, "k-2") }, ErrBadSignature},
		{"no signature", us, body, func(r *http.Request, _ *Verifier) { r.Header.Del(Header) }, ErrBadSignature},
		{"a stranger's key", other, body, func(*http.Request, *Verifier) {}, ErrBadSignature},
		{"six minutes old", us, body, func(_ *http.Request, v *Verifier) {
			v.now = func() time.Time { return time.Now().Add(6 * time.Minute) }
		}, ErrBadSignature},
		{"from the future", us, body, func(_ *http.Request, v *Verifier) {
			v.now = func() time.Time { return time.Now().Add(-6 * time.Minute) }
		}, ErrBadSignature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := NewVerifier(Static(us.Public()))
			r, _ := request(t, tt.signer, body)
			tt.change(r, v)
			if _, err := v.Request(r, []byte(tt.body)); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	v := NewVerifier(Static(us.Public()))
	r, id := request(t, us, body)
	sig, err := v.Request(r, []byte(body))
	if err != nil || sig.ID != id || sig.By != "hoso" {
		t.Fatalf("got %+v, %v", sig, err)
	}
	if _, err := v.Request(r, []byte(body)); !errors.Is(err, ErrReplayed) {
		t.Errorf("a second time: got %v, want ErrReplayed", err)
	}
}

// An answer holds for one request, one status and one body.
func TestResponse(t *testing.T) {
	them, _ := Generate("fines")
	v := NewVerifier(Static(them.Public()))
	h := http.Header{}
	if err := them.Response(h, 200, []byte("{}"), "q1"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, body, id string
		status         int
		want           error
	}{
		{"as signed", "{}", "q1", 200, nil},
		{"to another request", "{}", "q2", 200, ErrBadSignature},
		{"another status", "{}", "q1", 201, ErrBadSignature},
		{"another body", "[]", "q1", 200, ErrBadSignature},
	} {
		if err := v.Response(t.Context(), h, tt.status, []byte(tt.body), tt.id); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

// Keys are read once from their URL, and a key survives a restart in its file.
func TestKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key.json")
	a, err := ReadOrCreate("fines", file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ReadOrCreate("fines", file)
	if err != nil || a.key.KeyID != b.key.KeyID {
		t.Fatalf("read again: %v, key %s, want %s", err, b.key.KeyID, a.key.KeyID)
	}
	reads := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { reads++; a.ServeHTTP(w, r) }))
	defer srv.Close()
	keys := NewRemote(srv.URL, nil)
	for range 3 {
		if _, err := keys.Key(t.Context(), a.key.KeyID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := keys.Key(t.Context(), "stranger"); !errors.Is(err, ErrBadSignature) {
		t.Errorf("a key nobody has: got %v", err)
	}
	if reads != 1 {
		t.Errorf("keys were read %d times, want 1", reads)
	}
}

// Whole numbers stay whole.
func TestPlain(t *testing.T) {
	var m map[string]any
	if err := Decode([]byte(`{"amount": 9007199254740993, "list": [{"area": 85.5}]}`), &m); err != nil {
		t.Fatal(err)
	}
	Plain(m)
	if m["amount"] != int64(9007199254740993) {
		t.Errorf("amount is %v (%T)", m["amount"], m["amount"])
	}
	if got := m["list"].([]any)[0].(map[string]any)["area"]; got != 85.5 {
		t.Errorf("area is %v (%T)", got, got)
	}
	if _, err := json.Marshal(m); err != nil {
		t.Error(err)
	}
}
