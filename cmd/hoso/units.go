package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

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
	c.AddCommand(imports)
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
