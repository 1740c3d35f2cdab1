package cases

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/failpoint"
)

// giveUpAfter is how long an effect is tried. Outages of agencies last days.
const giveUpAfter = 72 * time.Hour

// pauses are the waits after the first failures; then it is hourly.
var pauses = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}

// pauseAfter is the wait after a number of failed attempts in a row, at least one.
func pauseAfter(failures int, key [16]byte) time.Duration {
	if failures <= len(pauses) {
		return pauses[max(failures, 1)-1]
	}
	return hourly(key)
}

// hourly is the wait of an hour, shorter by up to a tenth from effect to effect,
// so that a registry that comes back does not get all of them at once.
func hourly(key [16]byte) time.Duration {
	return time.Hour - time.Duration(binary.BigEndian.Uint16(key[:2]))*(6*time.Minute)/(1<<16)
}

// FailureKind is what an attempt that did not succeed means for the next one.
type FailureKind string

// The kinds of failures.
const (
	// Transient: nothing was done; it is tried again.
	Transient FailureKind = attemptTransient
	// Ambiguous: it may have been done. The next attempt asks, or repeats with the same key.
	Ambiguous FailureKind = attemptAmbiguous
	// Permanent: no later attempt can succeed.
	Permanent FailureKind = attemptPermanent
	// ByHand: nobody is called for it, a person has to do it.
	ByHand FailureKind = "manual"
	// Passed: the case went on without it, and it is not done any more.
	Passed FailureKind = "passed"
)

// Failure is how an attempt failed.
type Failure struct {
	Kind FailureKind
	// Peer tells that whom the effect leads to did not answer: its breaker counts it.
	Peer bool
	Err  error
}

// Fail puts an effect back after a failed attempt, or gives it up: at once when
// no later attempt can succeed, else when 72 hours or the time-out of the state
// that waits for it are over; the last attempt is made at that time. next is zero
// when it was given up; the case then shows the trouble until an operator has
// looked at it.
func (s *Service) Fail(ctx context.Context, e *Effect, f Failure) (next time.Time, err error) {
	now, failures := s.now(), e.failures+1
	if f.Kind == Transient || f.Kind == Ambiguous {
		end, err := s.givesUp(ctx, e)
		if err != nil {
			return time.Time{}, fmt.Errorf("put back %s: %w", e, err)
		}
		if now.Before(end) {
			next = now.Add(pauseAfter(failures, e.Key))
			if next.After(end) {
				next = end
			}
		}
	}
	if err := s.fail(ctx, e, f, failures, next, now); err != nil {
		return time.Time{}, fmt.Errorf("put back %s: %w", e, err)
	}
	failpoint.Hit(failpoint.PutBack)
	return next, nil
}

