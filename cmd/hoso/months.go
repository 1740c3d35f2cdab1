package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/archive"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/postgres"
)

// monthsCommand is `hoso months`: the months that cases are divided by.
func monthsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "months",
		Short: "List the months of cases, and detach those whose retention is over",
		Long: `Months lists the ranges of cases that the tables are divided by, with how many cases and events are in each, what they take on
disk, and whether all of them have ended. The workers make the months ahead.`,
		Example: `  hoso months
  hoso months --json | jq '.months[] | select(.state == "all ended")'
  hoso months detach 2019_05 --closed-before 2021-11-26 --to /mnt/archive
  hoso months attach 2019_05`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			db, done, err := database(cmd.Context(), postgres.Options{MaxConns: 2, ApplicationName: "hoso months", Statement: monthsStatement})
			if err != nil {
				return err
			}
			defer done()
			var out monthsShown
			if out.Months, out.Ahead, err = archive.Months(cmd.Context(), db); err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(out)
			}
			return out.print(cmd.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print an object: months, ahead")
	c.AddCommand(detachCommand(), attachCommand())
	return c
}

// monthsStatement is how long one statement over a month may last.
const monthsStatement = time.Hour

// monthsShown is what --json prints.
type monthsShown struct {
	Months []archive.Month `json:"months"` // oldest first
	Ahead  int             `json:"ahead"`  // months after this one that are ready
}

func (s monthsShown) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "month\tfrom\tuntil\tcases\topen\tevents\tMB\tstate")
	day := func(at *time.Time) string {
		if at == nil {
			return "-"
		}
		return at.UTC().Format(time.DateOnly)
	}
	for _, m := range s.Months {
		state := string(m.State)
		if m.DetachedAt != nil {
			state += " on " + m.DetachedAt.In(calendar.Hanoi).Format(time.DateOnly)
		} else if m.LastClosed != nil && m.State == archive.Ended {
			state += ", the last on " + m.LastClosed.In(calendar.Hanoi).Format(time.DateOnly)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%.1f\t%s\n", m.Suffix, day(m.From), day(m.Until), m.Cases, m.Open, m.Events, float64(m.Bytes)/1e6, state)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s ready ahead\n", counted(s.Ahead, "month is", "months are"))
	return err
}

func detachCommand() *cobra.Command {
	var o archive.Options
	var before, trust string
	var asJSON bool
	c := &cobra.Command{
		Use:   "detach MONTH",
		Short: "Archive a month and take it out of the tables",
		Long: `Detach writes all that belongs to the cases of a month into DIR/MONTH, reads it back and compares it, and then takes the
month's partitions out of the tables in one short transaction. They stay in the database, out of use, until --drop drops them; until
then attach brings them back. With --drop a month that was detached before is dropped, once its archive was compared again.

Only a month that is over is detached, whose cases have all ended before the date (how long they must be kept is for you to say: there is
no default), have nothing left to be done, and stand under anchors with their last event; its records are verified first. Papers,
notices and codes of its cases are copied into the archive and stay in the database: a result can be verified for ever.

It may run beside serve and work, and be run again after it was killed at any place.

Exit code 1: the month stays as it was.`,
		Example: `  hoso months detach 2019_05 --closed-before 2021-11-26 --to /mnt/archive
  hoso months detach 2019_05 --closed-before 2021-11-26 --to /mnt/archive --drop`,
		Args:         cobra.ExactArgs(1),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.ClosedBefore, err = time.ParseInLocation(time.DateOnly, before, calendar.Hanoi); err != nil {
				return fmt.Errorf("--closed-before %q is no day: write it as 2021-11-26", before)
			}
			a, done, err := archives(cmd, trust)
			if err != nil {
				return err
			}
			defer done()
			m, err := a.Detach(cmd.Context(), args[0], o)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(m)
			}
			what := "detached"
			if o.Drop {
				what = "dropped"
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is %s: %s and %s are in %s in %s\n", m.Month, what, counted(int(m.Cases), "case", "cases"), counted(int(m.Events), "event", "events"), counted(len(m.Files), "file", "files"), o.Dir)
			return err
		},
	}
	c.Flags().StringVar(&before, "closed-before", "", "day before which its last case must have ended: 2021-11-26")
	c.Flags().StringVar(&o.Dir, "to", "", "folder that the archive is written into")
	c.Flags().BoolVar(&o.Drop, "drop", false, "drop the partitions afterwards")
	c.Flags().StringVar(&trust, "trust", os.Getenv("HOSO_TSA_TRUST"), "file with the certificates of the time-stamping authority (default HOSO_TSA_TRUST)")
	c.Flags().BoolVar(&asJSON, "json", false, "print the manifest of the archive")
	c.MarkFlagRequired("closed-before")
	c.MarkFlagRequired("to")
	return c
}

func attachCommand() *cobra.Command {
	var trust string
	c := &cobra.Command{
		Use:   "attach MONTH",
		Short: "Bring a detached month back that was not dropped",
		Long: `Attach puts the partitions of a detached month back into the tables and verifies its records.

Exit code 1: it was not attached, or its records are not what was written.`,
		Example:      "  hoso months attach 2019_05",
		Args:         cobra.ExactArgs(1),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			a, done, err := archives(cmd, trust)
			if err != nil {
				return err
			}
			defer done()
			if err := a.Attach(cmd.Context(), args[0]); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is attached, and its records hold\n", args[0])
			return err
		},
	}
	c.Flags().StringVar(&trust, "trust", os.Getenv("HOSO_TSA_TRUST"), "file with the certificates of the time-stamping authority (default HOSO_TSA_TRUST)")
	return c
}

// archives detaches and attaches months, as the owner of the tables.
func archives(cmd *cobra.Command, trust string) (a *archive.Archive, done func(), err error) {
	ctx := cmd.Context()
	pool, err := trusted(trust)
	if err != nil {
		return nil, nil, err
	}
	db, done, err := database(ctx, postgres.Options{MaxConns: 4, ApplicationName: "hoso months", Statement: monthsStatement})
	if err != nil {
		return nil, nil, err
	}
	s, err := serviceOn(ctx, db)
	if err == nil {
		a, err = archive.New(archive.Config{DB: db, Cases: s, Trusted: pool, Tell: func(what string) { fmt.Fprintln(cmd.ErrOrStderr(), what) }})
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return a, done, nil
}
