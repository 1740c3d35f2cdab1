package archive_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/archive"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/registry"
)

// What a process that detaches until it is killed is told.
const (
	victimURL = "HOSO_TEST_ARCHIVE_URL"
	victimDir = "HOSO_TEST_ARCHIVE_DIR"
	victimAt  = "HOSO_TEST_ARCHIVE_KILLED_AT" // what it tells that it does when it dies
)

// TestVictim is the process that is killed; by itself it does nothing.
func TestVictim(t *testing.T) {
	url := os.Getenv(victimURL)
	if url == "" {
		t.Skip("it is started by TestKilled")
	}
	ok := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	db, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 4})
	ok(err)
	agencies, err := agency.New(t.Context(), agency.Config{DB: db})
	ok(err)
	s, err := cases.New(t.Context(), cases.Config{DB: db, Procedures: shipped.Procedures(), Agencies: agencies, Calendar: calendar.Vietnam(), Records: registry.Directory{}, Outbox: jobs.Outbox{}})
	ok(err)
	a, err := archive.New(archive.Config{DB: db, Cases: s, Tell: func(what string) {
		if what == os.Getenv(victimAt) {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // it comes at once
		}
	}})
	ok(err)
	_, err = a.Detach(t.Context(), suffix, archive.Options{ClosedBefore: after, Dir: os.Getenv(victimDir)})
	t.Fatalf("nobody killed it: %v", err)
}

// Killed at any step, the month is in use as it was, and detaching it again succeeds.
func TestKilled(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, at := range []string{"verifying the records", "counting", "writing anchor_heads", "writing notices", "reading the archive back", "detaching"} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestVictim$")
		cmd.Env = append(os.Environ(), victimURL+"="+s.owner.Config().ConnString(), victimDir+"="+s.dir, victimAt+"="+at)
		out, err := cmd.CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("%s: the process ended with %v\n%s", at, err, out)
		}
		if m := s.month(); m.State != archive.Ended || m.Cases != 4 || m.Events != 12 {
			t.Errorf("%s: %+v", at, m)
		}
		if r := s.verify(s.dir); len(r.Findings) > 0 || r.Cases != 5 || len(r.Detached)+len(r.Archived) > 0 {
			t.Errorf("%s: %+v", at, r)
		}
	}
	if list, _ := filepath.Glob(filepath.Join(s.dir, "*")); !slices.Equal(list, []string{filepath.Join(s.dir, suffix)}) {
		t.Errorf("killed before detaching, it left %v", list)
	}
	var err error
	for range 100 { // PostgreSQL may not know yet that the last one died
		if _, err = s.detach(archive.Options{}); !errors.Is(err, archive.ErrBusy) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.ok(err)
	if r := s.verify(s.dir); len(r.Findings) > 0 || r.Cases != 5 || len(r.Archived) != 1 {
		t.Errorf("the records: %+v", r)
	}
}
