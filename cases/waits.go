package cases

import (
	"time"

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

// replaceWait keeps the row of case_waits, by which cases without a task are listed.
func (st *step) replaceWait(q *statement) {
	c := st.c
	waits := waitsFor(c.stateDef())
	if waits == "" {
		if st.seen > 0 && waitsFor(c.Procedure.Machine.States[st.events[0].From]) != "" {
			q.with("wait_over", `DELETE FROM case_waits w USING moved WHERE w.case_id = moved.id`)
		}
		return
	}
	due := noDue
	if c.DueAt != nil {
		due = *c.DueAt
	}
	q.with("waiting", `INSERT INTO case_waits (case_id, procedure_id, state, waits_for, competent, receiving, due_at, since)
		SELECT moved.id, `+q.arg(c.Procedure.ID)+`, `+q.arg(c.State)+`, `+q.arg(waits)+`, `+q.arg(c.Competent)+`, `+q.arg(c.Receiving)+`,
			`+q.arg(due)+`::timestamptz, `+q.arg(st.events[len(st.events)-1].At)+`::timestamptz
		FROM moved
		ON CONFLICT (case_id) DO UPDATE SET state = excluded.state, waits_for = excluded.waits_for, due_at = excluded.due_at, since = excluded.since`)
}
