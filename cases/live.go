package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/procedures"
)

// LiveByProcedure is how many cases of each procedure are open, over all
// agencies and versions. It says nothing about anybody.
func (s *Service) LiveByProcedure(ctx context.Context) (map[procedures.ID]int64, error) {
	rows, _ := s.cfg.DB.Query(ctx, `
		SELECT procedure_id, sum(n)::bigint
		FROM (SELECT procedure_id, n FROM case_counts UNION ALL SELECT procedure_id, d FROM case_count_deltas) AS figures
		GROUP BY procedure_id
		HAVING sum(n) > 0`)
	live := map[procedures.ID]int64{}
	var (
		id procedures.ID
		n  int64
	)
	_, err := pgx.ForEachRow(rows, []any{&id, &n}, func() error {
		live[id] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count the open cases of procedures: %w", err)
	}
	return live, nil
}
