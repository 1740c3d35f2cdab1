package signed

import (
	"errors"
	"testing"
)

// There is one text for a value, whatever order and spacing it came in.
func TestCanonical(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"keys in the order of UTF-16", `{"b":1,"\ufb33":2,"a":3,"\ud83d\ude00":4}`, "{\"a\":3,\"b\":1,\"\U0001F600\":4,\"\ufb33\":2}"},
		{"no white space", " [ 1 , { \"a\" : true } , null ] ", `[1,{"a":true},null]`},
		{"only escapes that are needed", `"\u0041<\u2028\u000f\n\/\""`, "\"A<\u2028\\u000f\\n/\\\"\""},
		{"numbers in their shortest form", `[1.0, 1e2, -0.0, 0.000001, 1e-7, 1e21, 9007199254740992]`, `[1,100,0,0.000001,1e-7,1e+21,9007199254740992]`},
		{"Vietnamese", `{"tên":"Nguyễn Thị Ánh"}`, `{"tên":"Nguyễn Thị Ánh"}`},
	} {
		got, err := CanonicalText([]byte(tt.text))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: got %s, %v; want %s", tt.name, got, err, tt.want)
		}
		if again, err := CanonicalText(got); err != nil || string(again) != string(got) {
			t.Errorf("%s: a second time it is %s, %v", tt.name, again, err)
		}
	}
	for _, bad := range []string{``, `{} {}`, `9007199254740993`, "\"\xff\"", `{"a":1e999}`} {
		if got, err := CanonicalText([]byte(bad)); err == nil {
			t.Errorf("%q: got %s, want an error", bad, got)
		}
	}
}

// A detached signature holds for its text and its key, at any time.
func TestDetached(t *testing.T) {
	us, _ := Generate("hoso")
	other, _ := Generate("hoso")
	sig, err := us.Detached("m-1", []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := VerifyDetached(t.Context(), Static(us.Public()), sig, []byte("text"))
	if err != nil || got.ID != "m-1" || got.By != "hoso" {
		t.Fatalf("got %+v, %v", got, err)
	}
	for name, err := range map[string]error{
		"another text":     second(VerifyDetached(t.Context(), Static(us.Public()), sig, []byte("texT"))),
		"a stranger's key": second(VerifyDetached(t.Context(), Static(other.Public()), sig, []byte("text"))),
		"no signature":     second(VerifyDetached(t.Context(), Static(us.Public()), "", []byte("text"))),
	} {
		if !errors.Is(err, ErrBadSignature) {
			t.Errorf("%s: got %v, want ErrBadSignature", name, err)
		}
	}
}

func second(_ Signature, err error) error { return err }

// Any text has a canonical form that is its own canonical form, or none.
func FuzzCanonicalText(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x"]}`, `"\ud800"`, `{"a":1,"a":2}`, `-0`, `[[[]]]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		once, err := CanonicalText(text)
		if err != nil {
			return
		}
		twice, err := CanonicalText(once)
		if err != nil || string(twice) != string(once) {
			t.Errorf("%q → %q → %q, %v", text, once, twice, err)
		}
	})
}
