package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// helperEnv makes the test binary a program that starts a server in the
// directory it names, prints its URL, and lives until it is killed.
const helperEnv = "HOSO_TEST_START_SERVER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperEnv); dir != "" {
		s, err := Start(context.Background(), ServerConfig{Dir: dir})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.URL())
		select {}
	}
	os.Exit(m.Run())
}

// passable is a temporary directory that the server's user may enter, unlike t.TempDir.
func passable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hoso-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func mustStart(t *testing.T, cfg ServerConfig) *Server {
	t.Helper()
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	return s
}

func mustExec(t *testing.T, url, sql string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func ended(t *testing.T, s *Server) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if s.place.running().pid == 0 && s.answers(t.Context()) != nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the server still runs")
		}
	}
}

// A second start finds the data of the first, on the same port, and a stop
// leaves nothing running.
func TestStartAgainKeepsTheData(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(passable(t), "postgres")
	s := mustStart(t, ServerConfig{Dir: dir})
	mustExec(t, s.URL(), "CREATE TABLE kept (n int)")
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	ended(t, s)
	again := mustStart(t, ServerConfig{Dir: dir})
	mustExec(t, again.URL(), "INSERT INTO kept VALUES (1)")
	if again.URL() != s.URL() {
		t.Errorf("URL after the second start: got %s, want %s", again.URL(), s.URL())
	}
}

// A second program in the same directory shares the server, and its stop does
// not end the first one's.
func TestSecondProgramShares(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(passable(t), "postgres")
	first := mustStart(t, ServerConfig{Dir: dir})
	second := mustStart(t, ServerConfig{Dir: dir})
	if second.URL() != first.URL() {
		t.Errorf("URL of the second program: got %s, want %s", second.URL(), first.URL())
	}
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	mustExec(t, first.URL(), "SELECT 1")
}

// When our program is killed the server shuts down by itself, and the next
// start finds what was committed.
func TestServerEndsWithItsProgram(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(passable(t), "postgres")
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), helperEnv+"="+dir)
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	url := strings.TrimSpace(line)
	if !strings.HasPrefix(url, "postgres://") {
		t.Fatalf("the program says %q", url)
	}
	mustExec(t, url, "CREATE TABLE kept (n int)")
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	program.Wait()
	s := mustStart(t, ServerConfig{Dir: dir}) // waits for the old one to end
	mustExec(t, s.URL(), "INSERT INTO kept VALUES (1)")
	if s.process == nil {
		t.Error("the server of the killed program was still taken for a living one")
	}
}

// A server that survived its program is taken over: used, and stopped in the end.
func TestSurvivorIsTakenOver(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(passable(t), "postgres")
	first := mustStart(t, ServerConfig{Dir: dir})
	first.owner.Close() // as the kernel does for a killed program
	second := mustStart(t, ServerConfig{Dir: dir})
	if second.process != nil || second.URL() != first.URL() {
		t.Errorf("got another server at %s, want the one at %s", second.URL(), first.URL())
	}
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	ended(t, second)
}

// What a kill or a power cut leaves behind does not hinder the next start.
func TestStartAfterCrash(t *testing.T) {
	t.Parallel()
	crash := func(t *testing.T) (string, *Server) {
		dir := filepath.Join(passable(t), "postgres")
		s := mustStart(t, ServerConfig{Dir: dir})
		mustExec(t, s.URL(), "CREATE TABLE kept (n int)")
		if err := syscall.Kill(s.process.cmd.Process.Pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		<-s.process.done
		s.owner.Close()
		return dir, s
	}
	t.Run("server killed", func(t *testing.T) {
		t.Parallel()
		dir, _ := crash(t)
		mustExec(t, mustStart(t, ServerConfig{Dir: dir}).URL(), "INSERT INTO kept VALUES (1)")
	})
	t.Run("its number is another program's today", func(t *testing.T) {
		t.Parallel()
		dir, s := crash(t)
		file := filepath.Join(s.place.data(), "postmaster.pid")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(text), "\n")
		if err := os.WriteFile(file, fmt.Appendf(nil, "%d\n%s", os.Getpid(), rest), 0o600); err != nil {
			t.Fatal(err)
		}
		mustExec(t, mustStart(t, ServerConfig{Dir: dir}).URL(), "INSERT INTO kept VALUES (1)")
	})
}

// A port that somebody else has is an error when it was asked for, and avoided
// when it was only remembered.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	dir := filepath.Join(passable(t), "postgres")
	if _, err := Start(t.Context(), ServerConfig{Dir: dir, Port: taken}); !errors.Is(err, ErrPortInUse) {
		t.Errorf("start on a taken port: got %v, want ErrPortInUse", err)
	}
	p, err := findPlace(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.rememberPort(taken); err != nil {
		t.Fatal(err)
	}
	if s := mustStart(t, ServerConfig{Dir: dir}); s.port == taken {
		t.Errorf("start with a taken port remembered: got that port %d", s.port)
	}
}

// Nobody comes in without the password, which only we can read, nor from
// another machine.
func TestServerIsPrivate(t *testing.T) {
	t.Parallel()
	s := mustStart(t, ServerConfig{Dir: filepath.Join(passable(t), "postgres")})
	if _, err := pgx.Connect(t.Context(), strings.Replace(s.URL(), s.pass, "guess", 1)); err == nil {
		t.Error("a wrong password was let in")
	}
	c, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	for name, want := range map[string]string{"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "server_encoding": "UTF8", "fsync": "on"} {
		var got string
		if err := c.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, want)
		}
	}
	for name, want := range map[string]os.FileMode{"password": 0o600, "data": 0o700} {
		info, err := os.Stat(filepath.Join(s.Dir(), name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("mode of %s: got %v, %v; want %o", name, info.Mode().Perm(), err, want)
		}
	}
}

// A directory that the server's user may not enter is replaced by one it may.
// Only root has such a user.
func TestUnreachableDirectoryIsReplaced(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("an ordinary user runs the server as itself")
	}
	t.Parallel()
	closed := filepath.Join(passable(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, ".hoso", "postgres")
	s := mustStart(t, ServerConfig{Dir: dir})
	t.Cleanup(func() {
		s.Stop()
		os.RemoveAll(s.Dir())
	})
	if strings.HasPrefix(s.Dir(), closed) || !strings.Contains(s.place.moved, closed) {
		t.Errorf("data at %s because %q; want them out of %s and the reason said", s.Dir(), s.place.moved, closed)
	}
	if again := mustStart(t, ServerConfig{Dir: dir}); again.Dir() != s.Dir() {
		t.Errorf("second start: data at %s, want %s", again.Dir(), s.Dir())
	}
}

// Data of another PostgreSQL are refused in a sentence that says what to install.
func TestOtherVersionIsExplained(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(passable(t), "postgres")
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte("14\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), ServerConfig{Dir: dir})
	if !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), "postgresql-14") {
		t.Errorf("got %v, want ErrNoBinaries naming postgresql-14", err)
	}
}
