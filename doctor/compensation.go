package doctor

import (
	"slices"

	"github.com/hoso-gov/hoso/workflow"
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
	def, end := r.p.Machine.States[r.State], r.ending()
	for _, e := range r.effects {
		if e.UndoesSeq != nil || e.Seq >= end {
			continue
		}
		x.saw(24, 1)
		can := r.p.Undoable(workflow.Effect{Type: e.Type, Name: e.Name})
		switch {
		case !e.mayHaveHappened() || !can.Acts:
		case !can.Reversible:
			x.bad(24, r.Code, "effect %d.%d (%s %s) cannot be undone, and was done for a case that ended as %s", e.Seq, e.Idx, e.Type, e.Name, r.Outcome)
		case def.Compensate:
			x.saw(23, 1)
			if undone[[2]int{e.Seq, e.Idx}] == 0 {
				x.bad(23, r.Code, "effect %d.%d (%s %s) was done and is not undone", e.Seq, e.Idx, e.Type, e.Name)
			}
		default:
			x.bad(23, r.Code, "effect %d.%d (%s %s) was done, and its end as %s takes nothing back", e.Seq, e.Idx, e.Type, e.Name, r.Outcome)
		}
	}
}

// notDone is why an effect was written off by the end of its case.
const notDone = "the case ended: not done"

// mayHaveHappened tells whether a peer may have done it: it said so, nobody
// knows, or it was tried before the end of the case wrote it off.
func (e effect) mayHaveHappened() bool {
	return e.Status == effectDone || e.open() && e.Ambiguous || e.Status == effectWrittenOff && e.Error == notDone && e.Attempts > 0
}

// ending is the event that ended the case; 0: none did.
func (r *record) ending() int {
	for _, e := range r.events {
		if to := r.asOf(e).Machine.States[e.To]; to != nil && to.Kind == workflow.Final {
			return e.Seq
		}
	}
	return 0
}

func before(a, b [2]int) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }
