package logic

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func eq(term string, values ...any) *Formula { return Equals(term, values...) }
func cmpr(term string, op Op, v any) *Formula {
	return Is(Literal{Term: term, Refs: []string{term}, Path: true, Op: op, Values: []any{v}})
}

// What can hold together, and what cannot.
func TestPossible(t *testing.T) {
	for _, tt := range []struct {
		name string
		f    *Formula
		want bool
	}{
		{"nothing asked", True, true},
		{"never", False, false},
		{"one value", eq("a", "x"), true},
		{"two values at once", And(eq("a", "x"), eq("a", "y")), false},
		{"a value and another term", And(eq("a", "x"), eq("b", "y")), true},
		{"a value and its opposite", And(eq("a", "x"), Not(eq("a", "x"))), false},
		{"another value than the named ones", And(Not(eq("a", "x")), Not(eq("a", "y")), Present("a")), true},
		{"one of a closed list, none of them", And(eq("a", "x", "y"), Not(eq("a", "x")), Not(eq("a", "y"))), false},
		{"absent and present", And(Absent("a"), Present("a")), false},
		{"a condition both ways", And(eq("a", true), eq("a", false)), false},
		{"neither true nor false, and there", And(Not(eq("a", true)), Not(eq("a", false)), Present("a")), true},
		{"below 6 and from 6", And(cmpr("age", Less, 6.), cmpr("age", AtLeast, 6.)), false},
		{"from 6 and at most 6", And(cmpr("age", AtLeast, 6.), cmpr("age", AtMost, 6.)), true},
		{"between 6 and 16", And(cmpr("age", More, 6.), cmpr("age", Less, 16.)), true},
		{"above 16 and below 6", And(cmpr("age", More, 16.), cmpr("age", Less, 6.)), false},
		{"absent is not less", And(Absent("age"), cmpr("age", Less, 6.)), false},
		{"absent is not at least either", And(Absent("age"), Not(cmpr("age", Less, 6.))), false},
		{"dates are ordered", And(cmpr("day", Less, "2026-08-15"), cmpr("day", More, "2026-09-01")), false},
		{"between two dates", And(cmpr("day", More, "2026-08-15"), cmpr("day", Less, "2026-09-01")), true},
		{"a branch that is open", And(Or(eq("a", "x"), eq("b", "y")), Not(eq("a", "x"))), true},
		{"no branch is open", And(Or(eq("a", "x"), eq("b", "y")), Not(eq("a", "x")), Absent("b")), false},
		{"a chain of consequences", And(Or(Not(eq("a", "x")), eq("b", "y")), Or(Not(eq("b", "y")), eq("c", "z")), eq("a", "x"), Absent("c")), false},
	} {
		if got := Possible(tt.f); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Not is the opposite for every value but the absent one in an order.
func TestNot(t *testing.T) {
	for _, l := range []Literal{
		{Op: In, Values: []any{"x", nil}}, {Op: In, Values: []any{1.}, Not: true},
		{Op: Less, Values: []any{1.}}, {Op: AtMost, Values: []any{1.}}, {Op: More, Values: []any{1.}}, {Op: AtLeast, Values: []any{1.}},
	} {
		for _, v := range []any{nil, "x", "y", 0., 1., 2.} {
			_, ordered := compare(v, 1.)
			if l.Op != In && !ordered {
				continue
			}
			if not := Not(Is(l)).lit; not.Takes(v) == l.Takes(v) {
				t.Errorf("%+v and %+v both say %v of %v", l, not, l.Takes(v), v)
			}
		}
	}
}

// Possible agrees with trying all values, for any formula.
func TestPossibleIsExact(t *testing.T) {
	terms := []string{"a", "b", "c"}
	values := []any{nil, "x", "y", 1., 2., 3., true, false}
	var draw func(t *rapid.T, depth int) *Formula
	draw = func(t *rapid.T, depth int) *Formula {
		if depth == 0 || rapid.IntRange(0, 2).Draw(t, "kind") == 0 {
			l := Literal{Term: rapid.SampledFrom(terms).Draw(t, "term"), Op: Op(rapid.IntRange(0, 4).Draw(t, "op"))}
			l.Values = []any{rapid.SampledFrom(values).Draw(t, "value")}
			l.Not = l.Op == In && rapid.Bool().Draw(t, "not")
			if l.Op != In {
				l.Values = []any{float64(rapid.IntRange(1, 3).Draw(t, "number"))}
			}
			return Is(l)
		}
		parts := []*Formula{draw(t, depth-1), draw(t, depth-1), draw(t, depth-1)}
		switch rapid.IntRange(0, 2).Draw(t, "join") {
		case 0:
			return And(parts...)
		case 1:
			return Or(parts...)
		}
		return Not(Or(parts...))
	}
	rapid.Check(t, func(t *rapid.T) {
		f := draw(t, 3)
		if got, want := Possible(f), tryAll(f, terms, map[string]any{}); got != want {
			t.Fatalf("got %v, want %v for %+v", got, want, f)
		}
	})
}

// tryAll is Possible by looking at every value, those between and beyond too.
func tryAll(f *Formula, terms []string, world map[string]any) bool {
	if len(terms) == 0 {
		return holds(f, world)
	}
	for _, v := range []any{nil, "x", "y", "else", true, false, 0., 1., 1.5, 2., 2.5, 3., 4.} {
		world[terms[0]] = v
		if tryAll(f, terms[1:], world) {
			return true
		}
	}
	return false
}

func holds(f *Formula, world map[string]any) bool {
	switch f.kind {
	case always:
		return true
	case never:
		return false
	case literal:
		return f.lit.Takes(world[f.lit.Term])
	}
	for _, x := range f.of {
		if holds(x, world) == (f.kind == or) {
			return f.kind == or
		}
	}
	return f.kind == and
}

// An example tells how the terms stand in one case, and leaves out what may be
// anything in it.
func TestExample(t *testing.T) {
	f := And(eq("a", "x", "y"), Or(eq("b", true), eq("a", "z")), cmpr("age", More, 6.), cmpr("age", Less, 16.), Present("c"), Or(eq("d", "e"), eq("d", "f")), Absent("n"), eq("hidden", "h"), Or(True, eq("free", "f")))
	got := Example(f, func(term string) bool { return term != "hidden" })
	want := []string{"a == 'x'", "age > 6 && < 16", "b == true", "c != null", "d == 'e'", "n == null"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Example(False, func(string) bool { return true }); got != nil {
		t.Errorf("of what cannot be: %q", got)
	}
}
