package stage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// Server makes databases for stages, each of which lasts until the server is
// closed: hoso_stage_, then the Unix time in hex, then chance.
type Server struct {
	// Data are what the registries of its stages begin with; nil: what the binary carries.
	Data *world.Data

	admin    string // URL of a database from which others are made
	template string // database that is migrated, and of which the others are copies
	made     []string
	stop     func() error
}

const (
	prefix     = "hoso_stage_"
	staleAfter = 24 * time.Hour // a database of a program that was killed
)

// Connect uses the server of a database whose user may create others there.
// Nothing stays behind.
func Connect(ctx context.Context, url string) (*Server, error) {
	s := &Server{admin: url, stop: func() error { return nil }}
	if err := s.sweep(ctx, staleAfter); err != nil {
		return nil, fmt.Errorf("make the stage's database: %w", err)
	}
	return s, nil
}

// Start starts a server of our own below a folder. It keeps a migrated database
// there for the next start of the same program. Programs that start it at the
// same time get a server each. What it holds may be lost, so nothing waits for
// the disk.
func Start(ctx context.Context, dir string) (*Server, error) {
	place, lock, err := free(dir)
	if err != nil {
		return nil, fmt.Errorf("start the stage's server: %w", err)
	}
	own, err := postgres.Start(ctx, postgres.ServerConfig{Dir: place, Log: slog.New(slog.DiscardHandler), Settings: map[string]string{
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB", "wal_level": "minimal", "max_wal_senders": "0"}})
	if err != nil {
		lock.Close()
		return nil, err
	}
	s := &Server{admin: own.DatabaseURL("postgres"), stop: func() error {
		defer lock.Close()
		return own.Stop()
	}}
	if err := errors.Join(s.sweep(ctx, 0), s.ofThisProgram(ctx)); err != nil {
		return nil, errors.Join(fmt.Errorf("make the stage's database: %w", err), s.stop())
	}
	return s, nil
}

// free finds a folder whose server nobody uses, and holds it.
func free(dir string) (string, *os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", nil, err
	}
	for i := range 16 {
		place := filepath.Join(dir, "server-"+strconv.Itoa(i))
		lock, err := os.OpenFile(place+".lock", os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return "", nil, err
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			return place, lock, nil
		}
		lock.Close()
	}
	return "", nil, fmt.Errorf("sixteen programs use the servers below %s", dir)
}

// ofThisProgram names the template after the file of this program: another one
// may have other migrations.
func (s *Server) ofThisProgram(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	info, err := os.Stat(self)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("stage_template_%x_%x", info.Size(), info.ModTime().UnixNano())
	var there bool
	err = s.ask(ctx, func(c *pgx.Conn) error {
		rows, _ := c.Query(ctx, `SELECT datname FROM pg_database WHERE datname LIKE 'stage\_template\_%'`)
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, n := range names {
			if there = there || n == name; n != name && err == nil {
				_, err = c.Exec(ctx, "DROP DATABASE "+n)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if !there {
		draft := prefix + "draft"
		if err := s.create(ctx, draft); err != nil {
			return err
		}
		if err := postgres.Migrate(ctx, s.url(draft)); err != nil {
			return err
		}
		if err := s.ask(ctx, func(c *pgx.Conn) error {
			if err := left(ctx, c, draft); err != nil {
				return err
			}
			_, err := c.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name)
			return err
		}); err != nil {
			return err
		}
	}
	s.template = name
	return nil
}

// Database makes one more database and opens it.
func (s *Server) Database(ctx context.Context) (*Database, error) {
	name := fmt.Sprintf("%s%x_%s", prefix, time.Now().Unix(), strings.ToLower(rand.Text()[:8]))
	if s.template == "" { // the first is migrated, and serves as the others' template
		s.template = name + "_t"
		s.made = append(s.made, s.template)
		if err := s.create(ctx, s.template); err != nil {
			return nil, fmt.Errorf("make the stage's database: %w", err)
		}
		if err := postgres.Migrate(ctx, s.url(s.template)); err != nil {
			return nil, err
		}
		if err := s.ask(ctx, func(c *pgx.Conn) error { return left(ctx, c, s.template) }); err != nil {
			return nil, err
		}
	}
	s.made = append(s.made, name)
	if err := s.ask(ctx, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+s.template)
		return err
	}); err != nil {
		return nil, fmt.Errorf("make the stage's database: %w", err)
	}
	d, err := Open(ctx, s.url(name))
	if err == nil && s.Data != nil {
		d.data = s.Data
	}
	return d, err
}

// Close drops the databases, whose users have closed them, and stops a server of our own.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := s.ask(ctx, func(c *pgx.Conn) error {
		var failed error
		for _, name := range s.made {
			_, err := c.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
			failed = errors.Join(failed, err)
		}
		return failed
	})
	return errors.Join(err, s.stop())
}

// sweep drops what programs that were killed have left.
func (s *Server) sweep(ctx context.Context, older time.Duration) error {
	return s.ask(ctx, func(c *pgx.Conn) error {
		rows, _ := c.Query(ctx, `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, prefix)
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, name := range names {
			stamp, _, _ := strings.Cut(strings.TrimPrefix(name, prefix), "_")
			at, notOurs := strconv.ParseInt(stamp, 16, 64)
			if err == nil && (older == 0 || notOurs == nil && time.Since(time.Unix(at, 0)) > older) {
				_, err = c.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
			}
		}
		return err
	})
}

func (s *Server) create(ctx context.Context, name string) error {
	return s.ask(ctx, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'")
		return err
	})
}

// left waits until the last connection to a database has gone: a closed one
// takes a moment to leave, and a template must have none.
func left(ctx context.Context, c *pgx.Conn, name string) error {
	for n := 1; n > 0; {
		if err := c.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = $1`, name).Scan(&n); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

func (s *Server) ask(ctx context.Context, do func(*pgx.Conn) error) error {
	c, err := pgx.Connect(ctx, s.admin)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	return do(c)
}

// url is that of another database of the server.
func (s *Server) url(name string) string {
	u, err := url.Parse(s.admin)
	if err != nil || u.Scheme == "" { // host=… user=… as libpq also takes it
		return s.admin + " dbname=" + name
	}
	u.Path = "/" + name
	return u.String()
}
