package population

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// complete proves of a batch what the foreign keys would check row by row at
// twice the cost of the rows: whoever and whatever a row refers to is in the
// batch. It is stored whole or not at all.
func complete(people []*human, households []*household) error {
	known := make(map[*human]bool, len(people))
	for _, p := range people {
		known[p] = true
	}
	for _, p := range people {
		for _, q := range []*human{p.father, p.mother, p.spouse} {
			if q != nil && !known[q] {
				return fmt.Errorf("%s refers to somebody outside of the batch", p.number)
			}
		}
		if p.spouse != nil && p.spouse.spouse != p {
			return fmt.Errorf("the marriage of %s is one-sided", p.number)
		}
	}
	for _, h := range households {
		if len(h.members) == 0 || h.members[0] != h.head {
			return fmt.Errorf("household %d: the head is not its first member", h.id)
		}
		for _, p := range h.members {
			if !known[p] || p.household != h {
				return fmt.Errorf("household %d: %s is not its member", h.id, p.number)
			}
		}
	}
	return nil
}

// analyze lets the planner see the new rows. A small sample serves until the
// database takes a whole one by itself.
func analyze(ctx context.Context, db *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			SET LOCAL statement_timeout = 0;
			SET LOCAL default_statistics_target = 10;
			ANALYZE residents, identity_documents, residences, households, household_members`)
		return err
	})
}
