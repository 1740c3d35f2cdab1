package cases

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// archivedOr is ErrArchived when the code is of an archived case that the actor
// might know of, by the one rule; else the error that was met.
func (s *Service) archivedOr(ctx context.Context, a agency.Actor, code Code, met error) error {
	if !code.plausible() {
		return met
	}
	var c snapshot
	err := s.cfg.DB.QueryRow(ctx, `
		SELECT applicant, subject, receiving, competent
		FROM archived_cases
		JOIN case_months USING (suffix)
		WHERE case_id = (SELECT case_id FROM case_codes WHERE code = $1) AND detached_at IS NOT NULL`, code).Scan(
		&c.Applicant, &c.Subject, &c.Receiving, &c.Competent)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return met
	case err != nil:
		return fmt.Errorf("whether case %s is archived: %w", code, err)
	case s.maySee(a, &c):
		return ErrArchived
	}
	c.Code = code
	return s.refused(ctx, a, &c, "", met)
}

// KeepStubs writes what stays of the cases of a month that is about to be
// detached: whose they were, and what they count for in the public figures. It
// may be called again; all cases of the month must be closed.
func (s *Service) KeepStubs(ctx context.Context, suffix string, first, past ID) error {
	err := s.keepStubs(ctx, suffix, first, past)
	if err != nil {
		return fmt.Errorf("keep what stays of the cases of %s: %w", suffix, err)
	}
	return nil
}

func (s *Service) keepStubs(ctx context.Context, suffix string, first, past ID) error {
	hashes, states, whose, err := s.waitingFor(ctx)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		var from, until *time.Time
		err := tx.QueryRow(ctx, `SELECT min(filed_at), max(closed_at) FROM cases WHERE id >= $1 AND id < $2`, first, past).Scan(&from, &until)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM archived_cases WHERE suffix = $1`, suffix); err != nil || from == nil || until == nil {
			return err
		}
		ticks, err := s.officeHours(*from, *until)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			WITH ended AS (
				SELECT *
				FROM cases
				WHERE id >= $6 AND id < $7),
			`+spentSQL+`
			INSERT INTO archived_cases (case_id, suffix, procedure_id, definition, applicant, subject, receiving, competent, filed_at, closed_at, outcome,
				has_term, on_time, total, agency, citizen, technical, rounds)
			SELECT id, $5, procedure_id, definition, applicant, subject, receiving, competent, filed_at, closed_at, outcome,
				clock ? 'start', coalesce(clock ? 'start' AND closed_at <= due_at, false), total, agency, citizen, technical, rounds
			FROM ended
			JOIN spent USING (id)`, hashes, states, whose, ticks, suffix, first, past)
		return err
	})
}
