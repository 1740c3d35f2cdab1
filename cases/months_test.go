package cases

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

// Partitions are there for this month and the next six, each for all tables that
// are divided by case, and making them again changes nothing.
func TestMonthsAreMadeAhead(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, err := o.MakeMonths(t.Context())
	o.ok(err)
	ahead, err := o.MakeMonths(t.Context())
	o.ok(err)
	if ahead != monthsAhead {
		t.Errorf("%d months are ready ahead, want %d", ahead, monthsAhead)
	}
	tables := o.countOf(`SELECT count(*) FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid WHERE p.partstrat = 'r' AND c.relnamespace = 'public'::regnamespace`)
	if parts := o.countOf(`SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace`); tables < 5 || parts != tables*(monthsAhead+1) {
		t.Errorf("%d partitions of %d tables", parts, tables)
	}
}

// That few months are ready is worth a word where people file, not on the first day.
func TestFewMonthsAreToldOf(t *testing.T) {
	t.Parallel()
	for _, used := range []bool{false, true} {
		o := newOffice(t)
		var log strings.Builder
		o.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
		if used {
			o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
		}
		_, err := o.MakeMonths(t.Context())
		o.ok(err)
		if told := strings.Contains(log.String(), "few months"); told != used {
			t.Errorf("with cases: %t; the log says %q", used, log.String())
		}
	}
}

// A case of a month that nobody has made partitions for makes them.
func TestFirstCaseOfAMonthMakesIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	at := time.Date(2031, time.May, 31, 23, 59, 59, 999_000_000, time.UTC)
	id := uuid.Must(uuid.NewV7())
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (8 * (5 - i)))
	}
	m, err := o.monthOf(t.Context(), id)
	o.ok(err)
	if m != "2031_05" {
		t.Errorf("month %q", m)
	}
	id[0]++ // some months later
	if next, err := o.monthOf(t.Context(), id); err != nil || next == m {
		t.Errorf("month %q, %v", next, err)
	}
	if m, err := o.monthOf(t.Context(), uuid.New()); err == nil {
		t.Errorf("an id that is not ordered by time lies in %q", m)
	}
}

// Months that were merged into one are found by who knew them as they were.
func TestMergedMonthsAreFoundAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	of := o.receiveMany(1)[0]
	m, err := o.monthOf(t.Context(), of.ID)
	o.ok(err)
	owner := pgtest.Owner(t, o.db)
	for _, table := range []string{"cases", "case_bodies", "case_events", "case_effects", "case_children"} {
		_, err := owner.Exec(t.Context(), `ALTER TABLE `+table+`_`+string(m)+` RENAME TO `+table+`_merged`)
		o.ok(err)
	}
	_, err = owner.Exec(t.Context(), `UPDATE case_months SET suffix = 'merged' WHERE suffix = $1`, string(m))
	o.ok(err)
	o.ok(o.decline(of))
	if now, _ := o.monthOf(t.Context(), of.ID); now != "merged" {
		t.Errorf("month %q", now)
	}
}
