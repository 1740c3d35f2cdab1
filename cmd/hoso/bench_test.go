package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// A measurement prints one object and leaves no database behind.
func TestBenchSteps(t *testing.T) {
	url := useDatabase(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	left := func() (n int) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_database WHERE datname LIKE 'hoso_bench_%'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := left()
	out, err := run(t, benchCommand(), "steps", "--seconds", "1", "--rounds", "1", "--workers", "2", "--case", "--json")
	var s map[string]float64
	if err != nil || json.Unmarshal([]byte(out), &s) != nil {
		t.Fatalf("got %q, %v", out, err)
	}
	for _, key := range []string{"floor_tps", "one_statement_tps", "engine_tps", "cases_per_s", "ratio", "workers"} {
		if s[key] <= 0 {
			t.Errorf("%s is missing in %s", key, out)
		}
	}
	if len(s) != 6 || s["workers"] != 2 {
		t.Errorf("got %s", out)
	}
	if after := left(); after != before {
		t.Errorf("%d databases are left, %d before", after, before)
	}
	if _, err := run(t, benchCommand(), "steps", "--workers", "0"); err == nil || !strings.Contains(err.Error(), "1 or more") {
		t.Errorf("no workers: %v", err)
	}
}
