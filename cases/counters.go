package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	for _, sql := range []string{
		rollUp("case_count_deltas", "case_counts", "competent, receiving, procedure_id, state, waits", "d", "n"),
		rollUp("case_total_deltas", "case_totals", "competent, receiving, procedure_id", "filed", "filed", "ended", "ended"),
		rollUp("task_count_deltas", "task_counts", "agency, role, procedure_id", "d", "n"),
	} {
		if _, err := s.cfg.DB.Exec(ctx, sql); err != nil {
			return fmt.Errorf("add up the counts of cases: %w", err)
		}
	}
	return nil
}

// rollUp is the statement that moves what was left in one table into the sums of
// another. They have the key in common; columns are pairs of one's and the other's.
func rollUp(from, into, key string, columns ...string) string {
	var left, sums, kept, adds, some []string
	for pair := range slices.Chunk(columns, 2) {
		sum := "sum(" + pair[0] + ")"
		left, sums, kept = append(left, pair[0]), append(sums, sum), append(kept, pair[1])
		adds, some = append(adds, pair[1]+" = c."+pair[1]+" + excluded."+pair[1]), append(some, sum+" <> 0")
	}
	list := func(parts []string) string { return strings.Join(parts, ", ") }
	return `
		WITH gone AS (
			DELETE FROM ` + from + `
			WHERE ctid = ANY (ARRAY(SELECT ctid FROM ` + from + ` LIMIT 100000 FOR UPDATE SKIP LOCKED))
			RETURNING ` + key + `, ` + list(left) + `)
		INSERT INTO ` + into + ` AS c (` + key + `, ` + list(kept) + `)
		SELECT ` + key + `, ` + list(sums) + `
		FROM gone
		GROUP BY ` + key + `
		HAVING ` + strings.Join(some, " OR ") + `
		ORDER BY ` + key + `
		ON CONFLICT (` + key + `) DO UPDATE SET ` + list(adds)
}
