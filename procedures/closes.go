package procedures

import (
	"slices"
	"strings"
)

// closesOn tells whether a condition is surely false while the subject's
// record is fetched. It reads the form of the expression: what it cannot tell,
// it takes for open.
func closesOn(source, subject string) bool {
	flat := strings.ReplaceAll(strings.Join(strings.Fields(source), ""), `"`, "'")
	return surely(flat, "sources."+subject, false)
}

// surely tells whether e is surely want when the state called name is 'fetched'.
func surely(e, name string, want bool) bool {
	if cond, then, other, ok := ternary(e); ok {
		return surely(cond, name, true) && surely(then, name, want) || surely(cond, name, false) && surely(other, name, want) ||
			surely(then, name, want) && surely(other, name, want)
	}
	sure := func(part string) bool { return surely(part, name, want) }
	unsure := func(part string) bool { return !surely(part, name, want) }
	if parts := splitTop(e, "||"); len(parts) > 1 {
		if want {
			return slices.ContainsFunc(parts, sure)
		}
		return !slices.ContainsFunc(parts, unsure)
	}
	if parts := splitTop(e, "&&"); len(parts) > 1 {
		if want {
			return !slices.ContainsFunc(parts, unsure)
		}
		return slices.ContainsFunc(parts, sure)
	}
	if inner, ok := strings.CutPrefix(e, "!"); ok {
		return surely(inner, name, !want)
	}
	if inner, ok := unwrap(e); ok {
		return surely(inner, name, want)
	}
	truth, known := onFetched(e, name)
	return known && truth == want
}

// onFetched evaluates a comparison of the state, given that it is 'fetched'.
func onFetched(e, name string) (truth, known bool) {
	for _, op := range []string{"==", "!="} {
		left, right, ok := strings.Cut(e, op)
		if !ok {
			continue
		}
		if right == name {
			left, right = right, left
		}
		if left != name || len(right) < 2 || right[0] != '\'' || strings.Count(right, "'") != 2 {
			return false, false
		}
		return (right == "'fetched'") == (op == "=="), true
	}
	if list, ok := strings.CutPrefix(e, name+"in["); ok && strings.HasSuffix(list, "]") {
		return slices.Contains(strings.Split(strings.TrimSuffix(list, "]"), ","), "'fetched'"), true
	}
	return e == "true", e == "true" || e == "false"
}

// splitTop splits at an operator that stands in no brackets and no quotes.
func splitTop(e, op string) []string {
	var parts []string
	from := 0
	eachTop(e, func(i int) {
		if i >= from && strings.HasPrefix(e[i:], op) {
			parts = append(parts, e[from:i])
			from = i + len(op)
		}
	})
	return append(parts, e[from:])
}

// ternary takes a condition apart: cond ? then : other.
func ternary(e string) (cond, then, other string, ok bool) {
	question, colon, open := -1, -1, 0
	eachTop(e, func(i int) {
		switch {
		case e[i] == '?':
			if question < 0 {
				question = i
			} else {
				open++
			}
		case e[i] == ':' && question >= 0 && colon < 0:
			if open == 0 {
				colon = i
			} else {
				open--
			}
		}
	})
	if question < 0 || colon < 0 {
		return "", "", "", false
	}
	return e[:question], e[question+1 : colon], e[colon+1:], true
}

// unwrap takes off brackets around the whole.
func unwrap(e string) (string, bool) {
	if len(e) < 2 || e[0] != '(' || e[len(e)-1] != ')' {
		return "", false
	}
	closes := -1
	depth, quote := 0, false
	for i := range len(e) {
		switch {
		case e[i] == '\'':
			quote = !quote
		case quote:
		case e[i] == '(':
			depth++
		case e[i] == ')':
			if depth--; depth == 0 && closes < 0 {
				closes = i
			}
		}
	}
	return e[1 : len(e)-1], closes == len(e)-1
}

// eachTop visits the bytes that stand in no brackets and no quotes.
func eachTop(e string, visit func(i int)) {
	depth, quote := 0, false
	for i := range len(e) {
		switch c := e[i]; {
		case c == '\'':
			quote = !quote
		case quote:
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case depth == 0:
			visit(i)
		}
	}
}
