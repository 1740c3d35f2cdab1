package cases

import (
	"strings"
	"time"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// dayOf is the date of t in Hanoi, as expressions see it.
func dayOf(t time.Time) string { return t.In(calendar.Hanoi).Format(time.DateOnly) }

// variables are what expressions may read at one moment of a case.
type variables struct {
	c     *snapshot
	b     *evaluated // nil: nothing of the answers is needed
	kids  []childState
	files []string // ids of attachments present
	now   time.Time
	input map[string]any
	due   string // formatted, for texts
	place string // name of the agency, for texts
}

// childState is a sub-case as its parent sees it.
type childState struct {
	Slot      string
	Gen       int
	ID        ID
	Addressed string
	Outcome   workflow.Outcome // empty: open
	Output    map[string]any
	Cancelled bool
	Detached  bool // it goes on though its parent has left the join
}

// vars returns the activation that expressions are evaluated with.
func (v variables) vars() map[string]any {
	c := v.c
	m := map[string]any{
		"today":   dayOf(v.now),
		"variant": c.Variant,
		"input":   orEmpty(v.input),
		"case":    v.caseVars(),
	}
	if v.b != nil {
		answersVars(m, v.b.State.Values, v.b.Records, v.b.Session)
	}
	c.Procedure.Compute(m)
	return m
}

func (v variables) caseVars() map[string]any {
	c := v.c
	visits := make(map[string]any, len(c.Memory.Visits))
	for k, n := range c.Memory.Visits {
		visits[k] = int64(n)
	}
	children := make(map[string]any, len(v.kids))
	for _, k := range v.kids { // in the order of opening: the last of a slot counts
		child := map[string]any{"state": "open", "output": orEmpty(k.Output)}
		if k.Outcome != "" {
			child["state"], child["outcome"] = "ended", string(k.Outcome)
		}
		children[k.Slot] = child
	}
	documents := make([]any, len(v.files))
	for i, f := range v.files {
		documents[i] = f
	}
	m := map[string]any{
		"filedOn":   dayOf(c.FiledAt),
		"filedAt":   c.FiledAt.In(calendar.Hanoi).Format("15:04"),
		"fee":       c.Fee,
		"code":      string(c.Code),
		"children":  children,
		"output":    orEmpty(c.Memory.Output),
		"visits":    visits,
		"documents": documents,
		"due":       v.due,
		"agency":    v.place,
		"given":     map[string]any{},
	}
	if v.b != nil {
		m["given"] = orEmpty(v.b.Given)
	}
	return m
}

// answersVars adds what comes from the form and the registries.
func answersVars(m map[string]any, values map[string]any, records map[string]subjectRecord, session map[string]any) {
	subjects, sources := make(map[string]any, len(records)), make(map[string]any, len(records))
	for name, r := range records {
		sources[name] = r.State
		switch vs := r.Values.(type) {
		case nil:
		case []any:
			subjects[name] = map[string]any{"list": vs}
		default:
			subjects[name] = vs
		}
	}
	m["form"], m["subjects"], m["sources"], m["session"] = orEmpty(values), subjects, sources, orEmpty(session)
}

// readsAnswers tells whether any of the programs reads what only the body holds.
func readsAnswers(programs ...*expr.Program) bool {
	for _, p := range programs {
		if p == nil {
			continue
		}
		for _, ref := range p.Refs {
			root, _, _ := strings.Cut(ref, ".")
			switch root {
			case "form", "subjects", "sources", "session":
				return true
			case "case":
				if strings.HasPrefix(ref, "case.given") || strings.HasPrefix(ref, "case.documents") {
					return true
				}
			}
		}
	}
	return false
}

// needsAnswers tells whether deciding on a trigger may read the answers: its own
// guards, those of the states that are left in the same transaction, and what is
// handed to a sub-case or back to a parent.
func needsAnswers(p *procedures.Procedure, ts []*workflow.Transition) bool {
	m := p.Machine
	seen := map[workflow.State]bool{}
	var walk func(ts []*workflow.Transition) bool
	walk = func(ts []*workflow.Transition) bool {
		for _, t := range ts {
			if readsAnswers(t.When) {
				return true
			}
			next := m.States[t.To]
			if next == nil || seen[t.To] {
				continue
			}
			seen[t.To] = true
			if next.Kind == workflow.Subcases || next.Kind == workflow.Final && len(p.Outputs) > 0 || walk(next.Choose) {
				return true
			}
			if next.Join != nil && walk([]*workflow.Transition{{To: next.Join.Then}}) {
				return true
			}
		}
		return false
	}
	return walk(ts)
}
