// Package postgres opens the one store of Hoso: the connection pool, the
// migrations, the check that the schema fits the binary, and, for development
// and tests, a PostgreSQL of our own. What the tables mean belongs to the
// packages that write them.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The roles of the database; 00094_create_roles.sql says what they may do.
const (
	AppRole    = "hoso_app"    // of `hoso serve` and `hoso work`
	ReaderRole = "hoso_reader" // of reads on behalf of a person
)

// ErrRole reports a login that may not act as the role that it is to have.
var ErrRole = errors.New("the login may not act")

// Options says how a pool behaves; the zero value suits a serving node.
type Options struct {
	MaxConns        int32         // 0: 32
	ApplicationName string        // shown in pg_stat_activity; empty: hoso
	Statement       time.Duration // longest statement; 0: 10 s
	Lock            time.Duration // longest wait for a lock; 0: 3 s
	Idle            time.Duration // longest pause inside a transaction; 0: 15 s
	Role            string        // that the sessions act as, a role of which the login is a member; empty: the login itself
}

// Open returns a pool that has reached the database at url. Parameters that
// the url sets win over the options.
func Open(ctx context.Context, url string, o Options) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database URL (want postgres://user:password@host:port/database): %w", err)
	}
	cfg.MaxConns = cmp.Or(o.MaxConns, 32)
	set := cfg.ConnConfig.RuntimeParams
	for name, value := range map[string]string{
		"application_name":                    cmp.Or(o.ApplicationName, "hoso"),
		"statement_timeout":                   milliseconds(o.Statement, 10*time.Second),
		"lock_timeout":                        milliseconds(o.Lock, 3*time.Second),
		"idle_in_transaction_session_timeout": milliseconds(o.Idle, 15*time.Second),
		// A statement is planned once for each connection: planning a step anew costs more than carrying it out, and a
		// read over all months as much as a hundred of them.
		"plan_cache_mode": "force_generic_plan",
		// Over the months of ten million cases PostgreSQL takes a look at a few rows for a large one, and compiles it for half a second.
		"jit": "off",
	} {
		if _, given := set[name]; !given {
			set[name] = value
		}
	}
	if o.Role != "" {
		set["role"] = o.Role
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		if op, ok := errors.AsType[*net.OpError](err); ok {
			err = op // one sentence instead of one for each address that was tried
		}
		if refused, ok := errors.AsType[*pgconn.PgError](err); ok && o.Role != "" && strings.Contains(refused.Message, "role") {
			return nil, fmt.Errorf("%w as %s (run `hoso migrate up`, and as a superuser GRANT %[2]s TO %[3]s): %[4]w", ErrRole, o.Role, cfg.ConnConfig.User, refused)
		}
		return nil, fmt.Errorf("reach PostgreSQL at %s:%d (is it running, and is DATABASE_URL right?): %w",
			cfg.ConnConfig.Host, cfg.ConnConfig.Port, err)
	}
	return pool, nil
}

func milliseconds(d, otherwise time.Duration) string {
	return strconv.FormatInt(cmp.Or(d, otherwise).Milliseconds(), 10)
}
