package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/workflow"
)

// The effects that take others back. A definition cannot name them: a state with
// compensate: true schedules them when the case ends there.
const (
	EffectUndoPayment  = "undo-payment"  // the order is cancelled, or what was paid is paid back
	EffectUndoResident = "undo-resident" // the change of the resident database is reversed
	EffectUndoSend     = "undo-send"     // the message's undo is sent
	EffectUndoResult   = "undo-result"   // the paper is taken out of force
)

// SignalRefunded tells a case, long ended, that its money was paid back.
const SignalRefunded workflow.Event = "refunded"

// undoOf is the effect that takes one of a type back: its type and name. ok is
// false when there is nothing to take back, or nothing that does.
func undoOf(p *procedures.Procedure, kind, name string) (undo, by string, ok bool) {
	if !p.Undoable(workflow.Effect{Type: kind, Name: name}).Reversible {
		return "", "", false
	}
	switch kind {
	case EffectPayment:
		return EffectUndoPayment, name, true
	case EffectResident:
		return EffectUndoResident, name, true
	case EffectSend:
		return EffectUndoSend, p.Messages[name].Undo, true
	case EffectResult:
		return EffectUndoResult, name, true
	}
	return "", "", false
}

// undoing is what a step that ends the case has taken back.
type undoing struct {
	effect
	ofSeq, ofIdx int
}

// paymentUndo is what the undo of a payment knows.
type paymentUndo struct {
	Paid   bool          `json:"paid"`   // the case had accepted the payment when it ended
	Refund bool          `json:"refund"` // though the case had accepted it
	Title  workflow.Text `json:"title,omitzero"`
	Law    string        `json:"law,omitempty"`
}

