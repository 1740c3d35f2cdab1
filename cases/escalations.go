package cases

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Escalation is a step that was taken because a task ended soon or was late, as
// officers see it in the case's history.
type Escalation struct {
	At    time.Time
	Step  string // reminder, owner, head, upper
	State workflow.Text
	DueAt time.Time // of the task
	Told  []string  // names of the officers; empty: nobody yet, or nobody holds the seat
}

const escalationsSQL = `
	SELECT at, step, state, due_at, told
	FROM case_escalations
	WHERE case_id = $1
	ORDER BY at, array_position(ARRAY['reminder', 'owner', 'head', 'upper'], step)`

// collectEscalations reads the rows of [escalationsSQL]; the states of p give them their titles.
func collectEscalations(p *procedures.Procedure) func(pgx.Rows) ([]Escalation, error) {
	return func(rows pgx.Rows) ([]Escalation, error) {
		return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Escalation, err error) {
			var (
				state workflow.State
				told  []byte
				who   []struct {
					Name string `json:"name"`
				}
			)
			if err = row.Scan(&e.At, &e.Step, &state, &e.DueAt, &told); err != nil {
				return e, err
			}
			if err = json.Unmarshal(told, &who); err != nil {
				return e, err
			}
			e.State = stateTitle(p, state)
			for _, w := range who {
				e.Told = append(e.Told, w.Name)
			}
			return e, nil
		})
	}
}
