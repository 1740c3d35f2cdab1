package anchor

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

// clerk is an authority that can be out of reach.
type clerk struct {
	down    bool
	stamped [][]byte
}

var errDown = errors.New("out of reach")

func (c *clerk) Stamp(_ context.Context, digest []byte) ([]byte, error) {
	if c.down {
		return nil, errDown
	}
	c.stamped = append(c.stamped, digest)
	s := sha256.Sum256(digest)
	return s[:], nil
}

// After four hours without a time-stamp decisions stop; when the authority is
// back, what waited is stamped in its order and decisions go on.
func TestSilence(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	now, c := time.Now(), &clerk{}
	a := quick(t, db, Config{Authority: c, Now: func() time.Time { return now }})
	may := func(want bool, when string) {
		t.Helper()
		if got, err := a.MayDecide(t.Context()); err != nil || got != want {
			t.Errorf("%s: may decide %v, %v; want %v", when, got, err, want)
		}
	}
	may(true, "before the first anchor")
	a.must(t)
	if n, err := a.Stamp(t.Context()); err != nil || n != 1 {
		t.Fatalf("stamped %d, %v", n, err)
	}
	c.down = true
	for range 3 {
		a.must(t)
	}
	now = now.Add(4*time.Hour - time.Second)
	if n, err := a.Stamp(t.Context()); !errors.Is(err, errDown) || n != 0 {
		t.Errorf("stamped %d, %v", n, err)
	}
	may(true, "a second before four hours")
	now = now.Add(askAgain)
	may(false, "after four hours")
	c.down = false
	if n, err := a.Stamp(t.Context()); err != nil || n != 3 {
		t.Errorf("stamped %d, %v; want the 3 that waited", n, err)
	}
	now = now.Add(askAgain)
	may(true, "when the authority is back")
	rows, _ := db.Query(t.Context(), "SELECT hash FROM anchors ORDER BY n")
	want, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, c.stamped); diff != "" {
		t.Errorf("stamped in another order: %s", diff)
	}
	never := quick(t, db, Config{Now: func() time.Time { return now.Add(100 * time.Hour) }})
	if ok, err := never.MayDecide(t.Context()); err != nil || !ok {
		t.Errorf("without an authority: %v, %v", ok, err)
	}
}

// An authority that never stamped anything stops decisions four hours after the first anchor.
func TestSilenceFromTheStart(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	now := time.Now()
	a := quick(t, db, Config{Authority: &clerk{down: true}, Now: func() time.Time { return now }})
	a.must(t)
	if ok, err := a.MayDecide(t.Context()); err != nil || !ok {
		t.Errorf("at first: %v, %v", ok, err)
	}
	now = now.Add(5 * time.Hour)
	if ok, err := a.MayDecide(t.Context()); err != nil || ok {
		t.Errorf("after five hours: %v, %v", ok, err)
	}
}

// Nodes that stamp at once stamp each anchor once.
func TestStampAmongNodes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	c := &clerk{}
	a := quick(t, db, Config{Authority: c})
	for range 5 {
		a.must(t)
	}
	var nodes sync.WaitGroup
	for range 4 {
		nodes.Go(func() {
			if _, err := a.Stamp(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
	if len(c.stamped) != 5 {
		t.Errorf("asked %d times, want 5", len(c.stamped))
	}
}
