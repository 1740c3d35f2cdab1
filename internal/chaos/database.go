package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// crashServer kills PostgreSQL and everything it started, and starts it again.
func (c *chaos) crashServer(ctx context.Context) error {
	pid, err := c.site.serverPID()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	c.killed("database server", 1)
	return c.restartServer(ctx)
}

// restartServer starts a server that has ended, or ends it first.
func (c *chaos) restartServer(ctx context.Context) error {
	c.site.mu.Lock()
	err := c.site.server.Stop()
	c.site.mu.Unlock()
	if err != nil {
		return err
	}
	return c.site.startServer(ctx)
}

// serverPID is the process of PostgreSQL.
func (s *site) serverPID() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := os.ReadFile(filepath.Join(s.server.Dir(), "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(strings.TrimSpace(line))
}

// blockRows holds the locks of some cases longer than anybody waits.
func blockRows(ctx context.Context, c *chaos, d time.Duration) error {
	return c.holding(ctx, d, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT FROM cases WHERE id IN (SELECT id FROM cases WHERE closed_at IS NULL ORDER BY random() LIMIT 20) FOR UPDATE`)
		return err
	})
}

// blockTable holds a whole table.
func blockTable(ctx context.Context, c *chaos, d time.Duration) error {
	table := pick(c.rand, []string{"case_effects", "case_timers", "case_tasks", "cases"})
	return c.holding(ctx, min(d, 4*time.Second), func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE")
		return err
	})
}

// longSnapshot keeps one snapshot of the database in use for long, beside all
// other faults.
func longSnapshot(ctx context.Context, c *chaos, d time.Duration) error {
	return c.holding(ctx, 5*d, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM case_events")
		return err
	})
}

// holding keeps a transaction open for a while.
func (c *chaos) holding(ctx context.Context, d time.Duration, take func(pgx.Tx) error) error {
	done := errors.New("enough")
	err := pgx.BeginFunc(ctx, c.site.db, func(tx pgx.Tx) error {
		if err := take(tx); err != nil {
			return err
		}
		nap(ctx, d)
		return done
	})
	if errors.Is(err, done) {
		return nil
	}
	return err
}

// noConnections takes all connections that are left.
func noConnections(ctx context.Context, c *chaos, d time.Duration) error {
	var taken []*pgx.Conn
	defer func() {
		for _, conn := range taken {
			_ = conn.Close(context.WithoutCancel(ctx)) // the server may be gone
		}
	}()
	for range 200 {
		conn, err := pgx.Connect(ctx, c.site.url())
		if err != nil {
			break // there are no more
		}
		taken = append(taken, conn)
	}
	if len(taken) == 0 {
		return errors.New("no connection was to be had")
	}
	nap(ctx, min(d, 3*time.Second))
	return nil
}

// readOnly lets the server refuse all writes of new transactions.
func readOnly(ctx context.Context, c *chaos, d time.Duration) error {
	err := setReadOnly(ctx, c.site.url(), "on")
	if err == nil {
		nap(ctx, min(d, 3*time.Second))
	}
	// Also when it was interrupted: the server may have heard it.
	return errors.Join(err, insist(ctx, func(ctx context.Context) error { return setReadOnly(ctx, c.site.url(), "off") }))
}

// setReadOnly returns when new sessions have the setting. A server that was just
// killed leaves sessions behind that still answer: what they write is read by
// nobody before the next reload, and their own reload reaches nobody.
func setReadOnly(ctx context.Context, url, to string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, sql := range []string{"SET default_transaction_read_only = off", "ALTER SYSTEM SET default_transaction_read_only = " + to} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	var heard bool
	if err := conn.QueryRow(ctx, "SELECT pg_reload_conf()").Scan(&heard); err != nil {
		return err
	}
	if !heard {
		return errors.New("the server did not hear of its new settings")
	}
	for ; ; nap(ctx, 20*time.Millisecond) {
		is, err := readOnlyIs(ctx, url)
		if err != nil || is == to {
			return err
		}
	}
}

// readOnlyIs is the setting as a new session has it.
func readOnlyIs(ctx context.Context, url string) (is string, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SHOW default_transaction_read_only").Scan(&is)
	return is, err
}

// diskFull lets a table refuse some of its rows, with the error of a full disk.
func diskFull(ctx context.Context, c *chaos, d time.Duration) error {
	table := pick(c.rand, []string{"case_events", "case_effects", "case_effect_attempts", "case_tasks", "case_timers", "notices", "case_documents", "message_inbox", "message_outbox", "access_log"})
	refuse := fmt.Sprintf(`
		CREATE OR REPLACE FUNCTION chaos_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF random() < 0.3 THEN
				RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
			END IF;
			RETURN NEW;
		END $$;
		DROP TRIGGER IF EXISTS chaos_refuse ON %[1]s;
		CREATE TRIGGER chaos_refuse BEFORE INSERT ON %[1]s FOR EACH ROW EXECUTE FUNCTION chaos_refuse()`, table)
	_, err := c.site.db.Exec(ctx, refuse)
	if err == nil {
		nap(ctx, d)
	}
	return errors.Join(err, insist(ctx, func(ctx context.Context) error {
		_, err := c.site.db.Exec(ctx, "DROP TRIGGER IF EXISTS chaos_refuse ON "+table)
		return err
	}))
}

// mend ends in a copy of the database the faults in whose middle it was made.
func mend(ctx context.Context, url string, db *pgxpool.Pool) error {
	return insist(ctx, func(ctx context.Context) error {
		if err := setReadOnly(ctx, url, "off"); err != nil {
			return err
		}
		_, err := db.Exec(ctx, "DROP FUNCTION IF EXISTS chaos_refuse CASCADE")
		return err
	})
}

// errLeft reports a fault that the harness could not end: what the run shows
// afterwards says nothing about Hoso.
var errLeft = errors.New("a fault was not ended")

// insist does what has to be done before the storm may end, however long the
// database is away. Its error is errLeft.
func insist(ctx context.Context, do func(context.Context) error) error {
	ctx = context.WithoutCancel(ctx)
	var err error
	for range 100 {
		within, cancel := context.WithTimeout(ctx, 5*time.Second)
		err = do(within)
		cancel()
		if err == nil {
			return nil
		}
		nap(ctx, 300*time.Millisecond)
	}
	return fmt.Errorf("%w: %w", errLeft, err)
}
