package procedures

import (
	"maps"
	"slices"

	"github.com/hoso-gov/hoso/expr"
)

func keysOf[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// A scope is what the expressions of one procedure may read beside its answers.
type scope struct {
	subjects map[string]*expr.Type
	children map[string][]string // by name of a sub-case: what it puts out; nil: not known
	given    map[string]bool     // what its parents give
	opened   bool                // some procedure opens it
}

// env declares the variables of the definition language.
func (s *scope) env(form *expr.Type) (*expr.Env, error) {
	sources := &expr.Type{Kind: expr.Object, Name: "sources", Fields: map[string]*expr.Type{}}
	for name := range s.subjects {
		sources.Fields[name] = stringType
	}
	if form == nil {
		form = anyMap
	}
	return expr.NewEnv(map[string]*expr.Type{
		"form":     form,
		"subjects": {Kind: expr.Object, Name: "subjects", Fields: s.subjects},
		"sources":  sources,
		"session": {Kind: expr.Object, Name: "session", Fields: map[string]*expr.Type{
			"personalNumber": stringType, "level": intType, "subject": stringType}},
		// Their fields are defined one after the other: see builder.figures.
		"tables":  {Kind: expr.Object, Name: "tables"},
		"values":  {Kind: expr.Object, Name: "values"},
		"today":   stringType,
		"variant": stringType,
		"case":    s.caseType(),
		// What people enter has fixed names, a signal brings what its registry says.
		"input": anyMap,
	})
}

func (s *scope) caseType() *expr.Type {
	children := &expr.Type{Kind: expr.Object, Name: "case.children", Fields: map[string]*expr.Type{}}
	for name, outputs := range s.children {
		output := anyMap
		if outputs != nil {
			output = &expr.Type{Kind: expr.Object, Name: "case.children." + name + ".output", Fields: map[string]*expr.Type{}}
			for _, o := range outputs {
				output.Fields[o] = dynType
			}
		}
		children.Fields[name] = &expr.Type{Kind: expr.Object, Name: "case.children." + name, Fields: map[string]*expr.Type{
			"state": stringType, "outcome": stringType, "output": output}}
	}
	given := anyMap
	// Where no parent gives anything, each is told what the procedure reads.
	if s.opened && len(s.given) > 0 {
		given = &expr.Type{Kind: expr.Object, Name: "case.given", Fields: map[string]*expr.Type{}}
		for name := range s.given {
			given.Fields[name] = dynType
		}
	}
	return &expr.Type{Kind: expr.Object, Name: "case", Fields: map[string]*expr.Type{
		"filedOn": stringType, "filedAt": stringType, "fee": intType, "code": stringType, "due": stringType, "agency": stringType,
		"given": given, "children": children, "output": anyMap,
		"visits":    {Kind: expr.Map, Elem: intType},
		"documents": {Kind: expr.List, Elem: stringType},
	}}
}
