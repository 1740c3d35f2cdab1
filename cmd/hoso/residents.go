package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/resident/population"
)

// residentsCommand is `hoso residents`: the people of the resident database.
func residentsCommand() *cobra.Command {
	c := &cobra.Command{Use: "residents", Short: "Fill the resident database and see how good it is"}
	var seed uint64
	var asJSON bool
	generate := &cobra.Command{
		Use:   "generate N",
		Short: "Make up N people in families over three generations",
		Long: `Generate adds N people whom nobody knows to the resident database: families over three generations, with names, ages,
marriages, households, addresses in the units that the database has (those that come with the program when it has none), and
personal numbers. The same seed on the same database gives the same people. Never use it on the data of real people.`,
		Example: `  hoso residents generate 100000
  hoso residents generate 1000000 --seed 7 --json`,
		Args:         cobra.ExactArgs(1),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[0])
			if err != nil || n <= 0 {
				return fmt.Errorf("%q is no number of people: write 1 or more, as in 100000", args[0])
			}
			// A batch holds thousands of people, and the check reads all of them.
			db, done, err := database(cmd.Context(), postgres.Options{MaxConns: 4, Statement: time.Hour, Idle: time.Hour})
			if err != nil {
				return err
			}
			defer done()
			units, err := inhabitable(cmd.Context(), db)
			if err != nil {
				return err
			}
			r, err := population.Generate(cmd.Context(), db, population.Config{People: n, Seed: seed, Units: units, Progress: progress(cmd.ErrOrStderr(), n, "people")})
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(generated{r.People, r.Households, r.Took.Seconds(), r.Rate()})
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s in %s in %.1f s: %.0f a second\n", counted(r.People, "person", "people"), count(r.Households, "household"), r.Took.Seconds(), r.Rate())
			return nil
		},
	}
	generate.Flags().Uint64Var(&seed, "seed", 1, "another seed gives other people")
	generate.Flags().BoolVar(&asJSON, "json", false, "print an object: people, households, seconds, rate")
	c.AddCommand(generate, qualityCommand(), importCommand())
	return c
}

// generated is what --json prints.
type generated struct {
	People     int     `json:"people"`
	Households int     `json:"households"`
	Seconds    float64 `json:"seconds"`
	Rate       float64 `json:"rate"` // people a second
}

// inhabitable are the units of the database, or else those that come with the
// program, which are imported then.
func inhabitable(ctx context.Context, db *pgxpool.Pool) ([]agency.Unit, error) {
	for {
		d, err := agency.New(ctx, agency.Config{DB: db})
		if err != nil {
			return nil, err
		}
		units := d.Units()
		var list []agency.Unit
		for _, p := range units.Provinces() {
			list = append(list, units.Communes(p.Code)...)
		}
		if len(list) > 0 {
			return list, nil
		}
		if _, err := agency.ImportShipped(ctx, db); err != nil {
			return nil, err
		}
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// progress shows how far long work is, on a terminal only. The returned
// function may be called from any goroutine.
func progress(w io.Writer, total int, what string) func(done int) {
	if !isTerminal(w) {
		return nil
	}
	bar := progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString(what), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish())
	return func(done int) { _ = bar.Set(done) } // a bar that cannot be drawn stops nobody
}
