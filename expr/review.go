package expr

import (
	"fmt"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// refuseLiterals: definitions make no objects, and no variable holds bytes or
// unsigned numbers.
func refuseLiterals(source string, tree *ast.AST) *Error {
	var found *Error
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		reason := ""
		switch e.Kind() {
		case ast.StructKind:
			reason = "objects cannot be made in an expression"
		case ast.LiteralKind:
			switch e.AsLiteral().(type) {
			case types.Bytes, types.Uint:
				reason = "write texts as 'text' and numbers as 12 or 1.5, without a letter beside them"
			}
		}
		if reason != "" && found == nil {
			found = &Error{Kind: Syntax, Source: source, Column: columnOf(source, tree, e.ID()), Reason: reason}
		}
	}))
	return found
}

// review refuses what CEL would take: an iteration within another, addresses
// that are none, a result of another kind than is wanted.
func (e *Env) review(source string, tree *ast.AST, want *Type) *Error {
	var found *Error
	at := func(kind Mistake, x ast.Expr, reason string) {
		if found == nil {
			found = &Error{Kind: kind, Source: source, Column: nameColumn(source, columnOf(source, tree, x.ID())), Reason: reason}
		}
	}
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		switch {
		case x.Kind() == ast.ComprehensionKind:
			c := x.AsComprehension()
			for _, body := range []ast.Expr{c.LoopCondition(), c.LoopStep(), c.Result()} {
				if inner := firstIteration(body); inner != nil {
					at(Costly, inner, "an iteration cannot stand within another one: filter first, then map")
				}
			}
		case x.Kind() == ast.CallKind && x.AsCall().FunctionName() == "sameAddress":
			for _, arg := range x.AsCall().Args() {
				if t := tree.GetType(arg.ID()); !e.mayBeAddress(t) {
					at(Typed, arg, fmt.Sprintf("%s is not an address", e.inWords(t.String())))
				}
			}
		}
	}))
	if found == nil && want != nil {
		if t := tree.GetType(tree.Expr().ID()); !fits(t, want.Kind) {
			at(Typed, tree.Expr(), fmt.Sprintf("the result is %s, where %s is needed", e.inWords(t.String()), wordsOfKind[want.Kind]))
			found.Column = 1
		}
	}
	return found
}

func firstIteration(e ast.Expr) (found ast.Expr) {
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(x ast.Expr) {
		if found == nil && x.Kind() == ast.ComprehensionKind {
			found = x
		}
	}))
	return found
}

func (e *Env) mayBeAddress(t *types.Type) bool {
	switch t.Kind() {
	case types.DynKind, types.MapKind, types.NullTypeKind:
		return true
	}
	s := e.shapes.byName[t.TypeName()]
	return s != nil && s.fields["province"] != nil && s.fields["commune"] != nil && s.fields["line"] != nil
}

func fits(t *types.Type, want Kind) bool {
	switch t.Kind() {
	case types.DynKind, types.TypeParamKind:
		return true
	case types.NullTypeKind:
		return want != Bool
	case types.StringKind:
		return want == String || want == Dyn
	case types.IntKind:
		return want == Int || want == Number || want == Dyn
	case types.DoubleKind:
		return want == Number || want == Dyn
	case types.BoolKind:
		return want == Bool || want == Dyn
	case types.ListKind:
		return want == List || want == Dyn
	case types.MapKind, types.StructKind:
		return want == Map || want == Object || want == Dyn
	}
	return false
}
