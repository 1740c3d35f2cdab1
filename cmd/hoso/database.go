package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/postgres"
)

// ownDatabase is where `hoso dev` keeps its PostgreSQL.
var ownDatabase = filepath.Join(".hoso", "postgres")

// database opens the database of DATABASE_URL, or the one that `hoso dev` keeps
// in this folder, whether it runs at the moment or not. Its schema is that of
// this program.
func database(ctx context.Context, o postgres.Options) (pool *pgxpool.Pool, done func(), err error) {
	url, stop := os.Getenv("DATABASE_URL"), func() {}
	if url == "" {
		if _, err := os.Stat(ownDatabase); err != nil {
			return nil, nil, errNoDatabase
		}
		s, err := postgres.Start(ctx, postgres.ServerConfig{Dir: ownDatabase})
		if err != nil {
			return nil, nil, err
		}
		url, stop = s.URL(), func() {
			if err := s.Stop(); err != nil {
				slog.Error("stop PostgreSQL", "error", err)
			}
		}
	}
	if pool, err = postgres.Open(ctx, url, o); err != nil {
		stop()
		return nil, nil, err
	}
	done = func() {
		pool.Close()
		stop()
	}
	if err := postgres.CheckSchema(ctx, pool); err != nil {
		done()
		return nil, nil, err
	}
	return pool, done, nil
}
