package doctor

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/resident"
)

// checkResidents is invariant 36. The report names no person: who breaks a rule
// is shown by `hoso residents quality`, which writes the log of reads.
func checkResidents(ctx context.Context, x *examiner) error {
	if err := x.count(ctx, 36, `SELECT count(*) FROM residents`); err != nil {
		return err
	}
	return pgx.BeginTxFunc(ctx, x.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		broken, err := resident.CheckTx(ctx, tx)
		for _, b := range broken {
			x.bad(36, "", "%s: %s; broken by %d (hoso residents quality --rule %s --examples 20 tells by whom)", b.Rule, b.EN, b.Count, b.Rule)
		}
		return err
	})
}
