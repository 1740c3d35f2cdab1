package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

// serveCommand is `hoso serve`: pages and calls, in production.
func serveCommand() *cobra.Command {
	return &cobra.Command{
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
}

// workCommand is `hoso work`: the jobs, in production.
func workCommand() *cobra.Command {
	return &cobra.Command{
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
			a, err := assemble(ctx, set, nil, workerConns)
			if err != nil {
				return err
			}
			defer a.close()
			return a.work(ctx, cmd.OutOrStdout())
		},
	}
}
