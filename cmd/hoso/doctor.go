package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/doctor"
	"github.com/hoso-gov/hoso/postgres"
)

// errUnsound reports a database in which an invariant does not hold.
var errUnsound = errors.New("an invariant does not hold")

// doctorStatement is how long one statement of an examination may last: some
// compare whole tables.
const doctorStatement = 30 * time.Minute

// doctorCommand is `hoso doctor`: whether a database is sound.
func doctorCommand() *cobra.Command {
	var asJSON bool
	var o doctor.Options
	var books, journal string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Examine the database: do the 36 invariants of the engine hold?",
		Long: `Doctor holds every case, effect, timer, message and record against the 36 invariants of docs/invariants.md. It
changes nothing, and looks at 200 cases at a time, so it may run beside the work. What the database alone cannot tell (what
peers did, what was answered to whom) it examines when the peers' books or a journal are given, and says so when they are not.

Exit code 1: an invariant does not hold.`,
		Example: `  hoso doctor
  hoso doctor --only 4,17,19 --json | jq '.invariants[] | select(.broken > 0)'`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			db, done, err := database(ctx, postgres.Options{MaxConns: 2, ApplicationName: "hoso doctor", Statement: doctorStatement})
			if err != nil {
				return err
			}
			defer done()
			if err := doctorSources(ctx, &o, books, journal); err != nil {
				return err
			}
			if o.Progress, err = doctorProgress(ctx, cmd.ErrOrStderr(), db); err != nil {
				return err
			}
			r, err := doctor.Check(ctx, db, o)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(r)
			} else {
				r.Print(cmd.OutOrStdout())
			}
			if err == nil && r.Broken() > 0 {
				err = errUnsound
			}
			return err
		},
	}
	f := c.Flags()
	f.BoolVar(&asJSON, "json", false, "print an object: at, cases, events, effects, invariants")
	f.IntSliceVar(&o.Only, "only", nil, "numbers of invariants, 1,2,17; default all")
	f.StringVar(&books, "books", "", "address that answers the peers' books at /books.json, as the sandbox does")
	f.StringVar(&journal, "journal", "", "file with what was asked and answered, as the chaos harness writes it")
	f.StringSliceVar(&o.Traces, "traces", nil, "files of logs and metrics that may hold no planted name")
	f.StringSliceVar(&o.Canaries, "canaries", nil, "names and numbers that were planted in the data")
	return c
}

// doctorSources reads what is known besides the database.
func doctorSources(ctx context.Context, o *doctor.Options, books, journal string) (err error) {
	for _, n := range o.Only {
		if n < 1 || n > len(doctor.Invariants) {
			return fmt.Errorf("--only: the invariants are numbered 1 to %d", len(doctor.Invariants))
		}
	}
	if books != "" {
		if o.Books, err = doctor.ReadBooks(ctx, books); err != nil {
			return err
		}
	}
	if journal == "" {
		return nil
	}
	file, err := os.Open(journal)
	if err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	defer file.Close()
	o.Journal, err = doctor.ReadJournal(file)
	return err
}

// doctorProgress shows how far the examination is, on a terminal only.
func doctorProgress(ctx context.Context, out io.Writer, db *pgxpool.Pool) (func(int64), error) {
	var total int
	if err := db.QueryRow(ctx, `
		SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
		FROM pg_partition_tree('cases') AS t
		JOIN pg_class c ON c.oid = t.relid
		WHERE t.isleaf`).Scan(&total); err != nil {
		return nil, err
	}
	show := progress(out, max(total, 1), "cases")
	if show == nil {
		return nil, nil
	}
	return func(n int64) { show(min(int(n), max(total, 1))) }, nil
}
