package chaos

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/hoso-gov/hoso/doctor"
	"github.com/hoso-gov/hoso/postgres"
)

// copyDatabase stops the server, copies its files, and starts it again: the
// copy is the point in time that is restored later.
func copyDatabase(ctx context.Context, c *chaos, _ time.Duration) error {
	if !c.cfg.Restore {
		return nil
	}
	c.site.mu.Lock()
	defer c.site.mu.Unlock()
	if err := c.site.server.Stop(); err != nil {
		return err
	}
	home, to := c.site.server.Dir(), filepath.Join(filepath.Dir(c.site.server.Dir()), "restored")
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "cp", "-a", home, to).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("copy the database: %w: %s", err, out)
	}
	for _, name := range []string{"port", "owner.lock"} {
		_ = os.Remove(filepath.Join(to, name)) // they are the other server's
	}
	c.site.copied, c.site.copy = time.Now(), to
	var started error
	if c.site.server, started = postgres.Start(ctx, postgres.ServerConfig{Dir: filepath.Join(c.dir, "postgres"), Settings: c.site.settings}); started != nil {
		return started
	}
	return err
}

// restore lets a new set of nodes go on from the copy, with the same keys and
// the same peers, which have done more meanwhile than the copy knows.
func (c *chaos) restore(ctx context.Context) (*doctor.Restore, error) {
	if c.site.copy == "" {
		return nil, nil
	}
	before, err := doctor.ReadBooks(ctx, c.site.sand)
	if err != nil {
		return nil, err
	}
	server, err := postgres.Start(ctx, postgres.ServerConfig{Dir: c.site.copy, Settings: c.site.settings})
	if err != nil {
		return nil, err
	}
	defer server.Stop() //nolint:errcheck // the run is over
	db, err := postgres.Open(ctx, server.URL(), postgres.Options{MaxConns: 4, ApplicationName: "chaos", Statement: 5 * time.Minute})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := mend(ctx, server.URL(), db); err != nil {
		return nil, err
	}
	r := &doctor.Restore{At: c.site.copied}
	open := func() (n int, err error) {
		err = db.QueryRow(ctx, `SELECT count(*) FROM case_effects WHERE status IN (0, 1)`).Scan(&n)
		return n, err
	}
	was, err := open()
	if err != nil {
		return nil, err
	}
	again := &chaos{cfg: c.cfg, dir: c.dir, rand: c.rand, out: c.out, log: &journal{}, kills: map[string]int{}, faults: map[string]int{}, site: c.site.on(server)}
	if err := again.startNodes(ctx); err != nil {
		return nil, err
	}
	defer again.stopNodes()
	if _, err := again.watch(ctx, db, time.Now()); err != nil {
		return nil, err
	}
	now, err := open()
	if err != nil {
		return nil, err
	}
	r.Resumed = max(0, was-now)
	again.stopNodes()
	after, err := doctor.ReadBooks(ctx, c.site.sand)
	if err != nil {
		return nil, err
	}
	r.Again = executedAgain(before, after)
	after.Later = true
	report, err := doctor.Check(ctx, db, doctor.Options{Books: after})
	if err != nil {
		return nil, err
	}
	r.Cases = report.Cases
	for _, f := range report.Findings {
		for _, v := range f.Violations {
			r.Broken = append(r.Broken, fmt.Sprintf("%d, case %s: %s", f.N, v.Case, v.What))
		}
	}
	return r, nil
}

// executedAgain are the keys under which a registry did, after the restore, what
// it had done before under another one.
func executedAgain(before, after *doctor.Books) []string {
	var out []string
	for name, book := range after.Registries {
		known := map[string]string{} // digest → key
		for _, run := range before.Registries[name] {
			known[run.Digest] = run.Key
		}
		for _, run := range book[len(before.Registries[name]):] {
			if known[run.Digest] != "" {
				out = append(out, run.Key)
			}
		}
	}
	slices.Sort(out)
	return out
}
