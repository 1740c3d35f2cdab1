// Package ruled is registries of the sandbox whose records and behaviour are data:
// a file says what a registry holds, which kinds are derived from that, and what
// it does when it is asked, in the expression language of definitions. It has no
// network and keeps nothing: package world gives each answer once for a key,
// writes the books, and stores what changed.
package ruled

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"

	"github.com/hoso-gov/hoso/expr"
)

// A Set is what all files say. It never changes; any number of goroutines may use it.
type Set struct {
	registries map[string]*registryDef
	kinds      map[string]*kindDef
	bases      sync.Map // day → base: records as of that day
}

type registryDef struct {
	name       string
	operations map[string]*operation
}

// kindDef is a kind of record: what is held under a key, or what follows from that.
type kindDef struct {
	name     string
	registry string
	place    place
	records  map[string]any // as written, by key; nil: the kind is derived
	view     *view
	answer   *answer
	computed map[string]*value // of the record that is read, by name
}

// Load reads the files *.yaml at the top of a tree that name a `registry`; others
// there are of another shape and left alone. The error joins everything that is
// wrong, each with file and line.
func Load(tree fs.FS) (*Set, error) {
	names, err := fs.Glob(tree, "*.yaml")
	if err != nil {
		return nil, err
	}
	l := &loader{spelt: map[string]place{}, set: &Set{registries: map[string]*registryDef{}, kinds: map[string]*kindDef{}}}
	var files []*file
	for _, name := range names {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, err
		}
		if f := l.open(path.Base(name), text); f != nil {
			files = append(files, f)
		}
	}
	for _, f := range files {
		l.declare(f)
	}
	for _, f := range files {
		l.declareWritten(f)
	}
	if err := l.environments(); err != nil {
		return nil, err
	}
	for _, f := range files {
		l.compile(f)
	}
	return l.set, errors.Join(l.wrong...)
}

// Registries are the names of the registries, in their order.
func (s *Set) Registries() []string { return slices.Sorted(maps.Keys(s.registries)) }

// Kinds are the kinds that a registry answers.
func (s *Set) Kinds(registry string) []string {
	var out []string
	for name, k := range s.kinds {
		if k.registry == registry {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Registry is the registry that answers a kind; empty: none.
func (s *Set) Registry(kind string) string {
	if k := s.kinds[kind]; k != nil {
		return k.registry
	}
	return ""
}

// Operations are what a registry does when it is asked.
func (s *Set) Operations(registry string) []string {
	if r := s.registries[registry]; r != nil {
		return slices.Sorted(maps.Keys(r.operations))
	}
	return nil
}

// Fields are the values of its body that an operation reads, by name.
func (s *Set) Fields(registry, name string) []string {
	if r := s.registries[registry]; r != nil && r.operations[name] != nil {
		return r.operations[name].fields
	}
	return nil
}

// Clash is an error when somebody else answers one of the kinds or does one of the
// operations, which is then told with its file. Records may be added to a kind of
// theirs, by the same registry. answers names the registry of a kind; empty: none.
func (s *Set) Clash(answers func(kind string) string, does func(registry, operation string) bool) error {
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(s.kinds)) {
		switch k, theirs := s.kinds[name], answers(name); {
		case theirs == "":
		case k.records == nil:
			wrong = append(wrong, k.place.error("the sandbox answers %s itself: choose another name, or give records of that kind", name))
		case k.registry != theirs:
			wrong = append(wrong, k.place.error("%s answers %s, not %s", theirs, name, k.registry))
		}
	}
	for _, name := range s.Registries() {
		for _, op := range s.Operations(name) {
			if does(name, op) {
				wrong = append(wrong, s.registries[name].operations[op].place.error("the sandbox does %s of %s itself: choose another name", op, name))
			}
		}
	}
	return errors.Join(wrong...)
}

// A place is where something stands.
type place struct {
	file string
	line int
}

func (p place) error(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", p.file, p.line, fmt.Sprintf(format, args...))
}

// anything is a value whose type nobody declares.
var anything = &expr.Type{Kind: expr.Dyn}
