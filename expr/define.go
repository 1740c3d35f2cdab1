package expr

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/hoso-gov/hoso/logic"
)

// A Computed object has fields that are found when they are read: an error is
// that of the expression which reads it. Its Get is called by one goroutine at
// a time.
type Computed interface {
	Get(name string) (any, error)
}

// Define adds a field to a variable that was declared as an object without
// fields. by is the expression that computes it, nil when nothing of the case
// does: what by reads, everything reads that reads the field. Expressions that
// were compiled before do not know it.
func (e *Env) Define(variable, name string, t *Type, by *Program) error {
	e.checking.Lock()
	defer e.checking.Unlock()
	s := e.shapes.byName["{"+variable+"}"]
	if s == nil || s.open == nil {
		return fmt.Errorf("define %s.%s: %s was declared with fields of its own", variable, name, variable)
	}
	if s.fields[name] != nil {
		return fmt.Errorf("define %s.%s: it is defined already", variable, name)
	}
	path := variable + "." + name
	ft, err := e.shapes.field(t, path, name, 1)
	if err != nil {
		return fmt.Errorf("define %s: %w", path, err)
	}
	s.fields[name] = ft
	s.open[name] = by
	e.defined[path] = by
	return nil
}

// field is a field of an object for the checker, and how its value is read.
func (s *shapes) field(t *Type, path, name string, depth int) (*types.FieldType, error) {
	ft, err := s.celType(t, path, depth)
	if err != nil {
		return nil, err
	}
	f := newField(t, path)
	return &types.FieldType{Type: ft,
		IsSet: func(target any) bool {
			v, err := f.of(target, name)
			return err == nil && !isEmpty(v)
		},
		GetFrom: func(target any) (any, error) {
			v, err := f.of(target, name)
			if err != nil {
				return nil, err
			}
			return f.read(v)
		}}, nil
}

// through adds to paths what the defined ones among them read.
func (e *Env) through(paths []string) []string {
	if len(e.defined) == 0 {
		return paths
	}
	out := slices.Clone(paths)
	for _, path := range paths {
		for name, by := range e.defined {
			if by != nil && (path == name || strings.HasPrefix(path, name+".")) {
				out = append(out, by.Refs...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Kind is the kind of the result as it was checked: Dyn where only the value tells.
func (p *Program) Kind() Kind { return p.kind }

func kindFrom(t *types.Type) Kind {
	switch t.Kind() {
	case types.StringKind:
		return String
	case types.IntKind:
		return Int
	case types.DoubleKind:
		return Number
	case types.BoolKind:
		return Bool
	case types.ListKind:
		return List
	case types.MapKind:
		return Map
	case types.StructKind:
		return Object
	}
	return Dyn
}

// reads names in each literal of a formula what it reads by defined fields.
func (e *Env) reads(f *logic.Formula) *logic.Formula {
	if len(e.defined) == 0 {
		return f
	}
	return f.Map(func(l logic.Literal) *logic.Formula {
		l.Refs = e.through(slices.Clone(l.Refs))
		return logic.Is(l)
	})
}

// unfoldLimit is how many parts an expression may have and still be put in
// place of its name.
const unfoldLimit = 300

// unfolded is the expression with each defined condition in place of its name:
// so that what is proved of conditions knows what they say.
func (e *Env) unfolded(tree ast.Expr) ast.Expr {
	if len(e.defined) == 0 {
		return tree
	}
	factory := ast.NewExprFactory()
	out := factory.CopyExpr(tree)
	ast.PostOrderVisit(out, ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() != ast.SelectKind {
			return
		}
		if _, path, ok := dotted(x); ok {
			if by := e.defined[path]; by != nil && by.kind == Bool && size(by.unfolded) <= unfoldLimit {
				x.SetKindCase(factory.CopyExpr(by.unfolded))
			}
		}
	}))
	return out
}

func size(e ast.Expr) int {
	n := 0
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(ast.Expr) { n++ }))
	return n
}
