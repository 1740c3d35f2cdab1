package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/postgres"
)

// errBroken reports that a hash chain does not hold.
var errBroken = errors.New("the records are not what was written")

// auditCommand is `hoso audit`: the records of reads and acts.
func auditCommand() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "Check the records of reads and acts"}
	var asJSON bool
	verify := &cobra.Command{
		Use:   "verify",
		Short: "Check the hash chains of the log of reads and of every case",
		Long: `Verify computes every hash anew: of the log of reads, which is one chain, and of the history of each case, from its first
event to the head that the case names. It says which entry, or which event of which case, was changed, removed or inserted.

Exit code 1: a chain is broken.`,
		Example: `  hoso audit verify
  hoso audit verify --json | jq .cases.break`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			db, done, err := database(cmd.Context(), postgres.Options{MaxConns: 2})
			if err != nil {
				return err
			}
			defer done()
			r, err := verifyRecords(cmd, db)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(r)
			} else {
				r.print(cmd.OutOrStdout())
			}
			if err == nil && !r.Sound {
				err = errBroken
			}
			return err
		},
	}
	verify.Flags().BoolVar(&asJSON, "json", false, "print an object: sound, reads, cases")
	c.AddCommand(verify)
	return c
}

// verified is what --json prints.
type verified struct {
	Sound bool `json:"sound"`
	Reads struct {
		Sealed   int64        `json:"sealed"`
		Unsealed int64        `json:"unsealed"`
		Faults   []readsFault `json:"faults"`
	} `json:"reads"`
	Cases struct {
		Cases  int64      `json:"cases"`
		Events int64      `json:"events"`
		Break  *caseBreak `json:"break"` // null: none
	} `json:"cases"`
}

type readsFault struct {
	Seq    int64  `json:"seq"`
	ID     string `json:"id"` // empty: the entry is gone
	Reason string `json:"reason"`
}

type caseBreak struct {
	Case   cases.Code `json:"case"`
	Seq    int        `json:"seq"`
	Reason string     `json:"reason"`
}

func verifyRecords(cmd *cobra.Command, db *pgxpool.Pool) (r verified, err error) {
	ctx := cmd.Context()
	reads, err := audit.Verify(ctx, db)
	if err != nil {
		return r, err
	}
	r.Reads.Sealed, r.Reads.Unsealed, r.Reads.Faults = reads.Sealed, reads.Unsealed, []readsFault{}
	for _, f := range reads.Faults {
		r.Reads.Faults = append(r.Reads.Faults, readsFault{f.Seq, f.ID, f.Reason})
	}
	var total int
	if err := db.QueryRow(ctx, "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'cases'::regclass").Scan(&total); err != nil {
		return r, err
	}
	var told func(cases.Chains)
	if show := progress(cmd.ErrOrStderr(), max(total, 1), "cases"); show != nil {
		told = func(c cases.Chains) { show(min(int(c.Cases), max(total, 1))) }
	}
	chains, err := cases.VerifyChains(ctx, db, told)
	if err != nil {
		return r, err
	}
	r.Cases.Cases, r.Cases.Events = chains.Cases, chains.Events
	if b := chains.Break; b != nil {
		r.Cases.Break = &caseBreak{b.Case, b.Seq, b.Reason}
	}
	r.Sound = len(reads.Faults) == 0 && chains.Break == nil
	return r, nil
}

func (r verified) print(out io.Writer) {
	for _, f := range r.Reads.Faults {
		fmt.Fprintf(out, "log of reads, entry %d %s: %s\n", f.Seq, f.ID, f.Reason)
	}
	if len(r.Reads.Faults) == 0 {
		fmt.Fprintf(out, "log of reads: %s hold, %d wait for the next sealing\n", counted(int(r.Reads.Sealed), "entry", "entries"), r.Reads.Unsealed)
	}
	if b := r.Cases.Break; b != nil {
		fmt.Fprintf(out, "case %s, event %d: %s\n", b.Case, b.Seq, b.Reason)
		return
	}
	fmt.Fprintf(out, "cases: the histories of %s hold, %s\n", count(int(r.Cases.Cases), "case"), count(int(r.Cases.Events), "event"))
}
