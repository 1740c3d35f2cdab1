package sandbox

import (
	_ "embed"
	"net/http"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/sandbox/page"
)

//go:embed registry.html
var registryHTML string

var registryPage = page.Parse(registryHTML)

// kindView is a kind of record on the registry's page.
type kindView struct {
	Name     string
	Kind     *procedures.Kind // nil: kept by the registry for itself
	Elements []elementView
}

type elementView struct {
	Path   string
	Type   string
	VI, EN string
}

type operationView struct {
	Name   string
	Fields []string
}

type registryPageView struct {
	Name       string
	Base       string
	Kinds      []kindView
	Own        []string // kinds that the catalogue does not have
	Operations []operationView
	Entries    int
}

// show is the page about one registry.
func (s *registryServer) show(w http.ResponseWriter, r *http.Request) {
	v := registryPageView{Name: s.name, Base: s.base, Entries: len(s.world.Book(s.name))}
	for _, name := range s.world.Kinds(s.name) {
		k := s.definitions().Elements.Kinds[name]
		if k == nil {
			v.Own = append(v.Own, name)
			continue
		}
		one := kindView{Name: name, Kind: k}
		one.list("", k.Elements)
		v.Kinds = append(v.Kinds, one)
	}
	for _, op := range s.world.Operations(s.name) {
		v.Operations = append(v.Operations, operationView{op, s.data.Fields(s.name, op)})
	}
	t := s.title()
	page.Write(w, r, http.StatusOK, registryPage, [2]string{t.VI, t.EN}, v)
}

func (v *kindView) list(prefix string, elements []*procedures.Element) {
	for _, e := range elements {
		v.Elements = append(v.Elements, elementView{prefix + e.Name, e.Type, e.Title.VI, e.Title.EN})
		v.list(prefix+e.Name+".", e.Elements)
	}
}

// title is what people call the registry.
func (s *registryServer) title() Text {
	if t, known := s.definitions().Elements.Registries[s.name]; known {
		return Text{VI: t.VI, EN: t.EN}
	}
	return Text{VI: s.name, EN: s.name}
}
