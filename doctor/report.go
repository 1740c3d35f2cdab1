package doctor

import (
	"time"

	"github.com/hoso-gov/hoso/cases"
)

// keepViolations is how many violations of an invariant a report shows; it
// counts them all.
const keepViolations = 10

// Report is what an examination found.
type Report struct {
	At       time.Time  `json:"at"`
	Cases    int64      `json:"cases"`
	Events   int64      `json:"events"`
	Effects  int64      `json:"effects"`
	Findings []*Finding `json:"invariants"` // those examined, by number
}

// Finding is what was found about one invariant.
type Finding struct {
	Invariant
	Checked    int64       `json:"checked"`    // how many things were held against it
	Broken     int64       `json:"broken"`     // how many violations there are
	Violations []Violation `json:"violations"` // the first ones
	Unable     string      `json:"unable"`     // what could not be examined here, and why; empty: everything was
}

// Violation is one place where an invariant does not hold.
type Violation struct {
	Case cases.Code `json:"case"` // empty: none in particular
	What string     `json:"what"` // names no person
}

func (f *Finding) unable(because string) {
	if f.Unable != "" {
		f.Unable += "; "
	}
	f.Unable += because
}

// Holds tells that something was checked and no violation found.
func (f *Finding) Holds() bool { return f.Broken == 0 && (f.Checked > 0 || f.Unable == "") }

// Broken counts the invariants that do not hold.
func (r *Report) Broken() int {
	n := 0
	for _, f := range r.Findings {
		if f.Broken > 0 {
			n++
		}
	}
	return n
}

// Unexamined counts the invariants of which nothing could be checked here.
func (r *Report) Unexamined() int {
	n := 0
	for _, f := range r.Findings {
		if f.Broken == 0 && f.Checked == 0 && f.Unable != "" {
			n++
		}
	}
	return n
}

// Find is the finding of a number; nil when it was not examined.
func (r *Report) Find(n int) *Finding {
	for _, f := range r.Findings {
		if f.N == n {
			return f
		}
	}
	return nil
}
