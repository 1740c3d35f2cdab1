// Package archive takes months of cases out of the database whose retention is
// over: it writes all that belongs to their cases into files, reads the files
// back, and detaches the partitions. A month can be attached again until its
// partitions are dropped. The month's row, the heads under anchors, and what lies
// in tables that are not divided by month (papers, notices, codes) stay: a result
// can be verified for ever. Nothing is deleted row by row.
//
// When retention is over is said by whoever runs it. Whether records are what was
// written is checked by package check, in the database and in the files alike.
package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"crypto/x509"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

var (
	// ErrNoMonth reports a suffix that no month has.
	ErrNoMonth = errors.New("there is no such month")
	// ErrDetached reports a month that is detached already.
	ErrDetached = errors.New("the month is detached")
	// ErrInUse reports a month that is not detached.
	ErrInUse = errors.New("the month is not detached")
	// ErrDropped reports a month whose partitions are not in the database any more.
	ErrDropped = errors.New("the month's partitions were dropped")
	// ErrBusy reports that somebody else detaches or attaches a month, or that the tables were not free for a moment.
	ErrBusy = errors.New("the tables are in use")
	// ErrChanged reports that a case of the month changed while it was being archived.
	ErrChanged = errors.New("a case of the month changed while it was being archived")
)

// RefusedError reports a month that may not be detached.
type RefusedError struct {
	Month   string
	Reasons []string // in English, for whoever runs it
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s stays: %s", e.Month, strings.Join(e.Reasons, "; "))
}

// Stubs writes what stays of the cases of a month into archived_cases; package cases does.
type Stubs interface {
	KeepStubs(ctx context.Context, suffix string, first, past uuid.UUID) error
}

// Config carries what an Archive needs. DB and Cases are required.
type Config struct {
	DB      *pgxpool.Pool // with the rights of the tables' owner
	Cases   Stubs
	Trusted *x509.CertPool // that time-stamps must lead to; nil: nobody in particular
	// Tell is told what is being done; nil: nobody watches.
	Tell func(string)
	Log  *slog.Logger // default slog.Default()
}

// Archive detaches and attaches months.
type Archive struct{ cfg Config }

// New returns an Archive.
func New(cfg Config) (*Archive, error) {
	if cfg.DB == nil || cfg.Cases == nil {
		return nil, errors.New("archive: Config.DB or Cases is missing")
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Tell == nil {
		cfg.Tell = func(string) {}
	}
	return &Archive{cfg}, nil
}

// oneAtATime is the lock of whoever detaches or attaches; the session that holds
// it may die at any place.
const oneAtATime = 7165293812350432

// alone runs do while nobody else detaches or attaches a month.
func (a *Archive) alone(ctx context.Context, do func() error) error {
	c, err := a.cfg.DB.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	var got bool
	if err := c.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", oneAtATime).Scan(&got); err != nil {
		return err
	}
	if !got {
		return fmt.Errorf("somebody else detaches or attaches a month: %w", ErrBusy)
	}
	defer c.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", oneAtATime)
	return do()
}

// How long a change of the tables waits for them, so that nobody waits long
// behind it, and how often it tries.
const (
	lockWait  = 500 * time.Millisecond
	lockTries = 20
	lockPause = 500 * time.Millisecond
)

// shortly runs a change of the tables in one short transaction. Where they are
// not free within half a second it lets others through and tries again.
func (a *Archive) shortly(ctx context.Context, do func(tx pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := pgx.BeginFunc(ctx, a.cfg.DB, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d; SET LOCAL statement_timeout = 0", lockWait.Milliseconds())); err != nil {
				return err
			}
			return do(tx)
		})
		if !notFree(err) {
			return err
		}
		if try == lockTries {
			return fmt.Errorf("%w (tried %d times): %w", ErrBusy, try, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPause):
		}
	}
}

func notFree(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "55P03" || pg.Code == "40P01") // lock_timeout, deadlock
}
