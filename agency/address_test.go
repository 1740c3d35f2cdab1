package agency

import (
	"testing"

	"pgregory.net/rapid"
)

// An address needs its province and commune; anything that is not text refuses it.
func TestParseAddress(t *testing.T) {
	for _, c := range []struct {
		name string
		in   any
		want string // key; empty: refused
	}{
		{"object", map[string]any{"province": "01", "commune": "00070", "line": " 12  Phố Hàng Bông "}, "01/00070/12 phố hàng bông"},
		{"decomposed letters", map[string]any{"province": "01", "commune": "00070", "line": "12 Pho\u031b\u0301 Ba\u0300 Trie\u0323\u0302u"}, "01/00070/12 phớ bà triệu"},
		{"strings", map[string]string{"province": "01", "commune": "00070"}, "01/00070/"},
		{"itself", Address{"01", "00070", "12/5 ngõ Huyện"}, "01/00070/12/5 ngõ huyện"},
		{"no line", map[string]any{"province": "01", "commune": "00070", "line": nil}, "01/00070/"},
		{"no commune", map[string]any{"province": "01", "line": "12"}, ""},
		{"blank province", map[string]any{"province": " ", "commune": "00070"}, ""},
		{"a number", map[string]any{"province": 1, "commune": "00070"}, ""},
		{"something else", "01/00070/12", ""},
		{"nothing", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, ok := ParseAddress(c.in)
			if ok != (c.want != "") {
				t.Fatalf("got %+v, %t; want key %q", a, ok, c.want)
			}
			if ok && a.Key() != c.want {
				t.Errorf("key: got %q, want %q", a.Key(), c.want)
			}
		})
	}
}

// A key reads back as an address with the same key, and so does its object.
func TestAddressKeyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Address{rapid.StringMatching(`\d{2}`).Draw(t, "province"), rapid.StringMatching(`\d{5}`).Draw(t, "commune"), rapid.String().Draw(t, "line")}
		b, ok := ParseAddressKey(a.Key())
		if !ok || b.Key() != a.Key() {
			t.Errorf("key %q read back as %q, %t", a.Key(), b.Key(), ok)
		}
		if c, ok := ParseAddress(a.Map()); !ok || c.Key() != a.Key() {
			t.Errorf("object of %q read back as %q, %t", a.Key(), c.Key(), ok)
		}
	})
}
