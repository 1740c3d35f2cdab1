package chaos

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/doctor"
)

// How long the system may take to come to rest when the faults have ended: the
// bounds are those of invariant 35, and some time more to see what is left.
const (
	restWithin = 11 * time.Minute
	restFor    = 5 * time.Second // nothing past its time for so long is rest
)

// pastSQL are the effects and timers that are past their time at an instant, with
// what shows that they have moved.
const pastSQL = `
	SELECT 'effect ' || case_id || ' ' || seq || '.' || idx || ' ' || type, attempts || ' ' || status || ' ' || next_at
	FROM case_effects
	WHERE status IN (0, 1) AND (next_at < $1 OR lease_until > $1::timestamptz + interval '2 minutes')
	UNION ALL
	SELECT 'timer ' || case_id || ' ' || name, gen || ' ' || fire_at
	FROM case_timers
	WHERE fire_at < $1`

// calm ends all faults, starts every node anew and undisturbed, and watches
// until nothing is past its time any more.
func (c *chaos) calm(ctx context.Context) error {
	if err := insist(ctx, func(ctx context.Context) error { return c.turn(ctx, map[string]any{"part": "*"}) }); err != nil {
		return err
	}
	for _, n := range c.nodes { // those whose clock is off end with the storm
		n.kill()
	}
	r, err := c.watch(ctx, c.site.db, time.Now())
	if err != nil {
		return err
	}
	c.site.recovery = r
	c.say("at rest %s after the last fault; %d effects and timers were past their time then, all had moved after %s",
		since(r.Ended, r.Normal), r.Stuck, since(r.Ended, r.Moving))
	return nil
}

func since(from, to time.Time) string {
	if to.IsZero() {
		return "not"
	}
	return to.Sub(from).Round(100 * time.Millisecond).String()
}

// watch looks once a second whether everything that is past its time moves.
func (c *chaos) watch(ctx context.Context, db querier, ended time.Time) (*doctor.Recovery, error) {
	stuck, err := past(ctx, db, ended)
	if err != nil {
		return nil, err
	}
	r := &doctor.Recovery{Ended: ended, Stuck: len(stuck)}
	var quiet time.Time // since when nothing was past its time
	for time.Since(ended) < restWithin {
		now := time.Now()
		left, err := past(ctx, db, now.Add(-time.Second))
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			nap(ctx, time.Second)
			continue
		}
		for what, state := range stuck {
			if again, there := left[what]; !there || again != state {
				delete(stuck, what)
			}
		}
		if len(stuck) == 0 && r.Moving.IsZero() {
			r.Moving = now
		}
		r.Left = len(left)
		switch {
		case len(left) > 0:
			quiet = time.Time{}
		case quiet.IsZero():
			quiet = now
		case now.Sub(quiet) >= restFor:
			r.Normal = quiet
			return r, nil
		}
		nap(ctx, time.Second)
	}
	left, err := past(ctx, db, time.Now())
	for what := range left {
		c.say("still past its time: %s", what)
	}
	return r, err
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func past(ctx context.Context, db querier, at time.Time) (map[string]string, error) {
	rows, err := db.Query(ctx, pastSQL, at)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	var what, state string
	if _, err := pgx.ForEachRow(rows, []any{&what, &state}, func() error {
		out[what] = state
		return nil
	}); err != nil {
		return nil, fmt.Errorf("look what is past its time: %w", err)
	}
	return out, nil
}
