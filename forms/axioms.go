package forms

import (
	"strings"

	"github.com/hoso-gov/hoso/logic"
)

// possible tells whether the formula can be true of a case, given what is always
// so: a record has values only when its registry answered, and is asked only
// with a key; an answer exists only while its question is shown; of the variants
// the first that matches holds.
func (w *world) possible(f *logic.Formula) bool { return logic.Possible(w.always(f)) }

// example is a case in which the formula is true: the answers, the states of
// records and the variant that it names.
func (w *world) example(f *logic.Formula) []string {
	named := map[string]bool{}
	f.Each(func(l logic.Literal) {
		root, _, _ := strings.Cut(l.Term, ".")
		named[l.Term] = l.Path && (root == "form" || root == "sources" || root == "variant") && !strings.Contains(l.Term, " ")
	})
	return logic.Example(w.always(f), func(term string) bool { return named[term] })
}

// always joins the formula with what is always so of its paths.
func (w *world) always(f *logic.Formula) *logic.Formula {
	seen := map[string]bool{}
	all := []*logic.Formula{f}
	for i := 0; i < len(all); i++ {
		all[i].Each(func(l logic.Literal) {
			if l.Path && !seen[l.Term] {
				seen[l.Term] = true
				if w.axioms[l.Term] == nil {
					w.axioms[l.Term] = w.axiom(l.Term)
				}
				all = append(all, w.axioms[l.Term])
			}
		})
	}
	return logic.And(all...)
}

// in is the condition that the variant holds; "" for a form without variants.
func in(variant string) *logic.Formula {
	if variant == "" {
		return logic.True
	}
	return logic.Equals("variant", variant)
}

// axiom is what is always so of a path.
func (w *world) axiom(path string) *logic.Formula {
	root, rest, _ := strings.Cut(path, ".")
	switch root {
	case "sources":
		return logic.And(oneOfStates(path), logic.Or(logic.Equals(path, string(Unknown)), w.known(rest, end, nil)))
	case "subjects":
		subject, _, _ := strings.Cut(rest, ".")
		return logic.Or(logic.Absent(path), answered(subject))
	case "form":
		return w.answer(path)
	case "variant":
		return w.variant()
	case "session":
		if rest == "personalNumber" || rest == "subject" {
			return logic.Present(path)
		}
	}
	return logic.True
}

func oneOfStates(path string) *logic.Formula {
	return logic.Equals(path, string(Fetched), string(Empty), string(Unavailable), string(Stale), string(Unknown))
}

// most is how many choices of a question are told apart.
const most = 40

func (w *world) answer(path string) *logic.Formula {
	q := w.form.fields[refPointer(path)]
	if q == nil {
		return logic.True
	}
	if whole := pathOf(q); path != whole {
		return logic.Or(logic.Absent(path), logic.Present(whole))
	}
	out := logic.Or(logic.Absent(path), w.shown(q))
	if q.Type == "string" && q.Choices == nil && len(q.Enum) > 0 && len(q.Enum) <= most {
		values := []any{nil}
		for _, c := range q.Enum {
			values = append(values, c.Value)
		}
		out = logic.And(out, logic.Equals(path, values...))
	}
	return out
}

func (w *world) variant() *logic.Formula {
	if len(w.variants) == 0 {
		return logic.True
	}
	var any []*logic.Formula
	before := logic.True
	for _, v := range w.variants {
		when := logic.True
		if v.When != nil {
			when = v.When.Formula()
		}
		any = append(any, logic.And(logic.Equals("variant", v.ID), before, when))
		before = logic.And(before, logic.Not(when))
	}
	return logic.Or(any...)
}
