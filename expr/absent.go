package expr

import (
	"fmt"
	"maps"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
)

// Unguarded tells where an expression takes for granted what may be absent: it
// orders, calculates with or decides by a value without asking before whether
// it is there. Evaluating it then would be an error. sure names the paths that
// are never absent. The first mistake is returned; nil when there is none.
//
// What guards is a comparison that only a present value passes, to its left in
// && or ||, or in the condition of ?:
//
//	has(form.a.b) && form.a.b > 5     form.a.mode == 'x' ? … : …     form.a.b == null || form.a.b > 5
func (p *Program) Unguarded(sure func(path string) bool) *Error {
	w := &guards{p: p, sure: sure}
	if p.tree == nil {
		return nil
	}
	if p.condition {
		w.need(p.tree, nil, "decides")
	} else {
		w.absent(p.tree, nil)
	}
	return w.found
}

// Present tells whether the result is there for certain. sure is as for Unguarded.
func (p *Program) Present(sure func(path string) bool) bool {
	w := &guards{p: p, sure: sure}
	return !w.absent(p.tree, nil)
}

// Follows are the paths that are not absent once the condition has turned out
// to be truth. sure is as for Unguarded.
func (p *Program) Follows(truth bool, sure func(path string) bool) map[string]bool {
	w := &guards{p: p, sure: sure}
	return w.follows(p.tree, nil, truth)
}

// guards walks an expression with what is known to be present.
type guards struct {
	p     *Program
	sure  func(string) bool
	found *Error
	items map[string]string // by variable of an iteration: the path of what it runs over, with [] behind it
}

// present are the paths that are known not to be absent.
type present map[string]bool

func (k present) with(more present) present {
	if len(more) == 0 {
		return k
	}
	out := maps.Clone(k)
	if out == nil {
		out = present{}
	}
	maps.Copy(out, more)
	return out
}

// need reports e when it may be absent where it must not be.
func (w *guards) need(e ast.Expr, k present, verb string) {
	if !w.absent(e, k) || w.found != nil {
		return
	}
	what := "this"
	if _, path, ok := dotted(e); ok {
		what = path
	}
	start := w.p.info.GetStartLocation(first(e).ID())
	w.found = &Error{Kind: Loose, Source: w.p.Source, Column: nameColumn(w.p.Source, column(w.p.Source, start)),
		Reason: fmt.Sprintf("%s may be absent, and %s here: the command would be refused", what, verb)}
}

// first is the leftmost part of a path: where it begins in the text.
func first(e ast.Expr) ast.Expr {
	for e.Kind() == ast.SelectKind {
		e = e.AsSelect().Operand()
	}
	return e
}

// absent walks e and tells whether its value may be absent.
func (w *guards) absent(e ast.Expr, k present) bool {
	switch e.Kind() {
	case ast.IdentKind, ast.SelectKind:
		if _, path, ok := dotted(e); ok {
			return !k[path] && !w.there(w.full(path), k)
		}
		item := w.absent(e.AsSelect().Operand(), k)
		return !k[print(e)] && (item || !w.sureOf(e, k))
	case ast.ListKind:
		for _, item := range e.AsList().Elements() {
			w.absent(item, k)
		}
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		w.absent(c.IterRange(), k) // nothing to iterate over is no mistake
		w.runs(c)
		k = k.with(present{c.IterVar(): true, c.AccuVar(): true, counted + c.IterVar(): calls(c.IterRange(), "range")})
		w.absent(c.LoopStep(), k)
	case ast.CallKind:
		return w.call(e, k)
	case ast.LiteralKind:
		return e.AsLiteral().Value() == nil
	}
	return false
}

// verbs are the operators that an absent value is an error in.
var verbs = map[string]string{
	operators.Less: "is ordered", operators.LessEquals: "is ordered", operators.Greater: "is ordered", operators.GreaterEquals: "is ordered",
	operators.Add: "is calculated with", operators.Subtract: "is calculated with", operators.Multiply: "is calculated with",
	operators.Divide: "is calculated with", operators.Modulo: "is calculated with", operators.Negate: "is calculated with",
	overloads.Contains: "is searched", overloads.StartsWith: "is searched", overloads.EndsWith: "is searched",
	overloads.TypeConvertString: "is converted", overloads.TypeConvertInt: "is converted", overloads.TypeConvertDouble: "is converted",
	"age": "is counted with", "months": "is counted with", "days": "is counted with", "plusDays": "is counted with", "plusMonths": "is counted with",
	"year": "is counted with", "month": "is counted with", "day": "is counted with", "monthEnd": "is counted with", "range": "is counted with",
	"least": "is ordered", "most": "is ordered", "floor": "is calculated with", "ceil": "is calculated with", "round": "is calculated with",
}

