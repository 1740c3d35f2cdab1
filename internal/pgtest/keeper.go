package pgtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/postgres"
)

// keeperEnv, when set, makes a test binary the keeper of the directory it names.
const keeperEnv = "HOSO_PGTEST_KEEPER"

// idleFor is how long the server outlives its last test.
const idleFor = 60 * time.Second

// A test binary started with keeperEnv never gets to its tests.
func init() {
	dir := os.Getenv(keeperEnv)
	if dir == "" {
		return
	}
	if err := keep(dir, idleFor); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// keep runs the server until no test process has held users.lock for idle.
func keep(dir string, idle time.Duration) error {
	s, err := postgres.Start(context.Background(), postgres.ServerConfig{
		Dir: filepath.Join(dir, "server"), Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Settings: map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", // a test's data may be lost
			"max_connections": "400", "shared_buffers": "256MB", "autovacuum_naptime": "10min",
		},
	})
	if err != nil {
		return err
	}
	defer s.Stop()
	err = onServer(context.Background(), s.URL(), func(c *pgx.Conn) error { return sweep(context.Background(), c, 0) })
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "url")
	if err := os.WriteFile(file, []byte(s.URL()), 0o600); err != nil {
		return err
	}
	users, err := os.OpenFile(filepath.Join(dir, "users.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer users.Close()
	for last := time.Now(); ; time.Sleep(min(time.Second, idle/10)) {
		if syscall.Flock(int(users.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
			last = time.Now()
			continue
		}
		if time.Since(last) > idle { // with the lock held: who comes now waits, and starts anew
			return os.Remove(file)
		}
		if err := syscall.Flock(int(users.Fd()), syscall.LOCK_UN); err != nil {
			return err
		}
	}
}

// held are locks that last as long as this process: a file that nobody refers
// to would be closed.
var held []*os.File

// sharedServer returns the URL of the server that a keeper runs. This process
// counts as a user of it until it ends, however it ends.
func sharedServer() (string, error) {
	dir, err := sharedDir()
	if err != nil {
		return "", err
	}
	using, err := lock(filepath.Join(dir, "users.lock"), syscall.LOCK_SH)
	if err != nil {
		return "", err
	}
	held = append(held, using)
	starting, err := lock(filepath.Join(dir, "start.lock"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer starting.Close()
	if u, err := reach(dir); err == nil {
		return u, nil
	}
	return startKeeper(dir)
}

// startKeeper starts this binary once more, away from this process group: the
// keeper serves other tests when these have ended.
func startKeeper(dir string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	log, err := os.OpenFile(filepath.Join(dir, "keeper.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	defer log.Close()
	cmd := exec.Command(self)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = append(os.Environ(), keeperEnv+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		if u, err := reach(dir); err == nil {
			return u, nil
		}
		select {
		case <-ended:
			text, _ := os.ReadFile(log.Name())
			return "", errors.New(strings.TrimSpace(string(text)))
		case <-time.After(50 * time.Millisecond):
		}
	}
	return "", fmt.Errorf("the shared server does not start: see %s", log.Name())
}

// reach returns the URL that a keeper left when it answers.
func reach(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "url"))
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return string(text), onServer(ctx, string(text), func(*pgx.Conn) error { return nil })
}

// sharedDir is this user's directory among temporary files; nobody else's.
func sharedDir() (string, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("hoso-pgtest-%d", os.Getuid()))
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || !ok || int(st.Uid) != os.Getuid() || info.Mode().Perm()&0o022 != 0 {
		return "", fmt.Errorf("%s belongs to somebody else: remove it or set HOSO_TEST_DATABASE_URL", dir)
	}
	return dir, nil
}

// lock waits for the lock; it is held until the file is closed or the process ends.
func lock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f, nil
}
