package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// errMemoryInUse reports processes of an earlier server that have not ended yet.
var errMemoryInUse = errors.New("processes of an earlier server still run")

// stopWithin is how long a fast shutdown may take before it is made immediate.
const stopWithin = 30 * time.Second

// process is a server that this program started.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it ended
}

// launchProcess starts cmd as u, its output in the file log, in a process group
// of its own: a Ctrl-C at the terminal is ours to pass on.
func launchProcess(cmd *exec.Cmd, log string, u *user) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: u.credential()}
	dieWithParent(cmd.SysProcAttr)
	p, started := &process{cmd: cmd, done: make(chan struct{})}, make(chan error)
	go func() {
		// The kernel ties "the parent died" to the thread that forked, so this
		// thread lives as long as the server does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("run %s: %w", cmd.Path, err)
	}
	return p, nil
}

// end is a fast shutdown, and an immediate one when that takes too long.
func (p *process) end() error {
	return endProcess(p.cmd.Process.Pid, func(wait time.Duration) bool {
		select {
		case <-p.done:
			return true
		case <-time.After(wait):
			return false
		}
	})
}

// endProcess signals a server until ended says that it has gone.
func endProcess(pid int, ended func(time.Duration) bool) error {
	for _, s := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, stopWithin}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		if err := syscall.Kill(pid, s.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop PostgreSQL, process %d: %w", pid, err)
		}
		if ended(s.wait) {
			return nil
		}
	}
	return fmt.Errorf("stop PostgreSQL: process %d does not end", pid)
}

// explain says in one sentence why the server that wrote log ended.
func explain(log string, port int) error {
	text, _ := os.ReadFile(log)
	switch {
	case bytes.Contains(text, []byte("could not bind")), bytes.Contains(text, []byte("could not create any TCP/IP sockets")):
		return fmt.Errorf("port %d: %w", port, ErrPortInUse)
	case bytes.Contains(text, []byte("pre-existing shared memory block")):
		return errMemoryInUse
	}
	last := "it wrote nothing"
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "FATAL:") || strings.Contains(line, "error:") || strings.Contains(line, "PANIC:") {
			last = strings.TrimSpace(line)
		}
	}
	return fmt.Errorf("it ended at once (%s); see %s", last, log)
}

// runTool runs a command to its end as u; its output becomes the error.
func runTool(cmd *exec.Cmd, u *user) error {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Env = io.Writer(&out), &out, cleanEnv()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: u.credential()}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", cmd.Path, err, strings.TrimSpace(out.String()))
	}
	return nil
}

// cleanEnv is our environment without what would steer PostgreSQL.
func cleanEnv() []string {
	env := []string{"LC_ALL=C.UTF-8"}
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PG") && !strings.HasPrefix(e, "LC_") && !strings.HasPrefix(e, "LANG") {
			env = append(env, e)
		}
	}
	return env
}
