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
	Supplements int                         `json:"supplements,omitempty"` // how often the answers were changed
	Paid        bool                        `json:"paid,omitempty"`
	Promised    time.Time                   `json:"promised,omitzero"`
}

// budget is the working time that a state may use over all its visits. It runs
// like a legal clock that is paused while the case is elsewhere.
type budget struct {
	Start  time.Time       `json:"start"`
	Pauses []calendar.Span `json:"pauses,omitempty"`
	Left   time.Time       `json:"left,omitzero"` // zero: the case is in the state
}

// term is the legal term of a case.
type term struct {
	Start  time.Time         `json:"start,omitzero"` // zero: not running yet
	Limit  calendar.Duration `json:"limit,omitzero"`
	CutOff string            `json:"cutOff,omitempty"`
	Pauses []calendar.Span   `json:"pauses,omitempty"`
	Paused time.Time         `json:"paused,omitzero"` // since when; zero: running
}

func (t *term) clock() calendar.Clock {
	return calendar.Clock{Start: t.Start, Limit: t.Limit, CutOff: t.CutOff, Pauses: t.Pauses}
}

// set changes the term as the new state's clock mode demands at now.
func (t *term) set(mode workflow.ClockMode, now time.Time) {
	switch {
	case t.Start.IsZero():
	case mode == workflow.Running && !t.Paused.IsZero():
		if now.After(t.Paused) {
			t.Pauses = append(slices.Clip(t.Pauses), calendar.Span{From: t.Paused, To: now})
		}
		t.Paused = time.Time{}
	case mode != workflow.Running && t.Paused.IsZero():
		t.Paused = now
	}
}

// due returns when the term ends if it runs on from now, and why; zero when it has not started.
func (t *term) due(cal *calendar.Calendar, now time.Time) (calendar.Due, error) {
	if t.Start.IsZero() || t.Limit.N == 0 {
		return calendar.Due{}, nil
	}
	return cal.Due(t.running(now), now)
}

// end is the At of due.
func (t *term) end(cal *calendar.Calendar, now time.Time) (time.Time, error) {
	if t.Start.IsZero() || t.Limit.N == 0 {
		return time.Time{}, nil
	}
	return cal.End(t.running(now), now)
}

// running is the clock that runs on from now.
func (t *term) running(now time.Time) calendar.Clock {
	c := t.clock()
	if !t.Paused.IsZero() && now.After(t.Paused) {
		c.Pauses = append(slices.Clip(c.Pauses), calendar.Span{From: t.Paused, To: now})
	}
	return c
}

// enter opens the budget of a state, or goes on with it.
func (m *memory) enter(s workflow.State, now time.Time) *budget {
	b := m.Budgets[s]
	if b == nil {
		b = &budget{Start: now}
	} else {
		b = &budget{Start: b.Start, Pauses: append(slices.Clip(b.Pauses), calendar.Span{From: b.Left, To: now})}
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
