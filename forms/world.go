package forms

import (
	"fmt"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/logic"
)

// A world says what can be the case in a form: which records can be known,
// which questions shown, which variant holds. Package logic decides whether
// several such things can be so at once.
//
// It over-approximates. What a function or an iteration computes is a term that
// may have any value, and the same value wherever it is written the same way.
// So "not possible" is a proof, and "possible" may have to be answered by the
// author with a condition that says why not.
type world struct {
	form     *Form
	subjects []SubjectDecl
	variants []VariantDecl
	order    map[Pointer]int // of sections and questions; 0: answered before the form begins

	axioms map[string]*logic.Formula // by path
	knowns map[place]*logic.Formula
}

// A place is a subject, and where in the form somebody asks for it.
type place struct {
	subject string
	at      int
}

// end is the place behind every question.
const end = 1 << 30

func newWorld(f *Form, in Proving) *world {
	w := &world{form: f, subjects: in.Subjects, variants: in.Variants, order: f.order(),
		axioms: map[string]*logic.Formula{}, knowns: map[place]*logic.Formula{}}
	for _, s := range f.Sections {
		for _, q := range s.Fields {
			if in.given(s, q) {
				w.order[q.Pointer] = 0
			}
		}
	}
	return w
}

func (w *world) subject(name string) *SubjectDecl {
	for i := range w.subjects {
		if w.subjects[i].Name == name {
			return &w.subjects[i]
		}
	}
	return nil
}

// shown is the condition of a question with that of its section.
func (w *world) shown(q *Field) *logic.Formula {
	f := logic.True
	if s := w.form.sectionOf(q); s != nil && s.When != nil {
		f = s.When.Formula()
	}
	if q.When != nil {
		f = logic.And(f, q.When.Formula())
	}
	return f
}

// obtainable: the subject's key is known when the question at that place is
// put, and its registry answered with a value.
func (w *world) obtainable(subject, path string, at int) *logic.Formula {
	return logic.And(w.known(subject, at, nil),
		w.seen(logic.And(logic.Equals("sources."+subject, string(Fetched)), logic.Present("subjects."+subject+"."+path)), at, nil))
}

// known is the condition under which the subject's key may be found from what
// is known before the place at: what stands behind it is not answered yet.
func (w *world) known(subject string, at int, above []string) *logic.Formula {
	if f := w.knowns[place{subject, at}]; f != nil && len(above) == 0 {
		return f
	}
	f := w.key(subject, above, func(b expr.Branch, above []string) *logic.Formula {
		f := w.seen(b.When, at, above)
		for _, ref := range b.Refs {
			f = logic.And(f, w.needs(ref, at, above))
		}
		return f
	})
	if len(above) == 0 {
		w.knowns[place{subject, at}] = f
	}
	return f
}

// surely is the condition under which the key is found for certain.
func (w *world) surely(subject string, at int, above []string) *logic.Formula {
	return w.key(subject, above, func(b expr.Branch, above []string) *logic.Formula {
		if !b.Joined {
			return logic.False
		}
		f := logic.Not(w.seen(logic.Not(b.When), at, above))
		for _, ref := range b.Refs {
			f = logic.And(f, w.has(ref, at, above))
		}
		return f
	})
}

// key joins the branches of a subject's key that can give one. A subject whose
// key goes round in a circle is never known.
func (w *world) key(subject string, above []string, of func(expr.Branch, []string) *logic.Formula) *logic.Formula {
	s := w.subject(subject)
	if s == nil || s.Key == nil || contains(above, subject) {
		return logic.False
	}
	above = append(above[:len(above):len(above)], subject)
	out := logic.False
	for _, b := range s.Key.Branches() {
		if !b.Empty {
			out = logic.Or(out, of(b, above))
		}
	}
	return out
}

// needs is what has to be so for the path to have a value before at.
func (w *world) needs(ref string, at int, above []string) *logic.Formula {
	root, rest, _ := strings.Cut(ref, ".")
	switch root {
	case "form":
		q := w.form.fields[refPointer(ref)]
		switch {
		case q == nil:
			return logic.False
		case w.order[q.Pointer] < at:
			return logic.Present(pathOf(q))
		case q.Fill == "":
			return logic.False
		}
		subject, _, _ := strings.Cut(q.Fill, ".")
		return logic.And(w.known(subject, at, above), w.seen(answered(subject), at, above))
	case "subjects":
		subject, _, _ := strings.Cut(rest, ".")
		return logic.And(w.known(subject, at, above), w.seen(logic.And(answered(subject), logic.Present(ref)), at, above))
	case "input":
		return logic.False
	}
	return logic.True // session, today, variant, sources, and what a parent gave
}

