package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/hoso-gov/hoso/migrations"
)

// RiverSchema is the schema that River's tables live in.
const RiverSchema = "river"

// migrating is the key of the advisory lock that lets one process migrate at a time.
const migrating = 0x686f736f // "hoso"

// Migrate brings the database at url to the schema of this binary: our
// migrations, then River's. Processes that call it at the same time take turns;
// what is done already is not done again.
func Migrate(ctx context.Context, url string) error { return migrate(ctx, url, migrations.FS) }

func migrate(ctx context.Context, url string, files fs.FS) error {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("migrate: read the database URL: %w", err)
	}
	cfg.MaxConns = 4
	cfg.ConnConfig.RuntimeParams["application_name"] = "hoso migrate"
	cfg.ConnConfig.RuntimeParams["lock_timeout"] = "10000" // a migration that waits makes everybody wait behind it
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer pool.Close()
	return alone(ctx, pool, func() error {
		if err := migrateOurs(ctx, pool, files); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		if err := migrateRiver(ctx, pool); err != nil {
			return fmt.Errorf("migrate River's tables: %w", err)
		}
		if err := protect(ctx, pool); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		return nil
	})
}

// alone runs do while no other process does. It polls for the lock: a waiting
// statement would hold a snapshot, and an index built concurrently waits for those.
func alone(ctx context.Context, pool *pgxpool.Pool, do func() error) error {
	c, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("migrate: reach the database: %w", err)
	}
	defer c.Release()
	for got := false; !got; {
		if err := c.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", migrating).Scan(&got); err != nil {
			return fmt.Errorf("migrate: wait for the turn: %w", err)
		}
		if got {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("migrate: another process is migrating: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	defer c.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrating)
	return do()
}

func migrateOurs(ctx context.Context, pool *pgxpool.Pool, files fs.FS) error {
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	p, err := provider(db, files)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// provider reads the migrations. They may be applied out of order: numbers are
// given out by subject, so a lower one can come later.
func provider(db *sql.DB, files fs.FS) (*goose.Provider, error) {
	return goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithAllowOutofOrder(true))
}

func migrateRiver(ctx context.Context, pool *pgxpool.Pool) error {
	if _, err := pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+RiverSchema); err != nil {
		return err
	}
	m, err := riverMigrator(pool)
	if err != nil {
		return err
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	// The two GIN indexes cost a third of the WAL of a job and no query of ours uses them.
	_, err = pool.Exec(ctx, `DROP INDEX IF EXISTS river.river_job_args_index, river.river_job_metadata_index`)
	return err
}

// protect grants what the tables' comments say, after the last migration has
// made the last of them; 00094_create_roles.sql tells how. A schema from before
// it has nothing to grant.
func protect(ctx context.Context, pool *pgxpool.Pool) error {
	var there bool
	if err := pool.QueryRow(ctx, "SELECT to_regprocedure('protect_tables()') IS NOT NULL").Scan(&there); err != nil || !there {
		return err
	}
	if _, err := pool.Exec(ctx, "SELECT protect_tables()"); err != nil {
		return fmt.Errorf("grant the rights of the tables: %w", err)
	}
	return nil
}

func riverMigrator(pool *pgxpool.Pool) (*rivermigrate.Migrator[pgx.Tx], error) {
	return rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: RiverSchema, Logger: slog.New(slog.DiscardHandler)})
}

// Down undoes the newest applied migration of ours; River's tables stay. It
// returns the file's name, and an empty one when there is nothing to undo.
func Down(ctx context.Context, url string) (string, error) {
	pool, err := Open(ctx, url, Options{MaxConns: 4, ApplicationName: "hoso migrate", Statement: time.Hour})
	if err != nil {
		return "", err
	}
	defer pool.Close()
	var name string
	err = alone(ctx, pool, func() error {
		db := stdlib.OpenDBFromPool(pool)
		defer db.Close()
		p, err := provider(db, migrations.FS)
		if err != nil {
			return err
		}
		done, err := p.Down(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if err == nil && done != nil {
			name = done.Source.Path
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("undo the newest migration: %w", err)
	}
	return name, nil
}
