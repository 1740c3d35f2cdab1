package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/postgres"
)

// errNoDatabase reports a command that needs a database and was given none.
var errNoDatabase = errors.New("set DATABASE_URL, as in postgres://user:password@host:5432/hoso")

// migrateCommand is `hoso migrate`: the schema of the database.
func migrateCommand() *cobra.Command {
	c := &cobra.Command{Use: "migrate", Short: "Bring the database to the schema of this program, or show where it is"}
	up := &cobra.Command{
		Use:          "up",
		Short:        "Apply what is missing",
		Long:         "Up applies the migrations that the database lacks. Nodes of the version before keep working meanwhile.",
		Example:      "  DATABASE_URL=postgres://hoso@db/hoso hoso migrate up",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			url := os.Getenv("DATABASE_URL")
			if url == "" {
				return errNoDatabase
			}
			if err := postgres.Migrate(cmd.Context(), url); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "the database has the schema of this program")
			return nil
		},
	}
	var asJSON bool
	status := &cobra.Command{
		Use:          "status",
		Short:        "List the migrations and when each was applied",
		Example:      "  hoso migrate status --json",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			url := os.Getenv("DATABASE_URL")
			if url == "" {
				return errNoDatabase
			}
			list, err := postgres.Status(cmd.Context(), url)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(list)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, m := range list {
				when := "pending"
				if m.Applied != nil {
					when = m.Applied.Format("2006-01-02 15:04:05 -07:00")
				}
				fmt.Fprintf(w, "%d\t%s\t%s\n", m.Version, m.Name, when)
			}
			return w.Flush()
		},
	}
	status.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	c.AddCommand(up, status)
	return c
}
