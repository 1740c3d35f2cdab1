package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/procedures"
)

const (
	// lateAfter is how long after its time an open effect counts as forgotten.
	lateAfter = 30 * time.Second
	// ringAgain is how long a second bell is given; ringAgainBehind when more than
	// arrears effects are late: the workers have not come to them, and more bells
	// would not help.
	ringAgain       = 30 * time.Second
	ringAgainBehind = 10 * time.Minute
	arrears         = 500
	// farOff is later than any attempt is put off: hourly ones by an hour at most.
	// What stands there was written by a node whose clock was hours ahead, unless it
	// waits for a breaker: that is woken.
	farOff = 70 * time.Minute
)

// Late finds effects whose bell was lost: open and past their time, or in the
// hand of a worker that is gone, or put off by a clock that was wrong. ring is
// called in the transaction that marks them, at most limit at a time; it returns
// how many there were.
func (s *Service) Late(ctx context.Context, limit int, ring func(context.Context, pgx.Tx, []Bell) error) (int, error) {
	now := s.now()
	again, err := s.ringAgainAfter(ctx, now)
	if err != nil {
		return 0, fmt.Errorf("ring for late effects: %w", err)
	}
	n, err := s.ringFor(ctx, ring, `
		WITH past AS (
			SELECT case_id, seq, idx
			FROM case_effects
			WHERE status IN (0, 1) AND next_at < @now AND next_at < CASE status WHEN 0 THEN @late::timestamptz ELSE @now::timestamptz END
				AND (rung_at IS NULL OR rung_at < @again OR rung_at > @now)
			ORDER BY next_at
			LIMIT @limit
			FOR UPDATE SKIP LOCKED),
		-- By itself: with the others it would go through all that is in between.
		far AS (
			SELECT case_id, seq, idx
			FROM case_effects
			WHERE status IN (0, 1) AND next_at > @far AND waits_for IS NULL AND (rung_at IS NULL OR rung_at < @again OR rung_at > @now)
			ORDER BY next_at
			LIMIT @limit
			FOR UPDATE SKIP LOCKED),
		late AS (SELECT * FROM past UNION ALL SELECT * FROM far)
		UPDATE case_effects e SET rung_at = @now, next_at = CASE e.status WHEN 0 THEN least(e.next_at, @now) ELSE e.next_at END -- of one in hand it is the lease's end
		FROM late, cases c
		WHERE e.case_id = late.case_id AND e.seq = late.seq AND e.idx = late.idx AND c.id = e.case_id
		RETURNING e.case_id, e.seq, e.idx, e.type, e.name, c.definition, least(e.next_at, @now::timestamptz)`, pgx.StrictNamedArgs{
		"late": now.Add(-lateAfter), "now": now, "again": now.Add(-again), "far": now.Add(farOff), "limit": limit})
	if err != nil {
		return 0, fmt.Errorf("ring for late effects: %w", err)
	}
	failpoint.Hit(failpoint.RingAfter)
	return n, nil
}

// ringAgainAfter is how long a bell that was rung again is given now.
func (s *Service) ringAgainAfter(ctx context.Context, now time.Time) (time.Duration, error) {
	late, err := s.countLate(ctx, now.Add(-lateAfter), arrears+1)
	if err != nil {
		return 0, err
	}
	if late > arrears {
		return ringAgainBehind, nil
	}
	return ringAgain, nil
}

// countLate counts open effects whose time was before an instant, up to a bound.
func (s *Service) countLate(ctx context.Context, before time.Time, bound int) (n int, err error) {
	err = s.cfg.DB.QueryRow(ctx, `
		SELECT count(*)
		FROM (SELECT FROM case_effects WHERE status IN (0, 1) AND next_at < $1 ORDER BY next_at LIMIT $2) AS late`, before, bound).Scan(&n)
	return n, err
}

// ringFor marks effects by sql, which returns rows for bells, and rings for them
// in the same transaction.
func (s *Service) ringFor(ctx context.Context, ring func(context.Context, pgx.Tx, []Bell) error, sql string, args pgx.StrictNamedArgs) (int, error) {
	var bells []Bell
	err := pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, args)
		if err != nil {
			return err
		}
		if bells, err = s.bells(ctx, rows); err != nil || len(bells) == 0 {
			return err
		}
		return ring(ctx, tx, bells)
	})
	return len(bells), err
}

// lateEffect is a row of (case, seq, idx, type, name, definition, time).
type lateEffect struct {
	Bell
	kind, name string
	hash       procedures.Hash
}

func (l *lateEffect) into() []any {
	return []any{&l.Case, &l.Seq, &l.Idx, &l.kind, &l.name, &l.hash, &l.At}
}

// bells makes a bell for each row.
func (s *Service) bells(ctx context.Context, rows pgx.Rows) ([]Bell, error) {
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l lateEffect, err error) { return l, row.Scan(l.into()...) })
	if err != nil {
		return nil, err
	}
	return s.bellsOf(ctx, found)
}

func (s *Service) bellsOf(ctx context.Context, found []lateEffect) ([]Bell, error) {
	bells := make([]Bell, len(found))
	for i, l := range found {
		p, err := s.definition(ctx, l.hash)
		if err != nil {
			return nil, err
		}
		bells[i] = l.Bell
		bells[i].Queue = queueOf(p, l.kind, l.name)
	}
	return bells, nil
}