// compensate schedules what takes back what was done for the case, the last
// first, as effects of the ending event. What was not yet done is written off by
// the step itself.
func (s *Service) compensate(ctx context.Context, st *step, o order, v variables) error {
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT seq, idx, type, name, key, status
		FROM case_effects
		WHERE case_id = $1 AND type = ANY ($2) AND undoes_seq IS NULL AND status IN (0, 1, 2, 4)
		ORDER BY seq DESC, idx DESC`, st.c.ID, []string{EffectPayment, EffectResident, EffectSend, EffectResult})
	if err != nil {
		return err
	}
	type happened struct {
		effect
		status int
	}
	done, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e happened, err error) {
		return e, row.Scan(&e.Seq, &e.Idx, &e.Type, &e.Name, &e.Key, &e.status)
	})
	if err != nil {
		return err
	}
	seq, idx := st.nextEffect()
	for _, e := range done {
		kind, by, ok := undoOf(st.c.Procedure, e.Type, e.Name)
		if !ok || st.c.Procedure.Undoable(workflow.Effect{Type: e.Type, Name: e.Name}).Refused == o.Trigger.Event && o.Command == derived(e.Key, string(o.Trigger.Event)) {
			continue // the second: its peer has just said that it did nothing
		}
		var args any = struct{}{}
		if kind == EffectUndoPayment {
			u, err := s.refundOf(ctx, st, e.Name, v)
			if err != nil {
				return err
			}
			u.Paid = e.status == effectDone || st.c.Memory.Paid
			args = u
		}
		raw, err := json.Marshal(args)
		if err != nil {
			return err
		}
		st.undo = append(st.undo, undoing{ofSeq: e.Seq, ofIdx: e.Idx,
			effect: effect{Seq: seq, Idx: idx, Type: kind, Name: by, Key: st.nextKey(kind, by), Args: raw, At: v.now}})
		idx++
	}
	return nil
}

// refundOf finds the rule by which a payment that the case accepted is paid back.
func (s *Service) refundOf(ctx context.Context, st *step, name string, v variables) (u paymentUndo, err error) {
	def := st.c.Procedure.Payments[name]
	if def == nil || len(def.Refund) == 0 {
		return u, nil
	}
	if v.b == nil {
		if v.b, v.files, err = s.bodyAndFiles(ctx, st.c); err != nil {
			return u, err
		}
	}
	v.c = st.c
	vars := v.vars()
	for _, r := range def.Refund {
		ok := r.When == nil
		if !ok {
			if ok, err = r.When.Bool(vars); err != nil {
				return u, fmt.Errorf("refund of %s: %w", name, err)
			}
		}
		if ok {
			return paymentUndo{Refund: true, Title: r.Title, Law: r.Law}, nil
		}
	}
	return u, nil
}

// writeUndo writes off what was not yet done and schedules the rest. An effect
// that nobody ever tried needs no undo, and gets none.
func (st *step) writeUndo(q *statement, outbox Outbox) error {
	var (
		n                  = len(st.undo)
		seqs, ofSeqs       = make([]int32, n), make([]int32, n)
		idxs, ofIdxs       = make([]int16, n), make([]int16, n)
		kinds, names, args = make([]string, n), make([]string, n), make([]string, n)
		keys               = make([]uuid.UUID, n)
		bells              = make([]string, n)
	)
	for i, u := range st.undo {
		seqs[i], idxs[i], kinds[i], names[i], keys[i], args[i] = int32(u.Seq), int16(u.Idx), u.Type, u.Name, u.Key, string(u.Args)
		ofSeqs[i], ofIdxs[i] = int32(u.ofSeq), int16(u.ofIdx)
		bell, err := json.Marshal(Bell{Case: st.c.ID, Seq: u.Seq, Idx: u.Idx, Queue: queueOf(st.c.Procedure, u.Type, u.Name)})
		if err != nil {
			return err
		}
		bells[i] = string(bell)
	}
	at := q.arg(st.undo[0].At) + "::timestamptz"
	q.with("undoes", `SELECT moved.id AS case_id, u.* FROM moved, unnest(`+q.arg(seqs)+`::int[], `+q.arg(idxs)+`::smallint[], `+q.arg(kinds)+`::text[], `+
		q.arg(names)+`::text[], `+q.arg(keys)+`::uuid[], `+q.arg(args)+`::text[], `+q.arg(ofSeqs)+`::int[], `+q.arg(ofIdxs)+`::smallint[])
			AS u (seq, idx, type, name, key, args, of_seq, of_idx)`)
	q.with("not_done", `UPDATE case_effects e SET status = 5, next_at = NULL, lease = NULL, lease_until = NULL, done_at = `+at+`, error = '`+notDone+`'
		FROM undoes u
		WHERE e.case_id = u.case_id AND e.seq = u.of_seq AND e.idx = u.of_idx AND e.status = 0
		RETURNING e.case_id, e.seq, e.idx, e.attempts`)
	q.with("calmed", `UPDATE incidents i SET closed_at = `+at+`, closed_by = 'system', closed_how = 'written-off'
		FROM not_done d
		WHERE i.case_id = d.case_id AND i.seq = d.seq AND i.idx = d.idx AND i.closed_at IS NULL`)
	q.with("undoing", `INSERT INTO case_effects (case_id, seq, idx, type, name, key, args, next_at, created_at, undoes_seq, undoes_idx)
		SELECT u.case_id, u.seq, u.idx, u.type, u.name, u.key, u.args::jsonb, `+at+`, `+at+`, u.of_seq, u.of_idx
		FROM undoes u
		WHERE NOT EXISTS (SELECT FROM not_done d WHERE d.seq = u.of_seq AND d.idx = u.of_idx AND d.attempts = 0)`)
	q.with("undo_rung", `SELECT b.bell FROM moved, unnest(`+q.arg(bells)+`::jsonb[]) AS b (bell)`)
	q.with("undo_bells", outbox.InsertSQL("undo_rung"))
	return nil
}

// notDone is why an effect was written off by the end of its case.
const notDone = "the case ended: not done"

// Undo is what an undo effect finds of the one that it takes back.
type Undo struct {
	Wait   time.Time // zero, or when to look again: another undo comes first, or the effect is in a worker's hand
	None   bool      // the effect did nothing, so nothing is to be taken back
	Seq    int       // of the effect that is taken back, as Idx
	Idx    int
	Key    uuid.UUID // its key: the order, the paper
	Refund bool      // of a payment that the case accepted: it is to be paid back
	Paid   bool      // the case accepted the payment
}

// undoAgain is how long an undo waits for one that comes before it and that a
// person has to see to.
const undoAgain = 15 * time.Minute

// Undo tells an undo effect whether its turn has come, and what it takes back.
// An effect that a late worker put back after the end is written off by it.
func (s *Service) Undo(ctx context.Context, e *Effect) (*Undo, error) {
	u, err := s.undo(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e, err)
	}
	return u, nil
}

func (s *Service) undo(ctx context.Context, e *Effect) (*Undo, error) {
	var (
		u                Undo
		status, attempts int
		lease, before    *time.Time
		blocked          bool
		now              = s.now()
	)
	err := s.cfg.DB.QueryRow(ctx, `
		SELECT o.seq, o.idx, o.key, o.status, o.attempts, o.lease_until, b.n > 0, b.next
		FROM case_effects e
		JOIN case_effects o ON o.case_id = e.case_id AND o.seq = e.undoes_seq AND o.idx = e.undoes_idx
		CROSS JOIN LATERAL (
			SELECT count(*) AS n, max(next_at) AS next
			FROM case_effects b
			WHERE b.case_id = e.case_id AND b.seq = e.seq AND b.idx < e.idx AND b.undoes_seq IS NOT NULL AND b.status IN (0, 1, 4)) AS b
		WHERE e.case_id = $1 AND e.seq = $2 AND e.idx = $3`, e.Case, e.Seq, e.Idx).
		Scan(&u.Seq, &u.Idx, &u.Key, &status, &attempts, &lease, &blocked, &before)
	if err != nil {
		return nil, err
	}
	switch {
	case blocked:
		u.Wait = now.Add(undoAgain)
		if before != nil {
			u.Wait = later(*before, now).Add(time.Second)
		}
		return &u, nil
	case status == effectInHand && lease != nil && lease.After(now):
		u.Wait = lease.Add(time.Second)
		return &u, nil
	case status == effectOpen || status == effectInHand:
		if err := s.writeOffLate(ctx, e.Case, u); err != nil {
			return nil, err
		}
	}
	u.None = status == effectRefused || attempts == 0 && status != effectDone
	if e.Type == EffectUndoPayment {
		var p paymentUndo
		if err := json.Unmarshal(e.args, &p); err != nil {
			return nil, err
		}
		u.Refund, u.Paid = p.Refund, p.Paid
	}
	return &u, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// writeOffLate ends an effect that a worker put back when its case had ended.
func (s *Service) writeOffLate(ctx context.Context, id ID, u Undo) error {
	tag, err := s.cfg.DB.Exec(ctx, `
		WITH ended AS (
			UPDATE case_effects SET status = 5, next_at = NULL, lease = NULL, lease_until = NULL, done_at = @now, error = @why
			WHERE case_id = @case AND seq = @seq AND idx = @idx AND (status = 0 OR status = 1 AND lease_until <= @now)
			RETURNING case_id, seq, idx),
		lost AS (
			UPDATE case_effect_attempts a SET ended_at = @now, result = 'lost'
			FROM ended
			WHERE a.case_id = ended.case_id AND a.seq = ended.seq AND a.idx = ended.idx AND a.ended_at IS NULL),
		calmed AS (
			UPDATE incidents i SET closed_at = @now, closed_by = 'system', closed_how = 'written-off'
			FROM ended
			WHERE i.case_id = ended.case_id AND i.seq = ended.seq AND i.idx = ended.idx AND i.closed_at IS NULL)
		SELECT FROM ended`, pgx.StrictNamedArgs{"now": s.now(), "why": notDone, "case": id, "seq": u.Seq, "idx": u.Idx})
	if err == nil && tag.RowsAffected() == 0 {
		err = errors.New("the effect that it takes back is in a worker's hand again")
	}
	return err
}

// ResidentUndo is the change that takes an update of the resident database back,
// and the cause of the one that it takes back.
func (s *Service) ResidentUndo(e *Effect, u *Undo) (resident.Change, resident.Cause) {
	return resident.Change{At: e.At, Cause: resident.Cause{CaseID: e.Case.String(), CaseCode: string(e.Code), Seq: e.Seq, Idx: e.Idx}},
		resident.Cause{CaseID: e.Case.String(), CaseCode: string(e.Code), Seq: u.Seq, Idx: u.Idx}
}

// WithdrawResult takes the paper out of force that an effect issued.
func (s *Service) WithdrawResult(ctx context.Context, tx pgx.Tx, e *Effect, u *Undo) error {
	if _, err := tx.Exec(ctx, `
		UPDATE case_documents SET withdrawn_at = $3
		WHERE id = $1 AND case_id = $2 AND withdrawn_at IS NULL`, u.Key, e.Case, s.now()); err != nil {
		return fmt.Errorf("%s: %w", e, err)
	}
	return nil
}

// OrderCancelled writes down that nobody can pay an order any more.
func (s *Service) OrderCancelled(ctx context.Context, e *Effect, u *Undo) error {
	if _, err := s.cfg.DB.Exec(ctx, `
		UPDATE case_payments SET status = 'failed', heard_at = $3
		WHERE order_id = $1 AND case_id = $2 AND status NOT IN ('paid', 'refunded')`, u.Key, e.Case, s.now()); err != nil {
		return fmt.Errorf("%s: %w", e, err)
	}
	return nil
}
