package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/internal/failpoint"
)

// Timer is a time-out whose time has come.
type Timer struct {
	Case ID
	Name string
	Gen  int // the event that armed it: a timer of a state that was left is ignored
}

// ringTimerAgain is when a timer that was rung and is still there rings once
// more: its job was lost, or failed.
const ringTimerAgain = time.Minute

// DueTimers finds the timers whose time has come. ring is called in the
// transaction that marks them, at most limit at a time; several processes may
// call it at once and share them. It returns how many there were.
func (s *Service) DueTimers(ctx context.Context, limit int, ring func(context.Context, pgx.Tx, []Timer) error) (int, error) {
	failpoint.Hit(failpoint.TimerMarkBefore)
	now := s.now()
	var due []Timer
	err := pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			WITH due AS (
				SELECT case_id, name
				FROM case_timers
				WHERE fire_at <= @now AND (rung_at IS NULL OR rung_at < @again OR rung_at > @now)
				ORDER BY fire_at
				LIMIT @limit
				FOR UPDATE SKIP LOCKED)
			UPDATE case_timers t SET rung_at = @now
			FROM due
			WHERE t.case_id = due.case_id AND t.name = due.name
			RETURNING t.case_id, t.name, t.gen`, pgx.StrictNamedArgs{"now": now, "again": now.Add(-ringTimerAgain), "limit": limit})
		if err != nil {
			return err
		}
		due, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Timer])
		if err != nil || len(due) == 0 {
			return err
		}
		return ring(ctx, tx, due)
	})
	if err != nil {
		return 0, fmt.Errorf("find due timers: %w", err)
	}
	failpoint.Hit(failpoint.TimerMarkAfter)
	return len(due), nil
}

// Fire fires a timer and removes it. A timer whose state was left, or that was
// armed anew meanwhile, changes nothing.
func (s *Service) Fire(ctx context.Context, t Timer) error {
	failpoint.Hit(failpoint.TimerFireBefore)
	if err := s.Timeout(ctx, t.Case, t.Name, t.Gen); err != nil {
		return err
	}
	failpoint.Hit(failpoint.TimerFireAfter)
	// The step has replaced the case's timers; what is left of this one fired in vain.
	if _, err := s.cfg.DB.Exec(ctx, `
		DELETE FROM case_timers
		WHERE case_id = $1 AND name = $2 AND gen = $3`, t.Case, t.Name, t.Gen); err != nil {
		return fmt.Errorf("remove timer %s of case %s: %w", t.Name, t.Case, err)
	}
	return nil
}
