package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/procedures"
)

// Claim takes an effect into the caller's hand for the time of a lease and
// writes the attempt down before anybody is called. Errors: *NotDueError when
// there is nothing to do now; *HeldError, with the effect but not in hand, when
// the breaker of its peer is open; and ErrPassed, with the effect, when the
// state that waits for it was left.
func (s *Service) Claim(ctx context.Context, b Bell) (*Effect, error) {
	failpoint.Hit(failpoint.ClaimBefore)
	e, err := s.claim(ctx, b)
	failpoint.Hit(failpoint.ClaimAfter)
	if err != nil {
		return e, fmt.Errorf("claim effect %d.%d of case %s: %w", b.Seq, b.Idx, b.Case, err)
	}
	return e, nil
}

// dueSQL says that an effect may be claimed: its time has come and it is in
// nobody's hand. One in hand is due when its lease is over: whoever had it is
// gone, or had a clock that was hours ahead (farOff).
const (
	dueSQL  = `case_id = @case AND seq = @seq AND idx = @idx AND status IN (0, 1) AND ` + ripeSQL + ` AND NOT ` + busySQL
	ripeSQL = `(next_at <= @soon OR status = 1 AND next_at > @now::timestamptz + interval '70 minutes')`
	busySQL = `coalesce(lease_until > @now AND lease_until <= @now::timestamptz + interval '70 minutes', false)`
)

// claim is one round trip, which reads too what the effect is about. An effect whose result is kept may always be claimed:
// nobody outside is called for it any more. Any other one waits while the breaker
// of its peer is open, unless it is let through as the one that tries.
func (s *Service) claim(ctx context.Context, b Bell) (*Effect, error) {
	e := &Effect{Bell: b, lease: uuid.New(), peer: peerOf(b.Queue)}
	now := s.now()
	var receipt []byte
	batch := locking(b)
	batch.Queue(`
		WITH probe AS (
			UPDATE peers SET probe_at = @again -- should nothing come of it
			WHERE name = @peer AND opened_at IS NOT NULL AND (probe_at <= @now OR probe_at > @now::timestamptz + interval '70 minutes')
				AND EXISTS (SELECT FROM case_effects WHERE `+dueSQL+` AND receipt IS NULL)
			RETURNING name),
		claimed AS (
			UPDATE case_effects SET status = 1, attempts = attempts + 1, lease = @lease, lease_until = @until, next_at = @until, rung_at = NULL,
				waits_for = NULL, ambiguous = (ambiguous OR status = 1) AND receipt IS NULL AND @peer <> ''
			WHERE `+dueSQL+`
				AND (receipt IS NOT NULL OR NOT EXISTS (SELECT FROM peers WHERE name = @peer AND opened_at IS NOT NULL) OR EXISTS (SELECT FROM probe))
			RETURNING type, name, key, args, attempts, failures, ambiguous, troubled_since, receipt),
		lost AS (
			UPDATE case_effect_attempts SET ended_at = @now, result = 'lost'
			WHERE case_id = @case AND seq = @seq AND idx = @idx AND ended_at IS NULL AND EXISTS (SELECT FROM claimed)),
		started AS (
			INSERT INTO case_effect_attempts (case_id, seq, idx, n, started_at)
			SELECT @case, @seq, @idx, attempts, @now FROM claimed)
		SELECT type, name, key, args, attempts, failures, ambiguous, coalesce(troubled_since, @now), receipt, EXISTS (SELECT FROM probe) FROM claimed`, pgx.StrictNamedArgs{
		"case": b.Case, "seq": b.Seq, "idx": b.Idx, "lease": e.lease, "until": now.Add(leaseTime), "now": now, "soon": now.Add(earlyBell), "peer": e.peer,
		"again": now.Add(probeFirst)}).QueryRow(func(row pgx.Row) error {
		return row.Scan(&e.Type, &e.Name, &e.Key, &e.args, &e.Attempts, &e.failures, &e.Ambiguous, &e.troubled, &receipt, &e.probes)
	})
	err := s.readEffect(ctx, e, batch)
	if errors.Is(err, pgx.ErrNoRows) {
		return s.notClaimed(ctx, b)
	}
	if err != nil {
		return nil, err
	}
	if receipt != nil {
		if err := json.Unmarshal(receipt, &e.Result); err != nil {
			return nil, err
		}
	}
	if e.Result == nil && e.passed() {
		return e, ErrPassed
	}
	return e, nil
}

