package expr

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Any text compiles to a Program, or ends in an *Error within the text.
func FuzzCompile(f *testing.F) {
	e := sampleEnv(f)
	for _, s := range []string{"", "today == '", "has(form.household.mode) && age(today, '2020-01-01') < 6", "form.household.children.filter(c, c != '').map(c, c + 'é')[0]",
		"\x00", "'\xff'", "a\n.b", "sameAddress(input, form.dwelling.address)", "9999999999999999999", "{1: 2}[1] ? null : ''", "input[input][null]", "`a`.b", "@null()", "form{}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		holds(t, e, source)
	})
}

func holds(t interface{ Fatalf(string, ...any) }, e *Env, source string) {
	p, err := e.Compile(source, nil)
	if err != nil {
		found, ok := errors.AsType[*Error](err)
		if !ok || found.Reason == "" || strings.Contains(found.Reason, "\n") || found.Column < 1 || found.Column > utf8.RuneCountInString(source)+1 {
			t.Fatalf("%q: got %#v", source, err)
		}
		return
	}
	for _, vars := range []map[string]any{nil, facts(), {"form": 1, "input": []any{[]any{nil}, struct{}{}}, "today": 3.5}} {
		v, err := p.Eval(vars)
		if err != nil && (v != nil || strings.Contains(err.Error(), "internal error")) {
			t.Fatalf("%q: got %v, %v", source, v, err)
		}
	}
}

// Sound or not, expressions made of the language's words neither panic nor
// yield a value beside an error.
func TestAnyWords(t *testing.T) {
	e := sampleEnv(t)
	words := []string{"form", ".household", ".mode", ".children", "subjects", ".land", ".owners", "[0]", "['x']", ".filter(o, ", ".map(o, ", ".exists(o, ", "o", ".number",
		"has(", ")", "(", "null", "true", "'x'", "''", "1", "2.5", "-", "+", "*", "/", "%", " == ", " != ", " < ", " in ", " && ", " || ", "!", " ? ", " : ", "[", "]", ", ",
		"age(", "fold(", "sameAddress(", "plusDays(", "size(", "input", ".x", "today", "case", ".visits", "{", "}", ":"}
	rapid.Check(t, func(r *rapid.T) {
		holds(r, e, strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 14).Draw(r, "words"), ""))
	})
}

// The guard of a typical row: a comparison, a record and an age.
func BenchmarkGuard(b *testing.B) {
	p, err := sampleEnv(b).Compile("form.household.mode == 'join' && !has(variant) && age(subjects.mover.birthDate, today) >= 18", boolType)
	if err != nil {
		b.Fatal(err)
	}
	vars := facts()
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := p.Bool(vars); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
