package expr

import (
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types/ref"
)

var wordsOfKind = map[Kind]string{String: "a text", Int: "a whole number", Number: "a number", Bool: "a condition", List: "a list",
	Map: "a map", Object: "an object", Dyn: "a value"}

// inWords names a type of the checker.
func (e *Env) inWords(t string) string {
	if s := e.shapes.byName[t]; s != nil {
		return "the object " + s.display
	}
	if inner, ok := strings.CutPrefix(t, "wrapper("); ok { // takes null too
		t = strings.TrimSuffix(inner, ")")
	}
	return typeInWords(t)
}

func typeInWords(t string) string {
	switch name, _, _ := strings.Cut(t, "("); name {
	case "string":
		return "a text"
	case "int":
		return "a whole number"
	case "double":
		return "a number"
	case "bool":
		return "a condition"
	case "list":
		return "a list"
	case "map":
		return "a map"
	case "null", "null_type":
		return "null"
	}
	return "a value of type " + t
}

// kindOf names the kind of a value.
func kindOf(v ref.Val) string {
	if isAbsent(v) {
		return "an absent value"
	}
	return typeInWords(v.Type().TypeName())
}

var signs = map[string]string{operators.Equals: "==", operators.NotEquals: "!=", operators.Less: "<", operators.LessEquals: "<=",
	operators.Greater: ">", operators.GreaterEquals: ">=", operators.Add: "+", operators.Subtract: "-", operators.Multiply: "*",
	operators.Divide: "/", operators.Modulo: "%", operators.Negate: "-", operators.LogicalAnd: "&&", operators.LogicalOr: "||",
	operators.LogicalNot: "!", operators.In: "in", operators.Index: "[]", operators.Conditional: "? :"}

// mismatch says that an operator or function does not take what it is given.
func (e *Env) mismatch(name, args string) string {
	given := e.eachInWords(args)
	if sign := signs[name]; sign != "" {
		return fmt.Sprintf("%s does not take %s", sign, given)
	}
	for _, f := range ours {
		if f.name == name {
			return fmt.Sprintf("%s(%s) does not take %s", name, strings.Join(f.params, ", "), given)
		}
	}
	return fmt.Sprintf("%s() does not take %s", name, given)
}

// eachInWords names the types in "(string, list(int))" and "string.(string)".
func (e *Env) eachInWords(args string) string {
	if target, rest, ok := strings.Cut(args, ".("); ok {
		args = "(" + target + ", " + rest
	}
	args = strings.TrimSuffix(strings.TrimPrefix(args, "("), ")")
	var out []string
	depth, start := 0, 0
	for i, r := range args + "," {
		switch r {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		case ',':
			if depth == 0 {
				if part := strings.TrimSpace(args[start:i]); part != "" {
					out = append(out, e.inWords(part))
				}
				start = i + 1
			}
		}
	}
	if len(out) == 0 {
		return "no arguments"
	}
	return strings.Join(out, " and ")
}

// inPlainWords says what a failed evaluation means. A cost limit, a division and
// our own errors speak for themselves.
func inPlainWords(err error) error {
	if m := err.Error(); strings.HasPrefix(m, "no such overload") {
		return fmt.Errorf("a value is absent or of another kind than the expression takes (%w)", err)
	}
	return err
}

var errAbsentCondition = errors.New("the condition is absent: ask has() first, or compare the value")

// hint proposes the known name that is nearest.
func hint(name string, known []string) string {
	best, distance := "", max(2, len(name)/3)+1
	for _, k := range known {
		if d := edits(strings.ToLower(name), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("; did you mean %s?", best)
	}
	if len(known) == 0 || len(known) > 12 {
		return ""
	}
	return "; there are " + strings.Join(known, ", ")
}

// edits is the distance of Levenshtein.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j]+1, row[j+1]+1, cost)
		}
	}
	return row[len(y)]
}
