package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident/quality"
)

// qualityBasis is the law by which who keeps the database looks at single records.
const qualityBasis = "law: Luật Căn cước 26/2023/QH15, Điều 9 và 10"

// qualityRow is a rule as --json prints it.
type qualityRow struct {
	Rule     string          `json:"rule"`
	Aspect   quality.Aspect  `json:"aspect"` // correct, complete, clean, live
	VI       string          `json:"vi"`
	EN       string          `json:"en"`
	Records  int64           `json:"records"`
	Changes  []string        `json:"changes"`            // types of change that mend it
	Mend     []procedures.ID `json:"mended_by"`          // procedures that make one of them
	Examples []string        `json:"examples,omitempty"` // with --examples
}

// qualityCommand is `hoso residents quality`.
func qualityCommand() *cobra.Command {
	var rule, reason, root string
	var examples int
	var communes []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "quality",
		Short: "Measure whether the records are correct, complete, clean and live",
		Long: `Quality counts, rule by rule, the records that are not as they should be (đúng, đủ, sạch, sống), and names the procedures
whose cases mend them: those that make the type of change which the rule needs. --examples shows some by their numbers: that is a read of
each of these people, needs a reason, and stands in the log of reads.`,
		Example: `  hoso residents quality
  hoso residents quality --commune 00070 --json
  hoso residents quality --rule card-expired --examples 20 --reason "Nhắc đổi thẻ quý IV"`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if examples > 0 && (rule == "" || strings.TrimSpace(reason) == "") {
				return errors.New("--examples needs --rule and --reason: whose numbers are shown is told why")
			}
			db, done, err := database(cmd.Context(), postgres.Options{MaxConns: 2, ApplicationName: "hoso residents quality", Statement: doctorStatement})
			if err != nil {
				return err
			}
			defer done()
			tree, _, err := definitions(root)
			if err != nil {
				return err
			}
			catalogue, _ := procedures.LoadToRun(tree)
			rows, err := measureQuality(cmd.Context(), db, qualityAsk{rule, reason, examples, communes, catalogue})
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(rows)
			}
			t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, r := range rows {
				fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\n", r.Records, r.Aspect, r.Rule, r.EN, idsOf(r.Mend))
				for _, n := range r.Examples {
					fmt.Fprintf(t, "\t\t\t%s\t\n", n)
				}
			}
			return t.Flush()
		},
	}
	c.Flags().StringVar(&rule, "rule", "", "this rule only")
	c.Flags().IntVar(&examples, "examples", 0, "show so many who break the rule, by number")
	c.Flags().StringVar(&reason, "reason", "", "why they are looked at, in Vietnamese: the citizens read it in their log")
	c.Flags().StringSliceVar(&communes, "commune", nil, "people whose permanent address is in these communes, by code; default the whole country")
	c.Flags().StringVar(&root, "procedures", "", "folder of definitions (default: where you are, else those in the binary)")
	c.Flags().BoolVar(&asJSON, "json", false, "print a list: rule, aspect, vi, en, records, changes, mended_by")
	return c
}

// qualityAsk is what the command was asked for.
type qualityAsk struct {
	rule, reason string
	examples     int
	communes     []string
	catalogue    *procedures.Catalogue
}

func measureQuality(ctx context.Context, db *pgxpool.Pool, ask qualityAsk) ([]qualityRow, error) {
	measured, err := quality.Measure(ctx, db, ask.communes, time.Now(), ask.rule)
	if err != nil {
		return nil, err
	}
	var rows []qualityRow
	for _, m := range measured {
		r := qualityRow{Rule: m.ID, Aspect: m.Aspect, VI: m.VI, EN: m.EN, Records: m.Count, Changes: append([]string{}, m.Mends...), Mend: []procedures.ID{}}
		for _, p := range ask.catalogue.Changing(m.Mends) {
			r.Mend = append(r.Mend, p.ID)
		}
		if ask.examples > 0 {
			who := "hoso"
			if u, err := user.Current(); err == nil {
				who = cmp.Or(u.Username, who)
			}
			purpose := registry.Purpose{Reader: who, ReaderKind: string(agency.System), Text: ask.reason, Basis: qualityBasis}
			if r.Examples, err = quality.Examples(ctx, db, purpose, m.ID, ask.communes, ask.examples, time.Now()); err != nil {
				return nil, err
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func idsOf(ids []procedures.ID) string {
	if len(ids) == 0 {
		return "by hand"
	}
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return strings.Join(texts, ", ")
}
