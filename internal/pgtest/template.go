package pgtest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hoso-gov/hoso/migrations"
	"github.com/hoso-gov/hoso/postgres"
)

const (
	testPrefix     = "hoso_test_"     // then the Unix time in hex: how old it is
	templatePrefix = "hoso_template_" // then the hash of the migrations
	templateLock   = 0x686f736f7467   // advisory: one process makes templates at a time
	keepTemplates  = 3                // of other sets of migrations
	staleAfter     = 6 * time.Hour    // a database of a test that was killed
)

// templateName names the template after everything that decides its content.
var templateName = sync.OnceValues(func() (string, error) {
	h := sha256.New()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		text, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(text), text)
	}
	fmt.Fprintf(h, "river %d", postgres.RiverVersion())
	return fmt.Sprintf("%s%.6x", templatePrefix, h.Sum(nil)), nil
})

// ensureTemplate returns the name of a migrated database that others are
// cloned from, and makes it when it is not there.
func ensureTemplate(ctx context.Context, admin string) (string, error) {
	name, err := templateName()
	if err != nil {
		return "", err
	}
	err = onServer(ctx, admin, func(c *pgx.Conn) error {
		if there, err := exists(ctx, c, name); err != nil || there {
			return err
		}
		if _, err := c.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(templateLock)); err != nil {
			return err
		}
		if there, err := exists(ctx, c, name); err != nil || there {
			return err
		}
		if err := sweep(ctx, c, staleAfter); err != nil {
			return err
		}
		return makeTemplate(ctx, c, admin, name)
	})
	if err != nil {
		return "", fmt.Errorf("make the template: %w", err)
	}
	return name, nil
}

func exists(ctx context.Context, c *pgx.Conn, name string) (there bool, err error) {
	err = c.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there)
	return there, err
}

// makeTemplate migrates under another name, so that the template is whole as
// soon as it is seen.
func makeTemplate(ctx context.Context, c *pgx.Conn, admin, name string) error {
	draft := name + "_new"
	for _, sql := range []string{
		"DROP DATABASE IF EXISTS " + draft + " WITH (FORCE)",
		"CREATE DATABASE " + draft + " TEMPLATE template0 ENCODING 'UTF8'",
	} {
		if _, err := c.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if err := postgres.Migrate(ctx, withDatabase(admin, draft)); err != nil {
		return err
	}
	if err := quiet(ctx, c, draft); err != nil {
		return err
	}
	_, err := c.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name)
	return err
}

// quiet waits until the last connection to a database has gone: a closed one
// takes a moment to leave.
func quiet(ctx context.Context, c *pgx.Conn, name string) error {
	for {
		var n int
		if err := c.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = $1", name).Scan(&n); err != nil || n == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// sweep drops what killed tests left, and the templates of long ago.
func sweep(ctx context.Context, c *pgx.Conn, older time.Duration) error {
	rows, _ := c.Query(ctx, `
		SELECT datname
		FROM pg_database
		WHERE datname LIKE 'hoso\_t%'
		ORDER BY oid DESC`)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	templates := 0
	drop := slices.DeleteFunc(names, func(name string) bool {
		if rest, ok := strings.CutPrefix(name, testPrefix); ok {
			stamp, _, _ := strings.Cut(rest, "_")
			made, err := strconv.ParseInt(stamp, 16, 64)
			return err != nil || time.Since(time.Unix(made, 0)) < older
		}
		if !strings.HasPrefix(name, templatePrefix) {
			return true
		}
		templates++
		return templates <= keepTemplates
	})
	for _, name := range drop {
		if _, err := c.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil && !isCode(err, "55006") {
			return err
		}
	}
	return nil
}

func isCode(err error, codes ...string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains(codes, e.Code)
}
