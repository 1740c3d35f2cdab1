package population

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// orphans are the foreign keys that a batch may have skipped: rows that refer to
// nobody.
var orphans = map[string]string{
	"a parent":   "SELECT count(*) FROM residents c WHERE father_number IS NOT NULL AND NOT EXISTS (SELECT FROM residents p WHERE p.number = c.father_number) OR mother_number IS NOT NULL AND NOT EXISTS (SELECT FROM residents p WHERE p.number = c.mother_number)",
	"a spouse":   "SELECT count(*) FROM residents a LEFT JOIN residents b ON b.number = a.spouse_number AND b.spouse_number = a.number WHERE a.spouse_number IS NOT NULL AND b.number IS NULL",
	"a resident": "SELECT count(*) FROM residences a LEFT JOIN residents b ON b.number = a.resident WHERE b.number IS NULL",
	"a card":     "SELECT count(*) FROM identity_documents a LEFT JOIN residents b ON b.number = a.resident WHERE b.number IS NULL",
	"a member":   "SELECT count(*) FROM household_members a LEFT JOIN residents b ON b.number = a.resident LEFT JOIN households h ON h.id = a.household WHERE b.number IS NULL OR h.id IS NULL",
	"a head":     "SELECT count(*) FROM households h LEFT JOIN household_members m ON m.household = h.id AND m.resident = h.head AND upper_inf(m.valid) WHERE h.closed_at IS NULL AND m.resident IS NULL",
}

// finish checks that nothing refers to nobody, and lets the planner see the new rows.
func (m *maker) finish(ctx context.Context, db *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "ANALYZE residents, identity_documents, residences, households, household_members"); err != nil {
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
}
