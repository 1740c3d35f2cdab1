package doctor

import (
	"slices"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
)

// checkCompensation is invariants 23 and 24.
func checkCompensation(x *examiner, r *record) {
	undone := map[[2]int]int{}
	var last *effect
	for i := range r.effects {
		e := &r.effects[i]
		if e.UndoesSeq == nil {
			continue
		}
		x.saw(23, 1)
		at := [2]int{*e.UndoesSeq, *e.UndoesIdx}
		if undone[at]++; undone[at] == 2 {
			x.bad(23, r.Code, "effect %d.%d is undone twice", at[0], at[1])
		}
		if !slices.ContainsFunc(r.effects, func(o effect) bool { return o.Seq == at[0] && o.Idx == at[1] && o.Seq < e.Seq }) {
			x.bad(23, r.Code, "effect %d.%d undoes %d.%d, which is not there before it", e.Seq, e.Idx, at[0], at[1])
		}
		if last != nil && last.Seq == e.Seq {
			if !before(at, [2]int{*last.UndoesSeq, *last.UndoesIdx}) {
				x.bad(23, r.Code, "effects %d.%d and %d.%d undo in the order of doing, not the other way round", e.Seq, last.Idx, e.Seq, e.Idx)
			}
			if last.open() && !e.open() {
				x.bad(23, r.Code, "effect %d.%d was undone before the later %d.%d", at[0], at[1], *last.UndoesSeq, *last.UndoesIdx)
			}
		}
		last = e
	}
	if !r.negative() {
		return
	}
	def := r.p.Machine.States[r.State]
	for _, e := range r.effects {
		if e.UndoesSeq != nil || e.Seq >= len(r.events) {
			continue
		}
		done := e.Status == effectDone || e.open() && e.Ambiguous
		switch class := classOf(r.p, e); {
		case !done:
		case class == irreversible:
			x.saw(24, 1)
			x.bad(24, r.Code, "effect %d.%d (%s %s) cannot be undone, and was done for a case that ended as %s", e.Seq, e.Idx, e.Type, e.Name, r.Outcome)
		case class == reversible && def.Compensate:
			x.saw(23, 1)
			x.saw(24, 1)
			if undone[[2]int{e.Seq, e.Idx}] == 0 {
				x.bad(23, r.Code, "effect %d.%d (%s %s) was done and is not undone", e.Seq, e.Idx, e.Type, e.Name)
			}
		default:
			x.saw(24, 1)
		}
	}
}

func before(a, b [2]int) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }

// class is what can be done about an effect that should not have been.
type class int

const (
	harmless     class = iota // it tells or asks, and changes nothing that counts
	reversible                // there is an effect that undoes it
	irreversible              // nothing takes it back
)

// classOf tells what can be done about an effect.
func classOf(p *procedures.Procedure, e effect) class {
	switch e.Type {
	case cases.EffectResident, cases.EffectSend:
		return irreversible
	}
	return harmless
}
