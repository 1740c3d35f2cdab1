package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// RemoveExpired removes what nobody may need any more: drafts that were not
// filed before their day, with their papers, corrections that were not handed
// in while they were asked for, and what was offered hours ago. It returns how
// many drafts there were.
// Call it every hour.
func (s *Service) RemoveExpired(ctx context.Context) (int64, error) {
	var n int64
	err := pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			WITH gone AS (
				DELETE FROM drafts WHERE filed IS NULL AND expires_at <= $1 RETURNING id),
			papers AS (
				DELETE FROM case_files f USING gone WHERE f.owner_id = gone.id)
			SELECT FROM gone`, s.now())
		if err != nil {
			return err
		}
		n = tag.RowsAffected()
		if _, err := tx.Exec(ctx, `DELETE FROM offers WHERE expires_at <= $1`, s.now()); err != nil {
			return err
		}
		// Papers of a supplement that never came stay with the case, which lists them.
		_, err = tx.Exec(ctx, `
			DELETE FROM case_amendments a
			USING cases c
			WHERE c.id = a.case_id AND (c.memory ->> 'gen')::int <> a.gen`)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("remove what has expired: %w", err)
	}
	return n, nil
}
