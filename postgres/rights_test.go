package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/postgres"
)

// Whoever makes a table decides what the program may do with it and what a
// reader sees of it: 00094_create_roles.sql says how.
func TestEveryTableSaysItsRights(t *testing.T) {
	t.Parallel()
	owner := pgtest.NewAsOwner(t)
	undecided := func() []string {
		t.Helper()
		rows, _ := owner.Query(t.Context(), `
			SELECT relname::text
			FROM pg_class
			WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
				AND coalesce(obj_description(oid, 'pg_class'), '') !~ 'rights: [^;]+; seen: .+$'
			ORDER BY 1`)
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	if names := undecided(); len(names) > 0 {
		t.Errorf("these tables lack a decision: COMMENT ON TABLE … IS 'rights: …; seen: …' in their migration (see 00094_create_roles.sql): %s", strings.Join(names, ", "))
	}
	if _, err := owner.Exec(t.Context(), "CREATE TABLE forgotten (n int)"); err != nil {
		t.Fatal(err)
	}
	if names := undecided(); len(names) != 1 || names[0] != "forgotten" {
		t.Errorf("a table without a decision: found %v", names)
	}
}

// The program may add to history and to the log of reads; it may not rewrite
// them, nor change who holds which role, nor the schema.
func TestTheProgramCannotRewriteHistory(t *testing.T) {
	t.Parallel()
	app := pgtest.New(t)
	for _, sql := range []string{
		"UPDATE case_events SET actor = ''", "DELETE FROM case_events", "TRUNCATE case_events",
		"UPDATE access_log SET reader = ''", "DELETE FROM access_log", "UPDATE access_seals SET rows = 1", "DELETE FROM access_seals",
		"UPDATE payment_events SET state = ''", "DELETE FROM payment_events", "UPDATE document_register SET n = 1", "DELETE FROM document_register",
		"UPDATE resident_changes SET type = ''", "DELETE FROM resident_changes", "DELETE FROM case_handovers",
		"INSERT INTO officer_roles VALUES ('me', 'CA-00070', 'approver', '2026-01-01')", "UPDATE agencies SET succeeded_by = NULL", "DELETE FROM goose_db_version",
		"ALTER TABLE case_events DISABLE TRIGGER ALL", "ALTER TABLE cases DISABLE ROW LEVEL SECURITY", "DROP POLICY seen ON cases", "CREATE TABLE mine (n int)", "SELECT protect_table('cases')",
		"SET session_replication_role = replica",
	} {
		_, err := app.Exec(t.Context(), sql)
		if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "42501" {
			t.Errorf("%s: got %v, want a refusal for lack of a right", sql, err)
		}
	}
	for _, sql := range []string{ // what it lives by
		"SELECT count(*) FROM case_events", "UPDATE access_log SET seq = 1, prev_hash = '', hash = '' WHERE false", "DELETE FROM sessions", "DELETE FROM river.river_job", "REINDEX INDEX river.river_job_pkey",
	} {
		if _, err := app.Exec(t.Context(), sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if err := postgres.CheckSchema(t.Context(), app); err != nil {
		t.Errorf("the schema as the program sees it: %v", err)
	}
}

// A partition that is made later has the rights and the policies of its table,
// and protecting twice is protecting once.
func TestAPartitionHasTheRightsOfItsTable(t *testing.T) {
	t.Parallel()
	app := pgtest.New(t)
	owner := pgtest.Owner(t, app)
	exec := func(sql string) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec("CREATE TABLE papers (id int, whose text) PARTITION BY RANGE (id)")
	exec("COMMENT ON TABLE papers IS 'rights: append; seen: whose = (SELECT reader_citizen())'")
	exec("SELECT protect_tables()")
	exec("CREATE TABLE papers_1 PARTITION OF papers FOR VALUES FROM (1) TO (100)")
	if _, err := app.Exec(t.Context(), "INSERT INTO papers_1 VALUES (1, 'lan')"); err == nil {
		t.Error("a partition that nobody protected is open")
	}
	for range 2 {
		exec("SELECT protect_table('papers_1')")
	}
	if _, err := app.Exec(t.Context(), "INSERT INTO papers_1 VALUES (1, 'lan'), (2, 'minh')"); err != nil {
		t.Errorf("add to the partition: %v", err)
	}
	if _, err := app.Exec(t.Context(), "DELETE FROM papers_1"); err == nil {
		t.Error("the rows of an append-only table's partition can be removed")
	}
	for _, table := range []string{"papers", "papers_1"} {
		var seen int
		err := pgx.BeginFunc(t.Context(), app, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), "SELECT set_config('hoso.citizen', 'lan', true), set_config('role', 'hoso_reader', true)"); err != nil {
				return err
			}
			return tx.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&seen)
		})
		if err != nil || seen != 1 {
			t.Errorf("a reader sees %d rows of %s, %v; want 1", seen, table, err)
		}
	}
}

// A program whose login may not act as the role says what to do.
func TestLoginWithoutTheRole(t *testing.T) {
	t.Parallel()
	if _, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{Role: "hoso_nobody"}); !errors.Is(err, postgres.ErrRole) || !strings.Contains(err.Error(), "GRANT hoso_nobody TO") {
		t.Errorf("got %v", err)
	}
}
