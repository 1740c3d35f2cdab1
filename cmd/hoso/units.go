package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/postgres"
)

// unitsCommand is `hoso units`: the administrative units and their agencies.
func unitsCommand() *cobra.Command {
	c := &cobra.Command{Use: "units", Short: "Import the official list of provinces and communes"}
	var asJSON bool
	imports := &cobra.Command{
		Use:   "import FILE",
		Short: "Import provinces and communes from a CSV file",
		Long: `Import stores the units of a CSV file with the columns code,level,kind,name_vi,name_en,province_code and makes the agencies
that each of them has. The same file again changes nothing; units that the file does not name stay.

Exit code 1: the file has faults. They are listed by line, and nothing is imported.`,
		Example:      "  hoso units import administrative-units.csv",
		Args:         cobra.ExactArgs(1),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer file.Close()
			db, done, err := database(cmd.Context(), postgres.Options{MaxConns: 2})
			if err != nil {
				return err
			}
			defer done()
			n, err := agency.ImportUnits(cmd.Context(), db, file)
			faulty, isFaulty := errors.AsType[*agency.FileError](err)
			if err != nil && !isFaulty {
				return err
			}
			out := cmd.OutOrStdout()
			switch {
			case asJSON:
				result := unitsImported{Units: n, Faults: []unitsFault{}}
				if isFaulty {
					for _, f := range faulty.Faults {
						result.Faults = append(result.Faults, unitsFault(f))
					}
				}
				if err := json.NewEncoder(out).Encode(result); err != nil {
					return err
				}
			case isFaulty:
				for _, f := range faulty.Faults {
					fmt.Fprintf(out, "%s:%d: %s\n", args[0], f.Line, f.Reason)
				}
			default:
				fmt.Fprintf(out, "%s, with their agencies\n", count(n, "unit"))
			}
			if isFaulty {
				return fmt.Errorf("nothing was imported: %s", count(len(faulty.Faults), "fault"))
			}
			return nil
		},
	}
	imports.Flags().BoolVar(&asJSON, "json", false, "print an object: units, faults")
	c.AddCommand(imports, mergeCommand())
	return c
}

// mergeCommand is `hoso units merge`: an agency takes over from another.
func mergeCommand() *cobra.Command {
	var from string
	c := &cobra.Command{
		Use:   "merge AGENCY INTO",
		Short: "Let an agency take over from one that ends",
		Long: `Merge ends an agency on a day and lets another take over its work: from that day on the officers of the other see, hold and
act on its cases, and new tasks are theirs. Nothing that was recorded is changed, and the officers of the agency that ends keep
no right by it: give them seats at the other. Nodes that run follow within a minute.`,
		Example:      "  hoso units merge CA-00004 CA-00070 --from 2027-01-01",
		Args:         cobra.ExactArgs(2),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := time.Parse(time.DateOnly, from)
			if err != nil {
				return errors.New("--from is no day: write it as 2027-01-01")
			}
			db, done, err := database(cmd.Context(), postgres.Options{MaxConns: 1})
			if err != nil {
				return err
			}
			defer done()
			err = pgx.BeginFunc(cmd.Context(), db, func(tx pgx.Tx) error {
				return agency.Succeed(cmd.Context(), tx, agency.ID(args[0]), agency.ID(args[1]), day)
			})
			if errors.Is(err, agency.ErrNoAgency) {
				return fmt.Errorf("%s cannot take over from %s: one of them does not exist, or the work would come back to %[2]s", args[1], args[0])
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s does the work of %s from %s on\n", args[1], args[0], from)
			return nil
		},
	}
	c.Flags().StringVar(&from, "from", "", "the first day on which the agency is no more, as 2027-01-01 (required)")
	_ = c.MarkFlagRequired("from") // the flag is there
	return c
}

// unitsImported is what --json prints.
type unitsImported struct {
	Units  int          `json:"units"`
	Faults []unitsFault `json:"faults"`
}

type unitsFault struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}
