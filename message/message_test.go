package message

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/registry/signed"
)

type payload struct {
	Outcome string `json:"outcome"`
}

var noon = time.Date(2026, time.November, 26, 12, 0, 0, 0, time.UTC)

func office(t testing.TB, name string, peers map[string]signed.Keys) (*Office, *signed.Signer) {
	t.Helper()
	s, err := signed.Generate(name)
	if err != nil {
		t.Fatal(err)
	}
	return NewOffice(s, peers), s
}

// pair are two installations that know each other's keys.
func pair(t testing.TB) (us, them *Office) {
	t.Helper()
	_, theirs := office(t, "hue", nil)
	us, ours := office(t, "hanoi", map[string]signed.Keys{"hue": signed.Static(theirs.Public())})
	return us, NewOffice(theirs, map[string]signed.Keys{"hanoi": signed.Static(ours.Public())})
}

func envelope() *Envelope {
	return &Envelope{ID: uuid.MustParse("018f0000-0000-7000-8000-000000000001"), Source: Place{"hanoi", "CA-00004"}, Target: Place{"hue", ""}, Case: uuid.New(),
		Type: Outcome, Slot: "head", Gen: 3, Cause: "00ff", SentAt: noon, ExpiresAt: noon.Add(Life)}
}

// A message is believed as it was sealed, by whom it says, for whom it is meant,
// in its time; and nothing else is.
func TestOpen(t *testing.T) {
	us, them := pair(t)
	stranger, _ := office(t, "hanoi", nil)
	for _, tt := range []struct {
		name   string
		by     *Office
		change func(*Envelope)
		tamper func([]byte) []byte
		at     time.Time
		reason string // empty: it is believed
	}{
		{"as sealed", us, nil, nil, noon, ""},
		{"sealed by a stranger under our name", stranger, nil, nil, noon, "signature"},
		{"sealed by us under the receiver's name", us, func(e *Envelope) { e.Source.Installation = "hue" }, nil, noon, "signature"},
		{"under a name that nobody knows", us, func(e *Envelope) { e.Source.Installation = "saigon" }, nil, noon, "signature"},
		{"without a source", us, func(e *Envelope) { e.Source.Installation = "" }, nil, noon, "source"},
		{"for somebody else", us, func(e *Envelope) { e.Target.Installation = "hanoi" }, nil, noon, "target"},
		{"of another type", us, func(e *Envelope) { e.Type = "grant" }, nil, noon, "schema"},
		{"too old", us, nil, nil, noon.Add(Life), "expired"},
		{"made to last", us, func(e *Envelope) { e.ExpiresAt = noon.Add(2 * Life) }, nil, noon, "expired"},
		{"from the future", us, nil, nil, noon.Add(-Early - time.Second), "early"},
		{"by a clock that is a little ahead", us, nil, nil, noon.Add(-Early), ""},
		{"one letter is another", us, nil, func(b []byte) []byte { return bytes.Replace(b, []byte("granted"), []byte("Granted"), 1) }, noon, "signature"},
		{"with white space", us, nil, func(b []byte) []byte { return append(b, ' ') }, noon, "not-canonical"},
		{"with a key that stands twice", us, nil, func(b []byte) []byte { return append([]byte(`{"signature":"x",`), b[1:]...) }, noon, "not-canonical"},
		{"with a key more", us, nil, func(b []byte) []byte { return append([]byte(`{"also":1,`), b[1:]...) }, noon, "unreadable"},
		{"cut off", us, nil, func(b []byte) []byte { return b[:len(b)-2] }, noon, "unreadable"},
		{"nothing", us, nil, func([]byte) []byte { return nil }, noon, "unreadable"},
		{"too long", us, nil, func(b []byte) []byte { return append(b, make([]byte, Limit)...) }, noon, "oversized"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := envelope()
			if tt.change != nil {
				tt.change(e)
			}
			content, err := tt.by.Seal(e, payload{"granted"})
			if err != nil {
				t.Fatal(err)
			}
			if tt.tamper != nil {
				content = tt.tamper(content)
			}
			got, err := them.Open(t.Context(), content, tt.at)
			refused, ok := errors.AsType[*RefusedError](err)
			switch {
			case tt.reason == "" && err != nil:
				t.Errorf("got %v", err)
			case tt.reason != "" && (!ok || refused.Reason != tt.reason):
				t.Errorf("got %v, want it refused: %s", err, tt.reason)
			case tt.reason == "":
				var p payload
				if err := got.Read(&p); err != nil || p.Outcome != "granted" || got.Case != e.Case {
					t.Errorf("got %+v, payload %+v, %v", got, p, err)
				}
			}
		})
	}
}

