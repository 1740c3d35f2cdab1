package anchor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/internal/failpoint"
)

// stampAtOnce is how many anchors one call of Stamp stamps: five hours of them.
const stampAtOnce = 300

// Stamp has the anchors that wait for it time-stamped, in their order, and returns
// how many. It ends at the first that the authority does not stamp.
func (a *Anchors) Stamp(ctx context.Context) (stamped int, err error) {
	if a.cfg.Authority == nil {
		return 0, nil
	}
	err = a.alone(ctx, stamping, "", func(c *pgxpool.Conn) error {
		rows, _ := c.Query(ctx, `
			SELECT n, hash
			FROM anchors
			WHERE n > (SELECT coalesce(max(n), 0) FROM anchor_stamps)
			ORDER BY n
			LIMIT $1`, stampAtOnce)
		type waiting struct {
			N    int64
			Hash []byte
		}
		list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[waiting])
		if err != nil {
			return err
		}
		for _, w := range list {
			token, err := a.cfg.Authority.Stamp(ctx, w.Hash)
			failpoint.Hit(failpoint.StampAfter)
			if err != nil {
				return fmt.Errorf("anchor %d: %w", w.N, err)
			}
			if _, err := c.Exec(ctx, "INSERT INTO anchor_stamps (n, token, at) VALUES ($1, $2, $3)", w.N, token, a.cfg.Now()); err != nil {
				return fmt.Errorf("anchor %d: %w", w.N, err)
			}
			stamped++
		}
		return nil
	})
	if err != nil {
		return stamped, fmt.Errorf("time-stamp the anchors: %w", err)
	}
	return stamped, nil
}

// alone runs do while no other node does work of the key; if one does, it does
// nothing. No transaction is open meanwhile: the authority may be slow.
func (a *Anchors) alone(ctx context.Context, key int32, of string, do func(*pgxpool.Conn) error) error {
	c, err := a.cfg.DB.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	var ours bool
	if err := c.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, hashtext($2))", key, of).Scan(&ours); err != nil || !ours {
		return err
	}
	defer func() {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, err := c.Exec(within, "SELECT pg_advisory_unlock($1, hashtext($2))", key, of); err != nil {
			_ = c.Conn().Close(within) // the lock goes with the session
		}
	}()
	return do(c)
}

// askAgain is how long Silent believes what it found.
const askAgain = 10 * time.Second

// MayDecide tells whether decisions may be taken: not when no anchor was
// time-stamped for [Config.Silence]. Without an authority they always may.
func (a *Anchors) MayDecide(ctx context.Context) (bool, error) {
	if a.cfg.Authority == nil {
		return true, nil
	}
	silent, err := a.Silent(ctx)
	return err == nil && silent < a.cfg.Silence, err
}

// Silent is how long ago an anchor was time-stamped, counted from the first anchor
// while there is no stamp at all. It asks the database every ten seconds at most.
func (a *Anchors) Silent(ctx context.Context) (time.Duration, error) {
	now := a.cfg.Now()
	a.mu.Lock()
	stamped, fresh := a.stamped, now.Sub(a.asked).Abs() < askAgain
	a.mu.Unlock()
	if !fresh {
		var err error
		if stamped, err = a.lastStamped(ctx, now); err != nil {
			return 0, fmt.Errorf("look for the last time-stamp: %w", err)
		}
		a.mu.Lock()
		a.asked, a.stamped = now, stamped
		a.mu.Unlock()
	}
	return now.Sub(stamped), nil
}

// lastStamped is when a stamp came last; none: when the first anchor was made; no
// anchor: now, for there is nothing to stamp.
func (a *Anchors) lastStamped(ctx context.Context, now time.Time) (at time.Time, err error) {
	err = a.cfg.DB.QueryRow(ctx, "SELECT at FROM anchor_stamps ORDER BY n DESC LIMIT 1").Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		err = a.cfg.DB.QueryRow(ctx, "SELECT at FROM anchors ORDER BY n LIMIT 1").Scan(&at)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return now, nil
	}
	return at, err
}
