package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/cmd/hoso/bench"
	"github.com/hoso-gov/hoso/postgres"
)

// benchCommand is `hoso bench`: benchmarks, each beside its floor.
func benchCommand() *cobra.Command {
	c := &cobra.Command{Use: "bench", Short: "Measure the engine beside what the database can do"}
	var seconds, rounds int
	var workers []int
	var asJSON, whole bool
	steps := &cobra.Command{
		Use:   "steps",
		Short: "Measure steps of cases a second",
		Long: `Steps runs three forms of a step in turns on the same server and prints the median of their rounds: the floor, a bare step
on narrow tables as one statement; the one-statement form, which writes exactly the rows of the engine's step and decides
nothing; and the engine. The ratio is of the engine to the one-statement form. With --case it also measures whole cases
of six steps, each of which waits for a signal from outside; filing is a seventh write.

It makes a database of its own, on the server of DATABASE_URL (whose user must be allowed to), or on a PostgreSQL that it
starts for the purpose, and removes it.`,
		Example: `  hoso bench steps
  hoso bench steps --case --workers 1,4,16,64 --json`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(workers) == 0 || slices.Min(workers) < 1 || seconds < 1 || rounds < 1 {
				return errors.New("workers, seconds and rounds must be 1 or more")
			}
			for _, n := range workers {
				cfg := bench.Config{Workers: n, Round: time.Duration(seconds) * time.Second, Rounds: rounds, Case: whole}
				if err := printSteps(cmd, cfg, asJSON); err != nil {
					return err
				}
			}
			return nil
		},
	}
	steps.Flags().IntSliceVar(&workers, "workers", []int{16}, "connections that step at once; several: one run each")
	steps.Flags().IntVar(&seconds, "seconds", 5, "how long each form runs in each round")
	steps.Flags().IntVar(&rounds, "rounds", 3, "rounds; the median counts")
	steps.Flags().BoolVar(&whole, "case", false, "measure whole cases of six steps too")
	steps.Flags().BoolVar(&asJSON, "json", false, "print an object for each run: floor_tps, one_statement_tps, engine_tps, cases_per_s (with --case), ratio, workers")
	c.AddCommand(steps, benchAuditCommand(), benchGrowthCommand(), benchPortalCommand(), benchGrantsCommand())
	return c
}

// printSteps measures once and prints what came of it.
func printSteps(cmd *cobra.Command, cfg bench.Config, asJSON bool) error {
	out := cmd.OutOrStdout()
	if !asJSON {
		cfg.Progress = func(round int, form string, rate float64) {
			fmt.Fprintf(out, "round %d  %-14s %8.0f/s\n", round, form, rate)
		}
	}
	s, err := benchSteps(cmd.Context(), cmd.ErrOrStderr(), cfg)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(out).Encode(s)
	}
	fmt.Fprintf(out, "\nmedian, %d workers\n  floor          %8.0f steps/s\n  one statement  %8.0f steps/s\n  engine         %8.0f steps/s, %.2f of one statement, %.2f of the floor\n",
		s.Workers, s.Floor, s.OneStatement, s.Engine, s.Ratio, s.Engine/s.Floor)
	if cfg.Case {
		fmt.Fprintf(out, "  six-step case  %8.0f cases/s, %.3f of the floor's steps\n", s.Cases, s.Cases/s.Floor)
	}
	return nil
}

// benchSteps measures on a database that lives as long as the measurement.
func benchSteps(ctx context.Context, told io.Writer, cfg bench.Config) (s bench.Steps, err error) {
	err = onFresh(ctx, told, func(url string) error {
		cfg.URL = url
		s, err = bench.Measure(ctx, cfg)
		return err
	})
	return s, err
}

// onFresh does something on a migrated database that lives no longer, on the server
// of DATABASE_URL or on one that is started for the purpose.
func onFresh(ctx context.Context, told io.Writer, do func(url string) error) error {
	return onFreshWith(ctx, told, nil, 1, func(urls []string) error { return do(urls[0]) })
}

// onFreshWith is onFresh with n databases of one server, and with further settings of
// the server, if it is started for the purpose.
func onFreshWith(ctx context.Context, told io.Writer, further map[string]string, n int, do func(urls []string) error) (err error) {
	server := os.Getenv("DATABASE_URL")
	if server == "" {
		own, err := ownServer(ctx, told, further)
		if err != nil {
			return err
		}
		defer func() {
			if stopped := own.remove(); stopped != nil && err == nil {
				err = stopped
			}
		}()
		server = own.URL()
	}
	urls := make([]string, n)
	for i := range urls {
		name := "hoso_bench_" + strings.ToLower(rand.Text()[:10])
		if urls[i], err = withDatabase(server, name); err != nil {
			return err
		}
		if err := onServer(ctx, server, "CREATE DATABASE "+name); err != nil {
			return fmt.Errorf("make a database to measure in: %w", err)
		}
		defer func() {
			if dropped := onServer(context.WithoutCancel(ctx), server, "DROP DATABASE "+name+" WITH (FORCE)"); dropped != nil && err == nil {
				err = fmt.Errorf("remove the database %s: %w", name, dropped)
			}
		}()
		if err := postgres.Migrate(ctx, urls[i]); err != nil {
			return err
		}
	}
	return do(urls)
}

func onServer(ctx context.Context, url, sql string) error {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, sql)
	return err
}

// withDatabase is the URL of another database on the same server.
func withDatabase(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme == "" {
		return "", fmt.Errorf("DATABASE_URL must be a URL, as in postgres://user:password@host:5432/hoso")
	}
	u.Path = "/" + name
	return u.String(), nil
}

// passing is a server for one measurement.
type passing struct {
	*postgres.Server
	dir string
}

// ownServer starts a PostgreSQL whose writes are as safe as in production.
func ownServer(ctx context.Context, told io.Writer, further map[string]string) (*passing, error) {
	dir, err := os.MkdirTemp("", "hoso-bench-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // the server's user passes through
		return nil, err
	}
	fmt.Fprintln(told, "starting a PostgreSQL to measure on …")
	set := map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
	maps.Copy(set, further)
	s, err := postgres.Start(ctx, postgres.ServerConfig{Dir: filepath.Join(dir, "postgres"), Log: slog.New(slog.DiscardHandler), Settings: set})
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return &passing{s, dir}, nil
}

// remove stops the server and removes its data.
func (p *passing) remove() error {
	return errors.Join(p.Stop(), os.RemoveAll(p.dir))
}
