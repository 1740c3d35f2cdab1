package cases

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/procedures"
)

// giveUpAfter is how long an effect is tried. Outages of agencies last days.
const giveUpAfter = 72 * time.Hour

// pauses are the waits after the first failures; then it is hourly.
var pauses = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}

// pauseAfter is the wait after a number of failed attempts, at least one. The
// hourly ones differ by up to a tenth from effect to effect, so that a registry
// that comes back does not get all of them at once.
func pauseAfter(attempts int, key [16]byte) time.Duration {
	if attempts <= len(pauses) {
		return pauses[max(attempts, 1)-1]
	}
	spread := time.Duration(binary.BigEndian.Uint16(key[:2])) * (12 * time.Minute) / (1 << 16)
	return time.Hour - 6*time.Minute + spread
}

// Fail puts an effect back after a failed attempt, or gives it up: at once when
// no later attempt can succeed, else when 72 hours or the time-out of the state
// that waits for it are over. next is zero when it was given up; the case then
// shows the trouble until an operator has looked at it.
func (s *Service) Fail(ctx context.Context, e *Effect, cause error, permanent bool) (next time.Time, err error) {
	now := s.now()
	next = now.Add(pauseAfter(e.Attempts, e.Key))
	if !permanent {
		end, err := s.givesUp(ctx, e)
		if err != nil {
			return time.Time{}, fmt.Errorf("put back %s: %w", e, err)
		}
		permanent = next.After(end)
	}
	if permanent {
		if err := s.end(ctx, e, effectGivenUp, nil, cause.Error()); err != nil {
			return time.Time{}, fmt.Errorf("give up %s: %w", e, err)
		}
		return time.Time{}, nil
	}
	return next, s.putBack(ctx, e, next, cause.Error(), 0)
}

// Wait puts an effect back that is on its way: a payment that nobody has made
// yet. It is no failure and counts as no attempt.
func (s *Service) Wait(ctx context.Context, e *Effect, until time.Time) error {
	return s.putBack(ctx, e, until, "", 1)
}

func (s *Service) putBack(ctx context.Context, e *Effect, next time.Time, reason string, refund int) error {
	failpoint.Hit(failpoint.PutBack)
	tag, err := s.cfg.DB.Exec(ctx, `
		UPDATE case_effects SET status = 0, next_at = @next, lease = NULL, lease_until = NULL, rung_at = NULL, error = @reason, attempts = attempts - @refund::int
		WHERE case_id = @case AND seq = @seq AND idx = @idx AND lease = @lease AND status = 1`, pgx.StrictNamedArgs{
		"next": next, "reason": nullText(reason), "refund": refund, "case": e.Case, "seq": e.Seq, "idx": e.Idx, "lease": e.lease})
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("put back %s: %w", e, err)
	}
	return nil
}

// givesUp is when trying the effect ends.
func (s *Service) givesUp(ctx context.Context, e *Effect) (time.Time, error) {
	end := e.At.Add(giveUpAfter)
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
	if out != nil && out.Before(end) {
		end = *out
	}
	return end, nil
}

// wakeWithin is over how long the effects are spread that wait for a peer when it is back.
const wakeWithin = 30 * time.Second

// Wake tells that whoever the effect leads to answers again: others that failed
// there need not wait out their hour. It returns how many it woke.
func (s *Service) Wake(ctx context.Context, e *Effect) (int, error) {
	var names []string
	if e.Type == EffectSend {
		to := e.c.Procedure.Messages[e.Name].To
		for _, p := range s.cfg.Procedures.All() {
			for name, m := range p.Messages {
				if m.To == to {
					names = append(names, name)
				}
			}
		}
	}
	now := s.now()
	tag, err := s.cfg.DB.Exec(ctx, `
		UPDATE case_effects SET next_at = @now::timestamptz + random() * make_interval(secs => @spread::float8)
		WHERE status = 0 AND error IS NOT NULL AND next_at > @until AND type = @type AND (type <> 'send' OR name = ANY (@names::text[]))`,
		pgx.StrictNamedArgs{"now": now, "spread": wakeWithin.Seconds(), "until": now.Add(wakeWithin), "type": e.Type, "names": names})
	if err != nil {
		return 0, fmt.Errorf("wake what waits like %s: %w", e, err)
	}
	return int(tag.RowsAffected()), nil
}

const (
	// lateAfter is how long after its time an open effect counts as forgotten.
	lateAfter = 60 * time.Second
	// ringAgain is how long a second bell is given: when the workers are behind,
	// more bells would not help them.
	ringAgain = 10 * time.Minute
)

// Late finds effects whose bell was lost: open and past their time, or in the
// hand of a worker that is gone. ring is called in the transaction that marks
// them, at most limit at a time; it returns how many there were.
func (s *Service) Late(ctx context.Context, limit int, ring func(context.Context, pgx.Tx, []Bell) error) (int, error) {
	now := s.now()
	var bells []Bell
	err := pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			WITH late AS (
				SELECT case_id, seq, idx
				FROM case_effects
				WHERE status IN (0, 1) AND next_at < @now AND next_at < CASE status WHEN 0 THEN @late::timestamptz ELSE @now::timestamptz END
					AND (rung_at IS NULL OR rung_at < @again)
				ORDER BY next_at
				LIMIT @limit
				FOR UPDATE SKIP LOCKED)
			UPDATE case_effects e SET rung_at = @now
			FROM late, cases c
			WHERE e.case_id = late.case_id AND e.seq = late.seq AND e.idx = late.idx AND c.id = e.case_id
			RETURNING e.case_id, e.seq, e.idx, e.type, e.name, c.definition`, pgx.StrictNamedArgs{
			"late": now.Add(-lateAfter), "now": now, "again": now.Add(-ringAgain), "limit": limit})
		if err != nil {
			return err
		}
		bells, err = s.bells(ctx, rows)
		if err != nil || len(bells) == 0 {
			return err
		}
		return ring(ctx, tx, bells)
	})
	if err != nil {
		return 0, fmt.Errorf("ring for late effects: %w", err)
	}
	failpoint.Hit(failpoint.RingAfter)
	return len(bells), nil
}

// bells makes a bell for each row of (case, seq, idx, type, name, definition).
func (s *Service) bells(ctx context.Context, rows pgx.Rows) ([]Bell, error) {
	type late struct {
		Bell
		kind, name string
		hash       procedures.Hash
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l late, err error) {
		return l, row.Scan(&l.Case, &l.Seq, &l.Idx, &l.kind, &l.name, &l.hash)
	})
	if err != nil {
		return nil, err
	}
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

// Due lists effects that are to be done now, without marking them: for a caller
// who works them off itself.
func (s *Service) Due(ctx context.Context, limit int) ([]Bell, error) {
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT e.case_id, e.seq, e.idx, e.type, e.name, c.definition
		FROM case_effects e
		JOIN cases c ON c.id = e.case_id
		WHERE e.status IN (0, 1) AND e.next_at <= $1
		ORDER BY e.next_at, e.case_id, e.seq, e.idx
		LIMIT $2`, s.now(), limit)
	if err != nil {
		return nil, fmt.Errorf("list due effects: %w", err)
	}
	bells, err := s.bells(ctx, rows)
	if err != nil {
		return nil, fmt.Errorf("list due effects: %w", err)
	}
	return bells, nil
}
