package main

import (
	"encoding/json"
	"errors"
	"os/user"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/postgres"
)

// The list names what is open and ends with an error while something is; resume
// needs a reason and an outage, and records who did it.
func TestIncidentsCommand(t *testing.T) {
	db, err := postgres.Open(t.Context(), useDatabase(t), postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	out, err := run(t, incidentsCommand(), "list")
	if err != nil || out != "no incident is open, and every peer answers\n" {
		t.Errorf("a sound database: %v, %s", err, out)
	}
	for _, sql := range []string{
		"INSERT INTO definitions (hash, procedure_id, version, files) VALUES ('h', 'stall', 1, '{}')",
		`INSERT INTO cases (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent, filed_at, head_hash, closed_at, outcome)
			VALUES (first_id(now()), 'H01-1', 'stall', 'h', '', 'done', 2, '1', '1', 'UB-1', 'UB-1', now(), sha256('x'), now(), 'granted')`,
		`INSERT INTO case_effects (case_id, seq, idx, type, name, key, status, attempts, failures, troubled_since, created_at, done_at)
			VALUES (first_id(now()), 1, 0, 'send', 'enter', gen_random_uuid(), 4, 3, 3, now(), now(), now())`,
		`INSERT INTO incidents (case_id, seq, idx, kind, code, agency, receiving, peer, type, name, opened_at, detail)
			SELECT case_id, seq, idx, 'permanent', 'H01-1', 'UB-1', 'UB-1', 'registry_land', type, name, now(), 'no such parcel' FROM case_effects`,
		"INSERT INTO peers (name, failures, failing_since, opened_at, probe_at) VALUES ('registry_land', 5, now(), now(), now() + interval '1 hour')",
	} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	out, err = run(t, incidentsCommand())
	if !errors.Is(err, errOpen) || !strings.Contains(out, "H01-1  send enter, registry_land: permanent since") || !strings.Contains(out, "registry_land unavailable since") {
		t.Errorf("error %v\n%s", err, out)
	}
	out, err = run(t, incidentsCommand(), "--json", "--peer", "registry_land")
	var got troubles
	if jsonErr := json.Unmarshal([]byte(out), &got); jsonErr != nil || !errors.Is(err, errOpen) || len(got.Incidents) != 1 || len(got.Peers) != 1 ||
		got.Incidents[0].Detail != "no such parcel" || got.Incidents[0].NextAt != nil || got.Incidents[0].Attempts != 3 {
		t.Errorf("error %v, %v: %s", err, jsonErr, out)
	}
	if out, err = run(t, incidentsCommand(), "list", "--peer", "payments"); err != nil {
		t.Errorf("another peer: %v, %s", err, out)
	}
	for _, args := range [][]string{{"resume", "--peer", "registry_land"}, {"resume", "--reason", "x"}, {"resume", "--peer", "registry_land", "--reason", " "},
		{"resume", "--peer", "payments", "--reason", "x"}, {"retry", "--reason", "x"}, {"retry", "0198c2f4-0000-7000-8000-000000000000", "--reason", "x"}, {"write-off", "none", "--reason", "x"}} {
		if _, err := run(t, incidentsCommand(), args...); err == nil {
			t.Errorf("%v went through", args)
		}
	}
	if _, err := run(t, incidentsCommand(), "resume", "--peer", "registry_land", "--reason", "they called"); err != nil {
		t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	var line string
	if err := db.QueryRow(t.Context(), "SELECT event || ' ' || actor || ': ' || reason FROM peer_events").Scan(&line); err != nil || line != "resumed os:"+me.Username+": they called" {
		t.Errorf("on record: %q, %v", line, err)
	}
}
