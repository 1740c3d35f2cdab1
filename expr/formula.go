package expr

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/hoso-gov/hoso/logic"
)

// Formula is a condition as package logic reads it: what compares a term with
// constants becomes a literal, and so does, as true or not, what cannot be
// taken apart. A condition that fails to evaluate is not told from one that may
// be true.
func (p *Program) Formula() *logic.Formula { return p.env.reads(formula(p.unfolded)) }

// A Branch is one of the values that an expression may have, with the condition
// under which it has it.
type Branch struct {
	When *logic.Formula
	Refs []string // what the value reads
	// Joined tells that the value is one path, a text, or several put together:
	// it is there whenever all of its paths are.
	Joined bool
	Empty  bool // the value is '' or null
}

// Branches takes the value apart at ?: into its cases.
func (p *Program) Branches() []Branch {
	out := branches(p.unfolded, logic.True)
	for i := range out {
		out[i].When, out[i].Refs = p.env.reads(out[i].When), p.env.through(out[i].Refs)
	}
	return out
}

func branches(e ast.Expr, when *logic.Formula) []Branch {
	if name, args := call(e); name == operators.Conditional {
		cond := formula(args[0])
		return append(branches(args[1], logic.And(when, cond)), branches(args[2], logic.And(when, logic.Not(cond)))...)
	}
	v, constant := constantOf(e)
	return []Branch{{When: when, Refs: refs(e), Joined: joined(e), Empty: constant && (v == nil || v == "")}}
}

func joined(e ast.Expr) bool {
	if name, args := call(e); name == operators.Add {
		return joined(args[0]) && joined(args[1])
	}
	if _, constant := constantOf(e); constant {
		return true
	}
	_, _, path := dotted(e)
	return path
}

func formula(e ast.Expr) *logic.Formula {
	if v, constant := constantOf(e); constant {
		if v == true {
			return logic.True
		}
		return logic.False
	}
	switch name, args := call(e); name {
	case operators.LogicalAnd:
		return logic.And(formula(args[0]), formula(args[1]))
	case operators.LogicalOr:
		return logic.Or(formula(args[0]), formula(args[1]))
	case operators.LogicalNot:
		return logic.Not(formula(args[0]))
	case operators.Conditional:
		cond := formula(args[0])
		return logic.Or(logic.And(cond, formula(args[1])), logic.And(logic.Not(cond), formula(args[2])))
	case operators.Equals:
		return equals(args[0], args[1])
	case operators.NotEquals:
		return logic.Not(equals(args[0], args[1]))
	case operators.In:
		if f := oneOf(args[0], args[1]); f != nil {
			return f
		}
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		if f := order(name, args[0], args[1]); f != nil {
			return f
		}
	}
	return is(e, true)
}

// is compares a term with values.
func is(e ast.Expr, values ...any) *logic.Formula {
	_, _, path := dotted(e)
	return logic.Is(logic.Literal{Term: print(e), Refs: refs(e), Path: path, Values: values})
}

func equals(a, b ast.Expr) *logic.Formula {
	if _, constant := constantOf(a); constant {
		a, b = b, a
	}
	if v, constant := constantOf(b); constant {
		if v == "" {
			v = nil
		}
		return is(a, v)
	}
	// Conditions that are compared are both true or both not.
	if isCondition(a) && isCondition(b) {
		x, y := formula(a), formula(b)
		return logic.Or(logic.And(x, y), logic.And(logic.Not(x), logic.Not(y)))
	}
	sides := []string{print(a), print(b)}
	slices.Sort(sides)
	reads := append(refs(a), refs(b)...)
	slices.Sort(reads)
	return logic.Is(logic.Literal{Term: strings.Join(sides, " == "), Refs: slices.Compact(reads), Values: []any{true}})
}

func isCondition(e ast.Expr) bool {
	name, _ := call(e)
	switch name {
	case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Equals, operators.NotEquals, operators.In,
		operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return true
	}
	return false
}

// oneOf is `a in [b, c]`; nil where the list is not written out.
func oneOf(e, list ast.Expr) *logic.Formula {
	if list.Kind() != ast.ListKind {
		return nil
	}
	var any []*logic.Formula
	for _, item := range list.AsList().Elements() {
		any = append(any, equals(e, item))
	}
	return logic.Or(any...)
}

// order is a comparison with a constant; nil for one of two terms.
func order(op string, a, b ast.Expr) *logic.Formula {
	ops := map[string]logic.Op{operators.Less: logic.Less, operators.LessEquals: logic.AtMost, operators.Greater: logic.More, operators.GreaterEquals: logic.AtLeast}
	turned := map[logic.Op]logic.Op{logic.Less: logic.More, logic.AtMost: logic.AtLeast, logic.More: logic.Less, logic.AtLeast: logic.AtMost}
	by := ops[op]
	if _, constant := constantOf(a); constant {
		a, b, by = b, a, turned[by]
	}
	v, constant := constantOf(b)
	if _, both := constantOf(a); !constant || both {
		return nil
	}
	switch v.(type) {
	case string, float64:
	default:
		return nil
	}
	_, _, path := dotted(a)
	return logic.Is(logic.Literal{Term: print(a), Refs: refs(a), Path: path, Op: by, Values: []any{v}})
}

func call(e ast.Expr) (name string, args []ast.Expr) {
	if e.Kind() != ast.CallKind || e.AsCall().IsMemberFunction() {
		return "", nil
	}
	return e.AsCall().FunctionName(), e.AsCall().Args()
}

// constantOf is a written value: nil, bool, string or float64.
func constantOf(e ast.Expr) (any, bool) {
	if name, _ := call(e); name == nullFunction {
		return nil, true
	}
	if name, args := call(e); name == operators.Negate {
		if n, ok := constantOf(args[0]); ok {
			if n, ok := n.(float64); ok {
				return -n, true
			}
		}
	}
	if e.Kind() != ast.LiteralKind {
		return nil, false
	}
	return literalOf(e.AsLiteral())
}

func literalOf(v ref.Val) (any, bool) {
	switch v := v.(type) {
	case types.Null:
		return nil, true
	case types.Bool:
		return bool(v), true
	case types.String:
		return string(v), true
	case types.Int:
		return float64(v), true
	case types.Double:
		return float64(v), true
	}
	return nil, false
}
