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
		FROM `+figuresSQL+`
		WHERE `+openOnly+`
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
