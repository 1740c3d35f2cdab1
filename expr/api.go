package expr

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

// Env compiles expressions over declared variables.
type Env struct{ impl any }

// Program is a compiled expression. It may be used by many goroutines.
type Program struct {
	Source string
	Refs   []string // dotted paths that it reads, as form.household.mode; sorted
	impl   any
}

// Error is a mistake in an expression.
type Error struct {
	Source string
	Column int // 1-based, within Source
	Reason string
}
