package expr

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// subset is what stays of CEL's standard library: no clock, no time zones, no
// regular expressions (they belong into the form's schema), nothing that would
// loosen a type.
var subset = &env.LibrarySubset{
	IncludeMacros: []string{operators.All, operators.Exists, operators.ExistsOne, operators.Filter, operators.Map},
	IncludeFunctions: []*env.Function{
		env.NewFunction(operators.Conditional), env.NewFunction(operators.LogicalAnd),
		env.NewFunction(operators.LogicalOr), env.NewFunction(operators.LogicalNot),
		env.NewFunction(operators.NotStrictlyFalse), // what exists and all are made of
		env.NewFunction(operators.Equals), env.NewFunction(operators.NotEquals),
		env.NewFunction(operators.Less), env.NewFunction(operators.LessEquals),
		env.NewFunction(operators.Greater), env.NewFunction(operators.GreaterEquals),
		env.NewFunction(operators.Add), env.NewFunction(operators.Subtract), env.NewFunction(operators.Multiply),
		env.NewFunction(operators.Divide), env.NewFunction(operators.Modulo), env.NewFunction(operators.Negate),
		env.NewFunction(operators.Index), env.NewFunction(operators.In), env.NewFunction(overloads.Size),
		env.NewFunction(overloads.Contains), env.NewFunction(overloads.StartsWith), env.NewFunction(overloads.EndsWith),
		env.NewFunction(overloads.TypeConvertString, &env.Overload{ID: overloads.IntToString},
			&env.Overload{ID: overloads.DoubleToString}, &env.Overload{ID: overloads.StringToString}),
		env.NewFunction(overloads.TypeConvertInt, &env.Overload{ID: overloads.StringToInt},
			&env.Overload{ID: overloads.DoubleToInt}, &env.Overload{ID: overloads.IntToInt}),
		env.NewFunction(overloads.TypeConvertDouble, &env.Overload{ID: overloads.IntToDouble},
			&env.Overload{ID: overloads.DoubleToDouble}),
	},
}

// function is one of ours. Absent arguments reach it, so that it can name them.
type function struct {
	name   string
	params []string // as messages call them
	args   []*types.Type
	result *types.Type
	do     func(args []ref.Val) (ref.Val, error)
	also   []function // for other types of arguments
}

var ours = slices.Concat(texts, figures, ofDate, workdays)

var texts = []function{
	{"age", []string{"birth", "on"}, dates, types.IntType, func(a []ref.Val) (ref.Val, error) { return span(a, fullYears) }, nil},
	{"months", []string{"a", "b"}, dates, types.IntType, func(a []ref.Val) (ref.Val, error) { return span(a, fullMonths) }, nil},
	{"days", []string{"a", "b"}, dates, types.IntType, func(a []ref.Val) (ref.Val, error) { return span(a, fullDays) }, nil},
	{"plusDays", []string{"d", "n"}, moved, types.StringType, func(a []ref.Val) (ref.Val, error) { return move(a, addDays) }, nil},
	{"plusMonths", []string{"d", "n"}, moved, types.StringType, func(a []ref.Val) (ref.Val, error) { return move(a, addMonths) }, nil},
	{"fold", []string{"s"}, dates[:1], types.StringType, foldText, nil},
	{"sameAddress", []string{"a", "b"}, []*types.Type{types.DynType, types.DynType}, types.BoolType, sameAddress, nil},
}

var (
	dates = []*types.Type{types.StringType, types.StringType}
	moved = []*types.Type{types.StringType, types.IntType}
)

// functions declares ours, has(), and what null is read as.
func functions() []cel.EnvOption {
	out := []cel.EnvOption{cel.Macros(hasMacro), cel.Function(nullFunction, cel.Overload("null_value", nil, types.DynType,
		cel.FunctionBinding(func(...ref.Val) ref.Val { return absent })))}
	for _, f := range ours {
		if len(f.also) == 0 {
			out = append(out, cel.Function(f.name, cel.SingletonFunctionBinding(f.call), cel.Overload(f.name, f.args, f.result)))
			continue
		}
		// Absent arguments reach ours, which the guards of the runtime would refuse.
		options := []cel.FunctionOpt{decls.DisableTypeGuards(true)}
		for i, o := range append([]function{f}, f.also...) {
			options = append(options, cel.Overload(fmt.Sprintf("%s_%d", f.name, i), o.args, o.result, cel.FunctionBinding(o.call)))
		}
		out = append(out, cel.Function(f.name, options...))
	}
	return out
}

func (f function) call(args ...ref.Val) ref.Val {
	for i, arg := range args {
		if !takesAbsent[f.name] && isAbsent(arg) {
			return types.NewErr("%s: %s is absent", f.name, f.params[i])
		}
	}
	v, err := f.do(args)
	if err != nil {
		return types.NewErr("%s: %v", f.name, err)
	}
	return v
}

const nullFunction = "@null"

// openNull lets null stand where any type may: beside == and !=, and as a result
// of ?:. CEL's own null goes with few types.
func openNull(tree *ast.AST) {
	factory := ast.NewExprFactory()
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		args := e.AsCall().Args()
		switch e.AsCall().FunctionName() {
		case operators.Equals, operators.NotEquals:
		case operators.Conditional:
			args = args[1:]
		default:
			return
		}
		for _, arg := range args {
			if arg.Kind() == ast.LiteralKind && arg.AsLiteral() == types.NullValue {
				arg.SetKindCase(factory.NewCall(arg.ID(), nullFunction))
			}
		}
	}))
}

// hasMacro makes has(x) of x != null: an empty value is not there either.
var hasMacro = cel.GlobalMacro(operators.Has, 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
	switch x := args[0]; {
	case x.Kind() == ast.SelectKind, x.Kind() == ast.IdentKind, calls(x, operators.Index), calls(x, "nth"):
		return f.NewCall(operators.NotEquals, x, f.NewLiteral(types.NullValue)), nil
	}
	return nil, f.NewError(args[0].ID(), "has() asks for a path, as has(form.section.question)")
})

// address is what sameAddress compares; false when a part is not known.
type address struct{ province, commune, line string }

func addressOf(v ref.Val) (a address, known bool, err error) {
	if isAbsent(v) {
		return a, false, nil
	}
	o, ok := v.(*object)
	if !ok {
		return a, false, fmt.Errorf("%s is not an address", kindOf(v))
	}
	for _, part := range []struct {
		name string
		to   *string
	}{{"province", &a.province}, {"commune", &a.commune}, {"line", &a.line}} {
		v := o.m[part.name]
		if isEmpty(v) {
			return a, false, nil
		}
		if *part.to, ok = text(v); !ok {
			return a, false, fmt.Errorf("%s of an address is not a text", part.name)
		}
	}
	return a, true, nil
}

// sameAddress compares the codes of province and commune, and the free lines by
// their words. An address that is absent, or lacks a part, is not known to be
// the same as any.
func sameAddress(args []ref.Val) (ref.Val, error) {
	a, known, err := addressOf(args[0])
	if err != nil {
		return nil, err
	}
	b, alsoKnown, err := addressOf(args[1])
	if err != nil {
		return nil, err
	}
	return types.Bool(known && alsoKnown && a.province == b.province && a.commune == b.commune && sameLine(a.line, b.line)), nil
}
