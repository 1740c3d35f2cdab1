package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/hoso-gov/hoso/migrations"
)

var (
	// ErrSchemaOld reports a database that lacks migrations of this binary.
	ErrSchemaOld = errors.New("the database is older than this program: run `hoso migrate up`")
	// ErrSchemaNew reports a database with migrations that this binary does not know.
	ErrSchemaNew = errors.New("the database is newer than this program: start the newer hoso that migrated it")
)

// Migration is one change of the schema.
type Migration struct {
	Version int64
	Name    string     // of its file, or "river N"; "unknown" when this binary does not have it
	Applied *time.Time // nil: pending
}

// Status lists all migrations that the binary or the database at url knows,
// ours by number and then River's.
func Status(ctx context.Context, url string) ([]Migration, error) {
	pool, err := Open(ctx, url, Options{MaxConns: 2, ApplicationName: "hoso migrate"})
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	list, err := status(ctx, pool, migrations.FS)
	if err != nil {
		return nil, fmt.Errorf("read the state of the migrations: %w", err)
	}
	return list, nil
}

// CheckSchema returns nil when the database has exactly the schema of this
// binary, or else an error that says what to do and wraps [ErrSchemaOld] or
// [ErrSchemaNew].
func CheckSchema(ctx context.Context, pool *pgxpool.Pool) error {
	return checkSchema(ctx, pool, migrations.FS)
}

func checkSchema(ctx context.Context, pool *pgxpool.Pool, files fs.FS) error {
	list, err := status(ctx, pool, files)
	if err != nil {
		return fmt.Errorf("check the schema: %w", err)
	}
	var pending, unknown []string
	for _, m := range list {
		switch {
		case m.Applied == nil:
			pending = append(pending, m.Name)
		case m.Name == unknownName:
			unknown = append(unknown, strconv.FormatInt(m.Version, 10))
		}
	}
	switch { // newer first: an older binary must not migrate a newer database
	case unknown != nil:
		return fmt.Errorf("%w (it has migration %s)", ErrSchemaNew, strings.Join(unknown, ", "))
	case pending != nil:
		return fmt.Errorf("%w (%d pending, first %s)", ErrSchemaOld, len(pending), pending[0])
	}
	return nil
}

const unknownName = "unknown"

func status(ctx context.Context, pool *pgxpool.Pool, files fs.FS) ([]Migration, error) {
	ours, err := known(files)
	if err != nil {
		return nil, err
	}
	applied, err := appliedVersions(ctx, pool, `
		SELECT version_id, max(tstamp) AT TIME ZONE current_setting('TimeZone')
		FROM goose_db_version
		WHERE version_id > 0 AND is_applied
		GROUP BY version_id`)
	if err != nil {
		return nil, err
	}
	list := merge(ours, applied)
	m, err := riverMigrator(pool)
	if err != nil {
		return nil, err
	}
	rivers := map[int64]string{}
	for _, v := range m.AllVersions() {
		rivers[int64(v.Version)] = fmt.Sprintf("river %d", v.Version)
	}
	applied, err = appliedVersions(ctx, pool, `
		SELECT version, created_at
		FROM river.river_migration
		WHERE line = 'main'`)
	if err != nil {
		return nil, err
	}
	return append(list, merge(rivers, applied)...), nil
}

// known reads the numbers of the migrations from the names of their files.
func known(files fs.FS) (map[int64]string, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	versions := map[int64]string{}
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		v, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: its name does not begin with a number and an underscore", name)
		}
		versions[v] = name
	}
	return versions, nil
}

// appliedVersions runs a query for numbers and times; a table that is not there
// yet has no rows.
func appliedVersions(ctx context.Context, pool *pgxpool.Pool, query string) (map[int64]time.Time, error) {
	applied := map[int64]time.Time{}
	var v int64
	var at time.Time
	rows, _ := pool.Query(ctx, query)
	_, err := pgx.ForEachRow(rows, []any{&v, &at}, func() error {
		applied[v] = at
		return nil
	})
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && (e.Code == "42P01" || e.Code == "3F000") {
		return nil, nil // no such table, no such schema
	}
	return applied, err
}

func merge(known map[int64]string, applied map[int64]time.Time) []Migration {
	var list []Migration
	for v, name := range known {
		m := Migration{Version: v, Name: name}
		if at, ok := applied[v]; ok {
			m.Applied = &at
		}
		list = append(list, m)
	}
	for v, at := range applied {
		if _, ok := known[v]; !ok {
			list = append(list, Migration{Version: v, Name: unknownName, Applied: &at})
		}
	}
	slices.SortFunc(list, func(a, b Migration) int { return int(a.Version - b.Version) })
	return list
}

// RiverVersion is the newest of River's migrations that this binary has.
func RiverVersion() int {
	m, err := rivermigrate.New(riverpgxv5.New(nil), &rivermigrate.Config{Schema: RiverSchema})
	if err != nil {
		return 0 // only for a line that River does not have
	}
	all := m.AllVersions()
	return all[len(all)-1].Version
}
