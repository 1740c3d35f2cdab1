package procedures

import (
	"fmt"
	"time"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// elementsFile is the catalogue of what registries hold.
const elementsFile = "common/elements.yaml"

// Elements is that catalogue: which registry holds which datum of which kind
// of person or thing.
type Elements struct {
	Registries map[string]workflow.Text // titles by name
	Kinds      map[string]*Kind
	Order      []string // names of kinds, as written

	forms *forms.Elements
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

func loadElements(src []byte) (*Elements, []workflow.Finding) {
	out := &Elements{Registries: map[string]workflow.Text{}, Kinds: map[string]*Kind{}, forms: &forms.Elements{ByName: map[string]forms.Element{}}}
	root, found := parseTree(src, elementsFile)
	if root == nil {
		return out, found
	}
	found = append(found, checkShape(root, elementsShape, elementsFile)...)
	for _, r := range root.get("registries").entries() {
		out.Registries[r.key] = r.value.get("title").localized()
	}
	for _, e := range root.get("kinds").entries() {
		k := &Kind{Name: e.key, Registry: e.value.get("registry").str(), Title: e.value.get("title").localized(),
			Key: e.value.get("key").localized(), List: e.value.get("list").bool(), Freshness: freshness(e.value.get("freshness").str()), Elements: elementList(e.value.get("elements"))}
		if _, ok := out.Registries[k.Registry]; !ok && k.Registry != "" {
			at := e.value.get("registry")
			found = append(found, workflow.Finding{Code: "REF", File: elementsFile, Line: at.line, Column: at.col,
				Message: fmt.Sprintf("there is no registry %q", k.Registry), Remedy: didYouMean(k.Registry, out.registries())})
		}
		out.Kinds[k.Name] = k
		out.Order = append(out.Order, k.Name)
		if k.List {
			out.forms.ByName[k.Name+".list"] = forms.Element{Type: "list", Authoritative: true, Registry: k.Registry, Title: k.Title, Key: k.Key}
			out.flatten(k, k.Name+".list.", k.Elements)
		}
		out.flatten(k, k.Name+".", k.Elements)
	}
	return out, found
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
