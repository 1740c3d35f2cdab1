package cases

import (
	"testing"

	"github.com/google/uuid"
)

// wrongCounts is how many figures differ from what counting the open cases gives.
const wrongCounts = `
	WITH figures AS (
		SELECT competent, receiving, procedure_id, state, waits, sum(n) AS n
		FROM (SELECT * FROM case_counts UNION ALL SELECT * FROM case_count_deltas) AS both_tables
		GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0
		UNION ALL
		SELECT competent, receiving, procedure_id, 'filed, ended ' || sum(ended), '', sum(filed)
		FROM (SELECT * FROM case_totals UNION ALL SELECT * FROM case_total_deltas) AS both_tables
		GROUP BY 1, 2, 3
		UNION ALL
		SELECT agency, role, procedure_id, 'untaken', '', sum(n)
		FROM (SELECT * FROM task_counts UNION ALL SELECT * FROM task_count_deltas) AS both_tables
		GROUP BY 1, 2, 3 HAVING sum(n) <> 0),
	counted AS (
		SELECT agency, agency, procedure_id, state, '', count(*) FROM case_tasks GROUP BY 1, 2, 3, 4
		UNION ALL
		SELECT competent, receiving, procedure_id, state, waits_for, count(*) FROM case_waits GROUP BY 1, 2, 3, 4, 5
		UNION ALL
		SELECT competent, receiving, procedure_id, 'filed, ended ' || count(closed_at), '', count(*) FROM cases GROUP BY 1, 2, 3
		UNION ALL
		SELECT agency, role, procedure_id, 'untaken', '', count(*) FROM case_tasks WHERE assignee IS NULL GROUP BY 1, 2, 3)
	SELECT count(*) FROM ((TABLE figures EXCEPT TABLE counted) UNION ALL (TABLE counted EXCEPT TABLE figures)) AS differ`

// recount makes the figures anew, after a test has changed cases behind the engine.
func (o *office) recount() {
	o.t.Helper()
	_, err := o.db.Exec(o.t.Context(), `SELECT recount_cases(), recount_tasks()`)
	o.ok(err)
}

// The figures of the agencies are those of counting, before and after they are
// added up, whatever way the cases go.
func TestFiguresAreThoseOfCounting(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	same := func(when string) {
		t.Helper()
		if n := o.countOf(wrongCounts); n != 0 {
			t.Errorf("%s: %d figures are not those of counting", when, n)
		}
	}
	here := o.receiveMany(3)
	elsewhere := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00004", Fee: 1000})
	same("filed")
	o.ok(o.Take(t.Context(), desk70, here[2].Code))
	same("taken")
	o.ok(o.decline(here[0]))
	o.ok(o.Signal(t.Context(), elsewhere.ID, uuid.New(), "paid", "test", nil))
	o.ok(o.RollUpCounts(t.Context()))
	same("added up")
	if n := o.countOf(`SELECT (SELECT count(*) FROM case_count_deltas) + (SELECT count(*) FROM case_total_deltas) + (SELECT count(*) FROM task_count_deltas)`); n != 0 {
		t.Errorf("%d rows are left to be added", n)
	}
	o.ok(o.Release(t.Context(), desk70, here[2].Code, ""))
	same("given back")
	_, err := o.Act(t.Context(), lan, Command{Code: here[1].Code, Event: "withdraw"})
	o.ok(err)
	same("between two sums")
	o.ok(o.RollUpCounts(t.Context()))
	same("added up again")
	_, err = o.db.Exec(t.Context(), `UPDATE case_counts SET n = n + 1; UPDATE task_counts SET n = n - 1; INSERT INTO case_total_deltas VALUES ('UB-00070', 'UB-00070', 'stall', 7, 8)`)
	o.ok(err)
	o.recount()
	same("made anew")
}
