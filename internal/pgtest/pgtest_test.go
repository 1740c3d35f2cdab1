package pgtest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/postgres"
)

// Two tests at a time have two databases, both migrated; what one writes the
// other does not see.
func TestDatabasesAreSeparate(t *testing.T) {
	for _, name := range []string{"one", "two"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := NewAsOwner(t)
			if err := postgres.CheckSchema(t.Context(), pool); err != nil {
				t.Fatalf("a fresh database: %v", err)
			}
			if _, err := pool.Exec(t.Context(), "CREATE TABLE mark (who text)"); err != nil {
				t.Fatalf("the other test's table is here: %v", err)
			}
		})
	}
}

// A database is gone when its test has ended, even with a connection left open by a program.
func TestDatabaseGoesWithTheTest(t *testing.T) {
	var name string
	t.Run("uses one", func(t *testing.T) {
		if err := New(t).QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	var there bool
	err := New(t).QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there)
	if err != nil || there {
		t.Errorf("database %s after its test: there %t, error %v; want it gone", name, there, err)
	}
}

// The server ends by itself when no test holds the lock, and a test that comes
// later starts another one on the same data.
func TestKeeperEndsWhenIdle(t *testing.T) {
	dir, err := os.MkdirTemp("", "pgtest-keeper-") // not t.TempDir: the server's user may not enter that one
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		ended := make(chan error, 1)
		go func() { ended <- keep(dir, 300*time.Millisecond) }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("round %d: keeper: %v", round, err)
			}
		case <-time.After(time.Minute):
			t.Fatalf("round %d: the keeper of an idle server goes on", round)
		}
		if u, err := reach(dir); err == nil {
			t.Fatalf("round %d: the server still answers at %s", round, u)
		}
		if _, err := os.Stat(filepath.Join(dir, "server", "data", "postmaster.pid")); !os.IsNotExist(err) {
			t.Fatalf("round %d: the server did not shut down: %v", round, err)
		}
	}
}
