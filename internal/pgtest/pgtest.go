// Package pgtest gives each test a fresh, migrated database on a real
// PostgreSQL, cloned from a template, so that tests run in parallel and across
// processes. Only tests import it.
//
// The server is the one of HOSO_TEST_DATABASE_URL or DATABASE_URL (a user who
// may create databases), or else one that all test processes of a user share: a
// keeper process starts it and stops it when no test has used it for a while.
package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/postgres"
)

// New returns a pool on a fresh, migrated database, with the rights that the
// program has in production. Both go when the test ends.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return open(t, URL(t), postgres.AppRole)
}

// NewAsOwner is New with all rights, for what is done by hand or by commands of
// an administrator: imports, populations.
func NewAsOwner(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return open(t, URL(t), "")
}

// Owner returns a pool on the database of another pool, with all rights: for
// tests that play who tampers, or that need a table of their own.
func Owner(t testing.TB, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	return open(t, pool.Config().ConnString(), "")
}

func open(t testing.TB, url, role string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url, postgres.Options{
		// A loaded machine must not fail a test that is right.
		MaxConns: 10, ApplicationName: "test", Statement: time.Minute, Lock: 20 * time.Second, Idle: time.Minute, Role: role,
	})
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(func() { closePool(t, pool) })
	return pool
}

// closePool closes, and says so when the test forgot to give a connection back.
func closePool(t testing.TB, pool *pgxpool.Pool) {
	closed := make(chan struct{})
	go func() {
		pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("a connection of the test's pool was never released: close the rows and end the transactions")
	}
}

// URL returns the connection string of a fresh, migrated database, for tests
// that start whole programs. The database goes when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	return fresh(t, true)
}

// Empty returns the connection string of a fresh database without any table.
func Empty(t testing.TB) string {
	t.Helper()
	return fresh(t, false)
}

func fresh(t testing.TB, migrated bool) string {
	t.Helper()
	admin, err := server()
	if err != nil {
		t.Fatalf("tests need PostgreSQL: %v", err)
	}
	name, err := create(t.Context(), admin, migrated)
	if err != nil {
		t.Fatalf("make the test's database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		err := onServer(ctx, admin, func(c *pgx.Conn) error {
			_, err := c.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
			return err
		})
		if err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return withDatabase(admin, name)
}

// server is the URL of a database from which others are made, found once a process.
var server = sync.OnceValues(func() (string, error) {
	for _, name := range []string{"HOSO_TEST_DATABASE_URL", "DATABASE_URL"} {
		if u := os.Getenv(name); u != "" {
			return u, nil
		}
	}
	return sharedServer()
})

func create(ctx context.Context, admin string, migrated bool) (name string, err error) {
	name = fmt.Sprintf("%s%x_%s", testPrefix, time.Now().Unix(), strings.ToLower(rand.Text()[:10]))
	if !migrated {
		return name, onServer(ctx, admin, func(c *pgx.Conn) error {
			_, err := c.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'")
			return err
		})
	}
	for attempt := 0; ; attempt++ {
		template, err := ensureTemplate(ctx, admin)
		if err != nil {
			return "", err
		}
		err = onServer(ctx, admin, func(c *pgx.Conn) error {
			_, err := c.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template)
			return err
		})
		if err == nil || attempt == 2 || !isCode(err, "3D000", "55006") {
			return name, err
		}
		// Another process swept the template away, or is at it: make it again.
	}
}

// onServer runs do on a connection of its own.
func onServer(ctx context.Context, admin string, do func(*pgx.Conn) error) error {
	c, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	return do(c)
}

// withDatabase is the URL of another database on the same server.
func withDatabase(admin, name string) string {
	u, err := url.Parse(admin)
	if err != nil || u.Scheme == "" { // the keyword form: the last word counts
		return admin + " dbname=" + name
	}
	u.Path = "/" + name
	return u.String()
}
