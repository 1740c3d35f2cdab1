package archive

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Attach puts the partitions of a detached month back, in one transaction, and
// verifies its records. They must have the columns that their tables have today.
//
// Errors to act upon: ErrNoMonth, ErrInUse, ErrDropped, ErrBusy; *RefusedError:
// the month is attached and its records are not what was written.
func (a *Archive) Attach(ctx context.Context, suffix string) error {
	err := a.alone(ctx, func() error { return a.attach(ctx, suffix) })
	if err != nil {
		return fmt.Errorf("attach %s: %w", suffix, err)
	}
	return nil
}

func (a *Archive) attach(ctx context.Context, suffix string) error {
	m, err := find(ctx, a.cfg.DB, suffix)
	switch {
	case err != nil:
		return err
	case m.State == Dropped:
		return ErrDropped
	case m.DetachedAt == nil:
		return ErrInUse
	}
	a.cfg.Tell("attaching")
	if err := a.shortly(ctx, func(tx pgx.Tx) error { return putBack(ctx, tx, m) }); err != nil {
		return err
	}
	a.cfg.Tell("verifying the records")
	return a.verify(ctx, m)
}

func putBack(ctx context.Context, tx pgx.Tx, m *Month) error {
	list, err := partitions(ctx, tx, "detached", m.Suffix)
	if err != nil {
		return err
	}
	for _, name := range list {
		parent, p := pgx.Identifier{"public", name}.Sanitize(), part("public", name, m.Suffix)
		for _, sql := range []string{
			`ALTER TABLE ` + part("detached", name, m.Suffix) + ` SET SCHEMA public`,
			fmt.Sprintf(`ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM ('%s') TO ('%s')`, parent, p, m.first, m.past),
			fmt.Sprintf(`SELECT case_month_made('%s', '%s')`, parent, p), // its rights
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE case_months SET detached_at = NULL, manifest = NULL, archived = NULL WHERE suffix = $1`, m.Suffix); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT make_case_range($1, $2, $3)`, m.Suffix, m.first, m.past); err != nil { // tables that came later
		return err
	}
	if err := countMonth(ctx, tx, m, 1); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM archived_cases WHERE suffix = $1`, m.Suffix)
	return err
}

// countMonth adds the month's cases to the figures of their agencies, or takes them
// out of these. All of them have ended, and what stays of them is kept.
func countMonth(ctx context.Context, tx pgx.Tx, m *Month, sign int) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO case_total_deltas (competent, receiving, procedure_id, filed, ended)
		SELECT competent, receiving, procedure_id, $2 * count(*), $2 * count(*)
		FROM archived_cases
		WHERE suffix = $1
		GROUP BY competent, receiving, procedure_id`, m.Suffix, sign)
	return err
}
