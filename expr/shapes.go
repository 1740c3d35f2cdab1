package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
)

// shapes are the object types of an environment, for the checker. Objects with
// the same fields are one type, so that two addresses can be compared.
type shapes struct {
	types.Provider
	byName map[string]*shape // the name is the path where the shape was seen first, in braces
	byKey  map[string]*shape // what an object consists of
	missed []miss            // fields that the last check asked for in vain
}

type shape struct {
	display string // as messages call it
	key     string
	typ     *types.Type
	fields  map[string]*types.FieldType
	open    map[string]*Program // of an object without fields: those that were defined later; nil: it takes none
}

type miss struct {
	in    *shape
	field string
}

func newShapes() *shapes {
	return &shapes{Provider: types.NewEmptyRegistry(), byName: map[string]*shape{}, byKey: map[string]*shape{}}
}

func (s *shapes) object(t *Type, path string, depth int) (*types.Type, error) {
	fields := make(map[string]*types.FieldType, len(t.Fields))
	var key strings.Builder
	for _, name := range slices.Sorted(maps.Keys(t.Fields)) {
		ft, err := s.field(t.Fields[name], path+"."+name, name, depth+1)
		if err != nil {
			return nil, err
		}
		fields[name] = ft
		fmt.Fprintf(&key, "%s:%s;", name, ft.Type)
	}
	if len(fields) == 0 { // it may get fields of its own: see Env.Define
		key.WriteString(path)
	}
	if known := s.byKey[key.String()]; known != nil {
		return known.typ, nil
	}
	// No identifier has braces: a path of names is never taken for a type.
	name := "{" + path + "}"
	sh := &shape{display: t.Name, key: key.String(), typ: types.NewObjectType(name), fields: fields}
	if len(fields) == 0 {
		sh.open = map[string]*Program{}
	}
	if sh.display == "" {
		sh.display = path
	}
	s.byName[name], s.byKey[sh.key] = sh, sh
	return sh.typ, nil
}

// FindStructType implements types.Provider.
func (s *shapes) FindStructType(name string) (*types.Type, bool) {
	if sh := s.byName[name]; sh != nil {
		return types.NewTypeTypeWithParam(sh.typ), true
	}
	return s.Provider.FindStructType(name)
}

// FindStructFieldType implements types.Provider.
func (s *shapes) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	sh := s.byName[name]
	if sh == nil {
		return s.Provider.FindStructFieldType(name, field)
	}
	ft := sh.fields[field]
	if ft == nil {
		s.missed = append(s.missed, miss{sh, field})
	}
	return ft, ft != nil
}
