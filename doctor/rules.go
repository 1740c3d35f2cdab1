package doctor

import (
	"fmt"
	"slices"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/workflow"
)

// checkRules is invariants 21 and 22: who may do what, and how often.
func checkRules(x *examiner, r *record) {
	visits := map[string]int{}
	extended, extend := 0, r.p.Machine.Extend
	for i, e := range r.events {
		if e.Kind == workflow.ByExtend && extend != nil {
			x.saw(22, 1)
			if extended++; extended > extend.Max {
				x.bad(22, r.Code, "event %d: the term is extended for the %d. time, %d are allowed", e.Seq, extended, extend.Max)
			}
		}
		x.saw(21, 1)
		if wrong := x.mayHave(r, r.events[:i], e); wrong != "" {
			x.bad(21, r.Code, "event %d, %s: %s", e.Seq, e.Event, wrong)
		}
		m := r.asOf(e).Machine
		if move, ok := migrationOf(e); ok {
			visits = renamedVisits(visits, move)
			continue
		}
		if e.From == "" || e.From == e.To && m.States[e.From] != nil && !taken(m, e) {
			continue
		}
		visits[workflow.Visit(e.From, e.Event)]++
		for _, t := range transitionsOf(m, e) {
			if t.Max == 0 {
				continue
			}
			x.saw(22, 1)
			if n := visits[workflow.Visit(e.From, e.Event)]; n > t.Max {
				x.bad(22, r.Code, "event %d: %s is taken for the %d. time, %d are allowed", e.Seq, workflow.Visit(e.From, e.Event), n, t.Max)
			}
		}
	}
}

// transitionsOf are the ways of the definition that an event may have taken:
// those of its state and trigger that lead where it led.
func transitionsOf(m *workflow.Machine, e event) []*workflow.Transition {
	def := m.States[e.From]
	var ts []*workflow.Transition
	switch {
	case e.From == "" && e.Hop == 0:
		ts = m.File
	case def == nil || def.Kind == workflow.Final: // there is no way out: what comes is only written down
	case e.Hop > 0 && def.Kind == workflow.Auto:
		ts = def.Choose
	case e.Hop > 0 && def.Join != nil:
		ts = []*workflow.Transition{{Event: "join", From: e.From, To: def.Join.Then}}
	case e.Hop > 0:
	case e.Kind == workflow.ByJoin && def.Join != nil:
		for _, to := range []workflow.State{def.Join.Then, def.Join.Refused, def.Join.Late} {
			if to != "" {
				ts = append(ts, &workflow.Transition{Event: e.Event, From: e.From, To: to})
			}
		}
	case e.Kind == workflow.ByWithdraw && m.Withdraw != nil:
		ts = []*workflow.Transition{{Event: e.Event, From: e.From, To: m.Withdraw.To, By: m.Withdraw.By}}
	case e.Kind == workflow.ByCancel:
		if to, ok := m.CancelTo(); ok {
			ts = []*workflow.Transition{{Event: e.Event, From: e.From, To: to}}
		}
	default:
		ts = m.Transitions(e.From, workflow.Trigger{Kind: e.Kind, Event: e.Event})
	}
	return slices.DeleteFunc(slices.Clone(ts), func(t *workflow.Transition) bool { return t.To != e.To })
}

// taken tells whether an event took a transition, and was not only written down.
func taken(m *workflow.Machine, e event) bool { return len(transitionsOf(m, e)) > 0 }

// mayHave returns what is wrong with who did an event; empty: nothing.
func (x *examiner) mayHave(r *record, before []event, e event) string {
	if e.Hop > 0 {
		return "" // it follows from the one before
	}
	system := e.ActorKind == agency.System
	switch e.Kind {
	case workflow.ByFile:
		switch {
		case system && r.ParentID == nil:
			return "the system filed it, and it is no sub-case"
		case !system && e.Actor != r.Applicant:
			return "somebody else than the applicant filed it"
		}
	case workflow.ByExtend:
		if r.asOf(e).Machine.Extend == nil {
			return "the definition knows no extension"
		}
		return x.roleOf(r, r.asOf(e).Machine.Extend.By, e)
	case workflow.BySignal, workflow.ByTimeout, workflow.ByJoin, workflow.ByCancel, cases.ByRedate, cases.ByApology, cases.ByReminder, cases.ByMigrate:
		if !system {
			return fmt.Sprintf("a person did what only the system does (%s)", e.Kind)
		}
	case workflow.ByWithdraw:
		def, w := r.asOf(e).Machine.States[e.From], r.asOf(e).Machine.Withdraw
		switch {
		case w == nil || def == nil || def.FinalAct || slices.Contains(w.Before, e.From):
			return "there is no withdrawal from " + string(e.From)
		}
		return x.roleOf(r, w.By, e)
	case cases.ByOperator:
		for _, at := range []agency.ID{r.Competent, r.Receiving} {
			if system || x.house.held(e.Actor, agency.Operator, at, e.At) || e.Event == cases.EventWithdrawDocument && x.house.held(e.Actor, agency.Approver, at, e.At) {
				return ""
			}
		}
		return "no operator of the case's agencies did it"
	case workflow.ByAction:
		return x.mayAct(r, before, e)
	default:
		return fmt.Sprintf("nobody knows events of kind %s", e.Kind)
	}
	return ""
}

// mayAct holds an action against role, unit and four eyes of the ways that it
// may have taken; one that fits is enough.
func (x *examiner) mayAct(r *record, before []event, e event) string {
	ts := transitionsOf(r.asOf(e).Machine, e)
	if len(ts) == 0 {
		return fmt.Sprintf("state %s has no such action that leads to %s", e.From, e.To)
	}
	wrong := ""
	for _, t := range ts {
		if wrong = x.roleOf(r, t.By, e); wrong != "" {
			continue
		}
		same := slices.IndexFunc(before, func(b event) bool {
			return b.Kind == workflow.ByAction && b.Hop == 0 && b.ActorKind != agency.System && b.Actor == e.Actor && slices.Contains(t.Unlike, b.Event)
		})
		if same < 0 {
			return ""
		}
		wrong = fmt.Sprintf("the same person did %s (event %d) before", before[same].Event, before[same].Seq)
	}
	return wrong
}

// roleOf returns why the actor of an event did not have a role; empty: they had it.
func (x *examiner) roleOf(r *record, role workflow.Role, e event) string {
	def := r.asOf(e).Machine.Roles[role]
	switch {
	case def == nil:
		return fmt.Sprintf("there is no role %s", role)
	case def.Kind == "citizen":
		if e.ActorKind != agency.Citizen || e.Actor != r.Applicant {
			return "somebody else than the applicant did it"
		}
		return ""
	case e.ActorKind != agency.Officer:
		return fmt.Sprintf("no officer did it, and it is the work of %s", role)
	}
	at := r.Competent
	if def.At == workflow.AtReceiving {
		at = r.Receiving
	}
	if !x.house.held(e.Actor, string(role), at, e.At) {
		return fmt.Sprintf("the officer did not sit as %s at %s on that day", role, at)
	}
	return ""
}
