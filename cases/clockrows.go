package cases

import (
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/calendar"
)

// termStep is what a step does to the legal term.
type termStep struct {
	counts    string    // the day from which the time-outs of the state count; "": its entry
	saysAt    int       // the hop whose event says so; -1: it has been said
	term      *TermSet  // what its last event says of the due date; nil: nothing
	silent    bool      // the next event does not say it
	apologyAt time.Time // when to look whether the citizen has to be told of a delay; zero: never
	warned    bool      // apologyAt changed, and not the due date

	taskDue   time.Time // new end of the task of a state that was kept; zero: as it was
	watchAt   time.Time // of the task that is opened, or has a new end: who is told next, see Watch
	watchDone int
}

// replaceClocks keeps the rows of case_clocks, which the sweeps of re-dating and
// of apologies read, and the due dates in the lists of officers where the state
// was kept. A step that moves nothing writes nothing here.
func replaceClocks(q *statement, steps []*step) {
	var (
		over, ids, kept []uuid.UUID
		names           []string
		numbers         []int32
		due, keptDue    []time.Time
		paused          []bool
		apologies       []*time.Time
		ends, watches   []*time.Time
		watched         []int16
	)
	for _, st := range steps {
		c := st.c
		switch {
		case c.ClosedAt != nil:
			if st.seen > 0 && c.Term.counted() {
				over = append(over, c.ID)
			}
		case st.term != nil || st.warned:
			name, number, err := calendar.ParseRevision(c.Term.Calendar)
			if err != nil { // of before revisions were named
				name, number = "vn-state-offices", 0
			}
			ids, names, numbers, due = append(ids, c.ID), append(names, name), append(numbers, int32(number)), append(due, *c.DueAt)
			paused, apologies = append(paused, !c.Term.Paused.IsZero()), append(apologies, nullTime(st.apologyAt))
			if st.keep && st.term != nil {
				kept, keptDue = append(kept, c.ID), append(keptDue, *c.DueAt)
				ends, watches, watched = append(ends, nullTime(st.taskDue)), append(watches, nullTime(st.watchAt)), append(watched, int16(st.watchDone))
			}
		}
	}
	if len(over) > 0 {
		q.with("clock_over", `DELETE FROM case_clocks k USING moved WHERE k.case_id = moved.id AND k.case_id = ANY (`+q.arg(over)+`::uuid[])`)
	}
	if len(ids) > 0 {
		q.with("clock_set", `INSERT INTO case_clocks (case_id, calendar, number, due_at, paused, apology_at)
			SELECT k.* FROM moved JOIN `+q.unnest("k (case_id, calendar, number, due_at, paused, apology_at)",
			"uuid", ids, "text", names, "int", numbers, "timestamptz", due, "boolean", paused, "timestamptz", apologies)+` ON k.case_id = moved.id
			ON CONFLICT (case_id) DO UPDATE SET calendar = excluded.calendar, number = excluded.number, due_at = excluded.due_at, paused = excluded.paused,
				apology_at = excluded.apology_at, rung_at = NULL, kept_for = NULL, kept_why = NULL`)
	}
	if len(kept) > 0 {
		q.with("new_due", `SELECT d.* FROM moved JOIN `+q.unnest("d (case_id, due_at, task_due, watch_at, watched)",
			"uuid", kept, "timestamptz", keptDue, "timestamptz", ends, "timestamptz", watches, "smallint", watched)+` ON d.case_id = moved.id`)
		q.with("task_due", `UPDATE case_tasks t SET case_due_at = n.due_at, due_at = coalesce(n.task_due, t.due_at),
				watch_at = CASE WHEN n.task_due IS NULL THEN t.watch_at ELSE n.watch_at END, watched = CASE WHEN n.task_due IS NULL THEN t.watched ELSE n.watched END
			FROM new_due n WHERE t.case_id = n.case_id`)
		q.with("wait_due", `UPDATE case_waits w SET due_at = new_due.due_at FROM new_due WHERE w.case_id = new_due.case_id`)
	}
}
