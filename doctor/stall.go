package doctor

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/postgres"
)

// LeftBehindSQL is the one statement by which nobody is left behind: it returns
// the open cases that no task, timer, open effect, open sub-case or incident
// will ever move. It returns no row at any instant, so it may be run at any.
const LeftBehindSQL = `
	SELECT c.code, c.state
	FROM cases c
	WHERE c.closed_at IS NULL
		AND NOT EXISTS (SELECT FROM case_tasks t WHERE t.case_id = c.id)
		AND NOT EXISTS (SELECT FROM case_timers t WHERE t.case_id = c.id)
		AND NOT EXISTS (SELECT FROM case_effects e WHERE e.case_id = c.id AND e.status IN (0, 1))
		AND NOT EXISTS (SELECT FROM case_children k JOIN cases o ON o.id = k.child_id WHERE k.case_id = c.id AND o.closed_at IS NULL)
		AND NOT EXISTS (SELECT FROM incidents i WHERE i.case_id = c.id AND i.closed_at IS NULL)`

// checkStall is invariant 17.
func checkStall(ctx context.Context, x *examiner) error {
	var open int
	if err := x.db.QueryRow(ctx, `SELECT count(*) FROM cases WHERE closed_at IS NULL`).Scan(&open); err != nil {
		return err
	}
	x.saw(17, open)
	rows, err := x.db.Query(ctx, LeftBehindSQL)
	if err != nil {
		return err
	}
	var code cases.Code
	var state string
	_, err = pgx.ForEachRow(rows, []any{&code, &state}, func() error {
		x.bad(17, code, "in state %s it waits for nothing that will come", state)
		return nil
	})
	return err
}

const (
	bellWithin  = 90 * time.Second // how late an open effect may be without a bell
	strayWithin = time.Hour        // how long a bell may outlive its effect
	movingLimit = 10 * time.Minute // how late an effect may be though it has a bell
)

// liveBells are River's jobs that will still run.
const liveBells = `SELECT (j.args ->> 'case')::uuid AS case_id, (j.args ->> 'seq')::int AS seq, (j.args ->> 'idx')::int AS idx, j.id, j.created_at
	FROM ` + postgres.RiverSchema + `.river_job j
	WHERE j.kind = 'case_effect' AND j.state IN ('available', 'running', 'scheduled', 'retryable', 'pending')`

// checkBells is invariant 11.
func checkBells(ctx context.Context, x *examiner) error {
	var open int
	if err := x.db.QueryRow(ctx, `SELECT count(*) FROM case_effects WHERE status IN (0, 1)`).Scan(&open); err != nil {
		return err
	}
	x.saw(11, open)
	rows, err := x.db.Query(ctx, `
		SELECT c.code, e.seq, e.idx, e.type
		FROM case_effects e
		JOIN cases c ON c.id = e.case_id
		WHERE e.status IN (0, 1) AND e.next_at < $1
			AND NOT EXISTS (SELECT FROM (`+liveBells+`) AS b WHERE b.case_id = e.case_id AND b.seq = e.seq AND b.idx = e.idx)`, x.now.Add(-bellWithin))
	if err != nil {
		return err
	}
	var (
		code     cases.Code
		seq, idx int
		kind     string
	)
	if _, err := pgx.ForEachRow(rows, []any{&code, &seq, &idx, &kind}, func() error {
		x.bad(11, code, "effect %d.%d (%s) is late, and no bell will ring for it", seq, idx, kind)
		return nil
	}); err != nil {
		return err
	}
	rows, err = x.db.Query(ctx, `
		SELECT coalesce(c.code, b.case_id::text), b.seq, b.idx
		FROM (`+liveBells+`) AS b
		LEFT JOIN cases c ON c.id = b.case_id
		WHERE b.created_at < $1
			AND NOT EXISTS (SELECT FROM case_effects e WHERE e.case_id = b.case_id AND e.seq = b.seq AND e.idx = b.idx AND e.status IN (0, 1))`, x.now.Add(-strayWithin))
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&code, &seq, &idx}, func() error {
		x.bad(11, code, "a bell rings for effect %d.%d, which is not open", seq, idx)
		return nil
	})
	return err
}

// checkStuck is the part of invariant 35 that a database tells by itself:
// nothing is long past its time.
func checkStuck(ctx context.Context, x *examiner) error {
	rows, err := x.db.Query(ctx, `
		SELECT c.code, e.seq, e.idx, e.type
		FROM case_effects e
		JOIN cases c ON c.id = e.case_id
		WHERE e.status IN (0, 1) AND e.next_at < $1`, x.now.Add(-movingLimit))
	if err != nil {
		return err
	}
	var (
		code     cases.Code
		seq, idx int
		kind     string
	)
	if _, err = pgx.ForEachRow(rows, []any{&code, &seq, &idx, &kind}, func() error {
		x.bad(35, code, "effect %d.%d (%s) is ten minutes past its time", seq, idx, kind)
		return nil
	}); err != nil {
		return err
	}
	rows, err = x.db.Query(ctx, `
		SELECT c.code, t.name
		FROM case_timers t
		JOIN cases c ON c.id = t.case_id
		WHERE t.fire_at < $1`, x.now.Add(-movingLimit))
	if err != nil {
		return err
	}
	x.saw(35, 1)
	_, err = pgx.ForEachRow(rows, []any{&code, &kind}, func() error {
		x.bad(35, code, "timer %s is ten minutes past its time", kind)
		return nil
	})
	return err
}
