package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/archive"
	"github.com/hoso-gov/hoso/postgres"
)

// A month without cases is listed, detached, listed as such and brought back; the
// month that runs is not detached, and nothing is without saying until when.
func TestMonths(t *testing.T) {
	db, err := postgres.Open(t.Context(), useDatabase(t), postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Exec(t.Context(), `SELECT make_case_month('2025-03-15Z'), make_case_month(now())`); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	state := func(month string) archive.State {
		t.Helper()
		out, err := run(t, monthsCommand(), "--json")
		var s monthsShown
		if err != nil || json.Unmarshal([]byte(out), &s) != nil {
			t.Fatalf("got %q, %v", out, err)
		}
		for _, m := range s.Months {
			if m.Suffix == month {
				return m.State
			}
		}
		t.Fatalf("%s is not listed: %s", month, out)
		return ""
	}
	this := time.Now().UTC().Format("2006_01")
	if a, b := state("2025_03"), state(this); a != archive.Ended || b != archive.InUse {
		t.Errorf("the months are %q and %q", a, b)
	}
	for name, args := range map[string][]string{
		"no date":     {"detach", "2025_03", "--to", dir},
		"no folder":   {"detach", "2025_03", "--closed-before", "2025-06-01"},
		"a wrong day": {"detach", "2025_03", "--to", dir, "--closed-before", "soon"},
		"this month":  {"detach", this, "--to", dir, "--closed-before", "2030-01-01"},
		"no month":    {"detach", "1999_01", "--to", dir, "--closed-before", "2025-06-01"},
		"attach":      {"attach", "2025_03"},
	} {
		if out, err := run(t, monthsCommand(), args...); err == nil {
			t.Errorf("%s: got %q, want an error", name, out)
		}
	}
	out, err := run(t, monthsCommand(), "detach", "2025_03", "--closed-before", "2025-06-01", "--to", dir)
	if err != nil || !strings.Contains(out, "2025_03 is detached: 0 cases and 0 events are in ") || state("2025_03") != archive.Detached {
		t.Errorf("got %q, %v", out, err)
	}
	out, err = run(t, auditCommand(), "verify")
	if err != nil || !strings.Contains(out, "not verified: the detached months 2025_03; --archive DIR") {
		t.Errorf("got %q, %v", out, err)
	}
	out, err = run(t, auditCommand(), "verify", "--archive", dir)
	if err != nil || !strings.Contains(out, "archives: those of 2025_03 hold\n") {
		t.Errorf("got %q, %v", out, err)
	}
	if out, err = run(t, monthsCommand()); err != nil || !strings.Contains(out, "detached on ") || !strings.Contains(out, "ready ahead\n") {
		t.Errorf("got %q, %v", out, err)
	}
	out, err = run(t, monthsCommand(), "attach", "2025_03")
	if err != nil || !strings.HasSuffix(out, "2025_03 is attached, and its records hold\n") || state("2025_03") != archive.Ended {
		t.Errorf("got %q, %v", out, err)
	}
}
