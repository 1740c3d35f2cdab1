// Package expr is the expression language of definitions: CEL, typed against
// what a procedure declares. It compiles and evaluates; what the expressions
// decide belongs to packages forms and workflow.
//
// An absent value and an empty one are the same: reading one yields null, has()
// of it is false, it equals nothing but null, and its size is 0. Comparing it by
// order, calculating with it and taking it for a condition are evaluation errors;
// so is doing these to a value that is not of its declared kind, which equals no
// value of that kind. An evaluation error is never false. There is no clock and no
// random source, and an expression's cost is bounded before it is ever run.
package expr

import "fmt"

// Type is the type of a value in expressions.
type Type struct {
	Kind   Kind
	Name   string           // of an object: used in messages
	Fields map[string]*Type // of an object
	Elem   *Type            // of a list or map
}

// Kind is the kind of a Type.
type Kind string

// The kinds of types. Dates are strings, money is an int.
const (
	String Kind = "string"
	Int    Kind = "int"
	Number Kind = "number" // double
	Bool   Kind = "bool"
	List   Kind = "list"
	Map    Kind = "map" // string keys, Elem values
	Object Kind = "object"
	Dyn    Kind = "dyn"
)

// Mistake is a kind of Error, named by the code under which `hoso check` reports it.
type Mistake string

// The kinds of mistakes.
const (
	Syntax  Mistake = "CEL"    // it cannot be read
	Typed   Mistake = "GUARD"  // values do not go together, or the result is of another kind than is wanted
	Unknown Mistake = "FACT"   // it reads what nobody declared
	Impure  Mistake = "IMPURE" // its result would not follow from what it is given
	Costly  Mistake = "COST"   // it may take more steps than are allowed
	Loose   Mistake = "HAS"    // it takes for granted what may be absent; see Program.Unguarded
)

// Error is a mistake in an expression.
type Error struct {
	Kind   Mistake
	Source string
	Column int // 1-based, in characters, within Source
	Reason string
}

func (e *Error) Error() string {
	return fmt.Sprintf("column %d of %q: %s", e.Column, e.Source, e.Reason)
}
