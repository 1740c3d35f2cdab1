// Package chaos breaks a whole installation on purpose while people use it, and
// then asks package doctor whether anything was lost, doubled or left behind.
//
// It starts a PostgreSQL of its own, the sandbox as a process with its books, and
// several `hoso serve` and `hoso work`; lets citizens file, pay, agree and
// withdraw and officers decide over the API, writing down every request and its
// answer; and meanwhile kills programs, back-ends and the server, lets peers
// fail, moves clocks, blocks tables and publishes new definitions, alone and in
// random pairs. When the faults end it watches how the system comes to rest.
//
// What has to be true in the end is said by package doctor alone.
package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hoso-gov/hoso/doctor"
)

// Config says how a run goes. Source is required.
type Config struct {
	Source  string        // the folder of Hoso's source: programs are built from it
	Bin     string        // a folder with hoso and sandbox that were built before; empty: they are built
	Dir     string        // what belongs to the run; empty: a temporary folder, removed after a run that went well
	For     time.Duration // how long faults are injected; default 10 min
	Seed    uint64        // of everything random; 0: one is drawn and printed
	People  int           // how many are made up; default 6000
	Users   int           // how many act at a time; default 6
	Restore bool          // a restore to a point in time is played at the end
	Out     io.Writer     // tells how it goes; nil: nobody
}

// Result is what a run showed.
type Result struct {
	Seed     uint64
	For      time.Duration
	Kills    map[string]int // by kind
	Faults   map[string]int // by kind, those that kill nobody
	Commands int            // requests that would change a case
	Accepted int
	Reads    int
	Report   *doctor.Report
	Dir      string // where logs, journal and books are
}

// errUnsound reports a run after which an invariant did not hold.
var errUnsound = errors.New("after the chaos an invariant does not hold")

// chaos is a run under way.
type chaos struct {
	cfg   Config
	dir   string
	rand  *dice
	out   io.Writer
	site  *site
	nodes []*node
	log   *journal

	mu     sync.Mutex
	kills  map[string]int
	faults map[string]int
}

// Run breaks an installation for a while. The error says what could not be
// played, or that an invariant does not hold: the result is there all the same.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if cfg.Out == nil {
		cfg.Out = io.Discard
	}
	cfg.For = cmp.Or(cfg.For, 10*time.Minute)
	cfg.People, cfg.Users = cmp.Or(cfg.People, 6000), cmp.Or(cfg.Users, 6)
	if cfg.Seed == 0 {
		cfg.Seed = rand.Uint64()
	}
	dir := cfg.Dir
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "hoso-chaos-"); err != nil {
			return nil, fmt.Errorf("chaos: %w", err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o755); err != nil {
		return nil, fmt.Errorf("chaos: %w", err)
	}
	c := &chaos{cfg: cfg, dir: dir, rand: roll(cfg.Seed), out: cfg.Out, log: &journal{}, kills: map[string]int{}, faults: map[string]int{}}
	r, err := c.run(ctx)
	if err != nil {
		return r, fmt.Errorf("chaos with seed %d (logs in %s): %w", cfg.Seed, dir, err)
	}
	if cfg.Dir == "" {
		_ = os.RemoveAll(dir) // it went well: nobody needs it
	}
	return r, nil
}

func (c *chaos) run(ctx context.Context) (*Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.say("seed %d, faults for %s, in %s", c.cfg.Seed, c.cfg.For, c.dir)
	var err error
	if c.site, err = c.open(ctx); err != nil {
		return nil, err
	}
	defer c.site.close()
	defer c.stopNodes()
	if err := c.startNodes(ctx); err != nil {
		return nil, err
	}
	if err := c.storm(ctx); err != nil {
		return nil, err
	}
	if err := c.calm(ctx); err != nil {
		return nil, err
	}
	return c.conclude(ctx)
}

// storm lets people act and faults happen.
func (c *chaos) storm(ctx context.Context) error {
	began := time.Now()
	load, stopLoad := context.WithCancel(ctx)
	defer stopLoad()
	var people sync.WaitGroup
	if err := c.act(load, &people); err != nil {
		return err
	}
	select { // a moment of good weather, so that there is something to lose
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(c.cfg.For / 20):
	}
	weather, end := context.WithTimeout(ctx, c.cfg.For)
	defer end()
	err := c.rage(weather)
	stopLoad()
	people.Wait()
	c.say("the storm is over after %s", time.Since(began).Round(time.Second))
	return err
}

func (c *chaos) say(format string, args ...any) {
	fmt.Fprintf(c.out, "chaos: "+format+"\n", args...)
}

// killed counts something that was killed.
func (c *chaos) killed(kind string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kills[kind] += n
}

// broke counts a fault that killed nobody.
func (c *chaos) broke(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults[kind]++
}

// dice is random, the same for the same seed, for many goroutines. Which of them
// draws next is not the same, so a seed repeats the kinds of faults and their
// rhythm, not every instant.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func roll(seed uint64) *dice { return &dice{r: rand.New(rand.NewPCG(seed, 35))} }

func (d *dice) n(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

// chance tells whether something of that probability happens.
func (d *dice) chance(p float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Float64() < p
}

// between draws a time.
func (d *dice) between(from, to time.Duration) time.Duration {
	return from + time.Duration(d.n(int(to-from)+1))
}

// pick draws one of several.
func pick[T any](d *dice, list []T) T { return list[d.n(len(list))] }

// nap sleeps until the time is over or ctx ends.
func nap(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
