package expr

import (
	"fmt"
	"strconv"
	"strings"

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
			return n >= 0 && w.there(path+"."+strconv.Itoa(int(n)), k)
		}
		return w.there(path+"."+fmt.Sprint(v), k)
	}
	most, bounded := atMost(place)
	return bounded && notNegative(place, k) && w.there(path+"."+strconv.Itoa(most), k)
}

// there tells whether a path is never absent. What has been asked for bears a
// mark when sure is asked about what lies below it: `tables.wage!.I`.
func (w *guards) there(path string, k present) bool {
	if w.sure(path) {
		return true
	}
	for i := len(path) - 1; i > 0; i-- {
		if (path[i] == '.' || path[i] == '[') && k[path[:i]] {
			return w.sure(path[:i] + "!" + path[i:])
		}
	}
	return false
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
	if name != "least" && name != "most" {
		return 0, false
	}
	a, okA := atMost(args[0])
	b, okB := atMost(args[1])
	switch {
	case name == "most":
		return max(a, b), okA && okB
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

// runs notes what the variable of an iteration stands for.
func (w *guards) runs(c ast.ComprehensionExpr) {
	if w.items == nil {
		w.items = map[string]string{}
	}
	delete(w.items, c.IterVar())
	if path, ok := w.listPath(c.IterRange()); ok {
		w.items[c.IterVar()] = path + "[]"
	}
}

// full is a path with what its variable stands for.
func (w *guards) full(path string) string {
	name, rest, deeper := strings.Cut(path, ".")
	if of := w.items[name]; of != "" && deeper {
		return of + "." + rest
	}
	return path
}

// listPath is the path of the list that a value, or the list it was filtered
// from, is.
func (w *guards) listPath(e ast.Expr) (string, bool) {
	if _, path, ok := dotted(e); ok {
		return w.full(path), true
	}
	if e.Kind() == ast.ComprehensionKind {
		c := e.AsComprehension()
		if name, args := call(c.LoopStep()); name == operators.Conditional && isFilter(c, args[1]) {
			return w.listPath(c.IterRange())
		}
	}
	if calls(e, "sort") {
		return w.listPath(e.AsCall().Args()[0])
	}
	return "", false
}

// isFilter tells whether a step adds the item itself: filter, not map.
func isFilter(c ast.ComprehensionExpr, step ast.Expr) bool {
	name, args := call(step)
	if name != operators.Add || args[1].Kind() != ast.ListKind {
		return false
	}
	added := args[1].AsList().Elements()
	return len(added) == 1 && added[0].Kind() == ast.IdentKind && added[0].AsIdent() == c.IterVar()
}

// sureOf tells whether a field of an item, taken from a list by its place, is
// there whenever the item is.
func (w *guards) sureOf(e ast.Expr, k present) bool {
	below := ""
	for e.Kind() == ast.SelectKind {
		below = "." + e.AsSelect().FieldName() + below
		e = e.AsSelect().Operand()
	}
	if !calls(e, "nth") && !calls(e, operators.Index) {
		return false
	}
	path, ok := w.listPath(e.AsCall().Args()[0])
	return ok && w.there(path+"[]"+below, k)
}

// summed reports an item that may be absent among those that are added.
func (w *guards) summed(list ast.Expr, k present) {
	w.absent(list, k)
	if list.Kind() == ast.ListKind {
		for _, item := range list.AsList().Elements() {
			w.need(item, k, "is added")
		}
	}
	if list.Kind() != ast.ComprehensionKind {
		return
	}
	c := list.AsComprehension()
	w.runs(c)
	k = k.with(present{c.IterVar(): true, c.AccuVar(): true, counted + c.IterVar(): calls(c.IterRange(), "range")})
	step := c.LoopStep()
	if name, args := call(step); name == operators.Conditional {
		k = k.with(w.follows(args[0], k, true))
		step = args[1]
	}
	if name, args := call(step); name == operators.Add && args[1].Kind() == ast.ListKind {
		w.summed(args[1], k)
	}
}
