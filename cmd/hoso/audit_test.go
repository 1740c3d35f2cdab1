package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/audit/anchor"
	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/postgres"
)

// Sound records are said to hold; a tampered entry, and a case whose event is
// gone, are named and end the command with an error.
func TestAuditVerify(t *testing.T) {
	db, err := postgres.Open(t.Context(), useDatabase(t), postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	exec := func(sql string) {
		t.Helper()
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	err = pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		return audit.Read(t.Context(), tx, audit.Entry{ReaderKind: "officer", Reader: "cb-01", Subject: "001196000101", Purpose: "Giải quyết hồ sơ",
			Basis: "law: Luật Cư trú", Fields: []string{"fullName"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	a, err := anchor.New(anchor.Config{DB: db, Dir: dir, Every: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, auditCommand(), "verify", "--anchors", dir)
	want := "cases: the histories of 0 cases hold, 0 events\nlog of reads: 0 entries hold, 1 for the next sealing\n" +
		"anchors: 1 anchor holds, 0 of them time-stamped, over 0 heads of cases\ncopies: 1 anchor holds\n"
	if diff := cmp.Diff(want, out); diff != "" || err != nil {
		t.Errorf("%v; %s", err, diff)
	}
	exec("UPDATE access_log SET seq = 1, prev_hash = decode(repeat('00', 32), 'hex'), hash = sha256('x')")
	exec("INSERT INTO definitions (hash, procedure_id, version, files) VALUES ('h', 'stall', 1, '{}')")
	exec(`INSERT INTO cases (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent, filed_at, head_hash)
		VALUES (first_id(now()), 'H01-1', 'stall', 'h', '', 'intake', 2, '1', '1', 'UB-1', 'UB-1', now(), sha256('x'))`)
	out, err = run(t, auditCommand(), "verify")
	if !errors.Is(err, errBroken) || out != "log of reads, entry 1: was changed after it was sealed\n" {
		t.Errorf("got %q, %v", out, err)
	}
	out, err = run(t, auditCommand(), "verify", "--all", "--json")
	var r verified
	findings := []check.Finding{{Of: check.OfReads, Seq: 1, Reason: "was changed after it was sealed"}, {Of: check.OfCase, Case: "H01-1", Seq: 1, Reason: "is missing: the case counts 2"}}
	if !errors.Is(err, errBroken) || json.Unmarshal([]byte(out), &r) != nil || r.Sound || cmp.Diff(findings, r.Findings) != "" {
		t.Errorf("got %q, %v", out, err)
	}
}

// A file that names nobody to trust is refused before anything is verified.
func TestAuditVerifyTrust(t *testing.T) {
	useDatabase(t)
	file := filepath.Join(t.TempDir(), "tsa.pem")
	if err := os.WriteFile(file, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, auditCommand(), "verify", "--trust", file); err == nil || !strings.Contains(err.Error(), "no certificate in PEM") || out != "" {
		t.Errorf("got %q, %v", out, err)
	}
}