// A payload that was exchanged below its hash is found, also by who holds the key.
func TestPayloadIsHashed(t *testing.T) {
	us, them := pair(t)
	e := envelope()
	if _, err := us.Seal(e, payload{"granted"}); err != nil {
		t.Fatal(err)
	}
	e.Payload = json.RawMessage(`{"outcome":"refused"}`)
	content, err := seal(us.signer, e.ID.String(), e)
	if err != nil {
		t.Fatal(err)
	}
	_, err = them.Open(t.Context(), content, noon)
	if r, ok := errors.AsType[*RefusedError](err); !ok || r.Reason != "payload" {
		t.Errorf("got %v", err)
	}
}

// A payload has the shape of its schema and no key more.
func TestRead(t *testing.T) {
	us, _ := pair(t)
	e := envelope()
	if _, err := us.Seal(e, map[string]any{"outcome": "granted", "more": 1}); err != nil {
		t.Fatal(err)
	}
	if r, ok := errors.AsType[*RefusedError](e.Read(&payload{})); !ok || r.Reason != "schema" {
		t.Errorf("got %v", e.Read(&payload{}))
	}
}

// What is too long is refused before it is sent, and nothing is cut off.
func TestOversized(t *testing.T) {
	us, _ := pair(t)
	_, err := us.Seal(envelope(), payload{strings.Repeat("x", Limit)})
	if r, ok := errors.AsType[*RefusedError](err); !ok || r.Reason != "oversized" {
		t.Errorf("got %v", err)
	}
}

// A receipt is the receiver's, and for one message.
func TestReceipt(t *testing.T) {
	us, them := pair(t)
	e := envelope()
	if _, err := us.Seal(e, payload{"granted"}); err != nil {
		t.Fatal(err)
	}
	good, err := them.Receipt(e, Done, "", noon)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := us.ReadReceipt(t.Context(), good, e); err != nil || r.Outcome != Done {
		t.Fatalf("got %+v, %v", r, err)
	}
	other := *e
	other.ID = uuid.New()
	for name, content := range map[string][]byte{
		"our own":             sealReceipt(t, us, e),
		"of another message":  sealReceipt(t, them, &other),
		"changed":             bytes.Replace(good, []byte(`"done"`), []byte(`"dOne"`), 1),
		"nothing":             nil,
		"the message instead": first(us.Seal(envelope(), payload{"granted"})),
	} {
		if _, err := us.ReadReceipt(t.Context(), content, e); !errors.Is(err, ErrReceipt) {
			t.Errorf("%s: got %v, want ErrReceipt", name, err)
		}
	}
}

func sealReceipt(t *testing.T, o *Office, e *Envelope) []byte {
	t.Helper()
	b, err := o.Receipt(e, Done, "", noon)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func first(b []byte, _ error) []byte { return b }

// Whatever bytes come, they are a message as it was sealed, or refused.
func FuzzOpen(f *testing.F) {
	us, them := pair(f)
	content, err := us.Seal(envelope(), payload{"granted"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add([]byte(`{"signature":"","signed":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := them.Open(context.Background(), b, noon)
		if err == nil && !bytes.Equal(b, content) {
			t.Errorf("believed: %q", b)
		}
		if _, ok := errors.AsType[*RefusedError](err); err != nil && !ok {
			t.Errorf("neither believed nor refused: %v", err)
		}
	})
}
