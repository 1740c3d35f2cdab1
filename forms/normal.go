package forms

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
)

// normal brings an answer, as it was parsed, stored or fetched, to the one Go
// type of the question: string, int64, float64, bool, []any or map[string]any.
// Absent and empty answers are nil. It is false for a value of another type,
// which then comes back as it was.
func (f *Field) normal(v any) (any, bool) {
	if v == nil {
		return nil, true
	}
	switch f.Type {
	case "string":
		s, ok := v.(string)
		if !ok {
			return v, false
		}
		if s = strings.TrimSpace(s); s == "" {
			return nil, true
		}
		return s, true
	case "integer":
		return integer(v)
	case "number":
		return number(v)
	case "boolean":
		_, ok := v.(bool)
		return v, ok
	case "object":
		return normalAddress(v)
	case "array":
		return f.normalList(v)
	}
	return v, false
}

func integer(v any) (any, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case int64:
		return n, true
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int64(n), true
		}
	case json.Number:
		if i, err := n.Int64(); err == nil {
			return i, true
		}
	}
	return v, false
}

func number(v any) (any, bool) {
	switch n := v.(type) {
	case float64:
		return n, !math.IsNaN(n) && !math.IsInf(n, 0)
	case json.Number:
		if f, err := n.Float64(); err == nil {
			return f, true
		}
		return v, false
	}
	if i, ok := integer(v); ok {
		return float64(i.(int64)), true
	}
	return v, false
}

var addressParts = [...]string{"province", "commune", "line"}

func normalAddress(v any) (any, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		return v, false
	}
	out := make(map[string]any, 3)
	for _, part := range addressParts {
		s, ok := m[part].(string)
		if !ok && m[part] != nil {
			return v, false
		}
		if s = strings.TrimSpace(s); s != "" {
			out[part] = s
		}
	}
	if len(out) == 0 {
		return nil, true
	}
	return out, true
}

func (f *Field) normalList(v any) (any, bool) {
	var in []any
	switch l := v.(type) {
	case []any:
		in = l
	case []string:
		for _, s := range l {
			in = append(in, s)
		}
	case []map[string]any:
		for _, m := range l {
			in = append(in, m)
		}
	default:
		return v, false
	}
	out, fits := make([]any, 0, len(in)), true
	for _, item := range in {
		if f.Widget != GroupWidget {
			s, ok := item.(string)
			if !ok {
				return v, false
			}
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
			continue
		}
		m, ok := item.(map[string]any)
		if !ok {
			return v, false
		}
		one := make(map[string]any, len(m))
		for _, q := range f.Items {
			x, ok := q.normal(m[q.Name])
			fits = fits && ok
			if x != nil {
				one[q.Name] = x
			}
		}
		if len(one) > 0 {
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		return nil, true
	}
	return out, fits
}

// same compares two normal values.
func same(a, b any) bool { return reflect.DeepEqual(a, b) }
