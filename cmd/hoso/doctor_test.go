package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/doctor"
)

// A sound database ends the command well, an unsound one with an error that
// names what does not hold; what was not asked for is not examined.
func TestDoctor(t *testing.T) {
	url := useDatabase(t)
	out, err := run(t, doctorCommand(), "--json")
	var r doctor.Report
	if jsonErr := json.Unmarshal([]byte(out), &r); jsonErr != nil || err != nil {
		t.Fatalf("%v, %v: %s", err, jsonErr, out)
	}
	if len(r.Findings) != len(doctor.Invariants) || r.Broken() != 0 {
		t.Errorf("%d invariants, %d broken, on an empty database", len(r.Findings), r.Broken())
	}
	db, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Exec(t.Context(), `INSERT INTO case_count_deltas (competent, receiving, procedure_id, state, waits, d) VALUES ('a', 'a', 'p', 's', '', 1)`); err != nil {
		t.Fatal(err)
	}
	out, err = run(t, doctorCommand())
	if !errors.Is(err, errUnsound) || !strings.Contains(out, "28. Counters equal what is counted") {
		t.Errorf("%v, %s", err, out)
	}
	if out, err = run(t, doctorCommand(), "--only", "3,17"); err != nil || strings.Contains(out, "Counters") {
		t.Errorf("%v, %s", err, out)
	}
	if _, err = run(t, doctorCommand(), "--only", "37"); err == nil {
		t.Error("there is no invariant 37")
	}
}
