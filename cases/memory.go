package cases

import (
	"slices"
	"time"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// memory is what a case remembers of its way so far, besides its answers. It
// is stored in the case row, because every guard may read it.
type memory struct {
	Visits      map[string]int              `json:"visits,omitempty"` // "state.event" → times taken
	Acted       map[workflow.Event][]string `json:"acted,omitempty"`  // who took an action
	Output      map[string]any              `json:"output,omitempty"` // what effects and signals brought
	Budgets     map[workflow.State]*budget  `json:"budgets,omitempty"`
	Asked       []AskedItem                 `json:"asked,omitempty"` // of the last supplement request
	AskedBy     time.Time                   `json:"askedBy,omitzero"`
	Gen         int                         `json:"gen,omitempty"`         // the event that entered the state
	Children    bool                        `json:"children,omitempty"`    // there are rows in case_children
	Depth       int                         `json:"depth,omitempty"`       // how many cases stand above it
	Supplements int                         `json:"supplements,omitempty"` // how often the answers were changed
	Paid        bool                        `json:"paid,omitempty"`
	Promised    time.Time                   `json:"promised,omitzero"` // the first due date, which the receipt says
	Told        time.Time                   `json:"told,omitzero"`     // a later date that the citizen was told since
	Apologised  time.Time                   `json:"apologised,omitzero"`
}

// budget is the working time that a state may use over all its visits. It runs
// like a legal clock that is paused while the case is elsewhere.
type budget struct {
	Start  time.Time           `json:"start"`
	Pauses []calendar.Span     `json:"pauses,omitempty"`
	Left   time.Time           `json:"left,omitzero"`  // zero: the case is in the state
	More   []calendar.Duration `json:"more,omitempty"` // what extensions of the legal term have added
}

// enter opens the budget of a state, or goes on with it.
func (m *memory) enter(s workflow.State, now time.Time) *budget {
	b := m.Budgets[s]
	if b == nil {
		b = &budget{Start: now}
	} else {
		b = &budget{Start: b.Start, Pauses: append(slices.Clip(b.Pauses), calendar.Span{From: b.Left, To: now}), More: b.More}
	}
	m.Budgets[s] = b
	return b
}

// clone returns a copy whose maps may be changed.
func (m *memory) clone() *memory {
	n := *m
	n.Visits = cloneMap(m.Visits)
	n.Acted = cloneMap(m.Acted)
	n.Output = cloneMap(m.Output)
	n.Budgets = cloneMap(m.Budgets)
	return &n
}

func cloneMap[K comparable, V any](m map[K]V) map[K]V {
	n := make(map[K]V, len(m)+1)
	for k, v := range m {
		n[k] = v
	}
	return n
}
