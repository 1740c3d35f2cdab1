package expr

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
)

// Bounds of every expression. What the sizes of lists and texts are taken for in
// advance is in cost.go.
const (
	costLimit  = 10_000 // in CEL's units, in advance and at run time
	sizeLimit  = 4_000  // characters
	depthLimit = 60     // brackets within brackets
)

// Env compiles expressions over declared variables. It may be used by many goroutines.
type Env struct {
	vars   map[string]*Type
	roots  map[string]*field // by variable
	cel    *cel.Env
	limit  uint64 // of the cost
	shapes *shapes

	checking sync.Mutex // shapes.missed belongs to one check at a time; it guards known too
	known    map[compiled]*Program
	defined  map[string]*Program // by path; see Define
}

// Allow lets expressions cost so much, in CEL's units, in place of the usual limit:
// where no citizen waits for them. It is set before anything is compiled.
func (e *Env) Allow(cost uint64) { e.limit = cost }

// NewEnv returns an environment in which the given variables exist.
func NewEnv(vars map[string]*Type) (*Env, error) {
	e := &Env{vars: maps.Clone(vars), roots: make(map[string]*field, len(vars)), shapes: newShapes(), limit: costLimit, known: map[compiled]*Program{}, defined: map[string]*Program{}}
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(subset)),
		cel.CustomTypeProvider(e.shapes),
		cel.CustomTypeAdapter(adapter{}),
		cel.ParserExpressionSizeLimit(sizeLimit),
		cel.ParserRecursionLimit(depthLimit),
		cel.CrossTypeNumericComparisons(true),
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		t, err := e.shapes.celType(vars[name], name, 0)
		if err != nil {
			return nil, fmt.Errorf("declare %s: %w", name, err)
		}
		e.roots[name] = newField(vars[name], name)
		options = append(options, cel.Variable(name, t))
	}
	var err error
	if e.cel, err = cel.NewCustomEnv(append(options, functions()...)...); err != nil {
		return nil, fmt.Errorf("declare variables: %w", err)
	}
	return e, nil
}

// celType is the checker's type of a Type, nil standing for any. Every value may
// be absent, so every type takes null.
func (s *shapes) celType(t *Type, path string, depth int) (*types.Type, error) {
	if depth > 32 {
		return nil, fmt.Errorf("the type %s contains itself", path)
	}
	if t == nil {
		return types.DynType, nil
	}
	switch t.Kind {
	case String:
		return types.NewNullableType(types.StringType), nil
	case Int:
		return types.NewNullableType(types.IntType), nil
	case Number:
		return types.NewNullableType(types.DoubleType), nil
	case Bool:
		return types.NewNullableType(types.BoolType), nil
	case Dyn:
		return types.DynType, nil
	case List, Map:
		elem, err := s.celType(t.Elem, path+"[]", depth+1)
		if err != nil {
			return nil, err
		}
		if t.Kind == List {
			return types.NewNullableType(types.NewListType(elem)), nil
		}
		return types.NewNullableType(types.NewMapType(types.StringType, elem)), nil
	case Object:
		return s.object(t, path, depth)
	}
	return nil, fmt.Errorf("%s has no known kind: %q", path, t.Kind)
}
