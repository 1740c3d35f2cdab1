package expr

import (
	"encoding/json"
	"fmt"
	"math"

	"cel.dev/cel-go/common/types"
)

// A field reads a declared value from what programs are given: plain Go values
// as they come from JSON, YAML or Go code.
type field struct {
	kind Kind
	elem *field // of a list or map
	path string // for messages
}

func newField(t *Type, path string) *field {
	if t == nil {
		return &field{kind: Dyn, path: path}
	}
	f := &field{kind: t.Kind, path: path}
	if t.Elem != nil {
		f.elem = newField(t.Elem, path+"[]")
	}
	return f
}

// of is the value of a field in an object; nil when the object lacks it.
func (f *field) of(target any, name string) (any, error) {
	if m, ok := target.(map[string]any); ok {
		return m[name], nil
	}
	if c, ok := target.(Computed); ok {
		return c.Get(name)
	}
	if isEmpty(target) {
		return nil, nil
	}
	if m := entries(target); m != nil {
		return m[name], nil
	}
	return nil, fmt.Errorf("%s is read from something that has no fields", f.path)
}

// read returns a value as CEL takes it. It is an error when a list, map or object
// was declared and is something else.
func (f *field) read(v any) (any, error) {
	if isEmpty(v) {
		return absent, nil
	}
	switch f.kind {
	case String:
		if s, ok := text(v); ok {
			return s, nil
		}
	case Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case Int:
		if n, ok := integer(v); ok {
			return n, nil
		}
	case Number:
		if n, ok := number(v); ok {
			return types.Double(n), nil
		}
	case List:
		return f.list(v)
	case Map:
		if m := entries(v); m != nil {
			o := newObject(m)
			o.elem = f.elem
			return o, nil
		}
	case Object:
		if c, ok := v.(Computed); ok {
			return c, nil
		}
		if m := entries(v); m != nil {
			return m, nil
		}
	default:
		return adapter{}.NativeToValue(v), nil
	}
	if f.kind != List && f.kind != Map && f.kind != Object && isScalar(v) {
		// An answer that is badly typed is the form's to report. Here it equals
		// nothing of the declared kind, and is fit for nothing else.
		return adapter{}.NativeToValue(v), nil
	}
	return nil, fmt.Errorf("%s is not of the declared type %s", f.path, f.kind)
}

func isScalar(v any) bool {
	if _, ok := v.(bool); ok {
		return true
	}
	_, isText := text(v)
	_, isNumber := number(v)
	return isText || isNumber
}

func (f *field) list(v any) (any, error) {
	items, ok := elements(v)
	if !ok {
		return nil, fmt.Errorf("%s is not of the declared type %s", f.path, f.kind)
	}
	if f.elem == nil || f.elem.kind == Dyn {
		return newList(items), nil
	}
	out := make([]any, len(items))
	for i, item := range items {
		n, err := f.elem.read(item)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return newList(out), nil
}

func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int64(n), true
		}
	case json.Number:
		if i, err := n.Int64(); err == nil {
			return i, true
		}
		if f, err := n.Float64(); err == nil {
			return integer(f)
		}
	}
	return 0, false
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	n, ok := integer(v)
	return float64(n), ok
}
