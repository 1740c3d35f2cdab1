package procedures

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// elementsFile is the catalogue of what registries hold; the files of
// elementsFolder, of the same shape, add to it.
const (
	elementsFile   = "common/elements.yaml"
	elementsFolder = "common/elements"
)

// Elements is that catalogue: which registry holds which datum of which kind
// of person or thing.
type Elements struct {
	Registries map[string]workflow.Text // titles by name
	Kinds      map[string]*Kind
	Order      []string // names of kinds, as written

	forms *forms.Elements
	files map[string][]string // where registries and kinds of a name are declared
}

// Kind is a kind of record: person, household ...
type Kind struct {
	Name     string
	Registry string
	Title    workflow.Text
	Key      workflow.Text // what its key is
	List     bool          // one key leads to a list of these
	// Freshness is how long a form rests on a record before it is read again; when
	// the registry does not answer then, what was read is stale.
	Freshness time.Duration
	Elements  []*Element
}

// Element is one datum of a record.
type Element struct {
	Name          string
	Type          string // string, date, int, number, bool, address, list, object
	Authoritative bool   // the registry's value is locked in forms
	Title         workflow.Text
	Caveat        workflow.Text
	Elements      []*Element // of an object, or of the items of a list
}

// Forms is the catalogue as package forms reads it.
func (e *Elements) Forms() *forms.Elements { return e.forms }

// Registry is the registry that holds a kind; empty for an unknown kind.
func (e *Elements) Registry(kind string) string {
	if k := e.Kinds[kind]; k != nil {
		return k.Registry
	}
	return ""
}

// usualFreshness is that of a kind that says nothing.
const usualFreshness = 12 * time.Hour

// Freshness is how long a form rests on a record of the kind.
func (e *Elements) Freshness(kind string) time.Duration {
	if k := e.Kinds[kind]; k != nil {
		return k.Freshness
	}
	return usualFreshness
}

// freshness reads 1h and 2d: hours and days of the clock, not of offices.
func freshness(s string) time.Duration {
	d := duration(s)
	switch d.Unit {
	case "h":
		return time.Duration(d.N) * time.Hour
	case "d":
		return time.Duration(d.N) * 24 * time.Hour
	}
	return usualFreshness
}

func (e *Elements) registries() []string { return keysOf(e.Registries) }

// elementFiles are the files of the catalogue: the common one, then those of the folder by name.
func elementFiles(fsys fs.FS) []string {
	more, _ := fs.Glob(fsys, elementsFolder+"/*.yaml")
	return append([]string{elementsFile}, more...)
}

// loadElements reads the catalogue from all its files. A registry may be declared
// in one and hold kinds of another; each name stands once.
func loadElements(fsys fs.FS) (*Elements, []workflow.Finding) {
	r := elementReader{out: &Elements{Registries: map[string]workflow.Text{}, Kinds: map[string]*Kind{}, files: map[string][]string{},
		forms: &forms.Elements{ByName: map[string]forms.Element{}}}, names: map[string]string{}}
	var roots []*node
	files := elementFiles(fsys)
	for _, file := range files {
		roots = append(roots, r.open(fsys, file))
	}
	for i, root := range roots {
		for _, e := range root.get("registries").entries() {
			if r.free("registry", e, files[i]) {
				r.out.Registries[e.key], r.out.files[e.key] = e.value.get("title").localized(), append(r.out.files[e.key], files[i])
			}
		}
	}
	for i, root := range roots {
		for _, e := range root.get("kinds").entries() {
			if r.free("kind", e, files[i]) {
				r.kind(e, files[i])
			}
		}
	}
	return r.out, r.found
}

// An elementReader puts the files of the catalogue together.
type elementReader struct {
	out   *Elements
	names map[string]string // "kind vehicle": where it stands
	found []workflow.Finding
}

func (r *elementReader) open(fsys fs.FS, file string) *node {
	src, err := fs.ReadFile(fsys, file)
	if err != nil {
		r.found = append(r.found, workflow.Finding{Code: "FILE", File: file, Line: 1, Column: 1, Message: "the catalogue of elements is missing", Remedy: "write common/elements.yaml: what each registry holds"})
		return nil
	}
	root, found := parseTree(src, file)
	r.found = append(r.found, found...)
	if root != nil {
		r.found = append(r.found, checkShape(root, elementsShape, file)...)
	}
	return root
}

// free tells whether a name is not taken by another file.
func (r *elementReader) free(what string, e *entry, file string) bool {
	name := what + " " + e.key
	if first, taken := r.names[name]; taken {
		r.found = append(r.found, workflow.Finding{Code: "KEYS", File: file, Line: e.line, Column: e.col,
			Message: fmt.Sprintf("%s %q stands in %s already", what, e.key, first), Remedy: "keep one of them, or choose another name"})
		return false
	}
	r.names[name] = fmt.Sprintf("%s:%d", file, e.line)
	return true
}

