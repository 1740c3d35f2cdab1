package stage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/workflow"
)

// held is how far off a change of the resident database is put while that takes none.
const held = 10 * 365 * 24 * time.Hour

// hold puts off what is to be written into the resident database while a story
// says that it is unavailable. It is our own and is read all the same.
func (s *Stage) hold(ctx context.Context) error {
	switch {
	case s.mute[resident.Registry]:
		if err := s.change(ctx); err != nil {
			return err
		}
	case !s.down[resident.Registry]:
		return nil
	}
	_, err := s.db.Exec(ctx, `
		UPDATE case_effects SET next_at = $2
		WHERE type = 'update-resident' AND status = 0 AND next_at <= $1`, s.now, s.now.Add(held))
	return err
}

// change does what is to be written into the resident database, as the worker
// does that dies before it tells the case: the result is kept with the effect.
func (s *Stage) change(ctx context.Context) error {
	rows, _ := s.db.Query(ctx, `
		SELECT case_id, seq, idx
		FROM case_effects
		WHERE type = 'update-resident' AND status = 0 AND next_at <= $1 AND receipt IS NULL`, s.now)
	open, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (b cases.Bell, err error) { return b, r.Scan(&b.Case, &b.Seq, &b.Idx) })
	if err != nil {
		return err
	}
	for _, b := range open {
		e, err := s.cases.Claim(ctx, b)
		if err != nil || e == nil {
			return err
		}
		change, err := s.cases.ResidentChange(ctx, e)
		if err != nil {
			return err
		}
		if err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
			output, err := resident.Apply(ctx, tx, change)
			if err != nil {
				return err
			}
			return s.cases.Keep(ctx, tx, e, cases.Result{Signal: cases.SignalRegistryUpdated, Data: output})
		}); err != nil {
			return err
		}
		if _, err := s.db.Exec(ctx, `
			UPDATE case_effects SET status = 0, lease = NULL, lease_until = NULL, next_at = $4
			WHERE case_id = $1 AND seq = $2 AND idx = $3`, b.Case, b.Seq, b.Idx, s.now); err != nil {
			return err
		}
	}
	return nil
}

// release lets what was put off go on.
func (s *Stage) release(ctx context.Context) error {
	_, err := s.db.Exec(ctx, `
		UPDATE case_effects SET next_at = $1
		WHERE type = 'update-resident' AND status = 0 AND next_at > $2`, s.now, s.now.Add(held/2))
	return err
}

// answer lets the registry that a case has asked give the answer that a story
// tells; false: nothing that was asked has such an answer.
func (s *Stage) answer(ctx context.Context, id cases.ID, p *procedures.Procedure, signal string, data map[string]any) (bool, error) {
	type asked struct {
		Seq, Idx   int
		Type, Name string
	}
	rows, _ := s.db.Query(ctx, `
		SELECT seq, idx, type, name
		FROM case_effects
		WHERE case_id = $1 AND status = 0 AND type IN ('update-resident', 'send')
		ORDER BY seq DESC, idx DESC`, id)
	open, err := pgx.CollectRows(rows, pgx.RowToStructByPos[asked])
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(open, func(a asked) bool {
		if m := p.Messages[a.Name]; a.Type == "send" && m != nil {
			return signal == string(m.Done) || signal == string(m.Refused)
		}
		return a.Type == "update-resident" && (signal == string(cases.SignalRegistryUpdated) || signal == string(cases.SignalRegistryRefused))
	})
	if i < 0 {
		return false, nil
	}
	a := open[i]
	if _, err := s.db.Exec(ctx, `UPDATE case_effects SET next_at = $4 WHERE case_id = $1 AND seq = $2 AND idx = $3`, id, a.Seq, a.Idx, s.now); err != nil {
		return false, err
	}
	e, err := s.cases.Claim(ctx, cases.Bell{Case: id, Seq: a.Seq, Idx: a.Idx})
	if err != nil {
		return false, err
	}
	if e == nil {
		return false, fmt.Errorf("what %s answers is in the hand of nobody", signal)
	}
	r := cases.Result{Signal: workflow.Event(signal), Data: data}
	if m := p.Messages[a.Name]; a.Type == "send" && m != nil {
		r.Refused = signal == string(m.Refused)
	} else {
		r.Refused = signal == string(cases.SignalRegistryRefused)
	}
	return true, s.cases.Finish(ctx, e, r)
}
