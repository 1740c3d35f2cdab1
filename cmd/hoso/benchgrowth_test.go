package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/cmd/hoso/bench"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// What is filled is what the engine would have written: chains verify, codes
// lead to cases, lists count what there is, open cases wait for somebody, and
// partitions have the rights of their tables. Measuring tells all that it is asked for.
func TestGrowth(t *testing.T) {
	t.Parallel()
	looked := 0
	g, err := bench.MeasureGrowth(t.Context(), bench.GrowthConfig{FirstURL: pgtest.URL(t), URL: pgtest.URL(t), Start: startBenchNode, Cases: []int{200, 600}, Residents: []int{300, 700}, Requests: 3, Rounds: 2,
		Look: func(ctx context.Context, db *pgxpool.Pool, node *bench.Node, s bench.Size) error {
			looked++
			sound(t, db, s)
			if looked == 2 {
				listed(t, db, node)
			}
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	if looked != 2 || len(g.Sizes) != 2 || len(g.Aims) != 3 || g.Machine.Postgres == "" {
		t.Errorf("got %d sizes, %d aims, PostgreSQL %q", len(g.Sizes), len(g.Aims), g.Machine.Postgres)
	}
	raw, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Sizes []struct {
			Cases, Residents, Open, Agencies int
			Bytes                            int64
			Measured                         map[string]map[string]any
		}
		Ratio map[string]float64
	}
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	for _, s := range read.Sizes {
		for _, name := range bench.Pages {
			if name == "next" { // a queue this short has one page
				continue
			}
			if p95, _ := s.Measured[name]["p95_ms"].(float64); p95 <= 0 {
				t.Errorf("%d cases: %s has no p95 in %s", s.Cases, name, raw)
			}
		}
		if s.Open == 0 || s.Bytes == 0 || s.Agencies == 0 {
			t.Errorf("got %+v", s)
		}
	}
	if read.Ratio["queue"] <= 0 || read.Ratio["resident"] <= 0 {
		t.Errorf("the ratios are %v", read.Ratio)
	}
}

// sound looks at the rows themselves.
func sound(t *testing.T, db *pgxpool.Pool, s bench.Size) {
	t.Helper()
	ctx := t.Context()
	r, err := check.Verify(ctx, check.Config{DB: db})
	if err != nil || len(r.Findings) > 0 {
		t.Errorf("the chains: %+v, %v", r, err)
	}
	models := 4 // cases that the engine made itself
	for what, sql := range map[string]string{
		"cases":                  `SELECT count(*) - $1 FROM cases`,
		"cases with a body":      `SELECT count(*) - $1 FROM cases c JOIN case_bodies b ON b.case_id = c.id`,
		"cases found by code":    `SELECT count(*) - $1 FROM cases c JOIN case_codes k ON k.code = c.code AND k.case_id = c.id`,
		"cases with all events":  `SELECT count(*) - $1 FROM cases c WHERE c.revision = (SELECT count(*) FROM case_events e WHERE e.case_id = c.id)`,
		"cases in their month":   `SELECT count(*) - $1 FROM cases c JOIN case_months m ON c.id >= m.first AND c.id < m.past AND c.tableoid::regclass::text = 'cases_' || m.suffix`,
		"codes that are unlike":  `SELECT count(DISTINCT code) - $1 FROM cases`,
		"cases named in answers": `SELECT count(*) - $1 FROM cases c JOIN case_bodies b ON b.case_id = c.id WHERE b.session::text LIKE '%' || c.applicant || '%'`,
		"applicants and subjects who are residents": `SELECT count(*) - $1 FROM cases c JOIN residents a ON a.number = c.applicant JOIN residents s ON s.number = c.subject
			JOIN case_bodies b ON b.case_id = c.id AND b.applicant_name = a.full_name`,
	} {
		var n int
		if err := db.QueryRow(ctx, sql, models).Scan(&n); err != nil || n != s.Cases {
			t.Errorf("%s: %d, %v, want %d", what, n, err, s.Cases)
		}
	}
	for what, sql := range map[string]string{
		"open cases that nothing moves": `SELECT count(*) FROM cases c WHERE closed_at IS NULL AND NOT EXISTS (SELECT FROM case_tasks t WHERE t.case_id = c.id) AND NOT EXISTS (SELECT FROM case_waits w WHERE w.case_id = c.id)`,
		"tasks of ended cases":          `SELECT count(*) FROM case_tasks t JOIN cases c ON c.id = t.case_id WHERE c.closed_at IS NOT NULL OR c.state <> t.state OR c.competent <> t.agency`,
		"partitions without their table's indexes": `SELECT count(*) FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent AND p.relkind = 'p'
			WHERE (SELECT count(*) FROM pg_index WHERE indrelid = h.inhparent) <> (SELECT count(*) FROM pg_index WHERE indrelid = h.inhrelid)`,
		"partitions without their table's policies": `SELECT count(*) FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent AND p.relkind = 'p'
			WHERE (SELECT count(*) FROM pg_policy WHERE polrelid = h.inhparent) <> (SELECT count(*) FROM pg_policy WHERE polrelid = h.inhrelid)`,
		"partitions of events that can be emptied": `SELECT count(*) FROM pg_inherits h WHERE h.inhparent = 'case_events'::regclass
			AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = h.inhrelid AND tgname = 'append_only_truncate')`,
		"keys without an index": `SELECT 5 - count(*) FROM pg_index WHERE indisprimary AND indrelid IN ('case_codes'::regclass, 'case_tasks'::regclass, 'case_waits'::regclass, 'case_timers'::regclass, 'case_once'::regclass)`,
	} {
		var n int
		if err := db.QueryRow(ctx, sql).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d, %v, want none", what, n, err)
		}
	}
}

// listed holds the service's lists against the rows, and opens each case that
// an officer can see in them.
func listed(t *testing.T, db *pgxpool.Pool, node *bench.Node) {
	t.Helper()
	ctx := t.Context()
	staff, err := node.Agencies.Officer(ctx, bench.Desks()[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	officer := staff.Actor(2)
	at := officer.Agencies()[0]
	for tab, sql := range map[cases.Tab]string{
		cases.TabUnassigned: `SELECT code FROM case_tasks WHERE agency = $1 AND assignee IS NULL`,
		cases.TabApplicant:  `SELECT c.code FROM case_waits w JOIN cases c ON c.id = w.case_id WHERE w.competent = $1 AND w.waits_for = 'applicant'`,
		cases.TabOthers:     `SELECT c.code FROM case_waits w JOIN cases c ON c.id = w.case_id WHERE w.competent = $1 AND w.waits_for = 'others'`,
		cases.TabDecided:    `SELECT code FROM cases WHERE competent = $1 AND closed_at IS NOT NULL`,
		cases.TabAll:        `SELECT code FROM cases WHERE competent = $1`,
	} {
		rows, _ := db.Query(ctx, sql, at)
		want, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for q := (cases.WorklistQuery{Tab: tab, Limit: 200}); ; {
			w, err := node.Cases.Worklist(ctx, officer, q)
			if err != nil {
				t.Fatalf("%s: %v", tab, err)
			}
			if n := w.Counts[tab]; !n.More && n.N != len(want) {
				t.Errorf("%s counts %d, %d are filled", tab, n.N, len(want))
			}
			for _, row := range w.Rows {
				got = append(got, string(row.Code))
			}
			if q.Cursor = w.Next; q.Cursor == "" {
				break
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s lists %d cases, %d are filled", tab, len(got), len(want))
		}
		opened(t, node, officer, got[:min(10, len(got))])
	}
}

func opened(t *testing.T, node *bench.Node, officer agency.Actor, codes []string) {
	t.Helper()
	for _, code := range codes {
		c, err := node.Cases.Get(t.Context(), officer, cases.Code(code))
		if err != nil {
			t.Fatalf("open %s: %v", code, err)
		}
		if fmt.Sprint(c.Code) != code || c.ApplicantName == "" || len(c.Procedure.ID) == 0 {
			t.Errorf("%s opens as %+v", code, c.Code)
		}
	}
}
