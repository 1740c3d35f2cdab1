package cases

import (
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/workflow"
)

// Whom an open case waits for when no officer has a task in it.
const (
	waitsForApplicant = "applicant"
	waitsForOthers    = "others" // agencies, registries, the system
)

// noDue stands in lists for a legal term that is not running: it sorts last.
var noDue = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// waitsFor tells whom a case in the state waits for; empty for tasks and ends.
func waitsFor(def *workflow.StateDef) string {
	switch {
	case def == nil:
		return ""
	case def.Kind == workflow.Wait && def.For == waitsForApplicant:
		return waitsForApplicant
	case def.Kind == workflow.Wait, def.Kind == workflow.Subcases:
		return waitsForOthers
	}
	return ""
}

// replaceWaits keeps the rows of case_waits, by which cases without a task are listed.
func replaceWaits(q *statement, steps []*step) {
	var (
		over, ids                                  []uuid.UUID
		procs, states, waits, competent, receiving []string
		due, since                                 []time.Time
	)
	for _, st := range steps {
		c := st.c
		if st.keep {
			continue
		}
		w := waitsFor(c.stateDef())
		if w == "" {
			if st.seen > 0 && waitsFor(st.from()) != "" {
				over = append(over, c.ID)
			}
			continue
		}
		until := noDue
		if c.DueAt != nil {
			until = *c.DueAt
		}
		ids, procs, states, waits = append(ids, c.ID), append(procs, string(c.Procedure.ID)), append(states, string(c.State)), append(waits, w)
		competent, receiving = append(competent, string(c.Competent)), append(receiving, string(c.Receiving))
		due, since = append(due, until), append(since, st.events[len(st.events)-1].At)
	}
	if len(over) > 0 {
		q.with("wait_over", `DELETE FROM case_waits w USING moved WHERE w.case_id = moved.id AND w.case_id = ANY (`+q.arg(over)+`::uuid[])`)
	}
	if len(ids) > 0 {
		q.with("waiting", `INSERT INTO case_waits (case_id, procedure_id, state, waits_for, competent, receiving, due_at, since)
			SELECT w.* FROM moved JOIN `+q.unnest("w (case_id, procedure_id, state, waits_for, competent, receiving, due_at, since)",
			"uuid", ids, "text", procs, "text", states, "text", waits, "text", competent, "text", receiving, "timestamptz", due, "timestamptz", since)+` ON w.case_id = moved.id
			ON CONFLICT (case_id) DO UPDATE SET state = excluded.state, waits_for = excluded.waits_for, due_at = excluded.due_at, since = excluded.since`)
	}
}
