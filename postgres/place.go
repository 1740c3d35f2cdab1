package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// place is the directory of a server:
//
//	data/       the cluster, readable by the server's user only
//	password    of its superuser hoso, mode 0600
//	port        the port of last time
//	server.log  what the server last said
//	owner.lock  held by the process that may stop the server
type place struct {
	home  string
	moved string // why home is not what was asked for; empty: it is
	user  *user
}

func (p place) file(name string) string { return filepath.Join(p.home, name) }
func (p place) data() string            { return p.file("data") }

// findPlace makes the server's directory, elsewhere when the server's user
// could not reach it (a project under /root).
func findPlace(dir string) (place, error) {
	if dir == "" {
		return place{}, errors.New("ServerConfig.Dir is missing")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return place{}, err
	}
	p := place{home: abs, user: serverUser()}
	closed, err := p.user.blocked(filepath.Dir(abs))
	if err != nil {
		return place{}, err
	}
	if closed == "" {
		return p, p.make()
	}
	p.moved = fmt.Sprintf("the server's user may not enter %s", closed)
	for _, parent := range []string{"/var/lib", os.TempDir()} {
		p.home = filepath.Join(parent, fmt.Sprintf("hoso-dev-%.4x", sha256.Sum256([]byte(abs))))
		if err = p.make(); err == nil {
			return p, nil
		}
	}
	return place{}, err
}

// make creates home and what lies above it, open for passing whatever the umask.
func (p place) make() error {
	var missing []string
	for dir := p.home; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		missing = append(missing, dir)
	}
	if err := os.MkdirAll(p.home, 0o755); err != nil {
		return err
	}
	for _, dir := range missing {
		if err := os.Chmod(dir, 0o755); err != nil {
			return err
		}
	}
	info, err := os.Lstat(p.home)
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || ok && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to somebody else: choose another directory", p.home)
	}
	return os.Chmod(p.home, 0o755)
}

// initialise makes the cluster at the first start. It is made beside its place
// and moved there when whole, so that a kill leaves nothing half made.
func (p place) initialise(ctx context.Context, bin string, log *slog.Logger) error {
	if _, err := os.Stat(filepath.Join(p.data(), "PG_VERSION")); err == nil {
		return nil
	}
	log.Info("making a PostgreSQL cluster", "dir", p.data())
	fresh, secret := p.file("data.new"), p.file("password.new")
	for _, old := range []string{fresh, secret} {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(secret, []byte(rand.Text()+"\n"), 0o600); err != nil {
		return err
	}
	for _, path := range []string{fresh, secret} {
		if err := p.user.own(path); err != nil {
			return err
		}
	}
	initdb := func(locale string) error {
		cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata="+fresh, "--username=hoso", "--pwfile="+secret,
			"--encoding=UTF8", "--locale="+locale, "--auth=scram-sha-256")
		cmd.Dir = fresh
		return runTool(cmd, p.user)
	}
	if err := initdb("C.UTF-8"); err != nil {
		if !strings.Contains(err.Error(), "locale") {
			return err
		}
		if err := initdb("C"); err != nil { // builds without C.UTF-8
			return err
		}
	}
	if err := os.Chown(secret, os.Geteuid(), os.Getegid()); err != nil {
		return err
	}
	if err := os.Rename(secret, p.file("password")); err != nil {
		return err
	}
	return os.Rename(fresh, p.data())
}

// choosePort returns the port asked for, the one of last time, or a free one.
func (p place) choosePort(asked int) (int, error) {
	if asked != 0 {
		return listenable(asked)
	}
	if text, err := os.ReadFile(p.file("port")); err == nil {
		if last, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			if port, err := listenable(last); err == nil {
				return port, nil
			}
		}
	}
	return listenable(0)
}

func listenable(port int) (int, error) {
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return 0, fmt.Errorf("port %d: %w", port, ErrPortInUse)
	}
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func (p place) rememberPort(port int) error {
	return os.WriteFile(p.file("port"), []byte(strconv.Itoa(port)+"\n"), 0o644)
}

// running is what postmaster.pid tells of a server.
type running struct {
	pid   int // 0: none runs
	port  int
	ready bool
	stale bool // none runs, but another program has the number that the file names
}

// running reads postmaster.pid and asks whether its process is a server on our
// data: after a power cut the number may be some other program's.
func (p place) running() running {
	file := filepath.Join(p.data(), "postmaster.pid")
	text, err := os.ReadFile(file)
	if err != nil {
		return running{}
	}
	lines := strings.Split(string(text), "\n")
	line := func(n int) string {
		if n < len(lines) {
			return strings.TrimSpace(lines[n])
		}
		return ""
	}
	pid, err := strconv.Atoi(line(0))
	if err != nil || pid <= 1 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return running{}
	}
	if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err == nil {
		if data, err := filepath.EvalSymlinks(p.data()); err == nil && cwd != data {
			return running{stale: true}
		}
	}
	port, _ := strconv.Atoi(line(3))
	return running{pid: pid, port: port, ready: line(7) == "ready"}
}

// endRunning stops a server that an earlier program started.
func (p place) endRunning() error {
	r := p.running()
	if r.pid == 0 {
		return nil
	}
	return endProcess(r.pid, func(wait time.Duration) bool {
		for deadline := time.Now().Add(wait); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if p.running().pid != r.pid {
				return true
			}
		}
		return false
	})
}

// tryLock returns the locked file, or nil when another process holds it.
func tryLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}
