// Package trial puts definitions on trial: it plays the stories of all
// procedures on the real engine, several at a time, counts what they have seen of
// the definitions, and plays them again on definitions that were made wrong on
// purpose, to know whether they would notice. How one story is played belongs to
// package stage.
package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Kind is what a place of a definition is.
type Kind string

// The kinds of places. A condition, a rule and a row are two places each.
const (
	Transition Kind = "transitions" // taken; a time-out, the result of a join and a withdrawal are transitions too
	Guard      Kind = "guards"      // of a transition or a sub-case: it held; it did not
	Rule       Kind = "rules"       // of the form: it was kept; it was broken
	Fee        Kind = "fees"        // row of the table: it was chosen; another one was
	Limit      Kind = "limits"      // likewise
	Variant    Kind = "variants"    // likewise
)

// Kinds are all of them, in the order in which they are told.
var Kinds = []Kind{Transition, Guard, Rule, Fee, Limit, Variant}

// Place is something of a procedure that stories should have seen.
type Place struct {
	Procedure procedures.ID  `json:"-"`
	Kind      Kind           `json:"kind"`
	Name      string         `json:"name"` // unique in the procedure
	State     workflow.State `json:"-"`    // of a transition or guard; empty at filing
	File      string         `json:"file"` // of the procedure's folder
	Line      int            `json:"line"`
	Text      string         `json:"text"` // for people

	via  workflow.TriggerKind // of a transition
	step *workflow.Transition // nil: the result of a join, or a withdrawal
	to   workflow.State
}

// Files of a folder that places are in.
const (
	workflowFile  = "workflow.yaml"
	procedureFile = "procedure.yaml"
	formFile      = "form.schema.json"
)

// A list is the transitions of one state and trigger, in the order in which they are tried.
type list struct {
	state workflow.State
	via   workflow.TriggerKind
	event workflow.Event
	ts    []*workflow.Transition
}

func (l list) name() string {
	if l.via == workflow.ByFile {
		return "file"
	}
	return fmt.Sprintf("%s.%s", l.state, l.event)
}

// chosen is the trigger kind of lists that are left at once.
const chosen workflow.TriggerKind = "choose"

// lists are all of a machine, as written.
func lists(m *workflow.Machine) []list {
	out := []list{{"", workflow.ByFile, "file", m.File}}
	for _, name := range m.Order {
		s := m.States[name]
		for _, e := range s.ActionOrder {
			out = append(out, list{name, workflow.ByAction, e, s.Actions[e]})
		}
		for _, e := range sortedKeys(s.Signals) {
			out = append(out, list{name, workflow.BySignal, e, s.Signals[e]})
		}
		for _, a := range s.After {
			out = append(out, list{name, workflow.ByTimeout, a.Name, a.Then})
		}
		if len(s.Choose) > 0 {
			out = append(out, list{name, chosen, "choose", s.Choose})
		}
	}
	return out
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	var out []K
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// joinResults are how a state of sub-cases can be left, with the state that follows.
func joinResults(j *workflow.Join) [][2]string {
	out := [][2]string{{"then", string(j.Then)}}
	if j.Refused != "" {
		out = append(out, [2]string{"refused", string(j.Refused)})
	}
	if j.Late != "" {
		out = append(out, [2]string{"late", string(j.Late)})
	}
	return out
}

// withdrawable are the states in which a case may be withdrawn: nobody finds one
// in a state that is left at once.
func withdrawable(m *workflow.Machine) []workflow.State {
	var out []workflow.State
	for _, name := range m.Order {
		if s := m.States[name]; m.Withdraw != nil && s.Kind != workflow.Final && s.Kind != workflow.Auto && !s.FinalAct && !slices.Contains(m.Withdraw.Before, name) {
			out = append(out, name)
		}
	}
	return out
}

// Places are all of a procedure.
func Places(p *procedures.Procedure, rows Rows) []Place {
	var out []Place
	add := func(kind Kind, state workflow.State, file string, line int, name, text string) *Place {
		out = append(out, Place{Procedure: p.ID, Kind: kind, Name: name, State: state, File: file, Line: line, Text: text})
		return &out[len(out)-1]
	}
	both := func(kind Kind, state workflow.State, file string, line int, name, yes, no string) {
		add(kind, state, file, line, name+" "+yes, name+": "+yes)
		add(kind, state, file, line, name+" "+no, name+": "+no)
	}
	if p.Machine != nil {
		for _, l := range lists(p.Machine) {
			for i, t := range l.ts {
				name := l.name()
				if len(l.ts) > 1 {
					name = fmt.Sprintf("%s#%d", name, i+1)
				}
				pl := add(Transition, l.state, workflowFile, t.Line, name, fmt.Sprintf("%s → %s", l.name(), t.To))
				pl.via, pl.step, pl.to = l.via, t, t.To
				if t.When != nil {
					both(Guard, l.state, workflowFile, t.Line, name+" when "+t.When.Source, "true", "false")
				}
			}
		}
		for _, s := range p.Machine.Order {
			def := p.Machine.States[s]
			for _, k := range def.Open {
				if k.When != nil {
					both(Guard, s, workflowFile, k.Line, fmt.Sprintf("%s.open.%s when %s", s, k.Name, k.When.Source), "true", "false")
				}
			}
			if def.Join == nil {
				continue
			}
			for _, r := range joinResults(def.Join) {
				pl := add(Transition, s, workflowFile, def.Line, fmt.Sprintf("%s.join.%s", s, r[0]), fmt.Sprintf("%s: join, %s → %s", s, r[0], r[1]))
				pl.via, pl.to = workflow.ByJoin, workflow.State(r[1])
			}
		}
		for _, s := range withdrawable(p.Machine) {
			pl := add(Transition, s, workflowFile, p.Machine.States[s].Line, fmt.Sprintf("%s.withdraw", s), fmt.Sprintf("%s: withdraw → %s", s, p.Machine.Withdraw.To))
			pl.via, pl.to = workflow.ByWithdraw, p.Machine.Withdraw.To
		}
		if x := p.Machine.Extend; x != nil {
			for _, s := range x.In {
				pl := add(Transition, s, workflowFile, x.Line, fmt.Sprintf("%s.extend", s), fmt.Sprintf("%s: extend", s))
				pl.via, pl.to = workflow.ByExtend, s
			}
		}
	}
	if p.Form != nil {
		for _, r := range p.Form.Rules {
			both(Rule, "", formFile, r.Line, ruleName(r), "kept", "broken")
		}
	}
	table := func(kind Kind, n int, lines []int) {
		for i := range n {
			line := 1
			if i < len(lines) {
				line = lines[i]
			}
			name := rowName(kind, i)
			add(kind, "", procedureFile, line, name+" chosen", name+": chosen")
			if n > 1 {
				add(kind, "", procedureFile, line, name+" passed over", name+": passed over")
			}
		}
	}
	table(Fee, len(p.Fees), rows.Fees)
	table(Limit, len(p.Limits), rows.Limits)
	table(Variant, len(p.Variants), rows.Variants)
	return out
}

// Rows are the lines of the tables of procedure.yaml.
type Rows struct{ Fees, Limits, Variants []int }

func ruleName(r *forms.Rule) string { return "rule " + r.ID }

func rowName(kind Kind, i int) string {
	return fmt.Sprintf("%s row %d", strings.TrimSuffix(string(kind), "s"), i+1)
}
