package doctor

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/workflow"
)

// keySpace is the name space of the keys of effects.
var keySpace = uuid.MustParse("6f6f3a52-1a39-5c0e-9d5f-0a1d7c7f4b11")

// keyOf computes the key of an effect: it follows from the case, the command that
// scheduled it and its number among the command's effects of its kind.
func keyOf(id, command uuid.UUID, kind, name string, n int) uuid.UUID {
	b := slices.Concat(id[:], command[:], binary.BigEndian.AppendUint32(nil, uint32(n)), []byte(kind), []byte{0}, []byte(name))
	return uuid.NewSHA1(keySpace, b)
}

// placeKey computes the key as it was until November 2026: it followed from the
// case and the effect's place. Effects that were scheduled so keep it.
func placeKey(id uuid.UUID, seq, idx int) uuid.UUID {
	return uuid.NewSHA1(keySpace, slices.Concat(id[:], binary.BigEndian.AppendUint32(nil, uint32(seq)), binary.BigEndian.AppendUint32(nil, uint32(idx))))
}

// checkEffects is invariants 8, 10 and 12.
func checkEffects(x *examiner, r *record) {
	of := map[int][]effect{}
	type same struct {
		command    uuid.UUID
		kind, name string
	}
	nth := map[same]int{}
	for _, e := range r.effects {
		of[e.Seq] = append(of[e.Seq], e)
		x.saw(8, 1)
		if e.Seq < 1 || e.Seq > len(r.events) {
			x.bad(8, r.Code, "effect %d.%d has no event", e.Seq, e.Idx)
			continue
		}
		s := same{r.events[e.Seq-1].Command, e.Type, e.Name}
		if e.Key != keyOf(r.ID, s.command, s.kind, s.name, nth[s]) && e.Key != placeKey(r.ID, e.Seq, e.Idx) {
			x.bad(8, r.Code, "effect %d.%d bears another key than follows from its command", e.Seq, e.Idx)
		}
		nth[s]++
	}
	for i, e := range r.events {
		last := i+1 == len(r.events) || r.events[i+1].Hop == 0
		if wrong := r.prescribed(e, of[e.Seq], last); wrong != "" {
			x.bad(8, r.Code, "event %d, %s: %s", e.Seq, e.Event, wrong)
		}
	}
	x.attempts(r)
}

// prescribed holds the effects of an event against the definition; empty: they
// are what it says. last tells that the event ends its step: what the engine
// adds (to sub-cases, to the parent, to undo) are effects of that one.
func (r *record) prescribed(e event, have []effect, last bool) string {
	own := slices.DeleteFunc(slices.Clone(have), func(h effect) bool { return added(h) })
	for i := range own {
		if own[i].Idx != i {
			return "an effect of the definition stands behind those of the engine"
		}
	}
	if len(own) < len(have) && !last {
		return "the engine's own effects stand in the middle of a step"
	}
	ts := transitionsOf(r.asOf(e).Machine, e)
	if e.Kind == workflow.ByExtend || e.Kind == cases.ByApology {
		ts = []*workflow.Transition{{Effects: []workflow.Effect{{Type: cases.EffectLetter, Name: "apology"}}}}
	}
	if len(ts) == 0 && len(own) > 0 && e.From == e.To {
		return "it only writes down what came, and has effects"
	}
	for _, t := range ts {
		if slices.EqualFunc(t.Effects, own, func(want workflow.Effect, h effect) bool { return want.Type == h.Type && want.Name == h.Name }) {
			return r.reports(e, have, last)
		}
	}
	if len(ts) > 0 {
		return "its effects are not those of the definition"
	}
	return ""
}

// reports: a sub-case tells its parent when it ends, once, and nobody else does.
func (r *record) reports(e event, have []effect, last bool) string {
	n := 0
	for _, h := range have {
		if h.Type == cases.EffectReport {
			n++
		}
	}
	to := r.asOf(e).Machine.States[e.To]
	want := 0
	if r.ParentID != nil && last && to != nil && to.Kind == workflow.Final {
		want = 1
	}
	if n != want {
		return "a sub-case that ends tells its parent once"
	}
	return ""
}

// messages are the effects by which cases talk to each other.
var messages = []string{"open-child", "report-outcome", "cancel-child", "remind-child"}

// added tells whether the engine adds an effect, whatever the definition says:
// to talk to other cases, to undo, and to tell of dates, delays and reminders.
func added(e effect) bool {
	own := e.Type == cases.EffectNotify && (e.Name == cases.NoticeHeldUp || cases.OwnNotice(e.Name) || strings.HasPrefix(e.Name, "hoso-"))
	return own || e.UndoesSeq != nil || slices.Contains(messages, e.Type)
}

