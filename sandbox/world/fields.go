package world

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"github.com/hoso-gov/hoso/registry"
)

// fields is the body of an operation as it came.
type fields map[string]any

// text is the first of names that holds a string.
func (f fields) text(names ...string) string {
	for _, n := range names {
		if s, ok := f[n].(string); ok && s != "" {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// whole is a whole number, 0 when there is none.
func (f fields) whole(name string) int64 {
	switch n := f[name].(type) {
	case int64:
		return n
	case int:
		return int64(n)
	case float64:
		if n == float64(int64(n)) {
			return int64(n)
		}
	}
	return 0
}

func done(receipt string, body map[string]any) registry.Reply {
	return registry.Reply{Outcome: registry.Done, Receipt: receipt, Body: body}
}

func refused(reason, text string) registry.Reply {
	return registry.Reply{Outcome: registry.Refused, Body: map[string]any{"reason": reason, "text": text}}
}

// fold makes names comparable: lower case, no diacritics, single spaces.
func fold(s string) string {
	t := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	out, _, err := transform.String(t, s)
	if err != nil {
		out = s
	}
	out = strings.NewReplacer("đ", "d", "Đ", "d").Replace(out)
	return strings.Join(strings.Fields(strings.ToLower(out)), " ")
}
