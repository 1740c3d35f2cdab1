package main

import (
	"cmp"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

// serveCommand is `hoso serve`: pages and calls, in production.
func serveCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the portal, the desk and the API (production)",
		Long: `Serve answers requests until it is told to stop. It keeps nothing in memory that another node needs: start as many
as you like over one database. The settings come from the environment; docs/operations.md lists them.`,
		Example:      "  DATABASE_URL=postgres://hoso@db/hoso HOSO_BASE_URL=https://dvc.example HOSO_… hoso serve",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			set, err := fromEnvironment(os.Getenv)
			if err != nil {
				return err
			}
			set.Procedures = cmp.Or(dir, set.Procedures)
			a, err := assemble(ctx, set, nil, requestConns)
			if err != nil {
				return err
			}
			defer a.close()
			h, err := a.handler()
			if err != nil {
				return err
			}
			l, err := listen(set.Addr)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "serving %s on %s\n", set.BaseURL, l.Addr())
			return serveHTTP(ctx, l, h)
		},
	}
	procedureFlag(c, &dir)
	return c
}

// workCommand is `hoso work`: the jobs, in production.
func workCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "work",
		Short: "Work off effects, timers and messages (production)",
		Long: `Work does what follows from the steps of cases: papers, messages, payments, registries, time-outs. Start as many as you
like over one database; one that dies loses nothing, another takes its work over. The settings are those of serve.`,
		Example:      "  DATABASE_URL=postgres://hoso@db/hoso HOSO_… hoso work",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			set, err := fromEnvironment(os.Getenv)
			if err != nil {
				return err
			}
			set.Procedures = cmp.Or(dir, set.Procedures)
			a, err := assemble(ctx, set, nil, workerConns)
			if err != nil {
				return err
			}
			defer a.close()
			return a.work(ctx, cmd.OutOrStdout())
		},
	}
	procedureFlag(c, &dir)
	return c
}

// procedureFlag lets a node take definitions of a folder.
func procedureFlag(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "procedures", "", "folder of definitions, over those in the binary or, with a common/elements.yaml, instead of them (default: $HOSO_PROCEDURES)")
}
