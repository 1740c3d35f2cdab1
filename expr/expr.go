// Package expr is the expression language of definitions: CEL, typed against
// what a procedure declares. It compiles and evaluates; what the expressions
// decide belongs to packages forms and workflow.
//
// An absent value and an empty one are the same: reading one yields null, has()
// of it is false. There is no clock and no random source.
package expr
