package expr

import (
	"fmt"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
)

// print writes an expression so that two that compute the same way read the
// same, whatever their spaces and quotes.
func print(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent()
	case ast.SelectKind:
		return print(e.AsSelect().Operand()) + "." + e.AsSelect().FieldName()
	case ast.LiteralKind:
		v, known := literalOf(e.AsLiteral())
		if s, ok := v.(string); ok {
			return strconv.Quote(s)
		}
		if known && v == nil {
			return "null"
		}
		return fmt.Sprint(e.AsLiteral().Value())
	case ast.CallKind:
		c := e.AsCall()
		args := each(c.Args())
		if c.IsMemberFunction() {
			return print(c.Target()) + "." + c.FunctionName() + "(" + args + ")"
		}
		return c.FunctionName() + "(" + args + ")"
	case ast.ListKind:
		return "[" + each(e.AsList().Elements()) + "]"
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		return "each(" + c.IterVar() + "," + each([]ast.Expr{c.IterRange(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()}) + ")"
	case ast.MapKind:
		var out []string
		for _, entry := range e.AsMap().Entries() {
			out = append(out, print(entry.AsMapEntry().Key())+":"+print(entry.AsMapEntry().Value()))
		}
		return "{" + strings.Join(out, ",") + "}"
	}
	return fmt.Sprintf("expression %d", e.ID())
}

func each(list []ast.Expr) string {
	var out []string
	for _, e := range list {
		out = append(out, print(e))
	}
	return strings.Join(out, ",")
}
