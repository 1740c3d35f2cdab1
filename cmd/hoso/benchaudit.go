package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/cmd/hoso/bench"
)

// benchAuditCommand is `hoso bench audit`.
func benchAuditCommand() *cobra.Command {
	var events int
	var asJSON bool
	c := &cobra.Command{
		Use:   "audit",
		Short: "Measure how fast the records are verified",
		Long: `Audit fills a database of its own with cases of twelve events each, as many reads as cases, anchors over them and
time-stamps, and measures hoso audit verify. The floor is a plain scan of the same rows, which computes nothing.`,
		Example: `  hoso bench audit
  hoso bench audit --events 3000000 --json`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if events < 12 {
				return errors.New("events must be 12 or more")
			}
			var r bench.Audit
			err := onFresh(cmd.Context(), cmd.ErrOrStderr(), func(url string) (err error) {
				r, err = bench.MeasureAudit(cmd.Context(), url, events)
				return err
			})
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(r)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d events, %d reads, %d anchors\n  floor   %8.0f events/s\n  verify  %8.0f events/s, %.2f of the floor: a day of 3 million events takes %.0f s\n",
				r.Events, r.Reads, r.Anchors, r.Floor, r.Verify, r.Ratio, 3e6/r.Verify)
			return nil
		},
	}
	c.Flags().IntVar(&events, "events", 300_000, "events of cases to verify")
	c.Flags().BoolVar(&asJSON, "json", false, "print an object: events, reads, anchors, floor_eps, verify_eps, ratio")
	return c
}
