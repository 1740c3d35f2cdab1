package signed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Decode reads one JSON value. Whole numbers become int64, others float64, so
// that money and counts stay exact. A number that neither can hold is an error:
// what was read can be written again.
func Decode(body []byte, into any) error {
	if err := holdable(body); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more than one JSON value")
	}
	return nil
}

// large finds what might be a number beyond a float64: one with an exponent, or
// with very many digits.
var large = regexp.MustCompile(`[0-9][eE]|[0-9]{300}`)

// holdable reports a number that a float64 cannot hold. What is no JSON at all
// is for others to report.
func holdable(body []byte) error {
	if !large.Match(body) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	for {
		t, err := d.Token()
		if err != nil {
			return nil
		}
		if n, ok := t.(json.Number); ok {
			if _, err := n.Float64(); err != nil {
				return fmt.Errorf("the number %.20s… is too large", n)
			}
		}
	}
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
		f, _ := v.Float64() // Decode has made sure that it can be held
		if f == 0 {
			f = 0 // not -0
		}
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