// attempts holds effects against their attempts: invariants 10 and 12.
func (x *examiner) attempts(r *record) {
	of := map[[2]int][]attempt{}
	for _, a := range r.attempts {
		of[[2]int{a.Seq, a.Idx}] = append(of[[2]int{a.Seq, a.Idx}], a)
	}
	for _, e := range r.effects {
		x.saw(10, 1)
		x.saw(12, 1)
		all := of[[2]int{e.Seq, e.Idx}]
		delete(of, [2]int{e.Seq, e.Idx})
		switch {
		case (e.Status == effectDone || e.Status == effectRefused) && !e.Receipt:
			x.bad(10, r.Code, "effect %d.%d (%s) is done without a receipt", e.Seq, e.Idx, e.Type)
		case e.Receipt && len(all) == 0:
			x.bad(10, r.Code, "effect %d.%d (%s) has a receipt and no attempt", e.Seq, e.Idx, e.Type)
		}
		if e.open() == (e.NextAt == nil) {
			x.bad(10, r.Code, "effect %d.%d (%s) has status %d and a next attempt: %t", e.Seq, e.Idx, e.Type, e.Status, e.NextAt != nil)
		}
		for i, a := range all {
			if final := a.Result == "done" || a.Result == "refused"; final && i+1 < len(all) {
				x.bad(10, r.Code, "effect %d.%d (%s) was attempted again after it was %s", e.Seq, e.Idx, e.Type, a.Result)
			}
			if a.N != i+1 {
				x.bad(12, r.Code, "effect %d.%d (%s): attempt %d follows after %d", e.Seq, e.Idx, e.Type, a.N, i)
			}
			if under := a.Ended == nil; under && (e.Status != effectInHand || i+1 < len(all)) {
				x.bad(12, r.Code, "effect %d.%d (%s): attempt %d is under way, and the effect is in nobody's hand or in another's", e.Seq, e.Idx, e.Type, a.N)
			}
		}
		if e.Attempts != len(all) {
			x.bad(12, r.Code, "effect %d.%d (%s) counts %d attempts, %d were written down", e.Seq, e.Idx, e.Type, e.Attempts, len(all))
		}
		if e.Leased != (e.Status == effectInHand) {
			x.bad(12, r.Code, "effect %d.%d (%s) has status %d and a lease: %t", e.Seq, e.Idx, e.Type, e.Status, e.Leased)
		}
	}
	for at := range of {
		x.bad(10, r.Code, "attempts at %d.%d, and there is no such effect", at[0], at[1])
	}
}

// checkIncidents is invariant 31.
func checkIncidents(x *examiner, r *record) {
	open := map[[2]int]int{}
	for _, i := range r.incidents {
		x.saw(31, 1)
		at := [2]int{i.Seq, i.Idx}
		if i.Closed == nil {
			if open[at]++; open[at] == 2 {
				x.bad(31, r.Code, "two incidents are open for effect %d.%d", i.Seq, i.Idx)
			}
		}
		if !slices.ContainsFunc(r.effects, func(e effect) bool { return e.Seq == i.Seq && e.Idx == i.Idx }) {
			x.bad(31, r.Code, "an incident of effect %d.%d, which is not there", i.Seq, i.Idx)
		}
		if (i.How == "retried" || i.How == "written-off") && i.By != "system" { // the end of a case writes off what was not done
			want := map[string]workflow.Event{"retried": cases.EventRetryEffect, "written-off": cases.EventWriteOff}[i.How]
			if !slices.ContainsFunc(r.events, func(e event) bool { return e.Kind == cases.ByOperator && e.Event == want }) {
				x.bad(31, r.Code, "the incident of effect %d.%d was %s, and no operator's event says so", i.Seq, i.Idx, i.How)
			}
		}
	}
	for _, e := range r.effects {
		n := open[[2]int{e.Seq, e.Idx}]
		switch {
		case e.Status == effectGivenUp && n == 0:
			x.bad(31, r.Code, "effect %d.%d (%s) was given up, and no incident is open", e.Seq, e.Idx, e.Type)
		case n > 0 && (e.Status == effectDone || e.Status == effectRefused || e.Status == effectWrittenOff):
			x.bad(31, r.Code, "an incident is open for effect %d.%d (%s), which has ended", e.Seq, e.Idx, e.Type)
		}
		if e.Status == effectGivenUp {
			x.saw(31, 1)
		}
	}
}

// checkNotices is invariant 27, as far as the portal goes: every notice follows
// from an effect, and an effect that is done left its notice.
func checkNotices(x *examiner, r *record) {
	due := map[uuid.UUID]bool{}
	for _, e := range r.effects {
		if e.Type != cases.EffectNotify {
			continue
		}
		x.saw(27, 1)
		due[e.Key] = true
		def := r.p.Notices[e.Name]
		always := def != nil && def.To != "owner" && !strings.HasPrefix(def.To, "subjects.")
		if e.Status == effectDone && always && !slices.ContainsFunc(r.notices, func(n notice) bool { return n.ID == e.Key }) {
			x.bad(27, r.Code, "notice %s (%d.%d) is done, and the citizen has none", e.Name, e.Seq, e.Idx)
		}
	}
	for _, n := range r.notices {
		if due[n.ID] {
			continue
		}
		ok := false
		for key := range due { // of several recipients, all but the first
			ok = ok || uuid.NewSHA1(key, []byte(n.To)) == n.ID
		}
		if !ok {
			x.bad(27, r.Code, "a notice that no effect of the case prescribes")
		}
	}
}