// has is needs on the safe side: what is so only perhaps does not count.
func (w *world) has(ref string, at int, above []string) *logic.Formula {
	root, rest, _ := strings.Cut(ref, ".")
	switch root {
	case "form":
		if q := w.form.fields[refPointer(ref)]; q != nil && w.order[q.Pointer] < at {
			return logic.Present(pathOf(q))
		}
		return logic.False
	case "subjects":
		subject, _, _ := strings.Cut(rest, ".")
		return logic.And(w.surely(subject, at, above), answered(subject), logic.Present(ref))
	case "session", "today":
		return logic.True
	}
	return logic.False
}

// seen is a condition as it is evaluated when the question at that place is
// put. An answer that is given later is absent. A record that may be read later,
// or for another key, has a state and values of that place.
func (w *world) seen(f *logic.Formula, at int, above []string) *logic.Formula {
	if at == end {
		return f
	}
	return f.Map(func(l logic.Literal) *logic.Formula {
		may, surely := logic.True, logic.True
		for _, ref := range l.Refs {
			m, s := w.settled(ref, at, above)
			may, surely = logic.And(may, m), logic.And(surely, s)
		}
		return logic.Or(logic.And(may, surely, logic.Is(l)), logic.And(logic.Not(surely), w.then(l, at)))
	})
}

// settled tells when a path reads at that place as it does at the end: when it
// may, and when it surely does.
func (w *world) settled(ref string, at int, above []string) (may, surely *logic.Formula) {
	root, rest, _ := strings.Cut(ref, ".")
	switch root {
	case "form":
		q := w.form.fields[refPointer(ref)]
		if q != nil && w.order[q.Pointer] < at {
			return logic.True, logic.True
		}
		return logic.True, logic.False
	case "subjects", "sources":
		subject, _, _ := strings.Cut(rest, ".")
		return w.known(subject, at, above), w.surely(subject, at, above)
	case "variant":
		if w.variantOpen(at) {
			return logic.True, logic.False
		}
	}
	return logic.True, logic.True
}

// variantOpen tells whether a later answer may still change the variant.
func (w *world) variantOpen(at int) bool {
	for _, v := range w.variants {
		if v.When == nil {
			continue
		}
		for _, ref := range v.When.Refs {
			if q := w.form.fields[refPointer(ref)]; q != nil && w.order[q.Pointer] >= at {
				return true
			}
		}
	}
	return false
}

// then is a literal as it reads at a place where what it reads is not settled:
// an asked answer is absent, all else is a term of that place.
func (w *world) then(l logic.Literal, at int) *logic.Formula {
	root, rest, _ := strings.Cut(l.Term, ".")
	if q := w.form.fields[refPointer(l.Term)]; l.Path && root == "form" && q != nil && q.Fill == "" {
		if l.Takes(nil) {
			return logic.True
		}
		return logic.False
	}
	path := l.Path && (root == "sources" || root == "subjects")
	l.Term, l.Path = moment(l.Term, at), path
	if path && w.axioms[l.Term] == nil {
		subject, _, _ := strings.Cut(rest, ".")
		state := moment("sources."+subject, at)
		w.axioms[l.Term] = logic.True // until it is known: keys go round in no circle
		if root == "sources" {
			w.axioms[l.Term] = logic.And(oneOfStates(state), logic.Or(logic.Equals(state, string(Unknown)), w.known(subject, at, nil)))
		} else {
			w.axioms[l.Term] = logic.Or(logic.Absent(l.Term), logic.Equals(state, string(Fetched), string(Stale)))
			w.then(logic.Literal{Term: "sources." + subject, Path: true}, at)
		}
	}
	return logic.Is(l)
}

func moment(term string, at int) string { return fmt.Sprintf("%s at %d", term, at) }

func answered(subject string) *logic.Formula {
	return logic.Equals("sources."+subject, string(Fetched), string(Stale))
}

func pathOf(q *Field) string { return "form" + strings.ReplaceAll(string(q.Pointer), "/", ".") }

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (f *Form) sectionOf(q *Field) *Section {
	name, _, _ := strings.Cut(strings.TrimPrefix(string(q.Pointer), "/"), "/")
	return f.section(Pointer("/" + name))
}
