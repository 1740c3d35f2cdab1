package expr

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// adapter brings plain Go values into CEL.
type adapter struct{}

// NativeToValue implements types.Adapter. A whole float is an int: JSON does not
// tell them apart, and money is whole.
func (adapter) NativeToValue(v any) ref.Val {
	switch v := v.(type) {
	case ref.Val:
		return v
	case nil:
		return absent
	case string:
		return types.String(v)
	case bool:
		return types.Bool(v)
	case float64, json.Number:
		if n, ok := integer(v); ok {
			return types.Int(n)
		}
		n, ok := number(v)
		if !ok {
			return types.NewErr("%v is no number", v)
		}
		return types.Double(n)
	}
	if n, ok := integer(v); ok {
		return types.Int(n)
	}
	if m := entries(v); m != nil {
		return newObject(m)
	}
	if items, ok := elements(v); ok {
		return newList(items)
	}
	if s, ok := text(v); ok {
		return types.String(s)
	}
	return types.NewErr("a value of Go type %T cannot be used", v)
}

// text reads a string, or a value of a string type.
func text(v any) (string, bool) {
	if s, ok := v.(string); ok {
		return s, true
	}
	if _, ok := v.(json.Number); ok {
		return "", false
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.String {
		return r.String(), true
	}
	return "", false
}

// elements reads a list of any Go type.
func elements(v any) ([]any, bool) {
	if items, ok := v.([]any); ok {
		return items, true
	}
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.Slice {
		return nil, false
	}
	out := make([]any, r.Len())
	for i := range out {
		out[i] = r.Index(i).Interface()
	}
	return out, true
}

// entries reads a map with text keys of any Go type; nil for others.
func entries(v any) map[string]any {
	if m, ok := v.(map[string]any); ok {
		return m
	}
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.Map || r.Type().Key().Kind() != reflect.String {
		return nil
	}
	out := make(map[string]any, r.Len())
	for it := r.MapRange(); it.Next(); {
		out[it.Key().String()] = it.Value().Interface()
	}
	return out
}

// plain turns a result into a plain Go value.
func plain(v ref.Val) (any, error) {
	switch v := v.(type) {
	case nil, nothing, types.Null:
		return nil, nil
	case types.String:
		return string(v), nil
	case types.Int:
		return int64(v), nil
	case types.Uint:
		if v > math.MaxInt64 {
			return nil, fmt.Errorf("%d is too large a number", uint64(v))
		}
		return int64(v), nil
	case types.Double:
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("the result is no number")
		}
		return float64(v), nil
	case types.Bool:
		return bool(v), nil
	case *object:
		return v.m, nil
	case traits.Mapper:
		out := map[string]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			k, ok := key.(types.String)
			if !ok {
				return nil, fmt.Errorf("a key is a text")
			}
			item, err := plain(v.Get(key))
			if err != nil {
				return nil, err
			}
			out[string(k)] = item
		}
		return out, nil
	case traits.Lister:
		out := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			item, err := plain(it.Next())
			if err != nil {
				return nil, err
			}
			out = append(out, item)
		}
		return out, nil
	}
	return nil, fmt.Errorf("%s is no result", v.Type().TypeName())
}