// fail writes a failure down: in the effect, in the attempt, in the breaker of
// the peer, and in the incident when there is one or has to be.
func (s *Service) fail(ctx context.Context, e *Effect, f Failure, failures int, next, now time.Time) error {
	status, result, kind := effectOpen, string(f.Kind), incidentFailing
	if f.Kind == Ambiguous || e.Ambiguous {
		kind = incidentAmbiguous
	}
	if next.IsZero() {
		status, kind = effectGivenUp, incidentGivenUp
	}
	switch f.Kind {
	case Permanent:
		kind = incidentPermanent
	case ByHand:
		result, kind = attemptPermanent, incidentManual
	case Passed:
		result, kind = attemptPermanent, incidentPassed
	}
	blame := ""
	if f.Peer {
		blame = e.peer
	}
	last := "unavailable"
	if f.Kind == Ambiguous {
		last = "ambiguous"
	}
	var ended int
	err := s.cfg.DB.QueryRow(ctx, `
		WITH ended AS (
			UPDATE case_effects SET status = @status, next_at = @next, lease = NULL, lease_until = NULL, rung_at = NULL,
				done_at = CASE WHEN @next::timestamptz IS NULL THEN @now::timestamptz END, error = @detail, failures = @failures,
				ambiguous = ambiguous OR @ambiguous, troubled_since = coalesce(troubled_since, @now),
				waits_for = (SELECT name FROM peers WHERE name = @blame AND failures + 1 >= @limit AND @next::timestamptz IS NOT NULL)
			WHERE case_id = @case AND seq = @seq AND idx = @idx AND lease = @lease AND status = 1
			RETURNING attempts, troubled_since),
		attempt AS (
			UPDATE case_effect_attempts SET ended_at = @now, result = @result, detail = @detail
			WHERE case_id = @case AND seq = @seq AND idx = @idx AND n = @n AND ended_at IS NULL AND EXISTS (SELECT FROM ended)),
		`+openIncidentSQL+`,
		`+blamedSQL+`,
		`+answeredSQL+`
		SELECT count(*) FROM ended`, e.incidentArgs(kind, f.Err.Error(), pgx.StrictNamedArgs{
		"status": status, "next": nullTime(next), "now": now, "failures": failures, "ambiguous": f.Kind == Ambiguous, "result": result, "n": e.Attempts,
		"blame": blame, "kind": last, "limit": breakerLimit, "probes": e.probes, "first": probeFirst, "last": probeLast,
		"peer": e.spoke(), "minute": now.Add(-time.Minute),
		"case": e.Case, "seq": e.Seq, "idx": e.Idx, "lease": e.lease})).Scan(&ended)
	if err == nil && ended == 0 {
		return ErrLeaseLost
	}
	return err
}

// Wait puts an effect back that is on its way: a payment that nobody has made
// yet. The peer answered, so it is no failure.
func (s *Service) Wait(ctx context.Context, e *Effect, until time.Time) error {
	var ended int
	err := s.cfg.DB.QueryRow(ctx, `
		WITH ended AS (
			UPDATE case_effects SET status = 0, next_at = @next, lease = NULL, lease_until = NULL, rung_at = NULL, error = NULL, failures = 0,
				ambiguous = false, troubled_since = NULL
			WHERE case_id = @case AND seq = @seq AND idx = @idx AND lease = @lease AND status = 1
			RETURNING attempts),
		attempt AS (
			UPDATE case_effect_attempts SET ended_at = @now, result = 'waiting'
			WHERE case_id = @case AND seq = @seq AND idx = @idx AND n = @n AND ended_at IS NULL AND EXISTS (SELECT FROM ended)),
		`+closeIncidentSQL+`,
		`+answeredSQL+`
		SELECT (SELECT count(*) FROM ended), EXISTS (SELECT FROM closed_breaker)`, pgx.StrictNamedArgs{
		"next": until, "now": s.now(), "n": e.Attempts, "by": string(agency.System), "result": attemptDone,
		"peer": e.spoke(), "minute": s.now().Add(-time.Minute),
		"case": e.Case, "seq": e.Seq, "idx": e.Idx, "lease": e.lease}).Scan(&ended, &e.Recovered)
	failpoint.Hit(failpoint.PutBack)
	if err == nil && ended == 0 {
		err = ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("put back %s: %w", e, err)
	}
	return nil
}

// beforeTimeout is how long before the time-out of the state that waits for an
// effect the last attempt is made.
const beforeTimeout = time.Minute

// givesUp is when the last attempt is made: 72 hours after the trouble began, or
// before the time-out of the state that waits for the effect.
func (s *Service) givesUp(ctx context.Context, e *Effect) (time.Time, error) {
	end := e.troubled.Add(giveUpAfter)
	if !e.awaited() || e.left() {
		return end, nil
	}
	var out *time.Time
	if err := s.cfg.DB.QueryRow(ctx, `
		SELECT min(fire_at)
		FROM case_timers
		WHERE case_id = $1 AND gen = $2`, e.Case, e.c.Memory.Gen).Scan(&out); err != nil {
		return end, err
	}
	if out != nil && out.Add(-beforeTimeout).Before(end) {
		end = out.Add(-beforeTimeout)
	}
	return end, nil
}
