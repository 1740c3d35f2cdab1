package postgres_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/postgres"
)

func open(t *testing.T, url string, o postgres.Options) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// Processes that migrate an empty database at the same time all succeed, and
// the schema is then the binary's.
func TestMigrateTogether(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	pool := open(t, url, postgres.Options{})
	if err := postgres.CheckSchema(t.Context(), pool); !errors.Is(err, postgres.ErrSchemaOld) {
		t.Errorf("an empty database: got %v, want ErrSchemaOld", err)
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if err := postgres.Migrate(t.Context(), url); err != nil {
				t.Errorf("migrate: %v", err)
			}
		})
	}
	all.Wait()
	if err := postgres.CheckSchema(t.Context(), pool); err != nil {
		t.Errorf("after migrating: %v", err)
	}
	var jobs, gin int
	err := pool.QueryRow(t.Context(), `
		SELECT count(*), count(*) FILTER (WHERE indexdef LIKE '%USING gin%')
		FROM pg_indexes
		WHERE schemaname = 'river' AND tablename = 'river_job'`).Scan(&jobs, &gin)
	if err != nil || jobs == 0 || gin != 0 {
		t.Errorf("indexes of river_job: %d, of them GIN %d, error %v; want some and no GIN", jobs, gin, err)
	}
}

// The check says what to do: migrate an older database, leave a newer one alone.
func TestCheckSchema(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, change string
		want         error
	}{
		{"as migrated", "SELECT 1", nil},
		{"one of ours is missing", "DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)", postgres.ErrSchemaOld},
		{"one of River's is missing", "DELETE FROM river.river_migration WHERE version = (SELECT max(version) FROM river.river_migration)", postgres.ErrSchemaOld},
		{"River was never migrated", "DROP SCHEMA river CASCADE", postgres.ErrSchemaOld},
		{"one of ours is unknown", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)", postgres.ErrSchemaNew},
		{"one of River's is unknown", "INSERT INTO river.river_migration (line, version) VALUES ('main', 999)", postgres.ErrSchemaNew},
		{"one is missing, another unknown", "UPDATE goose_db_version SET version_id = 99999 WHERE version_id = (SELECT max(version_id) FROM goose_db_version)", postgres.ErrSchemaNew},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.NewAsOwner(t)
			if _, err := pool.Exec(t.Context(), c.change); err != nil {
				t.Fatal(err)
			}
			if err := postgres.CheckSchema(t.Context(), pool); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// The status names every migration with the time it was applied.
func TestStatus(t *testing.T) {
	t.Parallel()
	before := time.Now().Add(-time.Hour * 24 * 7) // the template may be of an earlier run
	list, err := postgres.Status(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	ours := 0
	for _, m := range list {
		if strings.HasSuffix(m.Name, ".sql") {
			ours++
		}
		if m.Applied == nil || m.Applied.Before(before) || m.Applied.After(time.Now().Add(time.Minute)) {
			t.Errorf("%s applied at %v, want some time this week", m.Name, m.Applied)
		}
	}
	if ours == 0 || len(list) < ours+postgres.RiverVersion() {
		t.Errorf("got %d migrations, %d of them ours; want ours and River's %d", len(list), ours, postgres.RiverVersion())
	}
	if list, err = postgres.Status(t.Context(), pgtest.Empty(t)); err != nil || list[0].Applied != nil {
		t.Errorf("of an empty database: %v, %v; want all pending", list, err)
	}
}

// Every migration can be undone, and done again.
func TestDownAndUp(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	for {
		name, err := postgres.Down(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if name == "" {
			break
		}
	}
	pool := open(t, url, postgres.Options{})
	var left int
	err := pool.QueryRow(t.Context(), `
		SELECT count(*)
		FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S') AND relname NOT LIKE 'goose%'`).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("after undoing all: %d tables left, error %v; want none", left, err)
	}
	if err := postgres.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if err := postgres.CheckSchema(t.Context(), pool); err != nil {
		t.Error(err)
	}
}

// The limits that keep one slow statement from stopping everybody are set on
// every connection; what the URL sets wins.
func TestOpenSetsLimits(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	and := "?"
	if strings.Contains(url, "?") {
		and = "&"
	}
	for _, c := range []struct {
		name, url string
		o         postgres.Options
		want      map[string]string
	}{
		{"defaults", url, postgres.Options{}, map[string]string{"lock_timeout": "3s", "statement_timeout": "10s",
			"idle_in_transaction_session_timeout": "15s", "application_name": "hoso", "plan_cache_mode": "force_generic_plan", "jit": "off"}},
		{"options", url, postgres.Options{ApplicationName: "hoso work", Statement: time.Minute, Lock: time.Second},
			map[string]string{"lock_timeout": "1s", "statement_timeout": "1min", "application_name": "hoso work", "plan_cache_mode": "force_generic_plan"}},
		{"url", url + and + "statement_timeout=7000", postgres.Options{}, map[string]string{"statement_timeout": "7s", "lock_timeout": "3s"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool := open(t, c.url, c.o)
			if got := pool.Config().MaxConns; got != 32 {
				t.Errorf("connections at most: got %d, want 32", got)
			}
			for name, want := range c.want {
				var got string
				if err := pool.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&got); err != nil || got != want {
					t.Errorf("%s: got %q, %v; want %q", name, got, err, want)
				}
			}
		})
	}
}

// A database that cannot be reached is an error that says where it was looked for.
func TestOpenUnreachable(t *testing.T) {
	t.Parallel()
	_, err := postgres.Open(t.Context(), "postgres://hoso@127.0.0.1:1/hoso", postgres.Options{})
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("got %v, want an error that names 127.0.0.1:1", err)
	}
}
