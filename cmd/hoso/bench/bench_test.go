package bench

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

func small(t *testing.T) *town {
	t.Helper()
	town, err := newTown(t.Context(), Config{URL: pgtest.URL(t), Workers: 2, Round: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(town.close)
	if err := town.reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	return town
}

// own are the columns in which two cases, or the same step of two cases, differ:
// they must be set in both or in neither.
var own = map[string]bool{"id": true, "case_id": true, "code": true, "command_id": true, "req_hash": true, "prev_hash": true, "hash": true, "head_hash": true,
	"key": true, "at": true, "recorded_at": true, "filed_at": true, "opened_at": true, "created_at": true, "scheduled_at": true, "next_at": true, "fire_at": true,
	"due_at": true, "watch_at": true, "case_due_at": true, "updated_at": true, "memory": true, "clock": true, "args": true, "input": true, "input_hash": true}

// rowsOf are the rows of a case in every table that a step writes.
func rowsOf(ctx context.Context, t *testing.T, town *town, id uuid.UUID) map[string][]map[string]any {
	t.Helper()
	out := map[string][]map[string]any{}
	for _, table := range []string{"cases", "case_events", "case_tasks", "case_clocks", "case_timers", "case_effects", "case_waits", "river.river_job"} {
		where := "r.case_id = $1"
		switch table {
		case "cases":
			where = "r.id = $1"
		case "river.river_job":
			where = "r.args ->> 'case' = $1::uuid::text"
		}
		rows, err := town.db.Query(ctx, fmt.Sprintf("SELECT to_jsonb(r) FROM %s r WHERE %s ORDER BY to_jsonb(r) ->> 'seq'", table, where), id)
		if err != nil {
			t.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[map[string]any])
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range list {
			for column, v := range row {
				if own[column] {
					row[column] = v != nil
				}
			}
		}
		out[table] = list
	}
	return out
}

// The one-statement form writes the rows that the engine writes for the same
// step, no more and no fewer, with the same columns set.
func TestOneStatementWritesTheEnginesRows(t *testing.T) {
	t.Parallel()
	ctx, town := t.Context(), small(t)
	for step := range 3 { // of the second case of the worker: the first was stepped to remember
		if err := town.engineStep(ctx, 0, 1); err != nil {
			t.Fatal(err)
		}
		if err := town.oneStatementStep(ctx, 0, 1); err != nil {
			t.Fatal(err)
		}
		engine, other := rowsOf(ctx, t, town, town.own[0][1].id), rowsOf(ctx, t, town, town.other[0][1].id)
		for _, e := range engine["case_events"][1:] {
			if e["actor"] != "bench" {
				t.Errorf("step %d: the engine's event is by %v", step+1, e["actor"])
			}
		}
		if diff := cmp.Diff(engine, other); diff != "" {
			t.Fatalf("step %d: engine (-) and one statement (+): %s", step+1, diff)
		}
		if len(engine["case_effects"]) != step+1 || len(engine["river.river_job"]) != step+1 || len(engine["case_timers"]) != 1 || len(engine["case_tasks"]) != 1 {
			t.Fatalf("step %d leaves %d effects, %d jobs, %d timers, %d tasks", step+1, len(engine["case_effects"]), len(engine["river.river_job"]),
				len(engine["case_timers"]), len(engine["case_tasks"]))
		}
	}
}

// A measurement tells three rates and their ratio, and leaves sound histories
// of the engine's cases.
func TestMeasure(t *testing.T) {
	t.Parallel()
	url, told := pgtest.URL(t), 0
	got, err := Measure(t.Context(), Config{URL: url, Workers: 2, Round: 150 * time.Millisecond, Rounds: 2, Case: true, Progress: func(int, string, float64) { told++ }})
	if err != nil {
		t.Fatal(err)
	}
	if got.Floor <= 0 || got.OneStatement <= 0 || got.Engine <= 0 || got.Cases <= 0 || got.Workers != 2 || told != 8 {
		t.Errorf("got %+v, told %d times", got, told)
	}
	if ratio := got.Engine / got.OneStatement; got.Ratio != ratio {
		t.Errorf("the ratio is %v, want %v", got.Ratio, ratio)
	}
	db, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context())
	var steps, revisions int
	var cases, ended int
	if err := db.QueryRow(t.Context(), "SELECT count(*), count(*) FILTER (WHERE state = 'ended' AND revision = 7) FROM cases WHERE procedure_id = 'six-steps'").Scan(&cases, &ended); err != nil || cases == 0 || ended < cases-2 {
		t.Errorf("%d of %d cases went six steps, %v", ended, cases, err)
	}
	if err := db.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM case_events), (SELECT sum(revision) FROM cases)").Scan(&steps, &revisions); err != nil || steps != revisions {
		t.Errorf("%d events and %d revisions, %v", steps, revisions, err)
	}
}

// The engine's cases have true chains after a measurement's steps.
func TestEngineStepsAreChained(t *testing.T) {
	t.Parallel()
	ctx, town := t.Context(), small(t)
	for n := range 10 {
		if err := town.engineStep(ctx, 1, n); err != nil {
			t.Fatal(err)
		}
	}
	r, err := check.Verify(ctx, check.Config{DB: town.db})
	if err != nil || len(r.Findings) > 0 || r.Events < 10 {
		t.Errorf("got %+v, %v", r, err)
	}
}

// The median is the middle one, or the mean of the two in the middle.
func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{8, 2, 4, 6}, 5}} {
		if got := median(c.list); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.list, got, c.want)
		}
	}
}
