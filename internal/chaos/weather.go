package chaos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/doctor"
)

// fault is something that goes wrong for a while. It undoes itself before it
// returns, whatever becomes of ctx.
type fault struct {
	name string
	do   func(ctx context.Context, c *chaos, d time.Duration) error
}

// rage injects faults until ctx ends: programs and back-ends die all the time,
// the server now and then, and other faults come alone and in random pairs.
func (c *chaos) rage(ctx context.Context) error {
	if err := c.prepare(ctx); err != nil {
		return err
	}
	c.site.setPlan(c.disturbed)
	var all sync.WaitGroup
	all.Go(func() { c.killPrograms(ctx) })
	all.Go(func() { c.killBackends(ctx) })
	all.Go(func() { c.killServers(ctx) })
	all.Go(func() { c.once(ctx) })
	var left error
	all.Go(func() { left = c.weather(ctx) })
	all.Go(func() { c.tell(ctx) })
	all.Go(func() { c.lookBehind(ctx) })
	all.Wait()
	c.site.setPlan(nil)
	return left
}

// killPrograms kills nodes at random instants.
func (c *chaos) killPrograms(ctx context.Context) {
	for {
		nap(ctx, c.rand.between(400*time.Millisecond, 1800*time.Millisecond))
		if ctx.Err() != nil {
			return
		}
		n := pick(c.rand, c.nodes)
		if n.age() > c.rand.between(500*time.Millisecond, 8*time.Second) { // it should have begun to do something
			n.kill()
		}
	}
}

// killBackends ends sessions of nodes in the middle of what they do, unless most
// nodes are down anyway: a node that is starting has one session and ends with it.
func (c *chaos) killBackends(ctx context.Context) {
	for {
		nap(ctx, c.rand.between(100*time.Millisecond, 600*time.Millisecond))
		if ctx.Err() != nil {
			return
		}
		if c.atWork() < 2 {
			continue
		}
		within, cancel := context.WithTimeout(ctx, 2*time.Second)
		var n int
		err := c.site.db.QueryRow(within, `
			SELECT count(*) FILTER (WHERE pg_terminate_backend(pid))
			FROM (
				SELECT pid FROM pg_stat_activity
				WHERE application_name = 'hoso' AND backend_type = 'client backend' AND (backend_start < clock_timestamp() - interval '4 s' OR random() < 0.2)
				ORDER BY (state = 'active' AND random() < 0.5) DESC, random()
				LIMIT $1) AS chosen`,
			1+c.rand.n(3)).Scan(&n)
		cancel()
		if err == nil {
			c.killed("database back-end terminated", n)
		}
	}
}

// atWork counts the nodes that are at work.
func (c *chaos) atWork() int {
	n := 0
	for _, node := range c.nodes {
		if node.age() > 0 {
			n++
		}
	}
	return n
}

// killServers kills PostgreSQL and starts it again.
func (c *chaos) killServers(ctx context.Context) {
	for {
		nap(ctx, c.rand.between(16*time.Second, 34*time.Second))
		if ctx.Err() != nil {
			return
		}
		if err := c.crashServer(context.WithoutCancel(ctx)); err != nil {
			c.say("PostgreSQL: %v", err)
		}
	}
}

// weather lets faults come alone and in pairs. The error says which did not end.
func (c *chaos) weather(ctx context.Context) error {
	for ctx.Err() == nil {
		first := c.rand.n(len(faults))
		chosen := []fault{faults[first]}
		if c.rand.chance(0.5) {
			chosen = append(chosen, faults[(first+1+c.rand.n(len(faults)-1))%len(faults)])
		}
		var pair errgroup.Group
		for _, f := range chosen {
			pair.Go(func() error { return c.befall(ctx, f) })
		}
		if err := pair.Wait(); err != nil {
			return err
		}
		nap(ctx, c.rand.between(0, time.Second))
	}
	return nil
}

// befall lets one fault come and go.
func (c *chaos) befall(ctx context.Context, f fault) error {
	switch err := f.do(ctx, c, c.rand.between(1500*time.Millisecond, 6*time.Second)); {
	case errors.Is(err, errLeft):
		return fmt.Errorf("%s: %w", f.name, err)
	case err == nil:
		c.broke(f.name)
	case ctx.Err() == nil:
		c.say("%s: %v", f.name, err)
	}
	return nil
}

// once lets happen what happens once: in the middle of the storm.
func (c *chaos) once(ctx context.Context) {
	for _, f := range events {
		nap(ctx, c.cfg.For/time.Duration(len(events)+2))
		if ctx.Err() != nil {
			return
		}
		var err error
		for range 10 { // the database may be away
			if err = f.do(ctx, c, 0); err == nil || ctx.Err() != nil {
				break
			}
			nap(ctx, time.Second)
		}
		if err != nil {
			c.say("%s: %v", f.name, err)
			continue
		}
		c.broke(f.name)
		c.say("%s", f.name)
	}
}

// lookBehind asks again and again, whatever happens, whether a case waits for
// nothing that will come.
func (c *chaos) lookBehind(ctx context.Context) {
	for ctx.Err() == nil {
		rows, err := c.site.db.Query(ctx, doctor.LeftBehindSQL)
		if err == nil {
			var code cases.Code
			var state string
			_, err = pgx.ForEachRow(rows, []any{&code, &state}, func() error {
				c.site.behind.Found = append(c.site.behind.Found, code)
				return nil
			})
		}
		if err == nil { // else the database was away
			c.site.behind.Asked++
		}
		nap(ctx, time.Second)
	}
}

// tell says how it goes, every half minute.
func (c *chaos) tell(ctx context.Context) {
	for {
		nap(ctx, 30*time.Second)
		if ctx.Err() != nil {
			return
		}
		c.mu.Lock()
		kills := 0
		for _, n := range c.kills {
			kills += n
		}
		c.mu.Unlock()
		c.log.mu.Lock()
		commands := len(c.log.commands)
		c.log.mu.Unlock()
		c.say("%d kills, %d requests that would change a case", kills, commands)
	}
}
