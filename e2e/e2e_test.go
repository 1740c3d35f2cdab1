// Package e2e plays the services in a browser as people use them: from the home
// page over the sandbox's sign-in and payment to the officers' desk and the
// result. The journeys stand in the *.test.mjs files; the Go test builds the
// program, starts it over a database of its own and hands the journeys its
// address. Whether the engine is right in every branch is held by the scenarios
// of package stage; here stands that people get there through the pages.
package e2e

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

const root = ".." // of the repository, seen from this folder

// The journeys of citizens and officers end where the services promise, on
// pages without a violation that axe finds. With SHOTS=folder every page is
// kept as a picture; with ONLY=supplement that file of journeys is played alone.
func TestJourneys(t *testing.T) {
	node, chromium := needed(t, "node", "nodejs npm"), needed(t, "chromium", "chromium")
	for _, name := range []string{"playwright-core", "axe-core"} {
		if _, err := os.Stat(filepath.Join(root, "node_modules", name)); err != nil {
			t.Fatalf("the npm package %s is missing: run npm ci", name)
		}
	}
	sources(t)
	journeys, err := filepath.Glob(cmp.Or(os.Getenv("ONLY"), "*") + ".test.mjs")
	if err != nil || len(journeys) == 0 {
		t.Fatalf("find the journeys: %d, %v", len(journeys), err)
	}
	pages := filepath.Join(t.TempDir(), "pages")
	at := start(t, build(t))

	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, append([]string{"--test", "--test-reporter=spec"}, journeys...)...)
	cmd.Env = append(os.Environ(), "BASE="+at.portal, "SANDBOX="+at.sandbox, "CHROMIUM="+chromium, "PAGES="+pages)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	// A journey that hangs takes its browser with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Run(); err != nil {
		t.Errorf("the journeys: %v", err)
	}
	t.Logf("axe looked at %d pages", sum(t, pages))
}

// needed finds a program that the test cannot do without.
func needed(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: run scripts/need %s, or install %s", name, name, debian)
	}
	return path
}

// sources looks at each file that goes into the program. The program is built by
// a child, so go's cache of test results would not know that it has changed.
func sources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "bin"):
			return fs.SkipDir
		}
		_, err = os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) { // taken away while we look
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatalf("look at the sources: %v", err)
	}
}

func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "hoso")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "./cmd/hoso")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build hoso: %v\n%s", err, out)
	}
	return bin
}

// addresses are where the program listens.
type addresses struct{ portal, sandbox string }

// start runs `hoso dev` until the test ends. A program that logs an error or
// does not stop when it is told to fails the test.
func start(t *testing.T, bin string) addresses {
	t.Helper()
	portal, sandbox, smtp := freeAddress(t), freeAddress(t), freeAddress(t)
	var log bytes.Buffer
	cmd := exec.Command(bin, "dev", "--addr", portal, "--sandbox", sandbox, "--smtp", smtp, "--dir", t.TempDir())
	cmd.Env = append(os.Environ(), "DATABASE_URL="+pgtest.URL(t))
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatalf("start hoso dev: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		var err error
		select {
		case err = <-ended:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
			err = fmt.Errorf("it did not stop within 20 seconds: %w", <-ended)
		}
		if err != nil {
			t.Errorf("hoso dev: %v", err)
		}
		if errs := grep(log.String(), "level=ERROR"); errs != "" {
			t.Errorf("hoso dev logged:\n%s", errs)
		}
		if t.Failed() {
			t.Logf("all that hoso dev logged:\n%s", grep(log.String(), "level="))
		}
	})
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if res, err := http.Get("http://" + portal + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return addresses{"http://" + portal, "http://" + sandbox}
			}
		}
		select {
		case err := <-ended:
			ended <- nil // for the cleanup
			t.Fatalf("hoso dev ended: %v\n%s", err, log.String())
		default:
		}
		if time.Now().After(until) {
			t.Fatal("hoso dev was not ready within two minutes")
		}
	}
}

// freeAddress is a loopback address that nobody listens on at this moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func grep(text, what string) string {
	var out []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, what) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// sum adds up what each journey wrote: the number of pages that it examined.
func sum(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("no journey examined a page: %v", err)
	}
	n := 0
	for word := range strings.FieldsSeq(string(text)) {
		one, err := strconv.Atoi(word)
		if err != nil {
			t.Errorf("pages examined: %v", err)
		}
		n += one
	}
	return n
}
