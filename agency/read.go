package agency

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Querier is a pool, a connection or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func readUnits(ctx context.Context, db Querier) ([]Unit, error) {
	rows, _ := db.Query(ctx, `
		SELECT code, level, kind, name_vi, name_en, coalesce(province_code, '') AS province_code
		FROM units
		ORDER BY code`)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Unit])
}

func readAgencies(ctx context.Context, db Querier) ([]Agency, error) {
	rows, _ := db.Query(ctx, `
		SELECT id, kind, unit_code, name_vi, name_en, code_prefix, coalesce(parent_id, '') AS parent_id,
			valid_from, valid_to, coalesce(succeeded_by, '') AS succeeded_by
		FROM agencies`)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Agency])
}

// Succeed ends an agency on a day and lets another take over from it. The
// error wraps [ErrNoAgency] when either does not exist, or when taking over
// would lead back to the agency that ends.
func Succeed(ctx context.Context, tx pgx.Tx, ended, by ID, from time.Time) error {
	done, err := tx.Exec(ctx, `
		WITH RECURSIVE heirs AS (
			SELECT id, succeeded_by FROM agencies WHERE id = @by
			UNION
			SELECT a.id, a.succeeded_by FROM agencies a JOIN heirs h ON a.id = h.succeeded_by
		)
		UPDATE agencies
		SET valid_to = @from, succeeded_by = @by
		WHERE id = @ended
			AND EXISTS (SELECT FROM heirs)
			AND NOT EXISTS (SELECT FROM heirs WHERE id = @ended)`,
		pgx.StrictNamedArgs{"ended": ended, "by": by, "from": from.Format(time.DateOnly)})
	if err == nil && done.RowsAffected() == 0 {
		err = ErrNoAgency
	}
	if err != nil {
		return fmt.Errorf("let %s take over from %s: %w", by, ended, err)
	}
	return nil
}
