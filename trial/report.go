package trial

import (
	"slices"
	"time"

	"github.com/hoso-gov/hoso/procedures"
)

// Report is what the stories showed of one procedure.
type Report struct {
	ID        procedures.ID  `json:"id"`
	Scenarios int            `json:"scenarios"`
	Passed    int            `json:"passed"`
	Failed    []Failed       `json:"failed"`
	Coverage  map[Kind]Count `json:"coverage"`
	Uncovered []Uncovered    `json:"uncovered"`
	Mutants   *Mutants       `json:"mutants,omitempty"` // nil: none were played
	Seconds   float64        `json:"seconds"`           // of playing its stories, of all workers together
}

// Failed is a story that did not come true.
type Failed struct {
	ID       string    `json:"id"`
	File     string    `json:"file"`
	Line     int       `json:"line"`
	Failures []Failure `json:"failures"`
}

// Count is how many places of a kind were seen, of how many.
type Count struct {
	Seen  int `json:"seen"`
	Total int `json:"total"`
}

// Whole tells whether nothing is missing.
func (c Count) Whole() bool { return c.Seen == c.Total }

// Uncovered is a place that no story has seen.
type Uncovered struct {
	Place
	// Scenario is a story that leads there, as YAML; empty where no way is known.
	Scenario string `json:"scenario,omitempty"`
}

// Reports sums up results by procedure. What a part of a bundle shows in the
// stories of those who open it counts for the part.
func Reports(c *procedures.Catalogue, rows func(procedures.ID) Rows, results []*Result) []*Report {
	all := map[point]bool{}
	for _, r := range results {
		for p := range r.seen {
			all[p] = true
		}
	}
	var out []*Report
	for _, p := range c.All() {
		rep := &Report{ID: p.ID, Failed: []Failed{}, Coverage: map[Kind]Count{}, Uncovered: []Uncovered{}}
		var took time.Duration
		for _, r := range results {
			if r.Procedure != p.ID {
				continue
			}
			rep.Scenarios++
			took += r.Took
			if len(r.Failures) == 0 {
				rep.Passed++
			} else {
				rep.Failed = append(rep.Failed, Failed{r.ID, r.File, r.Line, r.Failures})
			}
		}
		for _, place := range Places(p, rows(p.ID)) {
			n := rep.Coverage[place.Kind]
			n.Total++
			if all[point{p.ID, place.Name}] {
				n.Seen++
			} else {
				rep.Uncovered = append(rep.Uncovered, Uncovered{Place: place})
			}
			rep.Coverage[place.Kind] = n
		}
		slices.SortFunc(rep.Failed, func(a, b Failed) int { return a.Line - b.Line })
		rep.Seconds = took.Seconds()
		out = append(out, rep)
	}
	return out
}
