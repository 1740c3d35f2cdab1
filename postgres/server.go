package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	// ErrNoBinaries reports that no PostgreSQL could be found or downloaded.
	ErrNoBinaries = errors.New("no PostgreSQL 15 or later found: install Debian's postgresql or set DATABASE_URL")
	// ErrPortInUse reports that another program listens on the port asked for.
	ErrPortInUse = errors.New("the port for PostgreSQL is in use: choose another one or stop the program that has it")
)

// startWithin is how long a server may take to answer, recovery included.
const startWithin = 90 * time.Second

// ServerConfig says how to run a PostgreSQL of our own. Dir is required.
type ServerConfig struct {
	Dir  string       // what belongs to the server; made when missing, best .hoso/postgres
	Log  *slog.Logger // what is worth telling; nil: slog.Default()
	Port int          // 0: the port of last time, or a free one

	// Settings are further server parameters, as in postgresql.conf.
	Settings map[string]string
}

// Server is a running PostgreSQL that only this machine can reach, and only
// with the password in its directory. It ends with this process.
type Server struct {
	place place
	port  int
	pass  string
	log   *slog.Logger

	owner   *os.File  // the lock of who may stop the server; nil: another process
	process *process  // nil: it survived an earlier program
	stop    sync.Once // Stop acts once
	stopped error     // what Stop returned
}

// Start returns a running server with a database hoso. Data are made at the
// first start and kept. A server that still runs in Dir is taken over, or
// shared when the program that started it still lives.
func Start(ctx context.Context, cfg ServerConfig) (*Server, error) {
	s, err := start(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL in %s: %w", cfg.Dir, err)
	}
	return s, nil
}

func start(ctx context.Context, cfg ServerConfig) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	p, err := findPlace(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s := &Server{place: p, log: cmp.Or(cfg.Log, slog.Default())}
	if p.moved != "" {
		s.log.Info("the PostgreSQL data are kept elsewhere", "dir", p.home, "because", p.moved)
	}
	for {
		if s.owner == nil {
			if s.owner, err = tryLock(p.file("owner.lock")); err != nil {
				return nil, err
			}
		}
		found, err := s.attach(ctx, cfg)
		if err == nil && !found && s.owner != nil {
			err = s.launch(ctx, cfg)
			found = err == nil
		}
		if err == nil && found {
			err = s.ensureDatabase(ctx)
		}
		if err != nil {
			s.Stop()
			return nil, err
		}
		if found {
			return s, nil
		}
		// The owner is about to start it, or it is about to end.
		select {
		case <-ctx.Done():
			s.Stop()
			return nil, fmt.Errorf("the server in use there neither answers nor ends; see %s: %w", p.file("server.log"), ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// attach finds a server that already runs on our data. False and no error mean
// that there is none that answers yet; when nothing runs and the lock is ours,
// launch comes next.
func (s *Server) attach(ctx context.Context, cfg ServerConfig) (bool, error) {
	for {
		running := s.place.running()
		if running.pid == 0 {
			return false, nil
		}
		if pass, err := os.ReadFile(s.place.file("password")); err == nil {
			s.pass, s.port = strings.TrimSpace(string(pass)), running.port
			if running.ready && s.answers(ctx) == nil && s.survived(ctx) {
				if cfg.Port != 0 && cfg.Port != running.port {
					s.log.Info("PostgreSQL already runs on another port than asked for", "port", running.port)
				}
				return true, nil
			}
		}
		if s.owner == nil {
			return false, nil
		}
		select { // ours to wait for: it starts, recovers or ends
		case <-ctx.Done():
			return false, fmt.Errorf("process %d has the data but does not answer; stop it and start again: %w", running.pid, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// survived tells whether a server without an owner is there to stay: one whose
// program has just been killed answers for a moment before it shuts down.
func (s *Server) survived(ctx context.Context) bool {
	if s.owner == nil {
		return true
	}
	time.Sleep(300 * time.Millisecond)
	return s.place.running().ready && s.answers(ctx) == nil
}

// launch starts the server on a port that is free.
func (s *Server) launch(ctx context.Context, cfg ServerConfig) error {
	bin, err := findBinaries(ctx, s.place, s.log)
	if err != nil {
		return err
	}
	if err := s.place.initialise(ctx, bin, s.log); err != nil {
		return err
	}
	pass, err := os.ReadFile(s.place.file("password"))
	if err != nil {
		return fmt.Errorf("read the server's password: %w", err)
	}
	s.pass = strings.TrimSpace(string(pass))
	if s.place.running().stale { // PostgreSQL would take the other program for itself
		if err := os.Remove(filepath.Join(s.place.data(), "postmaster.pid")); err != nil {
			return err
		}
	}

	for attempt := 1; ; attempt++ {
		if s.port, err = s.place.choosePort(cfg.Port); err != nil {
			return err
		}
		s.process, err = s.run(bin, cfg.Settings)
		if err == nil {
			err = s.awaitReady(ctx)
		}
		if err == nil {
			return s.place.rememberPort(s.port)
		}
		if s.process != nil {
			s.process.end()
			s.process = nil
		}
		switch again := attempt < 10 && ctx.Err() == nil; {
		case errors.Is(err, ErrPortInUse) && cfg.Port == 0 && again: // taken between looking and binding
		case errors.Is(err, errMemoryInUse) && again: // backends of a killed server are still ending
			time.Sleep(500 * time.Millisecond)
		default:
			return err
		}
	}
}

func (s *Server) run(bin string, settings map[string]string) (*process, error) {
	all := map[string]string{
		"listen_addresses":        "127.0.0.1",
		"port":                    strconv.Itoa(s.port),
		"unix_socket_directories": "",
		"max_connections":         "200",
		"lc_messages":             "C", // the reasons of failure below are read in English
		"logging_collector":       "off",
	}
	maps.Copy(all, settings)
	args := []string{"-D", s.place.data()}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), args...)
	cmd.Dir, cmd.Env = s.place.data(), cleanEnv()
	return launchProcess(cmd, s.place.file("server.log"), s.place.user)
}

// awaitReady waits until the server answers, and explains why when it ended.
func (s *Server) awaitReady(ctx context.Context) error {
	for {
		err := s.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.process.done:
			return explain(s.place.file("server.log"), s.port)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer (see %s): %w", s.place.file("server.log"), err)
		case <-time.After(30 * time.Millisecond):
		}
	}
}

// URL is the connection string of the database hoso.
func (s *Server) URL() string { return s.DatabaseURL("hoso") }

// DatabaseURL is the connection string of another database of this server.
func (s *Server) DatabaseURL(name string) string {
	return "postgres://hoso:" + s.pass + "@" + net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) + "/" + name + "?sslmode=disable"
}

// Dir is where the data really are.
func (s *Server) Dir() string { return s.place.home }

// Stop shuts the server down and waits: open transactions are rolled back,
// everything committed is kept. A server that another process owns goes on.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		if s.owner == nil {
			return
		}
		defer s.owner.Close()
		if s.process != nil {
			s.stopped = s.process.end()
			return
		}
		s.stopped = s.place.endRunning()
	})
	return s.stopped
}
