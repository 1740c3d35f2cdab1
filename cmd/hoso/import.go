package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/resident/intake"
)

// importCommand is `hoso residents import`.
func importCommand() *cobra.Command {
	var cfg intake.Config
	var rejects string
	var asJSON bool
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Take people in from a file, CSV or JSON lines",
		Long: `Import adds the people of a file to the resident database: FILE.csv with a heading, or one JSON object a line. Columns: number,
fullName, birthDate, sex are needed; ethnicity, religion, nationality, homePlace.province, homePlace.commune, birthPlace.…,
phone, email, fatherNumber, motherNumber, permanentAddress.province, .commune, .line, permanentSince. Parents stand above their
children. Each refused row goes with its line and the reason, in Vietnamese and English, into the file of rejects. A person who is there
already stays as they are: mend the rejects, and import again.`,
		Example: `  hoso residents import dan-cu.csv
  hoso residents import people.jsonl --rejects tu-choi.jsonl --batch 5000 --json`,
		Args:         cobra.ExactArgs(1),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			in, err := os.Open(args[0])
			if err != nil {
				return fmt.Errorf("import: %w", err)
			}
			defer in.Close()
			cfg.Rows = intake.JSONLines(in)
			if strings.HasSuffix(strings.ToLower(args[0]), ".csv") {
				if cfg.Rows, err = intake.CSV(in); err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
			}
			name := cmp.Or(rejects, args[0]+".rejects.jsonl")
			out, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // personal numbers: the owner's alone
			if err != nil {
				return fmt.Errorf("import: %w", err)
			}
			cfg.Rejects = out
			db, done, err := database(cmd.Context(), postgres.Options{MaxConns: 2, ApplicationName: "hoso residents import", Statement: time.Hour, Idle: time.Hour})
			if err != nil {
				return err
			}
			defer done()
			cfg.DB = db
			r, err := intake.Run(cmd.Context(), cfg)
			if closed := out.Close(); err == nil {
				err = closed
			}
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(r)
			}
			printIntake(cmd.OutOrStdout(), r, name)
			return nil
		},
	}
	c.Flags().StringVar(&rejects, "rejects", "", "file for refused rows (default FILE.rejects.jsonl)")
	c.Flags().IntVar(&cfg.Batch, "batch", 1000, "rows of one transaction")
	c.Flags().BoolVar(&asJSON, "json", false, "print an object: rows, taken, known, refused, refused_by_reason")
	return c
}

func printIntake(out io.Writer, r *intake.Result, rejects string) {
	fmt.Fprintf(out, "%s: %d taken in, %d known already, %d refused\n", count(r.Rows, "row"), r.Taken, r.Known, r.Refused)
	for _, reason := range slices.Sorted(maps.Keys(r.ByReason)) {
		fmt.Fprintf(out, "  %6d  %s\n", r.ByReason[reason], reason)
	}
	if r.Refused > 0 {
		fmt.Fprintf(out, "refused rows, with line and reason: %s\n", rejects)
	}
}