// locking begins what is done to an effect in one round trip and transaction: its
// row is locked by a statement before the others, so that they see the attempt of
// whoever had the row until then, which a node whose clock is hours off may take
// the effect from.
func locking(b Bell) *pgx.Batch {
	batch := &pgx.Batch{}
	batch.Queue(`SELECT FROM case_effects WHERE case_id = $1 AND seq = $2 AND idx = $3 FOR UPDATE`, b.Case, b.Seq, b.Idx)
	return batch
}

// locked carries out a statement about an effect and reads its row.
func (s *Service) locked(ctx context.Context, b Bell, sql string, args pgx.StrictNamedArgs, into ...any) error {
	batch := locking(b)
	batch.Queue(sql, args).QueryRow(func(row pgx.Row) error { return row.Scan(into...) })
	return s.cfg.DB.SendBatch(ctx, batch).Close()
}

// readEffect reads, after what is queued before, the case as it is now and the
// events of the step that scheduled the effect.
func (s *Service) readEffect(ctx context.Context, e *Effect, batch *pgx.Batch) error {
	var hash procedures.Hash
	batch.Queue(snapshotSQL+`c.id = $1`, e.Case, uuid.Nil).QueryRow(func(row pgx.Row) (err error) {
		e.c, hash, err = readSnapshot(row)
		return err
	})
	batch.Queue(stepSQL, e.Case, e.Seq).Query(func(rows pgx.Rows) (err error) {
		e.step, err = pgx.CollectRows(rows, readStepEvent)
		return err
	})
	if err := s.cfg.DB.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if len(e.step) == 0 {
		return fmt.Errorf("event %d is not there", e.Seq)
	}
	var err error
	if e.c.Procedure, err = s.definition(ctx, hash); err != nil {
		return err
	}
	e.Code, e.At = e.c.Code, e.step[0].At
	e.peer = peerOf(queueOf(e.c.Procedure, e.Type, e.Name))
	return nil
}

// notClaimed tells why an effect was not to be had. One that is due and whose
// peer's breaker is open is put where it waits for it.
func (s *Service) notClaimed(ctx context.Context, b Bell) (*Effect, error) {
	e := &Effect{Bell: b, peer: peerOf(b.Queue)}
	var (
		at               time.Time
		ripe, busy       bool
		troubled, opened *time.Time
	)
	now := s.now()
	err := s.cfg.DB.QueryRow(ctx, `
		SELECT e.type, e.name, e.key, e.attempts, e.next_at, `+ripeSQL+`, `+busySQL+`, e.troubled_since, p.opened_at
		FROM case_effects e
		LEFT JOIN peers p ON p.name = @peer
		WHERE e.case_id = @case AND e.seq = @seq AND e.idx = @idx AND e.status IN (0, 1)`, pgx.StrictNamedArgs{
		"case": b.Case, "seq": b.Seq, "idx": b.Idx, "peer": e.peer, "now": now, "soon": now.Add(earlyBell)}).
		Scan(&e.Type, &e.Name, &e.Key, &e.Attempts, &at, &ripe, &busy, &troubled, &opened)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, &NotDueError{}
	}
	if err != nil {
		return nil, err
	}
	switch {
	case busy:
		return nil, &NotDueError{}
	case opened == nil || !ripe:
		return nil, &NotDueError{At: at}
	}
	if e.troubled = now; troubled != nil {
		e.troubled = *troubled
	}
	held, err := s.hold(ctx, e)
	if err != nil {
		return nil, err
	}
	if !held { // it was claimed, or the breaker closed, at this moment
		return nil, &NotDueError{At: now}
	}
	return e, &HeldError{Peer: e.peer, Since: *opened, First: troubled == nil}
}
