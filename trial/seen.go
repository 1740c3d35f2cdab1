package trial

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/workflow"
)

// point names a place of a procedure.
type point struct {
	procedure procedures.ID
	name      string
}

// seen is what one story has seen so far. It watches the engine's own decisions;
// one goroutine at a time uses it.
type seen struct {
	points map[point]bool
	trying []point // of a step that is not done yet

	where func(context.Context) ([]stage.Standing, error) // nil: nobody wants to know
	stood [][]stage.Standing                              // by the number of steps done
}

// Done keeps what the step has seen: it was written.
func (s *seen) Done() {
	for _, p := range s.trying {
		s.points[p] = true
	}
	s.trying = s.trying[:0]
}

// Undone forgets transitions that were decided on and not taken after all.
func (s *seen) Undone() { s.trying = s.trying[:0] }

// watch lets s see the decisions of a catalogue.
func (s *seen) watch(c *procedures.Catalogue) {
	for _, p := range c.All() {
		w := watcher{s, p}
		p.Observe = w.row
		if p.Form != nil {
			p.Form.Observe = w.rule
		}
		if p.Machine != nil {
			p.Machine.Observe = w.decision
		}
	}
}

// watcher tells which places of one procedure a decision has seen.
type watcher struct {
	seen *seen
	p    *procedures.Procedure
}

func (w watcher) now(format string, args ...any) {
	w.seen.points[point{w.p.ID, fmt.Sprintf(format, args...)}] = true
}

func (w watcher) row(row any) {
	switch row := row.(type) {
	case *procedures.Fee:
		w.table(Fee, slices.Index(w.p.Fees, row), len(w.p.Fees))
	case *procedures.Limit:
		w.table(Limit, slices.Index(w.p.Limits, row), len(w.p.Limits))
	case *procedures.Variant:
		w.table(Variant, slices.Index(w.p.Variants, row), len(w.p.Variants))
	case *procedures.Value:
		w.now("%s", valueName(row.Name))
	case *procedures.TableRow:
		for _, t := range w.p.Tables {
			if i := slices.Index(t.Rows, row); i >= 0 {
				w.now("%s", figureName(t.Name, i))
			}
		}
	}
}

func (w watcher) table(kind Kind, row, n int) {
	for i := range n {
		if i == row {
			w.now("%s chosen", rowName(kind, i))
		} else {
			w.now("%s passed over", rowName(kind, i))
		}
	}
}

func (w watcher) rule(r *forms.Rule, held bool) {
	if held {
		w.now("%s kept", ruleName(r))
	} else {
		w.now("%s broken", ruleName(r))
	}
}

func (w watcher) decision(in workflow.Input, d *workflow.Decision, err error) {
	m := w.p.Machine
	if err != nil {
		// No condition held: all of them were tried.
		if refused, ok := errors.AsType[*workflow.NotAllowedError](err); ok && refused.Reason == workflow.ReasonGuard {
			w.tried(list{in.State, in.Trigger.Kind, in.Trigger.Event, m.Transitions(in.State, in.Trigger)}, -1)
		}
		return
	}
	for i, t := range d.Taken {
		w.taken(in, t, i == 0)
	}
	to := m.States[d.To]
	if to.Kind == workflow.Subcases && in.Trigger.Kind != workflow.ByExtend {
		w.opened(to, d.EntersSubcases)
	}
}

// taken notes one transition of a decision, and the conditions above it.
func (w watcher) taken(in workflow.Input, t *workflow.Transition, first bool) {
	m := w.p.Machine
	from := m.States[t.From]
	if !first && from != nil && from.Kind == workflow.Subcases { // none was opened
		w.opened(from, nil)
		w.later("%s.join.then", t.From)
		return
	}
	if !first {
		w.list(list{t.From, chosen, "choose", from.Choose}, t)
		return
	}
	switch in.Trigger.Kind {
	case workflow.ByJoin:
		w.later("%s.join.%s", in.State, result(m, in))
	case workflow.ByWithdraw, workflow.ByExtend:
		w.later("%s.%s", in.State, in.Trigger.Kind)
	case workflow.ByCancel: // by its parent: not a transition of its definition
	default:
		w.list(list{in.State, in.Trigger.Kind, in.Trigger.Event, m.Transitions(in.State, in.Trigger)}, t)
	}
}

func (w watcher) list(l list, t *workflow.Transition) {
	i := slices.Index(l.ts, t)
	w.tried(l, i)
	if len(l.ts) > 1 {
		w.later("%s#%d", l.name(), i+1)
	} else {
		w.later("%s", l.name())
	}
}

// tried notes the conditions of a list of which the one at i held; -1: none.
func (w watcher) tried(l list, i int) {
	for n, t := range l.ts {
		if t.When == nil || i >= 0 && n > i {
			continue
		}
		name := l.name()
		if len(l.ts) > 1 {
			name = fmt.Sprintf("%s#%d", name, n+1)
		}
		w.now("%s when %s %t", name, t.When.Source, n == i)
	}
}

// later is noted when the step is written.
func (w watcher) later(format string, args ...any) {
	w.seen.trying = append(w.seen.trying, point{w.p.ID, fmt.Sprintf(format, args...)})
}

func (w watcher) opened(s *workflow.StateDef, open []*workflow.Child) {
	for _, k := range s.Open {
		if k.When != nil {
			w.now("%s.open.%s when %s %t", s.Name, k.Name, k.When.Source, slices.Contains(open, k))
		}
	}
}

// result tells how the sub-cases of a state came out: then, refused and late may
// lead to the same state. The machine itself says it, of a copy that leads to three.
// Sub-cases of earlier states have no say in it.
func result(m *workflow.Machine, in workflow.Input) string {
	def := m.States[in.State]
	j := *def.Join
	j.Then, j.Refused, j.Late = "then", "refused", "late"
	three := &workflow.Machine{States: map[workflow.State]*workflow.StateDef{in.State: {Join: &j}}}
	outcomes := map[string]workflow.Outcome{}
	c, _ := in.Vars["case"].(map[string]any)
	children, _ := c["children"].(map[string]any)
	for _, open := range def.Open {
		values, there := children[open.Name].(map[string]any)
		if !there {
			continue
		}
		outcome, _ := values["outcome"].(string)
		outcomes[open.Name] = workflow.Outcome(outcome)
	}
	to, _ := three.Joined(in.State, outcomes, true)
	return string(to)
}

// Step notes where the cases stand after a step.
func (s *seen) Step(ctx context.Context, n int) error {
	if s.where == nil {
		return nil
	}
	at, err := s.where(ctx)
	s.stood = append(s.stood, at)
	return err
}
