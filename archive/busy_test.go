package archive_test

import (
	"errors"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/archive"
)

// Who reads the tables is let through: detaching waits half a second, steps
// back, and tries again. Meanwhile nobody else detaches a month.
func TestBusy(t *testing.T) {
	t.Parallel()
	s := open(t)
	var told []string
	var other error
	a, err := archive.New(archive.Config{DB: s.owner, Cases: s.cases, Trusted: s.trusted, Tell: func(what string) {
		told = append(told, what)
		if what != "detaching" {
			return
		}
		_, other = s.detach(archive.Options{})
		tx, err := s.db.Begin(t.Context())
		s.ok(err)
		_, err = tx.Exec(t.Context(), `SELECT count(*) FROM cases`)
		s.ok(err)
		time.AfterFunc(700*time.Millisecond, func() { tx.Rollback(t.Context()) }) // longer than one wait
	}})
	s.ok(err)
	_, err = a.Detach(t.Context(), suffix, archive.Options{ClosedBefore: after, Dir: s.dir})
	if s.ok(err); !errors.Is(other, archive.ErrBusy) {
		t.Errorf("a second one meanwhile: %v, want ErrBusy", other)
	}
	if m := s.month(); m.State != archive.Detached || len(told) == 0 {
		t.Errorf("the month: %+v, told %v", m, told)
	}
}
