package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Counts are the figures of an officer's home page. Those of tasks count what
// the officer holds or could take.
type Counts struct {
	DueToday   Count // tasks whose time ends today
	Overdue    Count // tasks whose time is over
	Mine       Count // tasks that the officer holds
	New        Count // tasks that nobody has taken or opened
	Procedures []ProcedureCount
}

// ProcedureCount is how many open cases of the officer's agencies are in a state.
type ProcedureCount struct {
	Procedure  procedures.ID
	Title      workflow.Text
	State      workflow.State
	StateTitle workflow.Text
	Waits      string // whom they wait for: applicant or others; empty: they are tasks
	N          int
}

// Counts returns the figures of the officer's home page. Errors to act upon:
// ErrForbidden for who is no officer.
func (s *Service) Counts(ctx context.Context, a agency.Actor) (*Counts, error) {
	if a.Kind != agency.Officer {
		return nil, fmt.Errorf("count an officer's cases: %w", ErrForbidden)
	}
	args, r, err := s.worklistArgs(a, WorklistQuery{}, sources[TabUnassigned])
	if err != nil {
		return nil, fmt.Errorf("count an officer's cases: %w", err)
	}
	var (
		out   = &Counts{}
		batch = &pgx.Batch{}
	)
	r.wall(batch)
	for _, one := range []struct {
		to        *Count
		holders   string
		condition string
	}{
		{&out.DueToday, `'', @me`, DueToday.filter()},
		{&out.Overdue, `'', @me`, DueOverdue.filter()},
		{&out.Mine, `@me`, ``},
		{&out.New, `''`, ` AND seen_at IS NULL`},
	} {
		batch.Queue(fmt.Sprintf(`
			SELECT count(*) FROM (SELECT FROM %s, unnest(ARRAY[%s]::text[]) AS held (by), LATERAL (
				SELECT FROM case_tasks WHERE agency = seat.agency AND role = seat.role AND case_tasks.holder = held.by%s LIMIT %d) AS r
			LIMIT %[4]d) AS counted`, eachSeat, one.holders, one.condition, countBound+1), args).QueryRow(func(row pgx.Row) error {
			var n int
			err := row.Scan(&n)
			*one.to = Count{N: min(n, countBound), More: n > countBound}
			return err
		})
	}
	batch.Queue(`
		SELECT procedure_id, state, waits, sum(n)::bigint
		FROM (`+ofAgencies("case_counts", "procedure_id, state, waits, n", "")+unionAll+ofAgencies("case_count_deltas", "procedure_id, state, waits, d", "")+`) AS figures
		GROUP BY procedure_id, state, waits
		HAVING sum(n) <> 0
		ORDER BY 1, 3, 2`, args).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var n ProcedureCount
			if err := rows.Scan(&n.Procedure, &n.State, &n.Waits, &n.N); err != nil {
				return err
			}
			n.Title, n.StateTitle = workflow.Text{VI: string(n.Procedure), EN: string(n.Procedure)}, workflow.Text{VI: string(n.State), EN: string(n.State)}
			if p, ok := s.cfg.Procedures.Get(n.Procedure); ok {
				n.Title, n.StateTitle = p.Name, stateTitle(p, n.State)
			}
			out.Procedures = append(out.Procedures, n)
		}
		return rows.Err()
	})
	if err := s.cfg.DB.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("count an officer's cases: %w", err)
	}
	return out, nil
}
