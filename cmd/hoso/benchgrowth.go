package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/cmd/hoso/bench"
)

// benchGrowthCommand is `hoso bench growth`.
func benchGrowthCommand() *cobra.Command {
	cfg := bench.GrowthConfig{Start: startBenchNode}
	var asJSON bool
	c := &cobra.Command{
		Use:   "growth",
		Short: "Measure pages while cases and residents grow",
		Long: `Growth fills a database of its own for the first size, and another step by step for the others, and measures at each: the
page of an officer's queue, its next page, a case's page, the officer's first page, a search for the commonest name, a citizen's
own cases, all over HTTP; the look-up of a resident, and the reconciler's sweep. Beside each stands the bare statement that a page
cannot do without. The first and the last size are measured in turns, in the same minutes, and the median of the rounds counts.

Cases are copies of four that the engine itself brought through every state. 10,000,000 cases and residents take some 46 GB
and, on two quiet processors, half an hour.`,
		Example: `  hoso bench growth --cases 10000,1000000 --residents 10000,1000000
  hoso bench growth --json`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			told := cmd.ErrOrStderr()
			cfg.Tell = func(line string) { fmt.Fprintln(told, line) }
			var g *bench.Growth
			err := onFreshWith(cmd.Context(), told, forBulk, 2, func(urls []string) (err error) {
				cfg.FirstURL, cfg.URL = urls[0], urls[1]
				g, err = bench.MeasureGrowth(cmd.Context(), cfg)
				return err
			})
			if err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(g)
			}
			printGrowth(cmd, g)
			return nil
		},
	}
	c.Flags().IntSliceVar(&cfg.Cases, "cases", []int{10_000, 1_000_000, 10_000_000}, "sizes in cases, rising")
	c.Flags().IntSliceVar(&cfg.Residents, "residents", []int{10_000, 1_000_000, 10_000_000}, "sizes in residents, as many as of cases")
	c.Flags().IntVar(&cfg.Requests, "requests", 500, "requests of each kind at each size")
	c.Flags().IntVar(&cfg.Rounds, "rounds", 3, "rounds of the first and the last size in turns")
	c.Flags().BoolVar(&asJSON, "json", false, "print an object: machine, sizes, ratio, aims")
	return c
}

// forBulk are the settings of a server that is filled by the million and then
// read: what is filled is on disk when the transaction ends, and needs no log,
// as nobody follows the server.
var forBulk = map[string]string{"wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "4GB", "checkpoint_timeout": "30min",
	"shared_buffers": "2GB", "maintenance_work_mem": "512MB", "effective_cache_size": "12GB", "random_page_cost": "1.1"}

func printGrowth(cmd *cobra.Command, g *bench.Growth) {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "p50 / p95 / p99 in ms; PostgreSQL %s, %d processors\n", g.Machine.Postgres, g.Machine.CPUs)
	for _, s := range g.Sizes {
		fmt.Fprintf(out, "\n%d cases (%d open, %d agencies, %d untaken at a desk), %d residents, %.1f GB\n", s.Cases, s.Open, s.Agencies, s.QueueRows, s.Residents, float64(s.Bytes)/1e9)
		for _, name := range bench.Pages {
			l, ok := s.Measured[name]
			if !ok {
				continue
			}
			fmt.Fprintf(out, "  %-10s %8.2f %8.2f %8.2f", name, l.P50, l.P95, l.P99)
			if l.Floor != nil {
				fmt.Fprintf(out, "   floor %8.2f %8.2f %8.2f", l.Floor.P50, l.Floor.P95, l.Floor.P99)
			}
			fmt.Fprintln(out)
		}
	}
	fmt.Fprintln(out)
	for _, a := range g.Aims {
		verdict := "met"
		if !a.Met {
			verdict = "not met"
		}
		fmt.Fprintf(out, "%s: %.2f, at most %.2f: %s\n", a.Aim, a.Value, a.Limit, verdict)
	}
}
