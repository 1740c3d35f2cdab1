package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// Own tells which of the codes are cases that the actor may open.
func (s *Service) Own(ctx context.Context, a agency.Actor, codes []Code) (map[Code]bool, error) {
	args := seesArgs(a)
	args["codes"] = codes
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT c.code
		FROM cases c
		WHERE c.id = ANY (ARRAY(SELECT case_id FROM case_codes WHERE code = ANY (@codes::text[]))) AND `+seesSQL, pgx.StrictNamedArgs(args))
	if err != nil {
		return nil, fmt.Errorf("cases of a person: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[Code])
	if err != nil {
		return nil, fmt.Errorf("cases of a person: %w", err)
	}
	own := make(map[Code]bool, len(list))
	for _, code := range list {
		own[code] = true
	}
	return own, nil
}