func (r *elementReader) kind(e *entry, file string) {
	k := &Kind{Name: e.key, Registry: e.value.get("registry").str(), Title: e.value.get("title").localized(),
		Key: e.value.get("key").localized(), List: e.value.get("list").bool(), Freshness: freshness(e.value.get("freshness").str()), Elements: elementList(e.value.get("elements"))}
	if _, ok := r.out.Registries[k.Registry]; !ok && k.Registry != "" {
		at := e.value.get("registry")
		r.found = append(r.found, workflow.Finding{Code: "REF", File: file, Line: at.line, Column: at.col,
			Message: fmt.Sprintf("there is no registry %q", k.Registry), Remedy: didYouMean(k.Registry, r.out.registries())})
	}
	r.out.Kinds[k.Name], r.out.files[k.Name] = k, append(r.out.files[k.Name], file)
	r.out.Order = append(r.out.Order, k.Name)
	if k.List {
		r.out.forms.ByName[k.Name+".list"] = forms.Element{Type: "list", Authoritative: true, Registry: k.Registry, Title: k.Title, Key: k.Key}
		r.out.flatten(k, k.Name+".list.", k.Elements)
	}
	r.out.flatten(k, k.Name+".", k.Elements)
}

// needed are the files of the catalogue that a definition rests on: those that
// declare a kind or a registry which one of its values names, whole or before a
// point, and the registries of what those declare. The common one always is.
func (e *Elements) needed(roots []*node) map[string]bool {
	out := map[string]bool{}
	var take func(names ...string)
	take = func(names ...string) {
		for _, name := range names {
			for _, file := range e.files[name] {
				if out[file] {
					continue
				}
				out[file] = true
				for _, k := range e.Kinds {
					if slices.Contains(e.files[k.Name], file) {
						take(k.Registry)
					}
				}
			}
		}
	}
	for _, root := range roots {
		root.eachText(func(text string) {
			first, _, _ := strings.Cut(text, ".")
			take(first)
		})
	}
	return out
}

func elementList(n *node) []*Element {
	var out []*Element
	for _, e := range n.entries() {
		out = append(out, &Element{Name: e.key, Type: e.value.get("type").str(), Authoritative: e.value.get("authoritative").bool(),
			Title: e.value.get("title").localized(), Caveat: e.value.get("caveat").localized(), Elements: elementList(e.value.get("elements"))})
	}
	return out
}

func (e *Elements) flatten(k *Kind, prefix string, list []*Element) {
	for _, el := range list {
		e.forms.ByName[prefix+el.Name] = forms.Element{Type: el.Type, Authoritative: el.Authoritative, Registry: k.Registry, Title: el.Title, Key: k.Key, Caveat: el.Caveat}
		e.flatten(k, prefix+el.Name+".", el.Elements)
	}
}

// Type is the type of a record of that kind in expressions: an object with the
// elements, or with the field list for kinds that lead to lists.
func (k *Kind) Type() *expr.Type {
	object := objectType(k.Name, k.Elements)
	if !k.List {
		return object
	}
	return &expr.Type{Kind: expr.Object, Name: k.Name + "List", Fields: map[string]*expr.Type{"list": {Kind: expr.List, Elem: object}}}
}

func objectType(name string, list []*Element) *expr.Type {
	t := &expr.Type{Kind: expr.Object, Name: name, Fields: map[string]*expr.Type{}}
	for _, e := range list {
		t.Fields[e.Name] = e.typ(name)
	}
	return t
}

var (
	stringType  = &expr.Type{Kind: expr.String}
	intType     = &expr.Type{Kind: expr.Int}
	boolType    = &expr.Type{Kind: expr.Bool}
	dynType     = &expr.Type{Kind: expr.Dyn}
	anyMap      = &expr.Type{Kind: expr.Map, Elem: dynType}
	addressType = &expr.Type{Kind: expr.Object, Name: "address", Fields: map[string]*expr.Type{"province": stringType, "commune": stringType, "line": stringType}}
)

func (e *Element) typ(owner string) *expr.Type {
	switch e.Type {
	case "int":
		return intType
	case "number":
		return &expr.Type{Kind: expr.Number}
	case "bool":
		return boolType
	case "address":
		return addressType
	case "object":
		return objectType(owner+"."+e.Name, e.Elements)
	case "list":
		if len(e.Elements) == 0 {
			return &expr.Type{Kind: expr.List, Elem: stringType}
		}
		return &expr.Type{Kind: expr.List, Elem: objectType(owner+"."+e.Name, e.Elements)}
	}
	return stringType
}
