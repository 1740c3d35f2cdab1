package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/resident/grants"
	"github.com/hoso-gov/hoso/resident/population"
)

// errGrantsBroke reports grants after which an invariant did not hold.
var errGrantsBroke = errors.New("the grants broke an invariant")

// grantsReport is what `hoso bench grants --json` prints.
type grantsReport struct {
	People    int            `json:"people"`
	Grants    int            `json:"grants"` // tried
	Workers   int            `json:"workers"`
	Granted   int            `json:"granted"`
	Refused   int            `json:"refused"`
	Undone    int            `json:"undone"`
	Broken    int            `json:"broken"` // invariants that do not hold
	Held      int            `json:"held"`   // invariants that do
	Seconds   float64        `json:"seconds"`
	Rate      float64        `json:"rate"`          // grants and undos a second
	Check     float64        `json:"check_seconds"` // of holding the database against the invariants
	ByType    map[string]int `json:"granted_by_type"`
	ByRule    map[string]int `json:"refused_by_rule"` // "type rule"
	NotUndone map[string]int `json:"undo_refused_by_rule"`
	First     []string       `json:"first_broken"` // rule and how many break it
}

// benchGrantsCommand is `hoso bench grants`.
func benchGrantsCommand() *cobra.Command {
	var people int
	var cfg grants.Config
	var asJSON bool
	c := &cobra.Command{
		Use:   "grants",
		Short: "Write back random grants into a made-up population, and check the invariants",
		Long: `Grants makes up a population and changes it at random, as granted cases do: all types of change, by several connections at
once, a fifth of them taken back. Then it holds the resident database against its invariants. It makes a database of its
own, on the server of DATABASE_URL (whose user must be allowed to), or on a PostgreSQL that it starts for the purpose, and
removes it.

Exit code 1: an invariant does not hold.`,
		Example:      `  hoso bench grants --people 100000 --grants 20000 --json`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if people < 10 || cfg.Grants < 1 || cfg.Workers < 1 {
				return errors.New("people must be 10 or more, grants and workers 1 or more")
			}
			var r *grantsReport
			err := onFresh(cmd.Context(), cmd.ErrOrStderr(), func(url string) (err error) {
				r, err = measureGrants(cmd, url, people, cfg)
				return err
			})
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				err = json.NewEncoder(out).Encode(r)
			} else {
				fmt.Fprintf(out, "%d people, %d grants by %d connections in %.1f s: %d granted, %d refused, %d taken back; %.0f a second\n",
					r.People, r.Grants, r.Workers, r.Seconds, r.Granted, r.Refused, r.Undone, r.Rate)
				for _, rule := range slices.Sorted(maps.Keys(r.ByRule)) {
					fmt.Fprintf(out, "  refused %6d  %s\n", r.ByRule[rule], rule)
				}
				fmt.Fprintf(out, "%d of %d invariants hold (%.1f s)\n", r.Held, r.Held+r.Broken, r.Check)
				for _, b := range r.First {
					fmt.Fprintln(out, "  BROKEN", b)
				}
			}
			if err == nil && r.Broken > 0 {
				err = errGrantsBroke
			}
			return err
		},
	}
	c.Flags().IntVar(&people, "people", 100_000, "people to make up")
	c.Flags().IntVar(&cfg.Grants, "grants", 20_000, "changes to try")
	c.Flags().IntVar(&cfg.Workers, "workers", 8, "connections at once")
	c.Flags().Uint64Var(&cfg.Seed, "seed", 1, "another seed draws others")
	c.Flags().BoolVar(&asJSON, "json", false, "print an object: people, grants, granted, refused, undone, broken, seconds, refused_by_rule …")
	return c
}

// measureGrants plays on a database that lives no longer.
func measureGrants(cmd *cobra.Command, url string, people int, cfg grants.Config) (*grantsReport, error) {
	ctx := cmd.Context()
	db, err := postgres.Open(ctx, url, postgres.Options{MaxConns: int32(cfg.Workers) + 4, Statement: time.Hour, Idle: time.Hour, Lock: time.Minute})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	units, err := inhabitable(ctx, db)
	if err != nil {
		return nil, err
	}
	if _, err := population.Generate(ctx, db, population.Config{People: people, Seed: cfg.Seed, Units: units, Progress: progress(cmd.ErrOrStderr(), people, "people")}); err != nil {
		return nil, err
	}
	cfg.DB, cfg.Progress = db, progress(cmd.ErrOrStderr(), cfg.Grants, "grants")
	res, err := grants.Run(ctx, cfg)
	if err != nil {
		return nil, err
	}
	checking := time.Now()
	broken, err := resident.Check(ctx, db)
	if err != nil {
		return nil, err
	}
	r := &grantsReport{People: people, Grants: cfg.Grants, Workers: cfg.Workers, Granted: grants.Sum(res.Granted), Refused: grants.Sum(res.Refused),
		Undone: grants.Sum(res.Undone), Broken: len(broken), Held: len(resident.Invariants) - len(broken), Seconds: res.Took.Seconds(),
		Check: time.Since(checking).Seconds(), ByType: res.Granted, ByRule: res.Refused, NotUndone: res.NotUndone, First: []string{}}
	r.Rate = float64(r.Grants+r.Undone) / r.Seconds
	for _, b := range broken {
		r.First = append(r.First, fmt.Sprintf("%s: %d", b.Rule, b.Count))
	}
	return r, nil
}
