package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/postgres"
)

// calendarCommand is `hoso calendar`: the working days that terms are counted by.
func calendarCommand() *cobra.Command {
	var asJSON bool
	var year int
	c := &cobra.Command{
		Use:   "calendar",
		Short: "Show the revisions of the calendar, the acts behind them and the cases that are behind",
		Long: `Calendar shows every revision of the working days of state offices that this program carries, the acts that each rests on
with what is still to be confirmed about them, and, where there is a database, how many open cases are counted by each. After a
new revision the workers count open cases by it within minutes; those that stay behind have their reason beside them.

With --year it lists the days of that year that are not as the week has them.`,
		Example: `  hoso calendar
  hoso calendar --year 2026
  hoso calendar --json | jq '.revisions[-1]'`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := readCalendar(cmd.Context(), year)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(out)
			}
			return out.print(cmd.OutOrStdout())
		},
	}
	c.Flags().IntVar(&year, "year", 0, "list the days off and make-up days of a year, by the newest revision")
	c.Flags().BoolVar(&asJSON, "json", false, "print an object: revisions, days, open, behind")
	return c
}

// calendarShown is what --json prints.
type calendarShown struct {
	Revisions []calendar.Revision `json:"revisions"` // oldest first
	Days      []calendar.Day      `json:"days,omitempty"`
	Open      []cases.Behind      `json:"open"`   // open cases by revision; null: there is no database
	Behind    int                 `json:"behind"` // open cases counted by an older revision
}

func readCalendar(ctx context.Context, year int) (*calendarShown, error) {
	out := &calendarShown{}
	for _, c := range calendar.VietnamRevisions() {
		out.Revisions = append(out.Revisions, c.Revision())
	}
	var err error
	if year != 0 {
		if out.Days, err = calendar.Vietnam().Year(year); err != nil {
			return nil, err
		}
	}
	db, done, err := database(ctx, postgres.Options{MaxConns: 1, Statement: time.Minute})
	if errors.Is(err, errNoDatabase) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	defer done()
	if out.Open, err = cases.ClocksByRevision(ctx, db); err != nil {
		return nil, err
	}
	newest := calendar.Vietnam().Revision()
	for _, b := range out.Open {
		if b.Calendar == newest.Calendar && b.Number < newest.Number {
			out.Behind += b.Open
		}
	}
	return out, nil
}

func (s *calendarShown) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, r := range s.Revisions {
		fmt.Fprintf(w, "%s\tsince %s\t%s\n", r, r.Since, r.Why.EN)
		for _, a := range r.Acts {
			doubt := ""
			if a.Doubt != "" {
				doubt = "to be confirmed: " + a.Doubt
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\n", a.Date, a.Title.EN, doubt)
		}
	}
	for _, d := range s.Days {
		kind := "off"
		if d.Working {
			kind = "work"
		}
		on, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s %s\t%s\t%s (%s)\n", on.Format("Mon"), d.Date, kind, d.Why.EN, d.Act.Title.EN)
	}
	for _, b := range s.Open {
		kept := ""
		if b.Kept > 0 {
			kept = fmt.Sprintf("%d of them cannot be moved: the newer revision does not reach their end", b.Kept)
		}
		fmt.Fprintf(w, "%s/%d\t%s\t%s\n", b.Calendar, b.Number, count(b.Open, "open case"), kept)
	}
	if s.Open != nil {
		fmt.Fprintf(w, "behind the newest\t%s\t\n", count(s.Behind, "open case"))
	}
	return w.Flush()
}
