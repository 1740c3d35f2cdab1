package signed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Decode reads one JSON value. Whole numbers become int64, others float64, so
// that money and counts stay exact.
func Decode(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("more than one JSON value")
	}
	return nil
}

// Plain replaces the json.Numbers in m, at any depth, by int64 or float64.
func Plain(m map[string]any) map[string]any {
	for k, v := range m {
		m[k] = plain(v)
	}
	return m
}

func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			if n, err := v.Int64(); err == nil {
				return n
			}
		}
		f, _ := v.Float64()
		return f
	case map[string]any:
		return Plain(v)
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	}
	return v
}
