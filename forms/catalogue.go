package forms

import (
	"io/fs"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

// Element is one datum that a registry holds.
type Element struct {
	Type          string // string, date, int, number, bool, address, list, object
	Authoritative bool   // the registry's value is locked in forms
	Registry      string
	Title         workflow.Text
	Key           workflow.Text // by what a record is found
	Caveat        workflow.Text // what to know about its quality
}

// Elements is the catalogue of common/elements.yaml, by name: person.fullName,
// person.identityCard.number.
type Elements struct {
	ByName map[string]Element
}

// Get returns the element of that name. A part of an address, an object or a
// list (person.permanentAddress.province) is held where the whole is held.
func (e *Elements) Get(name string) (Element, bool) {
	if e == nil {
		return Element{}, false
	}
	if found, ok := e.ByName[name]; ok {
		return found, true
	}
	for at := strings.LastIndexByte(name, '.'); at > 0; at = strings.LastIndexByte(name[:at], '.') {
		whole, ok := e.ByName[name[:at]]
		if !ok {
			continue
		}
		switch whole.Type {
		case "address":
			if part := name[at+1:]; part != "province" && part != "commune" && part != "line" {
				return Element{}, false
			}
			whole.Type = "string"
			return whole, true
		case "object", "list":
			whole.Type = ""
			return whole, true
		}
	}
	return Element{}, false
}

// SubjectDecl is a person or thing whose record the form may use.
type SubjectDecl struct {
	Name string
	Kind string        // of the catalogue
	Key  *expr.Program // yields the key of its record; nil while a form is compiled, and for a faulty one
}

// Source is what a form is compiled from.
type Source struct {
	File     string // named in findings
	Schema   []byte // form.schema.json
	Common   fs.FS  // the tree of procedures, in which ../common/x.json is common/x.json
	Elements *Elements
	Subjects []SubjectDecl // in order
	// Internal is set for a procedure that other cases open: its answers come
	// from there, so a question may do without x-fill and x-asked.
	Internal bool
	// Env declares the variables of the form's expressions, given the type of
	// `form`.
	Env func(formType *expr.Type) (*expr.Env, error)
}

func subjectKind(subjects []SubjectDecl, name string) (string, bool) {
	for _, s := range subjects {
		if s.Name == name {
			return s.Kind, true
		}
	}
	return "", false
}
