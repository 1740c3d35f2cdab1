package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// Own tells which of the codes are cases that the actor may open.
func (s *Service) Own(ctx context.Context, a agency.Actor, codes []Code) (map[Code]bool, error) {
	r := s.reach(a)
	args := r.args()
	args["codes"] = codes
	list, err := behind(ctx, s.cfg.DB, r, func(rows pgx.Rows) ([]Code, error) { return pgx.CollectRows(rows, pgx.RowTo[Code]) }, `
		SELECT c.code
		FROM cases c
		WHERE c.id = ANY (ARRAY(SELECT case_id FROM case_codes WHERE code = ANY (@codes::text[]))) AND `+seesSQL, pgx.StrictNamedArgs(args))
	if err != nil {
		return nil, fmt.Errorf("cases of a person: %w", err)
	}
	own := make(map[Code]bool, len(list))
	for _, code := range list {
		own[code] = true
	}
	return own, nil
}
