package expr

import (
	"fmt"
	"strconv"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// counted marks, before its name, a variable that runs over range(): it is not
// below 0.
const counted = ">= 0 "

// reaches tells whether a place within a list, or a key of a map, is there
// whatever the case: it is written out, or bounded from both sides.
func (w *guards) reaches(container, place ast.Expr, k present) bool {
	_, path, ok := dotted(container)
	if !ok {
		return false
	}
	if v, constant := constantOf(place); constant {
		if n, ok := v.(float64); ok {
			return n >= 0 && w.sure(path+"."+strconv.Itoa(int(n)))
		}
		return w.sure(path + "." + fmt.Sprint(v))
	}
	most, bounded := atMost(place)
	return bounded && notNegative(place, k) && w.sure(path+"."+strconv.Itoa(most))
}

func calls(e ast.Expr, function string) bool {
	return e.Kind() == ast.CallKind && e.AsCall().FunctionName() == function
}

// atMost is a bound that the value of a whole number never exceeds.
func atMost(e ast.Expr) (int, bool) {
	if v, ok := constantOf(e); ok {
		n, whole := v.(float64)
		return int(n), whole
	}
	name, args := call(e)
	if name != "least" {
		return 0, false
	}
	a, okA := atMost(args[0])
	b, okB := atMost(args[1])
	switch {
	case okA && okB:
		return min(a, b), true
	case okA:
		return a, true
	}
	return b, okB
}

// notNegative tells whether a whole number is 0 or more for certain.
func notNegative(e ast.Expr, k present) bool {
	if v, ok := constantOf(e); ok {
		n, whole := v.(float64)
		return whole && n >= 0
	}
	if e.Kind() == ast.IdentKind {
		return k[counted+e.AsIdent()]
	}
	switch name, args := call(e); name {
	case "least", operators.Add, operators.Multiply, operators.Divide:
		return notNegative(args[0], k) && notNegative(args[1], k)
	case "most":
		return notNegative(args[0], k) || notNegative(args[1], k)
	case "size":
		return true
	}
	return false
}
