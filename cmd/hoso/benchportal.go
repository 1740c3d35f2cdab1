package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/cmd/hoso/bench"
)

// benchPortalCommand is `hoso bench portal`.
func benchPortalCommand() *cobra.Command {
	cfg := bench.PortalConfig{Start: startBenchNode}
	var seconds int
	var asJSON bool
	c := &cobra.Command{
		Use:   "portal",
		Short: "Load the portal's pages over HTTP",
		Long: `Portal starts a whole Hoso over a small database of its own and loads the catalogue, a procedure's page, the citizen's own
cases, a page of a form, the check page, filing itself, from the declaration to the confirmation, and an officer's queue, as
browsers send them: with cookies and the form's token. The floor is the same server answering with as many bytes after one
statement that reads nothing. Browsers and server share the machine. --residents makes so many people up after that, loads
everything again, and prints how much slower each page has become.`,
		Example: `  hoso bench portal
  hoso bench portal --workers 16 --seconds 30 --json
  hoso bench portal --workers 2 --residents 1000000`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cfg.Workers < 1 || seconds < 1 || cfg.Residents < 0 {
				return errors.New("workers and seconds must be 1 or more, residents 0 or more")
			}
			cfg.Each = time.Duration(seconds) * time.Second
			out := cmd.OutOrStdout()
			if !asJSON {
				cfg.Tell = func(line string) { fmt.Fprintln(out, line) }
			}
			var p *bench.Portal
			err := onFresh(cmd.Context(), cmd.ErrOrStderr(), func(url string) (err error) {
				cfg.URL = url
				p, err = bench.MeasurePortal(cmd.Context(), cfg)
				return err
			})
			if err != nil || !asJSON {
				return err
			}
			return json.NewEncoder(out).Encode(p)
		},
	}
	c.Flags().IntVar(&cfg.Workers, "workers", 8, "browsers at once")
	c.Flags().IntVar(&seconds, "seconds", 10, "how long each page and its floor are loaded together")
	c.Flags().IntVar(&cfg.Residents, "residents", 0, "people to make up before everything is loaded again")
	c.Flags().BoolVar(&asJSON, "json", false, "print an object: machine, workers, pages, grown")
	return c
}