func (w *guards) call(e ast.Expr, k present) bool {
	c := e.AsCall()
	args := c.Args()
	if c.IsMemberFunction() {
		args = append([]ast.Expr{c.Target()}, args...)
	}
	switch name := c.FunctionName(); name {
	case operators.LogicalAnd, operators.LogicalOr:
		w.need(args[0], k, "decides")
		w.need(args[1], k.with(w.follows(args[0], k, name == operators.LogicalAnd)), "decides")
	case operators.LogicalNot, operators.NotStrictlyFalse:
		w.need(args[0], k, "decides")
	case operators.Conditional:
		w.need(args[0], k, "decides")
		then := w.absent(args[1], k.with(w.follows(args[0], k, true)))
		other := w.absent(args[2], k.with(w.follows(args[0], k, false)))
		return then || other
	case nullFunction:
		return true
	case "sum":
		w.summed(args[0], k)
	default:
		for i, arg := range args {
			verb := verbs[name]
			if name == operators.Index && i == 1 {
				verb = "chooses an entry"
			}
			if verb != "" {
				w.need(arg, k, verb)
			} else {
				w.absent(arg, k)
			}
		}
		switch name {
		case operators.Index, "nth":
			return !k[print(e)] && !w.reaches(args[0], args[1], k)
		case "fold", "join", "plusWorkingDays":
			return true
		}
	}
	return false
}

// follows are the paths that are present when e turned out to be truth.
func (w *guards) follows(e ast.Expr, k present, truth bool) present {
	if e.Kind() != ast.CallKind {
		return nil
	}
	c := e.AsCall()
	args := c.Args()
	switch name := c.FunctionName(); name {
	case operators.LogicalNot:
		return w.follows(args[0], k, !truth)
	case operators.LogicalAnd, operators.LogicalOr:
		left, right := w.follows(args[0], k, truth), w.follows(args[1], k, truth)
		if truth == (name == operators.LogicalAnd) {
			return left.with(right)
		}
		maps.DeleteFunc(left, func(path string, _ bool) bool { return !right[path] })
		return left
	case operators.Equals, operators.NotEquals:
		return w.equal(args, k, truth == (name == operators.Equals))
	case operators.In:
		if truth {
			return w.paths(args[0])
		}
	case "sameAddress":
		if truth {
			return w.paths(args...)
		}
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return w.paths(args...) // else it had been an error
	case overloads.Contains, overloads.StartsWith, overloads.EndsWith:
		return w.paths(append(slices.Clone(args), c.Target())...)
	}
	return nil
}

// equal: what is not null is present, and so is what equals something present.
func (w *guards) equal(args []ast.Expr, k present, equal bool) present {
	quiet := &guards{p: w.p, sure: w.sure}
	for i, other := range []ast.Expr{args[1], args[0]} {
		null := other.Kind() == ast.CallKind && other.AsCall().FunctionName() == nullFunction ||
			other.Kind() == ast.LiteralKind && (other.AsLiteral().Value() == "" || quiet.absent(other, k))
		if null != equal && (null || !quiet.absent(other, k)) {
			return w.paths(args[i])
		}
	}
	return nil
}

// paths are the dotted ones among es, each with those that lead to it.
func (w *guards) paths(es ...ast.Expr) present {
	out := present{}
	for _, e := range es {
		for {
			if _, path, ok := dotted(e); ok {
				out[path] = true
			} else if e.Kind() == ast.SelectKind || calls(e, operators.Index) || calls(e, "nth") {
				out[print(e)] = true // a field of an item too: list[i].number
			}
			if e.Kind() != ast.SelectKind {
				break
			}
			e = e.AsSelect().Operand()
		}
	}
	return out
}
