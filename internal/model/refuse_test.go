package model

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// books is the content of every table: its rows as text, hashed. Partitions count
// as parts of their table.
func books(ctx context.Context, t *testing.T, e *Engine) map[string]string {
	t.Helper()
	rows, err := e.Owner.Query(ctx, `
		SELECT format('%I.%I', n.nspname, c.relname)
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_t%'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(tables)
	var sums []string
	for _, name := range tables {
		sums = append(sums, fmt.Sprintf(`SELECT '%s', count(*) || ' ' || coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') FROM %s x`, strings.ReplaceAll(name, "'", "''"), name))
	}
	out := map[string]string{}
	if rows, err = e.Owner.Query(ctx, strings.Join(sums, " UNION ALL ")); err != nil {
		t.Fatal(err)
	}
	var name, sum string
	if _, err := pgx.ForEachRow(rows, []any{&name, &sum}, func() error { out[name] = sum; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// changed are the tables that two books differ in.
func changed(before, after map[string]string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if before[name] != after[name] {
			out = append(out, name)
		}
	}
	return out
}

// refuse lets a table refuse every change until allow.
func refuse(t *testing.T, e *Engine, table string) (allow func()) {
	t.Helper()
	exec := func(sql string) {
		t.Helper()
		if _, err := e.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE OR REPLACE FUNCTION refuse_on_demand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused on demand'; END $$`)
	exec(`CREATE TRIGGER a_refusal BEFORE INSERT OR UPDATE OR DELETE ON ` + table + ` FOR EACH ROW EXECUTE FUNCTION refuse_on_demand()`)
	return func() { t.Helper(); exec(`DROP TRIGGER a_refusal ON ` + table) }
}

// outside are tables that are written before a step, in a transaction of their
// own, and may be ahead of it: numbers are taken in blocks, and gaps are normal.
var outside = []string{"public.case_numbers"}

// A step is a command on a case that was brought to its point.
type stepOf struct {
	name string
	// prepare brings a case there and returns the command. What it does it does again
	// when it is called again, with the same id.
	prepare func(t *testing.T, e *Engine) func(ctx context.Context) error
}

// filed files a case and carries commands out.
func filed(t *testing.T, e *Engine, kind string, way ...Command) *cases.Case {
	t.Helper()
	c, err := e.File(t.Context(), licence(), Answers{Size: 1, Kind: kind, Rest: absent}, applicant)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range way {
		if err := act(t.Context(), e, c, x); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func act(ctx context.Context, e *Engine, c *cases.Case, x Command) error {
	return e.Cases.Do(ctx, x.Who.person(), cases.Command{Code: c.Code, ID: uuid.NewSHA1(c.ID, fmt.Append(nil, x.ID)), Event: workflow.Event(x.Event), Input: x.In.input()})
}

var steps = []stepOf{
	{"filing", func(_ *testing.T, e *Engine) func(context.Context) error {
		key := uuid.New()
		return func(ctx context.Context) error {
			_, err := e.Cases.File(ctx, applicant.person(), cases.Filing{Key: key, Procedure: "licence", Answers: map[string]any{"q": map[string]any{"size": int64(1), "kind": "blue"}}})
			return err
		}
	}},
	{"filing a draft", func(t *testing.T, e *Engine) func(context.Context) error {
		who := applicant.person()
		d, err := e.Cases.StartDraft(t.Context(), who, procedures.ID("licence"), "")
		if err == nil {
			d, _, err = e.Cases.SaveSection(t.Context(), who, d.ID, d.Revision, "/q", map[string]any{"size": int64(1), "kind": "blue"}, true)
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.Cases.Review(t.Context(), who, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context) error { _, err := e.Cases.FileDraft(ctx, who, d.ID, r.Digest); return err }
	}},
	{"an action from task to task", func(t *testing.T, e *Engine) func(context.Context) error {
		c := filed(t, e, "blue")
		return func(ctx context.Context) error { return act(ctx, e, c, does(1, "reception", "accept")) }
	}},
	{"an action that opens sub-cases", func(t *testing.T, e *Engine) func(context.Context) error {
		c := filed(t, e, "red")
		return func(ctx context.Context) error { return act(ctx, e, c, does(1, "reception", "accept")) }
	}},
	{"an action that ends the case", func(t *testing.T, e *Engine) func(context.Context) error {
		c := filed(t, e, "blue", does(1, "reception", "accept"), does(2, "handler", "propose"))
		return func(ctx context.Context) error { return act(ctx, e, c, does(3, "approver", "refuse")) }
	}},
	{"a withdrawal from sub-cases", func(t *testing.T, e *Engine) func(context.Context) error {
		c := filed(t, e, "red", does(1, "reception", "accept"))
		return func(ctx context.Context) error { return act(ctx, e, c, does(2, applicant.ID, "withdraw")) }
	}},
	{"a signal", func(t *testing.T, e *Engine) func(context.Context) error {
		c := filed(t, e, "blue", does(1, "reception", "accept"), does(2, "handler", "ask"))
		id := uuid.New()
		return func(ctx context.Context) error {
			return e.Cases.Signal(ctx, c.ID, id, "ping", "model", map[string]any{"k": "so"})
		}
	}},
	{"a time-out", func(t *testing.T, e *Engine) func(context.Context) error {
		c := filed(t, e, "blue", does(1, "reception", "accept"), does(2, "handler", "ask"))
		timer := cases.Timer{Case: c.ID, Name: "10d"}
		if err := e.Owner.QueryRow(t.Context(), `SELECT gen FROM case_timers WHERE case_id = $1 AND name = '10d'`, c.ID).Scan(&timer.Gen); err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context) error { return e.Cases.Fire(ctx, timer) }
	}},
	{"taking a task", func(t *testing.T, e *Engine) func(context.Context) error {
		c := filed(t, e, "blue")
		return func(ctx context.Context) error { return e.Cases.Take(ctx, somebody("reception").person(), c.Code) }
	}},
}

// Section 13.6: whichever table refuses, a command is refused with an error,
// nothing of it is left behind in any table, and sent again it is carried out.
func TestTablesRefuse(t *testing.T) {
	t.Parallel()
	refusals := map[string]int{}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			e := NewEngine(t, Files(licence()))
			do := s.prepare(t, e)
			before := books(t.Context(), t, e)
			if err := do(t.Context()); err != nil {
				t.Fatal(err)
			}
			written := changed(before, books(t.Context(), t, e))
			for _, table := range written {
				if slices.Contains(outside, table) {
					continue
				}
				refusals[table]++
				for _, fault := range refused(t, e, s, table) {
					t.Error(fault)
				}
			}
			if len(refusals) == 0 {
				t.Error("no table was written: the test shows nothing")
			}
		})
	}
	for _, name := range []string{"public.cases", "public.case_events", "public.case_effects", "public.case_tasks", "public.case_timers", "public.case_children"} {
		if refusals[name] == 0 {
			t.Errorf("%s never refused: %v", name, refusals)
		}
	}
}

// The test can fail: two commands in place of one leave the first behind when
// the second is refused.
func TestHalfAStepIsSeen(t *testing.T) {
	t.Parallel()
	e := NewEngine(t, Files(licence()))
	halves := stepOf{"two commands", func(t *testing.T, e *Engine) func(context.Context) error {
		c := filed(t, e, "blue")
		return func(ctx context.Context) error {
			if err := e.Cases.Take(ctx, somebody("reception").person(), c.Code); err != nil {
				return err
			}
			return act(ctx, e, c, does(1, "reception", "accept"))
		}
	}}
	if faults := refused(t, e, halves, "public.case_events"); !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, "left behind in public.case_tasks") }) {
		t.Errorf("got %q", faults)
	}
}

// refused holds one command against one table that refuses, and returns what is
// wrong with that.
func refused(t *testing.T, e *Engine, s stepOf, table string) (faults []string) {
	t.Helper()
	fault := func(format string, args ...any) {
		faults = append(faults, table+" refuses: "+fmt.Sprintf(format, args...))
	}
	do := s.prepare(t, e)
	allow := refuse(t, e, table)
	before := books(t.Context(), t, e)
	err := do(t.Context())
	after := books(t.Context(), t, e)
	allow()
	if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Message != "refused on demand" {
		fault("the command says %v", err)
	}
	for _, left := range changed(before, after) {
		if !slices.Contains(outside, left) {
			fault("something is left behind in %s", left)
		}
	}
	if err := do(t.Context()); err != nil {
		fault("the same command again fails: %v", err)
	}
	if again := books(t.Context(), t, e); again[table] == before[table] {
		fault("the same command again did not write it")
	}
	return faults
}
