package doctor

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/workflow"
)

// replay is a case on its way through its events, carried out anew from them
// and the definition alone.
type replay struct {
	r      *record
	state  workflow.State
	gen    int
	visits map[string]int
	acted  map[workflow.Event][]string
	asked  bool // a supplement was asked for
	term   term
	spent  map[workflow.State]budget
	at     time.Time // of the event that entered the state
	counts time.Time // from when its time-outs count; zero: from at
	moves  []move

	extended time.Time // when the budget of the state was lengthened last; zero: not since it was entered
}

// term is the legal term as the replay has it.
type term struct {
	start    time.Time
	pauses   []calendar.Span
	paused   time.Time // since when; zero: running
	calendar string    // revision: vn-state-offices/3
	extended []calendar.Extension
}

// move is the due date after one step, with what the step says of it.
type move struct {
	event event
	term  term  // as it was then
	said  *said // nil: the event says nothing of it
}

// said is what an event says of the due date that it set or moved.
type said struct {
	Calendar string    `json:"calendar"`
	Due      time.Time `json:"due"`
	Was      time.Time `json:"was"`
	Paused   bool      `json:"paused"`
}

// input is what of an event's input the replay reads.
type input struct {
	Items   []json.RawMessage          `json:"items"`
	Answers map[string]json.RawMessage `json:"answers"`
	Files   []string                   `json:"files"`
	Days    int                        `json:"days"` // of an extension
	Term    *said                      `json:"term"`
	Counts  string                     `json:"countsFrom"`
}

// from is when the time-outs begin that the event names a day for.
func (in input) from() time.Time {
	day, _ := time.ParseInLocation(time.DateOnly, in.Counts, calendar.Hanoi)
	return day
}

// play carries the events out.
func play(r *record) *replay {
	p := &replay{r: r, visits: map[string]int{}, acted: map[workflow.Event][]string{}, spent: map[workflow.State]budget{}}
	for i := 0; i < len(r.events); {
		n := i + 1
		for n < len(r.events) && r.events[n].Hop > 0 {
			n++
		}
		p.step(r.events[i:n])
		i = n
	}
	return p
}

// step carries out the events of one command.
func (p *replay) step(events []event) {
	first, last := events[0], events[len(events)-1]
	if first.Kind == cases.ByMigrate {
		p.migrate(first)
		return
	}
	m := p.r.asOf(first).Machine
	var in input
	_ = json.Unmarshal(first.Input, &in) // an erased input says nothing
	var (
		told   *said
		counts time.Time
	)
	for _, e := range events {
		var also input
		if json.Unmarshal(e.Input, &also) == nil && also.Term != nil {
			told = also.Term
		}
		counts = also.from()
	}
	moved := len(events) > 1 || first.From != first.To || len(transitionsOf(m, first)) > 0
	switch {
	case first.Kind == workflow.ByExtend:
		p.extend(in, first)
	case moved:
		p.move(events)
		p.restart(in, first)
		if def := m.States[last.To]; def != nil {
			p.term.set(def.Clock, first.At)
		}
	}
	if told != nil {
		p.term.calendar = told.Calendar
	}
	// What only writes something down leaves the due date as it is.
	if counts := moved || first.Kind == workflow.ByExtend || first.Kind == cases.ByRedate; counts && !p.term.start.IsZero() {
		p.moves = append(p.moves, move{last, p.term, told})
	}
	if len(in.Items) > 0 {
		p.asked = true
	}
	if moved && first.Kind != workflow.ByExtend {
		p.state, p.gen, p.at, p.extended = last.To, last.Seq, first.At, time.Time{}
		p.counts = counts
		if def := m.States[last.To]; def != nil && def.Kind == workflow.Task && def.Within.N > 0 {
			b, again := p.spent[last.To]
			if !again {
				b = budget{Start: first.At}
			} else {
				b.Pauses, b.Left = append(slices.Clip(b.Pauses), calendar.Span{From: b.Left, To: first.At}), time.Time{}
			}
			p.spent[last.To] = b
		}
	}
}

