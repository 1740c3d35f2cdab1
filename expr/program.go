package expr

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// Program is a compiled expression. It may be used by many goroutines.
type Program struct {
	Source string
	Refs   []string // dotted paths that it reads, as form.household.mode; sorted, each once

	roots map[string]*field
	cel   cel.Program
	tree  ast.Expr // what was checked

	info      *ast.SourceInfo
	condition bool // it has to decide
	kind      Kind // of the result
	unfolded  ast.Expr
	env       *Env
}

// Compile checks an expression and returns the program. Its result has to be of
// the type want, whose elements and fields are not compared; nil takes any. The
// error is an *Error.
func (e *Env) Compile(source string, want *Type) (*Program, error) {
	e.checking.Lock()
	defer e.checking.Unlock()
	key := compiled{source: source}
	if want != nil {
		key.want = want.Kind
	}
	if p := e.known[key]; p != nil {
		return p, nil
	}
	p, found := e.compile(source, want)
	if found != nil {
		return nil, found
	}
	e.known[key] = p
	return p, nil
}

// compiled names a program of an environment.
type compiled struct {
	source string
	want   Kind // empty: any
}

func (e *Env) compile(source string, want *Type) (*Program, error) {
	e.shapes.missed = nil
	parsed, issues := e.cel.Parse(source)
	if issues.Err() != nil {
		return nil, syntaxError(source, issues)
	}
	if found := refuseLiterals(source, parsed.NativeRep()); found != nil {
		return nil, found
	}
	openNull(parsed.NativeRep())
	checked, issues := e.cel.Check(parsed)
	if issues.Err() != nil {
		return nil, e.checkError(source, parsed.NativeRep(), issues)
	}
	tree := checked.NativeRep()
	if found := e.review(source, tree, want); found != nil {
		return nil, found
	}
	if found := e.tooCostly(source, checked); found != nil {
		return nil, found
	}
	program, err := e.cel.Program(checked, cel.CostLimit(e.limit), cel.CustomDecoratorV2(emptyIsAbsent))
	if err != nil {
		return nil, &Error{Kind: Typed, Source: source, Column: 1, Reason: err.Error()}
	}
	return &Program{Source: source, Refs: e.through(refs(tree.Expr())), roots: e.roots, cel: program, tree: tree.Expr(), unfolded: e.unfolded(tree.Expr()),
		info: tree.SourceInfo(), condition: want != nil && want.Kind == Bool, kind: kindFrom(tree.GetType(tree.Expr().ID())), env: e}, nil
}

// Eval returns the result as a plain Go value: nil, bool, int64, float64,
// string, []any or map[string]any. A variable that vars lacks is absent.
func (p *Program) Eval(vars map[string]any) (any, error) {
	v, err := p.eval(vars)
	if err != nil {
		return nil, err
	}
	out, err := plain(v)
	if err != nil {
		return nil, p.failed(err)
	}
	return out, nil
}

// Bool decides a condition. An absent value decides nothing: it is an error.
func (p *Program) Bool(vars map[string]any) (bool, error) {
	v, err := p.eval(vars)
	if err != nil {
		return false, err
	}
	if b, ok := v.(types.Bool); ok {
		return bool(b), nil
	}
	if isAbsent(v) {
		return false, p.failed(errAbsentCondition)
	}
	return false, p.failed(fmt.Errorf("the result is %s, where a condition is needed", kindOf(v)))
}

// String returns a text; an absent one is "".
func (p *Program) String(vars map[string]any) (string, error) {
	v, err := p.eval(vars)
	if err != nil {
		return "", err
	}
	if s, ok := v.(types.String); ok {
		return string(s), nil
	}
	if isAbsent(v) {
		return "", nil
	}
	return "", p.failed(fmt.Errorf("the result is %s, where a text is needed", kindOf(v)))
}

func (p *Program) eval(vars map[string]any) (ref.Val, error) {
	v, _, err := p.cel.Eval(activation{p.roots, vars})
	if err != nil {
		return nil, p.failed(err)
	}
	return v, nil
}

func (p *Program) failed(err error) error {
	return fmt.Errorf("evaluate %q: %w", p.Source, inPlainWords(err))
}

// activation reads variables as they were declared.
type activation struct {
	roots map[string]*field
	vars  map[string]any
}

// ResolveName implements interpreter.Activation.
func (a activation) ResolveName(name string) (any, bool) {
	root := a.roots[name]
	if root == nil {
		return nil, false
	}
	v, err := root.read(a.vars[name])
	if err != nil {
		return types.WrapErr(err), true
	}
	return v, true
}

// Parent implements interpreter.Activation.
func (activation) Parent() interpreter.Activation { return nil }

// emptyIsAbsent makes null the absent value, and lets two values be equal when
// both are empty, wherever they come from.
func emptyIsAbsent(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	switch i := i.(type) {
	case interpreter.InterpretableConst:
		if i.Value() == types.NullValue {
			return interpreter.NewConstValue(i.ID(), absent), nil
		}
	case interpreter.InterpretableCall:
		if do := comparisons[i.Function()]; do != nil {
			return interpreter.NewCall(i.ID(), i.Function(), i.OverloadID(), i.Args(),
				func(args ...ref.Val) ref.Val { return do(args[0], args[1]) }), nil
		}
	}
	return i, nil
}

var comparisons = map[string]func(a, b ref.Val) ref.Val{
	operators.Equals:    func(a, b ref.Val) ref.Val { return types.Bool(same(a, b)) },
	operators.NotEquals: func(a, b ref.Val) ref.Val { return types.Bool(!same(a, b)) },
	operators.In:        isIn,
}

// refs are the paths that an expression reads. What an iteration names is not
// one of them; what it iterates over is.
func refs(root ast.Expr) []string {
	var out []string
	local := map[string]int{}
	var walk func(ast.Expr)
	walk = func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind, ast.SelectKind:
			name, path, ok := dotted(e)
			if !ok {
				walk(e.AsSelect().Operand())
			} else if local[name] == 0 {
				out = append(out, path)
			}
		case ast.CallKind:
			if e.AsCall().IsMemberFunction() {
				walk(e.AsCall().Target())
			}
			for _, arg := range e.AsCall().Args() {
				walk(arg)
			}
		case ast.ListKind:
			for _, item := range e.AsList().Elements() {
				walk(item)
			}
		case ast.MapKind:
			for _, entry := range e.AsMap().Entries() {
				walk(entry.AsMapEntry().Key())
				walk(entry.AsMapEntry().Value())
			}
		case ast.ComprehensionKind:
			c := e.AsComprehension()
			walk(c.IterRange())
			walk(c.AccuInit())
			names := []string{c.IterVar(), c.IterVar2(), c.AccuVar()}
			for _, n := range names {
				local[n]++
			}
			walk(c.LoopCondition())
			walk(c.LoopStep())
			walk(c.Result())
			for _, n := range names {
				local[n]--
			}
		}
	}
	walk(root)
	slices.Sort(out)
	return slices.Compact(out)
}

// dotted is the path of names that an expression consists of, and its first name.
func dotted(e ast.Expr) (name, path string, ok bool) {
	if e.Kind() == ast.IdentKind {
		return e.AsIdent(), e.AsIdent(), true
	}
	if e.Kind() != ast.SelectKind {
		return "", "", false
	}
	name, path, ok = dotted(e.AsSelect().Operand())
	return name, path + "." + e.AsSelect().FieldName(), ok
}
