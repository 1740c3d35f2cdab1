package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/failpoint"
)

// Keep writes down how doing the effect ended, in the transaction that did it.
// It wraps ErrLeaseLost when another worker has the effect: roll back then.
func (s *Service) Keep(ctx context.Context, tx pgx.Tx, e *Effect, r Result) error {
	failpoint.Hit(failpoint.KeepBefore)
	receipt, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep the result of %s: %w", e, err)
	}
	tag, err := tx.Exec(ctx, `
		UPDATE case_effects SET receipt = $5
		WHERE case_id = $1 AND seq = $2 AND idx = $3 AND lease = $4 AND status = 1`, e.Case, e.Seq, e.Idx, e.lease, receipt)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("keep the result of %s: %w", e, err)
	}
	e.Result = &r
	return nil
}

// Finish ends the effect: the result is kept, the case is told, and only then
// the effect is done. Cut off anywhere, the next attempt goes on from there; the
// signal has a command id that follows from the key, so the case hears it once.
func (s *Service) Finish(ctx context.Context, e *Effect, r Result) error {
	if err := s.finish(ctx, e, r); err != nil {
		return fmt.Errorf("finish %s: %w", e, err)
	}
	return nil
}

func (s *Service) finish(ctx context.Context, e *Effect, r Result) error {
	if r.Signal != "" {
		if e.Result == nil {
			if err := pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error { return s.Keep(ctx, tx, e, r) }); err != nil {
				return err
			}
		}
		failpoint.Hit(failpoint.KeepAfter)
		if err := failpoint.Fail(failpoint.SignalBefore); err != nil {
			return err
		}
		if err := s.deliver(ctx, e.Case, e.Key, r, e.Type+" "+e.Name); err != nil {
			return err
		}
		failpoint.Hit(failpoint.SignalAfter)
	}
	receipt, err := json.Marshal(r)
	if err != nil {
		return err
	}
	status := effectDone
	if r.Refused {
		status = effectRefused
	}
	if err := failpoint.Fail(failpoint.FinishBefore); err != nil {
		return err
	}
	err = s.end(ctx, e, status, receipt)
	failpoint.Hit(failpoint.FinishAfter)
	return err
}

// deliver signals a result to the case, once for each key and signal.
func (s *Service) deliver(ctx context.Context, id ID, key uuid.UUID, r Result, cause string) error {
	err := s.Signal(ctx, id, derived(key, string(r.Signal)), r.Signal, cause, r.Data)
	if errors.Is(err, ErrReused) {
		return nil // it was delivered before, in other words
	}
	return err
}

// end closes the effect, with the lease only, and its attempt with it. An effect
// that is done or refused closes its incident; one that is given up has one.
func (s *Service) end(ctx context.Context, e *Effect, status int, receipt []byte) error {
	result := attemptDone
	if status == effectRefused {
		result = attemptRefused
	}
	var ended int
	err := s.cfg.DB.QueryRow(ctx, `
		WITH ended AS (
			UPDATE case_effects SET status = @status, next_at = NULL, lease = NULL, lease_until = NULL, done_at = @now, receipt = @receipt,
				error = NULL, failures = 0, ambiguous = false, troubled_since = NULL
			WHERE case_id = @case AND seq = @seq AND idx = @idx AND lease = @lease AND status = 1
			RETURNING attempts),
		attempt AS (
			UPDATE case_effect_attempts SET ended_at = @now, result = @result
			WHERE case_id = @case AND seq = @seq AND idx = @idx AND n = @n AND ended_at IS NULL AND EXISTS (SELECT FROM ended)),
		`+closeIncidentSQL+`,
		`+answeredSQL+`
		SELECT (SELECT count(*) FROM ended), EXISTS (SELECT FROM closed_breaker)`, pgx.StrictNamedArgs{
		"status": status, "now": s.now(), "receipt": receipt, "result": result, "n": e.Attempts, "by": string(agency.System),
		"peer": e.spoke(), "minute": s.now().Add(-time.Minute),
		"case": e.Case, "seq": e.Seq, "idx": e.Idx, "lease": e.lease}).Scan(&ended, &e.Recovered)
	if err == nil && ended == 0 {
		return ErrLeaseLost
	}
	return err
}
