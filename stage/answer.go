package stage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/workflow"
)

// held is how far off a change of the resident database is put while that takes none.
const held = 10 * 365 * 24 * time.Hour

// hold puts off what is to be written into the resident database while a story
// says that it is unavailable. It is our own and is read all the same.
func (s *Stage) hold(ctx context.Context) error {
	if !s.down[resident.Registry] {
		return nil
	}
	_, err := s.db.Exec(ctx, `
		UPDATE case_effects SET next_at = $2
		WHERE type = 'update-resident' AND status = 0 AND next_at <= $1`, s.now, s.now.Add(held))
	return err
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
func (s *Stage) answer(ctx context.Context, c *cases.Case, signal string, data map[string]any) (bool, error) {
	type asked struct {
		Seq, Idx   int
		Type, Name string
	}
	rows, _ := s.db.Query(ctx, `
		SELECT seq, idx, type, name
		FROM case_effects
		WHERE case_id = $1 AND status = 0 AND type IN ('update-resident', 'send')
		ORDER BY seq DESC, idx DESC`, c.ID)
	open, err := pgx.CollectRows(rows, pgx.RowToStructByPos[asked])
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(open, func(a asked) bool {
		if m := c.Procedure.Messages[a.Name]; a.Type == "send" && m != nil {
			return signal == string(m.Done) || signal == string(m.Refused)
		}
		return a.Type == "update-resident" && (signal == string(cases.SignalRegistryUpdated) || signal == string(cases.SignalRegistryRefused))
	})
	if i < 0 {
		return false, nil
	}
	a := open[i]
	if _, err := s.db.Exec(ctx, `UPDATE case_effects SET next_at = $4 WHERE case_id = $1 AND seq = $2 AND idx = $3`, c.ID, a.Seq, a.Idx, s.now); err != nil {
		return false, err
	}
	e, err := s.cases.Claim(ctx, cases.Bell{Case: c.ID, Seq: a.Seq, Idx: a.Idx})
	if err != nil {
		return false, err
	}
	if e == nil {
		return false, fmt.Errorf("what %s answers is in the hand of nobody", signal)
	}
	r := cases.Result{Signal: workflow.Event(signal), Data: data}
	if m := c.Procedure.Messages[a.Name]; a.Type == "send" && m != nil {
		r.Refused = signal == string(m.Refused)
	} else {
		r.Refused = signal == string(cases.SignalRegistryRefused)
	}
	return true, s.cases.Finish(ctx, e, r)
}
