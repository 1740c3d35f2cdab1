package doctor

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/workflow"
)

// cancelWithin is how long after its parent's end a sub-case may still be open:
// the cancellation is a message on its way.
const cancelWithin = 5 * time.Minute

// checkChildren is invariants 13, 14 and 15.
func checkChildren(x *examiner, r *record) {
	x.joins(r)
	for _, c := range r.children {
		x.saw(14, 1)
		switch {
		case c.There && (c.Parent == nil || *c.Parent != r.ID):
			x.bad(14, r.Code, "the case in slot %s (%d) has another parent", c.Slot, c.Gen)
		case c.Outcome != "" && (!c.There || c.Closed == nil):
			x.bad(14, r.Code, "slot %s (%d) has the outcome %s, and its case has not ended", c.Slot, c.Gen, c.Outcome)
		case c.Outcome != "" && c.Outcome != c.Ended:
			x.bad(14, r.Code, "slot %s (%d) has the outcome %s, its case ended as %s", c.Slot, c.Gen, c.Outcome, c.Ended)
		case c.Outcome == "" && c.Closed != nil && !c.Reporting:
			x.bad(14, r.Code, "the case in slot %s (%d) ended as %s and has told it, the slot is open", c.Slot, c.Gen, c.Ended)
		}
		if r.ClosedAt == nil || !c.There {
			continue
		}
		if x.saw(15, 1); c.Closed != nil {
			continue
		}
		if !c.Detached && !c.FinalAct && x.now.Sub(*r.ClosedAt) > cancelWithin && !r.cancelling(c) {
			x.bad(15, r.Code, "it has ended, and its sub-case in slot %s (%d) is open", c.Slot, c.Gen)
		}
	}
}

// cancelling tells whether a sub-case's cancellation is under way, or an incident.
func (r *record) cancelling(c child) bool {
	return slices.ContainsFunc(r.effects, func(e effect) bool {
		return e.Type == cases.EffectCancel && e.Name == c.Slot && (e.open() || e.Status == effectGivenUp)
	})
}

// joins walks the visits of subcases states: after each outcome that came in
// time the rule is evaluated anew, and the case has left exactly when it was met.
func (x *examiner) joins(r *record) {
	byReport := map[uuid.UUID]child{}
	for _, c := range r.children {
		if c.ReportKey != nil {
			byReport[*c.ReportKey] = c
		}
	}
	m := r.p.Machine
	outcomes := map[string]workflow.Outcome{}
	gen := 0
	for i, e := range r.events {
		if e.Kind == workflow.ByJoin && e.Hop == 0 {
			x.saw(13, 1)
			if wrong := r.joined(e, gen, byReport, outcomes); wrong != "" {
				x.bad(13, r.Code, "event %d, %s: %s", e.Seq, e.Event, wrong)
			}
		}
		if last := i+1 == len(r.events) || r.events[i+1].Hop == 0; last && !stays(e) && (e.From != e.To || taken(r.asOf(e).Machine, e)) {
			gen = e.Seq
			outcomes = map[string]workflow.Outcome{}
			for _, c := range r.children {
				if c.Gen == gen {
					outcomes[c.Slot] = ""
				}
			}
		}
	}
	def := m.States[r.State]
	if def == nil || def.Kind != workflow.Subcases || len(outcomes) == 0 {
		return
	}
	x.saw(13, 1)
	stored := map[string]workflow.Outcome{}
	for _, c := range r.children {
		if c.Gen == gen {
			stored[c.Slot] = c.Outcome
		}
	}
	if !maps.Equal(stored, outcomes) {
		x.bad(13, r.Code, "the slots do not hold the outcomes that the events brought")
	} else if to, met := m.Joined(r.State, stored, false); met {
		x.bad(13, r.Code, "the rule of state %s is met, and the case has not gone on to %s", r.State, to)
	}
}

// joined holds one event of a join against the rule; empty: it is right.
func (r *record) joined(e event, gen int, byReport map[uuid.UUID]child, outcomes map[string]workflow.Outcome) string {
	m := r.asOf(e).Machine
	def := m.States[e.From]
	left := e.From != e.To || taken(m, e)
	c, reported := byReport[e.Command]
	switch {
	case !reported: // the window is over, or it was prolonged
		if left && (def == nil || def.Kind != workflow.Subcases) {
			return "a window ended in a state that waits for no sub-case"
		}
		if to, _ := m.Joined(e.From, outcomes, true); left && to != e.To {
			return "the window ended, and it does not lead there"
		}
		return ""
	case c.Gen != gen:
		if left {
			return "an outcome that came late moved the case"
		}
		return ""
	}
	if outcomes[c.Slot] != "" {
		return "a slot got its outcome twice"
	}
	outcome := c.Outcome
	if said := outcomeIn(e.Input); said != "" && !e.Erased && said != outcome {
		return "the event brings another outcome than the slot holds"
	}
	outcomes[c.Slot] = outcome
	to, met := m.Joined(e.From, outcomes, false)
	switch {
	case met && !left:
		return "the rule was met, and the case did not go on"
	case !met && left:
		return "the case went on before the rule was met"
	case met && to != e.To:
		return "the rule leads elsewhere"
	}
	return ""
}

// outcomeIn is the outcome that an event's input names.
func outcomeIn(input []byte) workflow.Outcome {
	var in struct {
		Data struct {
			Outcome workflow.Outcome `json:"outcome"`
		} `json:"data"`
	}
	if json.Unmarshal(input, &in) != nil {
		return ""
	}
	return in.Data.Outcome
}
