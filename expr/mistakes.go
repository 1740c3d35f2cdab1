package expr

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
)

// column is the place of an error within the source, in characters from 1.
func column(source string, at common.Location) int {
	lines := strings.SplitAfter(source, "\n")
	col := at.Column() + 1
	for i := 0; i < at.Line()-1 && i < len(lines); i++ {
		col += len([]rune(lines[i]))
	}
	return max(1, col)
}

func columnOf(source string, tree *ast.AST, id int64) int {
	return column(source, tree.SourceInfo().GetStartLocation(id))
}

var expecting = regexp.MustCompile(`,? expecting .*$`)

func syntaxError(source string, issues *cel.Issues) *Error {
	if strings.TrimSpace(source) == "" {
		return &Error{Kind: Syntax, Source: source, Column: 1, Reason: "there is no expression"}
	}
	first := issues.Errors()[0]
	reason, _, _ := strings.Cut(strings.TrimPrefix(first.Message, "Syntax error: "), "\n")
	reason = expecting.ReplaceAllString(reason, "")
	kind := Syntax
	switch {
	case strings.HasPrefix(reason, "expression code point size"):
		kind, reason = Costly, fmt.Sprintf("the expression is longer than %d characters", sizeLimit)
	case strings.Contains(reason, "recursion limit"):
		kind, reason = Costly, fmt.Sprintf("the expression has more than %d brackets within brackets", depthLimit)
	case strings.Contains(reason, "<EOF>"):
		reason = "the expression breaks off: something is missing at its end"
	case strings.Contains(reason, "token recognition error at: '''"), strings.Contains(reason, "token recognition error at: '\"'"),
		strings.HasPrefix(reason, "token recognition error at: ''"), strings.HasPrefix(reason, "token recognition error at: '\""):
		reason = "a quoted text is not closed"
	case strings.HasPrefix(reason, "token recognition error at: "):
		reason = "the sign " + strings.TrimPrefix(reason, "token recognition error at: ") + " means nothing in an expression"
	case strings.HasPrefix(reason, "mismatched input "), strings.HasPrefix(reason, "extraneous input "):
		_, sign, _ := strings.Cut(reason, "input ")
		reason = sign + " cannot stand here"
	}
	return &Error{Kind: kind, Source: source, Column: column(source, first.Location), Reason: reason}
}

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	unknown    = regexp.MustCompile(`^undefined field '([^']*)'`)
	noOverload = regexp.MustCompile(`^found no matching overload for '(.*)' applied to '(.*)'$`)
	noFields   = regexp.MustCompile(`^type '(.*)' does not support field selection$`)
	noRange    = regexp.MustCompile(`^expression of type '(.*)' cannot be range of a comprehension`)
	otherType  = regexp.MustCompile(`^expected type '(.*)' but found '(.*)'$`)
)

// checkError says what the checker found in an author's words.
func (e *Env) checkError(source string, tree *ast.AST, issues *cel.Issues) *Error {
	first := issues.Errors()[0]
	out := &Error{Kind: Typed, Source: source, Column: nameColumn(source, column(source, first.Location)), Reason: first.Message}
	if m := undeclared.FindStringSubmatch(first.Message); m != nil {
		name := strings.TrimPrefix(m[1], ".")
		what, known := "variable", slices.Sorted(maps.Keys(e.vars))
		out.Kind = Unknown
		if node := nodeOf(tree, first.ExprID); node != nil && node.Kind() == ast.CallKind {
			what, known, out.Kind = "function", functionNames(), Typed
		}
		out.Reason = fmt.Sprintf("there is no %s %s%s", what, name, hint(name, known))
		if reason := impure[name]; reason != "" {
			out.Kind, out.Reason = Impure, reason
		}
	} else if m := unknown.FindStringSubmatch(first.Message); m != nil {
		out.Kind, out.Reason = Unknown, e.missing(m[1])
		out.Column++ // the checker points at the dot
	} else if m := noOverload.FindStringSubmatch(first.Message); m != nil {
		out.Reason = e.mismatch(m[1], m[2])
	} else if m := noFields.FindStringSubmatch(first.Message); m != nil {
		out.Reason = fmt.Sprintf("%s has no fields", e.inWords(m[1]))
		out.Column++
	} else if m := noRange.FindStringSubmatch(first.Message); m != nil {
		out.Reason = fmt.Sprintf("%s cannot be iterated over: a list is needed", e.inWords(m[1]))
	} else if m := otherType.FindStringSubmatch(first.Message); m != nil {
		out.Reason = fmt.Sprintf("this is %s, where %s is needed", e.inWords(m[2]), e.inWords(m[1]))
	}
	return out
}

// impure are names by which authors look for what no expression has.
var impure = map[string]string{
	"now": noClock, "timestamp": noClock, "duration": noClock, "time": noClock, "date": noClock,
	"random": noChance, "rand": noChance, "uuid": noChance,
	"env": noWorld, "http": noWorld, "get": noWorld, "fetch": noWorld, "lookup": noWorld,
}

const (
	noClock  = "an expression has no clock: today is the day of the command, case.filedOn that of filing"
	noChance = "an expression has no chance in it: it must decide the same whenever it is evaluated again"
	noWorld  = "an expression asks nobody: declare a subject, whose record is read before"
)

// missing says what an object has instead of a field.
func (e *Env) missing(field string) string {
	for _, m := range e.shapes.missed {
		if m.field == field {
			return fmt.Sprintf("%s has no %s%s", m.in.display, field, hint(field, slices.Sorted(maps.Keys(m.in.fields))))
		}
	}
	return "there is no field " + field
}

// nameColumn moves from the bracket of a call, where CEL sees it, to its name.
func nameColumn(source string, col int) int {
	runes := []rune(source)
	if col > len(runes) || runes[col-1] != '(' {
		return col
	}
	i := col - 1
	for i > 0 && unicode.IsSpace(runes[i-1]) {
		i--
	}
	end := i
	for i > 0 && (unicode.IsLetter(runes[i-1]) || unicode.IsDigit(runes[i-1]) || runes[i-1] == '_') {
		i--
	}
	if i == end {
		return col
	}
	return i + 1
}

func nodeOf(tree *ast.AST, id int64) ast.Expr {
	var found ast.Expr
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.ID() == id {
			found = e
		}
	}))
	return found
}

func functionNames() []string {
	out := []string{"size", "has", "string", "int", "double", "contains", "startsWith", "endsWith"}
	for _, f := range ours {
		out = append(out, f.name)
	}
	slices.Sort(out)
	return out
}
