package cases

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

// countSteps adds the steps to the figures of the agencies: one case less where
// it was, one more where it is.
func countSteps(q *statement, steps []*step) {
	var (
		ids                                 []uuid.UUID
		competent, receiving, procs, states []string
		waits                               []string
		deltas                              []int32
	)
	add := func(c *snapshot, def *workflow.StateDef, d int32) {
		if def.Kind != workflow.Task && waitsFor(def) == "" {
			return
		}
		at, by := countedAt(c, def)
		ids, competent, receiving, procs = append(ids, c.ID), append(competent, string(at)), append(receiving, string(by)), append(procs, string(c.Procedure.ID))
		states, waits, deltas = append(states, string(def.Name)), append(waits, waitsFor(def)), append(deltas, d)
	}
	for _, st := range steps {
		if st.keep {
			continue
		}
		if st.seen > 0 {
			add(st.c, st.from(), -1)
		}
		add(st.c, st.c.stateDef(), 1)
	}
	if len(ids) > 0 {
		q.with("counted", `INSERT INTO case_count_deltas (competent, receiving, procedure_id, state, waits, d)
			SELECT n.competent, n.receiving, n.procedure_id, n.state, n.waits, n.d
			FROM moved JOIN `+q.unnest("n (case_id, competent, receiving, procedure_id, state, waits, d)", "uuid", ids, "text", competent, "text", receiving,
			"text", procs, "text", states, "text", waits, "int", deltas)+` ON n.case_id = moved.id`)
	}
}

// countedAt are the agencies that count a case in the state among their open
// ones: the seat of its task, or both of its agencies while it waits.
func countedAt(c *snapshot, def *workflow.StateDef) (competent, receiving agency.ID) {
	if def.Kind != workflow.Task {
		return c.Competent, c.Receiving
	}
	if role := c.Procedure.Machine.Roles[def.Owner]; role != nil && role.At == workflow.AtReceiving {
		return c.Receiving, c.Receiving
	}
	return c.Competent, c.Competent
}

// RollUpCounts adds up what the steps have left for the figures of the
// agencies. Any number of processes may call it at once.
func (s *Service) RollUpCounts(ctx context.Context) error {
	for _, sql := range []string{`
		WITH gone AS (
			DELETE FROM case_count_deltas
			WHERE ctid = ANY (ARRAY(SELECT ctid FROM case_count_deltas LIMIT 100000 FOR UPDATE SKIP LOCKED))
			RETURNING competent, receiving, procedure_id, state, waits, d)
		INSERT INTO case_counts AS c (competent, receiving, procedure_id, state, waits, n)
		SELECT competent, receiving, procedure_id, state, waits, sum(d)
		FROM gone
		GROUP BY competent, receiving, procedure_id, state, waits
		HAVING sum(d) <> 0
		ORDER BY competent, receiving, procedure_id, state, waits
		ON CONFLICT (competent, receiving, procedure_id, state, waits) DO UPDATE SET n = c.n + excluded.n`, `
		WITH gone AS (
			DELETE FROM case_total_deltas
			WHERE ctid = ANY (ARRAY(SELECT ctid FROM case_total_deltas LIMIT 100000 FOR UPDATE SKIP LOCKED))
			RETURNING competent, receiving, procedure_id, filed, ended)
		INSERT INTO case_totals AS c (competent, receiving, procedure_id, filed, ended)
		SELECT competent, receiving, procedure_id, sum(filed), sum(ended)
		FROM gone
		GROUP BY competent, receiving, procedure_id
		ORDER BY competent, receiving, procedure_id
		ON CONFLICT (competent, receiving, procedure_id) DO UPDATE SET filed = c.filed + excluded.filed, ended = c.ended + excluded.ended`, `
		WITH gone AS (
			DELETE FROM task_count_deltas
			WHERE ctid = ANY (ARRAY(SELECT ctid FROM task_count_deltas LIMIT 100000 FOR UPDATE SKIP LOCKED))
			RETURNING agency, role, procedure_id, d)
		INSERT INTO task_counts AS c (agency, role, procedure_id, n)
		SELECT agency, role, procedure_id, sum(d)
		FROM gone
		GROUP BY agency, role, procedure_id
		HAVING sum(d) <> 0
		ORDER BY agency, role, procedure_id
		ON CONFLICT (agency, role, procedure_id) DO UPDATE SET n = c.n + excluded.n`,
	} {
		if _, err := s.cfg.DB.Exec(ctx, sql); err != nil {
			return fmt.Errorf("add up the counts of cases: %w", err)
		}
	}
	return nil
}
