package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// month names the partitions that the rows of a case lie in: the suffix of
// their tables, 2026_11. The id of a case is ordered by time, so it says which.
//
// A step names the partition itself, not the table above it: PostgreSQL then
// plans the statement once, and opens none of the other months for it.
type month string

// monthRange is a row of case_months.
type monthRange struct {
	suffix      month
	first, past ID
	detached    bool // archived: it has no partitions
}

// months knows the ranges of ids.
type months struct {
	mu     sync.RWMutex
	ranges []monthRange // in order
}

// of finds the range of an id; empty when it is not known or detached.
func (m *months) of(id ID) (in month, detached bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	i, found := slices.BinarySearchFunc(m.ranges, id, func(r monthRange, id ID) int { return bytes.Compare(r.first[:], id[:]) })
	if !found {
		i--
	}
	if i < 0 || bytes.Compare(id[:], m.ranges[i].past[:]) >= 0 {
		return "", false
	}
	if m.ranges[i].detached {
		return "", true
	}
	return m.ranges[i].suffix, false
}

// monthOf returns the month of a case, and makes its partitions when nobody has.
// ErrArchived: the month is detached.
func (s *Service) monthOf(ctx context.Context, id ID) (month, error) {
	if m, _ := s.months.of(id); m != "" {
		return m, nil
	}
	if err := s.readMonths(ctx); err != nil { // it may be new, or attached again
		return "", err
	}
	if m, detached := s.months.of(id); m != "" {
		return m, nil
	} else if detached {
		return "", fmt.Errorf("case %s: %w", id, ErrArchived)
	}
	if id.Version() != 7 {
		return "", fmt.Errorf("case %s: its id is not ordered by time, so no month holds it", id)
	}
	sec, nsec := id.Time().UnixTime()
	s.cfg.Log.WarnContext(ctx, "the partitions of a month are made by the first case in it: no worker has made them ahead", "at", time.Unix(sec, nsec))
	if _, err := s.cfg.DB.Exec(ctx, `SELECT make_case_month($1)`, time.Unix(sec, nsec)); err != nil {
		return "", fmt.Errorf("make the partitions of a month: %w", err)
	}
	if err := s.readMonths(ctx); err != nil {
		return "", err
	}
	if m, _ := s.months.of(id); m != "" {
		return m, nil
	}
	return "", fmt.Errorf("case %s: no month holds it", id)
}

func (s *Service) readMonths(ctx context.Context) error {
	rows, _ := s.cfg.DB.Query(ctx, `SELECT suffix, first, past, detached_at IS NOT NULL FROM case_months ORDER BY first`)
	ranges, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r monthRange, err error) {
		return r, row.Scan(&r.suffix, &r.first, &r.past, &r.detached)
	})
	if err != nil {
		return fmt.Errorf("read the months of cases: %w", err)
	}
	s.months.mu.Lock()
	defer s.months.mu.Unlock()
	s.months.ranges = ranges
	return nil
}

// noPartition tells whether a statement named a partition that is no more: its
// month was merged with others, or detached.
func noPartition(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "42P01"
}

// Months that are made ahead, and how few are a reason for alarm.
const (
	monthsAhead = 6
	monthsFew   = 2
)

// MakeMonths makes the partitions of this month and of the next six. Every
// worker calls it daily; what is there already is left alone. It returns how
// many months were ready ahead before: fewer than two mean that nobody had
// called it for long.
func (s *Service) MakeMonths(ctx context.Context) (ahead int, err error) {
	now := time.Now() // as ids tell it, not the clock of the cases
	var used bool
	err = s.cfg.DB.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE first > first_id($1)), EXISTS (SELECT FROM case_codes)
		FROM case_months
		WHERE first_id($1) < past AND first <= first_id($1 + interval '6 months')`, now).Scan(&ahead, &used)
	if err != nil {
		return 0, fmt.Errorf("count the months ahead: %w", err)
	}
	if ahead < monthsFew && used { // a new installation has few to begin with
		s.cfg.Log.WarnContext(ctx, "few months of partitions were ready ahead", "months", ahead)
	}
	for n := range monthsAhead + 1 {
		if _, err := s.cfg.DB.Exec(ctx, `SELECT make_case_month($1::timestamptz + make_interval(months => $2))`, now, n); err != nil {
			return ahead, fmt.Errorf("make the partitions of a month ahead: %w", err)
		}
	}
	return ahead, s.readMonths(ctx)
}
