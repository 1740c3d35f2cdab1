package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/audit"
)

// Sound records are said to hold; a tampered entry, and a case whose event is
// gone, are named and end the command with an error.
func TestAuditVerify(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), useDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	exec := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	err = pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		return audit.Read(t.Context(), tx, audit.Entry{ReaderKind: "officer", Reader: "cb-01", Subject: "001196000101", Purpose: "Giải quyết hồ sơ",
			Basis: "law: Luật Cư trú", Fields: []string{"fullName"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := run(t, auditCommand(), "verify")
	if want := "log of reads: 0 entries hold, 1 wait for the next sealing\ncases: the histories of 0 cases hold, 0 events\n"; err != nil || out != want {
		t.Errorf("got %q, %v; want %q", out, err, want)
	}
	exec("UPDATE access_log SET seq = 1, prev_hash = decode(repeat('00', 32), 'hex'), hash = sha256('x')")
	exec("INSERT INTO definitions (hash, procedure_id, version, files) VALUES ('h', 'stall', 1, '{}')")
	exec(`INSERT INTO cases (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent, filed_at, head_hash)
		VALUES (gen_random_uuid(), 'H01-1', 'stall', 'h', '', 'intake', 2, '1', '1', 'UB-1', 'UB-1', now(), sha256('x'))`)
	out, err = run(t, auditCommand(), "verify")
	if !errors.Is(err, errBroken) || !strings.Contains(out, "log of reads, entry 1 ") || !strings.Contains(out, "case H01-1, event 1: the event is missing") {
		t.Errorf("got %q, %v", out, err)
	}
	out, err = run(t, auditCommand(), "verify", "--json")
	var r verified
	if !errors.Is(err, errBroken) || json.Unmarshal([]byte(out), &r) != nil || r.Sound || len(r.Reads.Faults) != 1 || r.Cases.Break == nil || r.Cases.Break.Case != "H01-1" || r.Cases.Break.Seq != 1 {
		t.Errorf("got %q, %v", out, err)
	}
}
