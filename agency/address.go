package agency

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Address is a place in the country: codes of the unit list and a free line
// with house number and street.
type Address struct {
	Province string `json:"province"`
	Commune  string `json:"commune"`
	Line     string `json:"line,omitempty"`
}

// ParseAddress reads an address as forms and registries carry it: an Address,
// or an object of strings with at least province and commune.
func ParseAddress(v any) (Address, bool) {
	var a Address
	switch m := v.(type) {
	case Address:
		a = m
	case map[string]string:
		a = Address{m["province"], m["commune"], m["line"]}
	case map[string]any:
		for name, into := range map[string]*string{"province": &a.Province, "commune": &a.Commune, "line": &a.Line} {
			if m[name] == nil {
				continue
			}
			s, ok := m[name].(string)
			if !ok {
				return Address{}, false
			}
			*into = s
		}
	}
	a = Address{strings.TrimSpace(a.Province), strings.TrimSpace(a.Commune), strings.TrimSpace(a.Line)}
	if a.Province == "" || a.Commune == "" {
		return Address{}, false
	}
	return a, true
}

// ParseAddressKey reads what [Address.Key] wrote.
func ParseAddressKey(key string) (Address, bool) {
	parts := strings.SplitN(key, "/", 3) // a line may hold slashes: 12/5 ngõ Huyện
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
		return Address{}, false
	}
	return Address{parts[0], parts[1], parts[2]}, true
}

// Key is the address as text, province/commune/line, the same for spellings
// that differ in capitals, spaces or the composition of letters.
func (a Address) Key() string {
	line := strings.ToLower(norm.NFC.String(strings.Join(strings.Fields(a.Line), " ")))
	return a.Province + "/" + a.Commune + "/" + line
}

// Map is the address as forms and registries carry it.
func (a Address) Map() map[string]any {
	m := map[string]any{"province": a.Province, "commune": a.Commune}
	if a.Line != "" {
		m["line"] = a.Line
	}
	return m
}
