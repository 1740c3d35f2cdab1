package agency

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

// Work passes to who takes over, from the day on and over any number of steps;
// whoever oversees an agency oversees what it took over too.
func TestWorkPassesOn(t *testing.T) {
	t.Parallel()
	db, now := pgtest.NewAsOwner(t), time.Date(2026, time.November, 30, 23, 0, 0, 0, hanoi)
	if err := LoadDemo(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	succeed := func(ended, by ID, day int) {
		t.Helper()
		if err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
			return Succeed(t.Context(), tx, ended, by, time.Date(2026, time.December, day, 0, 0, 0, 0, time.UTC))
		}); err != nil {
			t.Fatal(err)
		}
	}
	succeed("CA-00004", "CA-00070", 1)
	succeed("CA-00070", "CA-26737", 5) // of another province
	if _, err := db.Exec(t.Context(), "UPDATE agencies SET valid_to = '2026-12-01' WHERE id = 'UB-00004'"); err != nil {
		t.Fatal(err)
	}
	d, err := New(t.Context(), Config{DB: db, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		day       int // of December; 0: the eve
		heir      ID  // of CA-00004
		work      []ID
		from, far bool // whether the police of Hà Nội and of Hồ Chí Minh oversee CA-00004's work
	}{
		{0, "CA-00004", []ID{"CA-00070"}, true, false},
		{1, "CA-00070", []ID{"CA-00004", "CA-00070"}, true, false},
		{5, "CA-26737", nil, false, true},
	} {
		now = time.Date(2026, time.December, c.day, 0, 0, 0, 0, hanoi)
		if got := d.Heir("CA-00004"); got != c.heir {
			t.Errorf("on day %d the work of CA-00004 is done by %s, want %s", c.day, got, c.heir)
		}
		if diff := cmp.Diff(c.work, d.WorkOf("CA-00070")); diff != "" {
			t.Errorf("on day %d the work of CA-00070 (-want +got):\n%s", c.day, diff)
		}
		if got := slices.Contains(d.Below("CA-01"), "CA-00004"); got != c.from {
			t.Errorf("on day %d Hà Nội oversees CA-00004: %t", c.day, got)
		}
		if got := slices.Contains(d.Below("CA-79"), "CA-00004"); got != c.far {
			t.Errorf("on day %d Hồ Chí Minh oversees CA-00004: %t", c.day, got)
		}
	}
	if got := d.Heir("UB-00004"); got != "UB-00004" {
		t.Errorf("an agency that ended without a successor: its work is done by %s, want itself", got)
	}
	if got := d.Heir("XX-1"); got != "XX-1" {
		t.Errorf("an unknown agency: %s", got)
	}
	if below := d.Below("CA-01"); slices.Contains(below, "CA-01") || slices.Contains(below, "UB-00004") || !slices.IsSorted(d.WorkOf("CA-26737")) {
		t.Errorf("below CA-01: %v", below)
	}
}
