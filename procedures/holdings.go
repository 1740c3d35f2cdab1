package procedures

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/hoso-gov/hoso/workflow"
)

// An Edition is a version of a procedure as it was published.
type Edition struct {
	Procedure *Procedure
	Files     map[string]string // what its hash covers
	Validity                    // days of filing; From is never empty
}

// holdings are what a catalogue holds at one moment. They never change.
type holdings struct {
	folders   map[ID]*Procedure // the binary's, and those of a folder
	published map[ID][]*Edition // the one that began last first; of one day, the one published last
	ahead     bool              // folders stand before what is published: development
	faults    map[ID][]workflow.Finding
	byHash    map[Hash]*Procedure // every version that was ever held
	files     map[Hash]map[string]string
	ids       []ID
}

// listed fills in the ids, in their order.
func (h *holdings) listed() *holdings {
	known := map[ID]bool{}
	for id := range h.folders {
		known[id] = true
	}
	for id := range h.published {
		known[id] = true
	}
	h.ids = slices.Sorted(maps.Keys(known))
	return h
}

// on finds the version that a filing of a day falls under; nil: none. What is
// published decides from its first day on; before, and for procedures that never
// were published, a folder answers.
func (h *holdings) on(id ID, day string) *Procedure {
	p := h.folders[id]
	if p != nil && !p.Valid.Holds(day) {
		p = nil
	}
	if list := h.published[id]; len(list) > 0 && day >= list[len(list)-1].From && (!h.ahead || p == nil) {
		p = nil
		if i := slices.IndexFunc(list, func(e *Edition) bool { return e.Holds(day) }); i >= 0 {
			p = list[i].Procedure
		}
	}
	return p
}

// change replaces what the catalogue holds by what with makes of a copy.
func (c *Catalogue) change(with func(*holdings)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := *c.held.Load()
	next.folders, next.published = maps.Clone(next.folders), maps.Clone(next.published)
	next.byHash, next.files = maps.Clone(next.byHash), maps.Clone(next.files)
	if next.byHash == nil {
		next.byHash, next.files = map[Hash]*Procedure{}, map[Hash]map[string]string{}
	}
	with(&next)
	c.held.Store(next.listed())
}

// FoldersFirst lets the procedures of folders stand before what is published,
// so that an author sees what they write. For development.
func (c *Catalogue) FoldersFirst() { c.change(func(h *holdings) { h.ahead = true }) }

// Publish sets what is published, all of it, the oldest publication first.
func (c *Catalogue) Publish(editions []*Edition) {
	c.change(func(h *holdings) {
		h.published = map[ID][]*Edition{}
		for _, e := range editions {
			id := e.Procedure.ID
			h.published[id] = append(h.published[id], e)
			if h.byHash[e.Procedure.Hash] == nil {
				h.byHash[e.Procedure.Hash], h.files[e.Procedure.Hash] = e.Procedure, e.Files
			}
		}
		for _, list := range h.published {
			slices.Reverse(list)
			slices.SortStableFunc(list, func(a, b *Edition) int { return cmp.Compare(b.From, a.From) })
		}
	})
}

// Chosen tells whether the version of a procedure that is in force was chosen by
// somebody who publishes, or writes, and is not just what this program carries.
func (c *Catalogue) Chosen(id ID) bool {
	h := c.held.Load()
	return h.ahead || len(h.published[id]) > 0
}

// Adopt takes over the folders of a tree that was loaded anew, with its
// findings. A procedure with a mistake, its own or of the shared files, stays in
// the version that it has, and Faults tells why. It returns what has changed.
func (c *Catalogue) Adopt(next *Catalogue, findings []workflow.Finding) (changed []*Procedure) {
	faults := faultsOf(findings)
	from := next.held.Load()
	c.change(func(h *holdings) {
		kept := map[ID][]workflow.Finding{}
		for id, list := range h.faults {
			if next.scope != nil && !next.scope[id] {
				kept[id] = list
			}
		}
		maps.Copy(kept, faults)
		h.faults = kept
		if faults[commonFolder] != nil {
			return
		}
		for id := range h.folders {
			if from.folders[id] == nil && faults[id] == nil && (next.scope == nil || next.scope[id]) {
				delete(h.folders, id)
			}
		}
		for id, p := range from.folders {
			old := h.folders[id]
			if faults[id] != nil {
				continue
			}
			h.folders[id], h.byHash[p.Hash], h.files[p.Hash] = p, p, from.files[p.Hash]
			if old == nil || old.Hash != p.Hash { // else its scenarios may be new
				changed = append(changed, p)
			}
		}
	})
	slices.SortFunc(changed, func(a, b *Procedure) int { return cmp.Compare(a.ID, b.ID) })
	return changed
}

// Sound is a catalogue of its own with the procedures that no finding keeps from running.
func (c *Catalogue) Sound(findings []workflow.Finding) *Catalogue {
	out := &Catalogue{Elements: c.Elements, Today: c.Today, scope: c.scope}
	out.held.Store((&holdings{folders: map[ID]*Procedure{}}).listed())
	out.Adopt(c, findings)
	return out
}

// commonFolder holds the files that procedures share.
const commonFolder ID = "common"

// faultsOf sorts mistakes by folder; warnings are none.
func faultsOf(findings []workflow.Finding) map[ID][]workflow.Finding {
	out := map[ID][]workflow.Finding{}
	for _, f := range findings {
		if !f.Warning {
			out[OfFolder(f)] = append(out[OfFolder(f)], f)
		}
	}
	return out
}

// Faults are the mistakes that keep the newest files of a procedure from being
// adopted, those of the shared files among them.
func (c *Catalogue) Faults(id ID) []workflow.Finding {
	h := c.held.Load()
	return slices.Concat(h.faults[id], h.faults[commonFolder])
}

// Faulty lists the folders whose newest files have mistakes, by name.
func (c *Catalogue) Faulty() []ID { return slices.Sorted(maps.Keys(c.held.Load().faults)) }

// valid reads the days of filing that a definition names.
func (b *builder) valid() {
	n := b.f.procedure.get("valid")
	from, until := n.get("from"), n.get("until")
	b.p.Valid = Validity{From: from.str(), Until: until.str()}
	for _, d := range []*node{from, until} {
		if d != nil && !validDate(d.str()) {
			b.report("DATES", d, fmt.Sprintf("there is no day %s", d.str()), "write a date as 2026-11-24")
		}
	}
	if from != nil && until != nil && from.str() > until.str() {
		b.report("DATES", until, fmt.Sprintf("the version ends on %s, before it begins on %s", until.str(), from.str()), "exchange from and until")
	}
}
