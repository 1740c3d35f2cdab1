package doctor

import (
	"bytes"
	"context"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/workflow"
)

// checkState is invariants 1 and 2.
func checkState(x *examiner, r *record) {
	x.saw(1, 1)
	x.saw(2, 1)
	def := r.p.Machine.States[r.State]
	switch {
	case def == nil:
		x.bad(1, r.Code, "its definition has no state %s", r.State)
	case (def.Kind == workflow.Final) != (r.ClosedAt != nil):
		x.bad(1, r.Code, "state %s is %s, and the case closed is %t", r.State, def.Kind, r.ClosedAt != nil)
	case r.Outcome != def.Outcome:
		x.bad(1, r.Code, "the outcome is %q, that of state %s is %q", r.Outcome, r.State, def.Outcome)
	}
	if len(r.events) == 0 {
		x.bad(2, r.Code, "there is no event")
		return
	}
	if last := r.events[len(r.events)-1]; last.To != r.State {
		x.bad(1, r.Code, "the case is in %s, its last event leads to %s", r.State, last.To)
	}
	for i, e := range r.events {
		if e.Seq != i+1 {
			x.bad(2, r.Code, "event %d follows after %d", e.Seq, i)
			return
		}
	}
	if r.Revision != len(r.events) {
		x.bad(2, r.Code, "the revision is %d, there are %d events", r.Revision, len(r.events))
	}
}

// checkChain is invariant 3 for one case.
func checkChain(x *examiner, r *record) {
	x.saw(3, 1)
	prev := check.Genesis(r.ID)
	for _, e := range r.events {
		if !bytes.Equal(e.Prev, prev) {
			x.bad(3, r.Code, "event %d does not follow from the one before", e.Seq)
			return
		}
		sum := e.sum(r.ID)
		if !bytes.Equal(e.Sum, sum) {
			x.bad(3, r.Code, "event %d was changed after it was written", e.Seq)
			return
		}
		prev = sum
	}
	if !bytes.Equal(r.Head, prev) {
		x.bad(3, r.Code, "the head that the case names is not the last event's")
	}
	for _, a := range r.anchors {
		if a.Revision > len(r.events) || !bytes.Equal(r.events[a.Revision-1].Sum, a.Sum) {
			x.bad(3, r.Code, "the head that was anchored at revision %d is not in the chain", a.Revision)
		}
	}
}

// sum computes an event's hash as the verifier of the records does. An input that
// was erased enters as the hash that was kept of it.
func (e *event) sum(id uuid.UUID) []byte {
	input := e.InputHash
	if !e.Erased {
		input = check.InputHash(e.Input)
	}
	c := check.Event{Seq: int64(e.Seq), Command: e.Command, Hop: int64(e.Hop), At: e.At, Prev: e.Prev, Texts: [9]string{string(e.Kind), string(e.Event), string(e.From), string(e.To),
		string(e.ActorKind), e.Actor, e.ActorName, e.OnBehalf, string(e.Agency)}}
	return c.Sum(id, input)
}

// checkStrays is the part of invariant 3 that no case tells: events and anchored
// heads whose case is gone.
func checkStrays(ctx context.Context, x *examiner) error {
	rows, err := x.db.Query(ctx, `
		SELECT DISTINCT e.case_id::text FROM case_events e WHERE NOT EXISTS (SELECT FROM cases c WHERE c.id = e.case_id)
		UNION
		SELECT a.case_id::text FROM anchor_heads a WHERE NOT EXISTS (SELECT FROM cases c WHERE c.id = a.case_id) AND NOT case_detached(a.case_id)`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		x.bad(3, cases.Code(id), "there are events or anchored heads of a case that is gone")
	}
	return rows.Err()
}
