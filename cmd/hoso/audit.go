package main

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/audit/tsa"
	"github.com/hoso-gov/hoso/postgres"
)

// errBroken reports records that are not what was written.
var errBroken = errors.New("the records are not what was written")

// auditCommand is `hoso audit`: the records of reads and acts.
func auditCommand() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "Check the records of reads and acts"}
	c.AddCommand(auditVerifyCommand())
	return c
}

func auditVerifyCommand() *cobra.Command {
	var asJSON bool
	var copies, trust string
	var cfg check.Config
	verify := &cobra.Command{
		Use:   "verify",
		Short: "Check every chain, the anchors over them, their time-stamps and copies",
		Long: `Verify computes every hash anew: of the log of reads, which is one chain, of the history of each case, and of the anchors
that tie all of them together once a minute. It says which event of which case, which read or which anchor was changed, removed
or inserted, and finds a history that was cut at its end. It is a program of its own within this one: it shares no code with
what writes the records. It may run beside serve and work, or on a restored backup.

--trust names the certificate (PEM) that the authority's time-stamps must lead to, --anchors the folder of the copies.
The cases of a detached month are in its archive: --archive names the folder with the archives, whose files are held against the
manifest and the anchors in the database. Without it these months are named as not verified.

Exit code 1: the records are not what was written.`,
		Example: `  hoso audit verify
  hoso audit verify --archive /mnt/archive
  hoso audit verify --trust tsa.pem --anchors /mnt/worm/anchors
  hoso audit verify --all --json | jq .findings`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if cfg.Trusted, err = trusted(trust); err != nil {
				return err
			}
			cfg.Copies = copies
			db, done, err := database(cmd.Context(), postgres.Options{MaxConns: 2})
			if err != nil {
				return err
			}
			defer done()
			cfg.DB = db
			return verifyRecords(cmd, cfg, asJSON)
		},
	}
	verify.Flags().BoolVar(&asJSON, "json", false, "print an object: sound, what was verified, seconds, findings")
	verify.Flags().BoolVar(&cfg.All, "all", false, "go on after the first finding")
	verify.Flags().StringVar(&trust, "trust", os.Getenv("HOSO_TSA_TRUST"), "file with the certificates of the time-stamping authority (default HOSO_TSA_TRUST)")
	verify.Flags().StringVar(&cfg.Archive, "archive", "", "folder with the archives of detached months, which are verified too")
	verify.Flags().StringVar(&copies, "anchors", os.Getenv("HOSO_ANCHOR_DIR"), "folder with the copies of the anchors (default HOSO_ANCHOR_DIR)")
	return verify
}

// ownTrust is where `hoso dev` keeps the certificate of its sandbox's authority.
var ownTrust = filepath.Join(".hoso", "sandbox", "tsa.pem")

// trusted reads the certificates of a file; none named, those of `hoso dev` when
// its database is verified, or else none.
func trusted(file string) (*x509.CertPool, error) {
	if file == "" {
		if _, err := os.Stat(ownTrust); err != nil || os.Getenv("DATABASE_URL") != "" {
			return nil, nil
		}
	}
	return tsa.ReadTrusted(cmp.Or(file, ownTrust))
}

// verified is what --json prints.
type verified struct {
	Sound   bool    `json:"sound"`
	Seconds float64 `json:"seconds"`
	Trusted bool    `json:"trusted"` // time-stamps were held against certificates
	check.Report
}

func verifyRecords(cmd *cobra.Command, cfg check.Config, asJSON bool) error {
	ctx, start := cmd.Context(), time.Now()
	total, err := estimate(ctx, cfg.DB)
	if err != nil {
		return err
	}
	if show := progress(cmd.ErrOrStderr(), total, "events"); show != nil {
		cfg.Progress = func(r check.Report) { show(min(int(r.Events), total)) }
	}
	r, err := check.Verify(ctx, cfg)
	if err != nil {
		return err
	}
	v := verified{Sound: len(r.Findings) == 0, Seconds: time.Since(start).Seconds(), Trusted: cfg.Trusted != nil, Report: r}
	if asJSON {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(v)
	} else {
		v.print(cmd.OutOrStdout())
	}
	if err == nil && !v.Sound {
		err = errBroken
	}
	return err
}

// estimate is about how many events there are, as PostgreSQL's statistics say.
func estimate(ctx context.Context, db *pgxpool.Pool) (n int, err error) {
	err = db.QueryRow(ctx, `
		SELECT greatest(sum(c.reltuples), 1)::bigint
		FROM pg_class c
		LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
		WHERE (c.oid = 'case_events'::regclass OR i.inhparent = 'case_events'::regclass) AND c.relkind = 'r'`).Scan(&n)
	return n, err
}

func (v verified) print(out io.Writer) {
	for _, f := range v.Findings {
		fmt.Fprintln(out, f)
	}
	if len(v.Findings) > 0 {
		return
	}
	n := func(n int64, one, many string) string { return counted(int(n), one, many) }
	fmt.Fprintf(out, "cases: the histories of %s hold, %s", n(v.Cases, "case", "cases"), n(v.Events, "event", "events"))
	if v.Erased > 0 {
		fmt.Fprintf(out, ", %s", n(v.Erased, "input erased", "inputs erased"))
	}
	if v.Fresh > 0 {
		fmt.Fprintf(out, ", %d for the next anchor", v.Fresh)
	}
	fmt.Fprintf(out, "\nlog of reads: %s, %d for the next sealing\n", holds(v.Sealed, "entry", "entries"), v.Unsealed)
	fmt.Fprintf(out, "anchors: %s, %d of them time-stamped, over %s\n", holds(v.Anchors, "anchor", "anchors"), v.Stamped, n(v.Heads, "head of a case", "heads of cases"))
	if v.Stamped > 0 && !v.Trusted {
		fmt.Fprintln(out, "time-stamps: nobody was named to trust; --trust FILE says whose they must be")
	}
	if len(v.Archived) > 0 {
		fmt.Fprintf(out, "archives: those of %s hold\n", strings.Join(v.Archived, ", "))
	}
	if len(v.Detached) > 0 {
		fmt.Fprintf(out, "not verified: the detached months %s; --archive DIR says where their archives are\n", strings.Join(v.Detached, ", "))
	}
	if v.Copied > 0 {
		fmt.Fprintf(out, "copies: %s\n", holds(v.Copied, "anchor", "anchors"))
	}
	if s := v.Seconds; v.Events > 10_000 {
		fmt.Fprintf(out, "%.1f s, %.0f events a second\n", s, float64(v.Events)/s)
	}
}

func holds(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one + " holds"
	}
	return counted(int(n), one, many) + " hold"
}
