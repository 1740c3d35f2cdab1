package studio

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/workflow"
)

// walk is one case being walked by hand. It is used by one request at a time.
type walk struct {
	id        string
	author    string
	db        *stage.Database
	stage     *stage.Stage
	catalogue *procedures.Catalogue
	procedure *procedures.Procedure
	begun     time.Time

	mu    sync.Mutex
	used  time.Time // by a request
	ended bool

	applicant agency.Actor
	subject   string // whom it is about; empty: the applicant
	people    []cases.PersonRef
	draft     uuid.UUID // nil until it is known whom it is about
	id0       cases.ID  // of the case; zero: not filed yet
	refused   bool      // filing was refused, and that is how the story ends
	moments   []moment  // what happened, in order
	story     story
	commands  []uuid.UUID      // that were done
	waiting   int              // minutes since the last step of the story
	seen      map[cases.ID]int // last event of each case that a moment tells of
}

// release gives the walk back after a request.
func (w *walk) release() { w.mu.Unlock() }

func (w *walk) filed() bool { return w.id0 != cases.ID{} }

// hat is a role in which the author acts: in the case, or in one that it opened.
type hat struct {
	Key   string // in addresses: applicant, handler, consents.head/applicant
	By    string // a role, or the personal number of a citizen
	Role  workflow.Role
	Path  string // of the sub-case, as stories write it: consents.head; empty: the case itself
	Case  *cases.Case
	Title workflow.Text
	Who   string // name of the person or of the agency
	Todo  int    // actions that are open
}

// applicantHat is the role of who files.
const applicantHat = "applicant"

// hats are the roles of the case and of the cases that it has opened.
func (w *walk) hats(ctx context.Context) ([]hat, error) {
	if !w.filed() {
		m := w.procedure.Machine
		out := []hat{{Key: applicantHat, By: applicantHat, Role: applicantHat, Title: workflow.Text{VI: "Người nộp", EN: "Applicant"}, Who: w.applicant.Name}}
		for _, role := range officerRoles(m) {
			out = append(out, hat{Key: string(role), By: string(role), Role: role, Title: titleOf(m, role)})
		}
		return out, nil
	}
	c, err := w.stage.Case(ctx, w.id0)
	if err != nil {
		return nil, err
	}
	return w.hatsOf(ctx, c, "")
}

func (w *walk) hatsOf(ctx context.Context, c *cases.Case, path string) ([]hat, error) {
	m := c.Procedure.Machine
	prefix := ""
	if path != "" {
		prefix = path + "/"
	}
	citizen := hat{Key: prefix + applicantHat, By: applicantHat, Role: applicantHat, Path: path, Case: c, Title: titleOf(m, applicantHat), Who: c.ApplicantName}
	if path != "" {
		citizen.By, citizen.Title = c.Applicant, c.Procedure.Name
	}
	out := []hat{}
	if path == "" || acts(m, applicantHat) {
		out = append(out, citizen)
	}
	for _, role := range officerRoles(m) {
		h := hat{Key: prefix + string(role), By: string(role), Role: role, Path: path, Case: c, Title: titleOf(m, role)}
		at := c.Competent
		if m.Roles[role].At == workflow.AtReceiving {
			at = c.Receiving
		}
		if a, ok := w.stage.Agencies().Agency(at); ok {
			h.Who = a.NameVI
		}
		out = append(out, h)
	}
	for i := range out {
		if err := w.count(ctx, &out[i]); err != nil {
			return nil, err
		}
	}
	for _, k := range c.Children {
		if k.Link.ID == (cases.ID{}) {
			continue
		}
		child, err := w.stage.Case(ctx, k.Link.ID)
		if err != nil {
			return nil, err
		}
		below := slot(m, k.Slot)
		if path != "" {
			below = path + "." + below
		}
		more, err := w.hatsOf(ctx, child, below)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// outsideHat is the world outside: payments and what registries report.
const outsideHat = "ben-ngoai"

// hat finds a hat by its key; false: the case has no such role.
func (w *walk) hat(ctx context.Context, key string) (hat, bool, error) {
	all, err := w.hats(ctx)
	if err != nil {
		return hat{}, false, err
	}
	i := slices.IndexFunc(all, func(h hat) bool { return h.Key == key })
	if i < 0 {
		return hat{}, false, nil
	}
	return all[i], true, nil
}

// count counts what the wearer of a hat can do now.
func (w *walk) count(ctx context.Context, h *hat) error {
	c, _, err := w.as(ctx, *h)
	if err != nil {
		return nil // nobody holds the seat, or may see the case: there is nothing to do
	}
	for _, a := range c.Allowed {
		if (a.Enabled || judgesFirst(c, a)) && a.Event != "withdraw" {
			h.Todo++
		}
	}
	return nil
}

// as is the case of a hat as its wearer sees it, and the wearer.
func (w *walk) as(ctx context.Context, h hat) (*cases.Case, agency.Actor, error) {
	who, err := w.stage.Actor(ctx, h.Case, h.By)
	if err != nil {
		return nil, who, err
	}
	c, err := w.stage.Cases().Get(ctx, who, h.Case.Code)
	return c, who, err
}

// officerRoles are the roles of officers, in the order in which they first act.
func officerRoles(m *workflow.Machine) []workflow.Role {
	var out []workflow.Role
	add := func(r workflow.Role) {
		if d := m.Roles[r]; d != nil && d.Kind == "officer" && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	for _, s := range m.Order {
		d := m.States[s]
		add(d.Owner)
		for _, e := range d.ActionOrder {
			for _, t := range d.Actions[e] {
				add(t.By)
			}
		}
	}
	for _, r := range slices.Sorted(maps.Keys(m.Roles)) {
		add(r)
	}
	return out
}

// acts tells whether a role has anything to do in a machine.
func acts(m *workflow.Machine, r workflow.Role) bool {
	for _, d := range m.States {
		if d.Kind == workflow.Wait && d.For == string(r) {
			return true
		}
		for _, ts := range d.Actions {
			if slices.ContainsFunc(ts, func(t *workflow.Transition) bool { return t.By == r }) {
				return true
			}
		}
	}
	return false
}

// slot is how stories name a sub-case: state.name.
func slot(m *workflow.Machine, name string) string {
	for _, s := range m.Order {
		if slices.ContainsFunc(m.States[s].Open, func(k *workflow.Child) bool { return k.Name == name }) {
			return string(s) + "." + name
		}
	}
	return name
}

func titleOf(m *workflow.Machine, r workflow.Role) workflow.Text {
	if d := m.Roles[r]; d != nil && d.Title.VI != "" {
		return d.Title
	}
	if r == applicantHat {
		return workflow.Text{VI: "Người nộp", EN: "Applicant"}
	}
	return workflow.Text{VI: string(r), EN: string(r)}
}
