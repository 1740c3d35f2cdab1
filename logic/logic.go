// Package logic decides whether conditions of a definition can hold together:
// whether a question can be shown while a registry answers it, whether two
// guards can be true at once. A condition is a formula of literals, each about
// one term; what a term computes is not looked into.
//
// The answer errs on one side. "Not possible" is a proof. "Possible" may be
// wrong where two terms depend on each other in a way that nobody stated. What
// terms mean, and what is known about them, belongs to who asks.
package logic

import "slices"

// Op compares a term with the values of a literal.
type Op int

// The comparisons. In is equality with one of the values; the others take one.
const (
	In Op = iota
	Less
	AtMost
	More
	AtLeast
)

// A Literal says something about one term. An absent term is In(nil), and less
// or more than nothing.
type Literal struct {
	Term   string   // the text of an expression, the same for the same value
	Refs   []string // what it reads, as form.household.mode
	Path   bool     // the term is one of Refs, and nothing is computed
	Op     Op
	Values []any // nil, bool, string or float64
	Not    bool
}

// A Formula is a condition. The zero value is true.
type Formula struct {
	kind kind
	lit  Literal
	of   []*Formula
}

type kind int

const (
	always kind = iota
	never
	literal
	and
	or
)

// The two constants.
var (
	True  = &Formula{kind: always}
	False = &Formula{kind: never}
)

// Is is the formula of one literal.
func Is(l Literal) *Formula { return &Formula{kind: literal, lit: l} }

// Equals says that a path has one of the values; nil is an absent one.
func Equals(path string, values ...any) *Formula {
	return Is(Literal{Term: path, Refs: []string{path}, Path: true, Values: values})
}

// Absent says that a path has no value.
func Absent(path string) *Formula { return Equals(path, nil) }

// Present says that it has one.
func Present(path string) *Formula { return Not(Absent(path)) }

// And is true when all are.
func And(of ...*Formula) *Formula { return join(and, always, never, of) }

// Or is true when one is.
func Or(of ...*Formula) *Formula { return join(or, never, always, of) }

// join leaves out what changes nothing and ends at what decides.
func join(k, neutral, decides kind, of []*Formula) *Formula {
	var kept []*Formula
	for _, f := range of {
		switch f.kind {
		case neutral:
		case decides:
			return f
		case k:
			kept = append(kept, f.of...)
		default:
			kept = append(kept, f)
		}
	}
	switch len(kept) {
	case 0:
		return &Formula{kind: neutral}
	case 1:
		return kept[0]
	}
	return &Formula{kind: k, of: kept}
}

// Not turns a formula round. An order is turned with it: what is not less is at
// least, and an absent value is neither.
func Not(f *Formula) *Formula {
	switch f.kind {
	case always:
		return False
	case never:
		return True
	case literal:
		l := f.lit
		if l.Op == In {
			l.Not = !l.Not
		} else {
			l.Op = map[Op]Op{Less: AtLeast, AtMost: More, More: AtMost, AtLeast: Less}[l.Op]
		}
		return Is(l)
	}
	turned := make([]*Formula, len(f.of))
	for i, x := range f.of {
		turned[i] = Not(x)
	}
	if f.kind == and {
		return Or(turned...)
	}
	return And(turned...)
}

// Map puts a formula in the place of each literal.
func (f *Formula) Map(place func(Literal) *Formula) *Formula {
	switch f.kind {
	case literal:
		return place(f.lit)
	case and, or:
		of := make([]*Formula, len(f.of))
		for i, x := range f.of {
			of[i] = x.Map(place)
		}
		if f.kind == and {
			return And(of...)
		}
		return Or(of...)
	}
	return f
}

// Each visits the literals.
func (f *Formula) Each(visit func(Literal)) {
	if f.kind == literal {
		visit(f.lit)
	}
	for _, x := range f.of {
		x.Each(visit)
	}
}

// IsFalse tells whether the formula is the constant.
func (f *Formula) IsFalse() bool { return f.kind == never }

// Takes tells whether a value of the term fulfils the literal.
func (l Literal) Takes(v any) bool {
	if l.Op == In {
		return slices.Contains(l.Values, v) != l.Not
	}
	sign, ok := compare(v, l.Values[0])
	if !ok {
		return false
	}
	switch l.Op {
	case Less:
		return sign < 0
	case AtMost:
		return sign <= 0
	case More:
		return sign > 0
	}
	return sign >= 0
}
