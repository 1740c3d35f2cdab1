// Package guide is the sandbox's pages of what can be tried with whom: for each
// service its scenarios, told for people who play them by hand in the portal: as
// whom to sign in, what to answer and attach, who acts next, and what comes out.
// It tells; playing them on the engine belongs to package stage.
package guide

import (
	_ "embed"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/sandbox/page"
	"github.com/hoso-gov/hoso/workflow"
)

// Path is where the pages are.
const Path = "/thu"

//go:embed index.html
var indexHTML string

//go:embed service.html
var serviceHTML string

var (
	indexPage   = page.Parse(indexHTML)
	servicePage = page.Parse(serviceHTML)
)

// Config says what the pages tell of.
type Config struct {
	// Definitions are those of the portal now.
	Definitions func() *procedures.Catalogue
	// Read is what a registry of the sandbox holds under a key today; nil values: nothing, or no such registry.
	Read func(registry, kind, key string) map[string]any
	// Portal is its address, for links; empty: none.
	Portal string
}

// Guide is the pages. Any number of goroutines may use it.
type Guide struct {
	cfg      Config
	people   map[string]resident.DemoPerson
	officers []agency.DemoOfficer
	units    *agency.Units
}

// New makes the pages over the demonstration's people and officers.
func New(cfg Config) (*Guide, error) {
	g := &Guide{cfg: cfg, people: map[string]resident.DemoPerson{}}
	people, err := resident.DemoPopulation()
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		g.people[p.Number] = p
	}
	if g.officers, err = agency.DemoOfficers(); err != nil {
		return nil, err
	}
	g.units, err = agency.DemoUnits()
	return g, err
}

// Routes puts the pages below [Path].
func (g *Guide) Routes(r chi.Router) {
	r.Get("/", g.index)
	r.Get("/{procedure}", g.service)
}

type groupView struct {
	Title    workflow.Text
	Services []serviceLine
}

type serviceLine struct {
	ID        procedures.ID
	Name      workflow.Text
	Scenarios int
	ByHand    int // of these
}

// index lists the services that have scenarios by life event.
func (g *Guide) index(w http.ResponseWriter, r *http.Request) {
	byGroup := map[string][]serviceLine{}
	for _, p := range g.cfg.Definitions().Services() {
		line := serviceLine{ID: p.ID, Name: p.Name, Scenarios: len(p.Scenarios)}
		for _, s := range p.Scenarios {
			if len(obstacles(s)) == 0 {
				line.ByHand++
			}
		}
		if line.Scenarios > 0 {
			byGroup[p.Group] = append(byGroup[p.Group], line)
		}
	}
	var groups []groupView
	for _, group := range procedures.Groups {
		if list := byGroup[group.ID]; list != nil {
			groups = append(groups, groupView{group.Title, list})
			delete(byGroup, group.ID)
		}
	}
	for _, list := range byGroup {
		groups = append(groups, groupView{workflow.Text{VI: "Khác", EN: "Others"}, list})
	}
	page.Write(w, r, http.StatusOK, indexPage, [2]string{"Thử gì, với ai", "What to try, and as whom"}, groups)
}

type serviceView struct {
	ID     procedures.ID
	Portal string
	Try    []Scenario
}

// service tells the scenarios of one.
func (g *Guide) service(w http.ResponseWriter, r *http.Request) {
	c := g.cfg.Definitions()
	p, ok := c.Get(procedures.ID(chi.URLParam(r, "procedure")))
	if !ok || p.Internal {
		page.Sorry(w, r, http.StatusNotFound, "Không có dịch vụ này.", "There is no such service.")
		return
	}
	v := serviceView{ID: p.ID, Portal: g.cfg.Portal}
	for _, s := range p.Scenarios {
		v.Try = append(v.Try, g.tell(c, p, s))
	}
	page.Write(w, r, http.StatusOK, servicePage, [2]string{"Thử: " + p.Name.VI, "Try: " + p.Name.EN}, v)
}
