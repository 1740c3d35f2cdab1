package population

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
)

// orphans are the foreign keys that a batch may have skipped: rows that refer to
// nobody. Each is one pass by hash, a tenth of what the checks row by row cost.
var orphans = map[string]string{
	"a father":    "SELECT count(*) FROM residents c LEFT JOIN residents p ON p.number = c.father_number WHERE c.father_number IS NOT NULL AND p.number IS NULL",
	"a mother":    "SELECT count(*) FROM residents c LEFT JOIN residents p ON p.number = c.mother_number WHERE c.mother_number IS NOT NULL AND p.number IS NULL",
	"a spouse":    "SELECT count(*) FROM residents a LEFT JOIN residents b ON b.number = a.spouse_number AND b.spouse_number = a.number WHERE a.spouse_number IS NOT NULL AND b.number IS NULL",
	"a resident":  "SELECT count(*) FROM residences a LEFT JOIN residents b ON b.number = a.resident WHERE b.number IS NULL",
	"a holder":    "SELECT count(*) FROM identity_documents a LEFT JOIN residents b ON b.number = a.resident WHERE b.number IS NULL",
	"a member":    "SELECT count(*) FROM household_members a LEFT JOIN residents b ON b.number = a.resident WHERE b.number IS NULL",
	"a household": "SELECT count(*) FROM household_members a LEFT JOIN households h ON h.id = a.household WHERE h.id IS NULL",
	"a head":      "SELECT count(*) FROM households h LEFT JOIN household_members m ON m.household = h.id AND m.resident = h.head AND upper_inf(m.valid) WHERE h.closed_at IS NULL AND m.resident IS NULL",
}

// finish lets the planner see the new rows and, when the foreign keys were not
// checked row by row, checks that nothing refers to nobody.
func finish(ctx context.Context, db *pgxpool.Pool, unchecked bool) error {
	group, ctx := errgroup.WithContext(ctx)
	patiently := func(do func(pgx.Tx) error) {
		group.Go(func() error {
			return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
					return err
				}
				return do(tx)
			})
		})
	}
	patiently(func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "ANALYZE residents")
		return err
	})
	patiently(func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "ANALYZE identity_documents, residences, households, household_members"); err != nil || !unchecked {
			return err
		}
		for what, query := range orphans {
			var n int64
			if err := tx.QueryRow(ctx, query).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				return fmt.Errorf("%d rows refer to %s that does not exist", n, what)
			}
		}
		return nil
	})
	return group.Wait()
}