// extend lengthens the term, and by as much the budget of the state.
func (p *replay) extend(in input, e event) {
	p.visits[workflow.Extended]++
	p.term.extended = append(slices.Clip(p.term.extended), calendar.Extension{At: e.At, N: in.Days})
	def := p.r.asOf(e).Machine.States[p.state]
	if b, ok := p.spent[p.state]; ok && def != nil && def.Kind == workflow.Task {
		b.More = append(slices.Clip(b.More), calendar.Duration{N: in.Days, Unit: p.r.Clock.Limit.Unit})
		p.spent[p.state], p.extended = b, e.At
	}
}

// move counts what the events of a step took, and starts the term.
func (p *replay) move(events []event) {
	for _, e := range events {
		if e.From != "" {
			p.visits[workflow.Visit(e.From, e.Event)]++
			if b, ok := p.spent[e.From]; ok {
				b.Left = e.At
				p.spent[e.From] = b
			}
		}
		if e.Hop == 0 && e.Kind == workflow.ByAction && e.ActorKind != agency.System && !slices.Contains(p.acted[e.Event], e.Actor) {
			p.acted[e.Event] = append(p.acted[e.Event], e.Actor)
		}
		starts := p.r.asOf(e).Machine.Clock.Starts
		if p.term.start.IsZero() && (starts == workflow.Visit(e.From, e.Event) || e.From == "" && starts == "file") {
			p.term.start = e.At
		}
	}
}

// restart begins the term anew after a supplement, where the law says so.
func (p *replay) restart(in input, e event) {
	supplied := p.asked && len(in.Items) == 0 && (len(in.Answers) > 0 || len(in.Files) > 0)
	if !supplied || p.r.asOf(e).Machine.Clock.AfterSupplement != "restart" || p.term.start.IsZero() {
		return
	}
	p.term.start, p.term.pauses, p.term.extended = e.At, nil, nil
	if !p.term.paused.IsZero() {
		p.term.paused = e.At
	}
}

// set pauses the term or lets it go on, as a state's mode demands.
func (t *term) set(mode workflow.ClockMode, at time.Time) {
	switch {
	case t.start.IsZero():
	case mode == workflow.Running && !t.paused.IsZero():
		if at.After(t.paused) {
			t.pauses = append(slices.Clip(t.pauses), calendar.Span{From: t.paused, To: at})
		}
		t.paused = time.Time{}
	case mode != workflow.Running && t.paused.IsZero():
		t.paused = at
	}
}

// known are the pauses as far as they are known at an instant.
func (t *term) known(at time.Time) []calendar.Span {
	if t.paused.IsZero() || !at.After(t.paused) {
		return t.pauses
	}
	return append(slices.Clip(t.pauses), calendar.Span{From: t.paused, To: at})
}

// checkReplay is invariants 4, 16, 18 and 19, and 20 for one case.
func checkReplay(x *examiner, r *record) {
	p := play(r)
	x.saw(4, 1)
	if p.state != r.State {
		x.bad(4, r.Code, "replay ends in %s, the case is in %s", p.state, r.State)
		return
	}
	if !maps.Equal(p.visits, nonNil(r.Memory.Visits)) {
		x.bad(4, r.Code, "replay counts other visits than the case")
	}
	if !maps.EqualFunc(p.acted, r.Memory.Acted, slices.Equal) && len(p.acted)+len(r.Memory.Acted) > 0 {
		x.bad(4, r.Code, "replay finds other actors than the case")
	}
	if p.gen != r.Memory.Gen {
		x.bad(4, r.Code, "replay entered the state with event %d, the case with %d", p.gen, r.Memory.Gen)
	}
	x.terms(p)
	x.tasks(p)
	x.timers(p)
}

func nonNil(m map[string]int) map[string]int {
	if m == nil {
		return map[string]int{}
	}
	return m
}
