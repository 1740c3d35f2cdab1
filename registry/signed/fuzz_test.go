package signed

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"testing"
	"time"
)

// Whatever a peer sends as signature and body, it is believed only when its
// holder signed that very body; everything else is one of the two documented
// errors.
func FuzzVerify(f *testing.F) {
	us, err := Generate("hoso")
	if err != nil {
		f.Fatal(err)
	}
	us.now = func() time.Time { return time.Unix(1_790_000_000, 0) }
	const said = `{"number":"1"}`
	r := httptest.NewRequest("POST", "http://fines.test/operations/mark-paid", nil)
	if _, err := us.Request(r, []byte(said)); err != nil {
		f.Fatal(err)
	}
	right := r.Header.Get(Header)
	for _, header := range []string{right, right[:len(right)-1], right + "A", "", "..", "e30..", "eyJhbGciOiJub25lIn0..", "{}", right + "." + right, "\x00"} {
		f.Add(header, []byte(said))
	}
	f.Add(right, []byte(`{"number":"2"}`))
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		v := NewVerifier(Static(us.Public()))
		v.now = us.now
		r := httptest.NewRequest("POST", "http://fines.test/operations/mark-paid", nil)
		r.Header[Header] = []string{header}
		RequestID(r)
		sig, err := v.Request(r, body)
		switch {
		case err == nil && (string(body) != said || sig.ID == "" || sig.By != "hoso"):
			t.Errorf("believed %q of %q: %+v", body, header, sig)
		case err != nil && !errors.Is(err, ErrBadSignature) && !errors.Is(err, ErrReplayed):
			t.Errorf("%q: %v is of no documented kind", header, err)
		}
		if err := v.Response(t.Context(), r.Header, 200, body, "q"); !errors.Is(err, ErrBadSignature) {
			t.Errorf("a request's signature was believed of an answer: %v", err)
		}
	})
}

// JSON of a peer that can be read can be written, and is the same when it is
// read and written again.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":9007199254740993}`, `{"a":1e400}`, `{"a":-0.0,"b":[1.0,{"c":null}]}`, `{"a":1}{}`, `{"":"\ud800"}`, `{"a":99999999999999999999}`, `{"a":1} x`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var first, second map[string]any
		if Decode(body, &first) != nil || first == nil {
			return
		}
		text, err := json.Marshal(Plain(first))
		if err != nil {
			t.Fatalf("%s cannot be written again: %v", body, err)
		}
		if err := Decode(text, &second); err != nil {
			t.Fatalf("%s became %s: %v", body, text, err)
		}
		if again, err := json.Marshal(Plain(second)); err != nil || !bytes.Equal(text, again) {
			t.Errorf("%s became %s, and then %s: %v", body, text, again, err)
		}
	})
}
