package expr

import (
	"encoding/json"
	"fmt"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// nothing is the one absent value: it has no elements and no fields, and equals
// only itself and null. It does not order, calculate or decide.
type nothing struct{}

var (
	absent      ref.Val = nothing{}
	nothingType         = types.NewObjectType("absent value", traits.ContainerType|traits.IndexerType|traits.SizerType)
)

func (nothing) Type() ref.Type           { return nothingType }
func (nothing) Value() any               { return nil }
func (nothing) Size() ref.Val            { return types.IntZero }
func (nothing) Get(ref.Val) ref.Val      { return absent }
func (nothing) Contains(ref.Val) ref.Val { return types.False }
func (nothing) Equal(o ref.Val) ref.Val  { return types.Bool(isAbsent(o)) }

func (nothing) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("an absent value is no %s", t)
}

func (nothing) ConvertToType(t ref.Type) ref.Val {
	if t == types.TypeType {
		return nothingType
	}
	return types.NewErr("an absent value is no %s", t.TypeName())
}

// isAbsent tells whether a value counts as not there.
func isAbsent(v ref.Val) bool {
	switch v := v.(type) {
	case nothing, types.Null:
		return true
	case types.String:
		return v == ""
	case *object:
		return isEmpty(v.m)
	case traits.Sizer:
		return v.Size() == types.IntZero
	}
	return false
}

// isEmpty tells the same of a plain Go value.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, item := range v {
			if !isEmpty(item) {
				return false
			}
		}
		return true
	case bool, int, int64, float64, json.Number:
		return false
	case ref.Val:
		return isAbsent(v)
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		return r.Len() == 0
	case reflect.Pointer:
		return r.IsNil()
	}
	return false
}

// object is a map whose missing and empty entries read as absent.
type object struct {
	traits.Mapper
	m    map[string]any
	elem *field // what was declared of its entries; nil: nothing
}

func newObject(m map[string]any) *object {
	return &object{Mapper: types.NewStringInterfaceMap(adapter{}, m), m: m}
}

// Value implements ref.Val.
func (o *object) Value() any { return o.m }

// Get implements traits.Indexer.
func (o *object) Get(key ref.Val) ref.Val {
	v, _ := o.Find(key)
	return v
}

// Find implements traits.Mapper; it never misses.
func (o *object) Find(key ref.Val) (ref.Val, bool) {
	k, ok := key.(types.String)
	if !ok {
		return types.NewErr("a key is a text"), false
	}
	v := o.m[string(k)]
	if isEmpty(v) {
		return absent, true
	}
	if o.elem != nil && o.elem.kind != Dyn {
		var err error
		if v, err = o.elem.read(v); err != nil {
			return types.WrapErr(err), false
		}
	}
	return adapter{}.NativeToValue(v), true
}

// Contains implements traits.Container.
func (o *object) Contains(key ref.Val) ref.Val {
	k, ok := key.(types.String)
	return types.Bool(ok && !isEmpty(o.m[string(k)]))
}

// Equal implements ref.Val: empty entries do not count.
func (o *object) Equal(other ref.Val) ref.Val {
	p, ok := other.(*object)
	return types.Bool(ok && o.within(p) && p.within(o))
}

func (o *object) within(p *object) bool {
	for k, v := range o.m {
		if isEmpty(v) {
			continue
		}
		a, b := adapter{}.NativeToValue(v), adapter{}.NativeToValue(p.m[k])
		if !same(a, b) {
			return false
		}
	}
	return true
}

func newList(items []any) ref.Val { return types.NewDynamicList(adapter{}, items) }

// same is equality: all that is empty is equal, and equal to nothing else.
func same(a, b ref.Val) bool {
	if isAbsent(a) || isAbsent(b) {
		return isAbsent(a) && isAbsent(b)
	}
	if l, ok := a.(traits.Lister); ok {
		m, ok := b.(traits.Lister)
		return ok && sameItems(l, m)
	}
	return a.Equal(b) == types.True
}

func sameItems(l, m traits.Lister) bool {
	if l.Size() != m.Size() {
		return false
	}
	for a, b := l.Iterator(), m.Iterator(); a.HasNext() == types.True; {
		if !same(a.Next(), b.Next()) {
			return false
		}
	}
	return true
}

// isIn tells whether a list has an item, or a map a key.
func isIn(v, container ref.Val) ref.Val {
	switch c := container.(type) {
	case traits.Lister:
		for it := c.Iterator(); it.HasNext() == types.True; {
			if same(v, it.Next()) {
				return types.True
			}
		}
		return types.False
	case traits.Container:
		return c.Contains(v)
	}
	return types.MaybeNoSuchOverloadErr(container)
}
