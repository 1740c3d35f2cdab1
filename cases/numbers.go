package cases

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/internal/failpoint"
)

// blockOfNumbers is how many numbers a process takes at once. What it does not
// use is lost: gaps in the numbers of a day are normal.
const blockOfNumbers = 20

// numbers gives out the numbers of cases, by agency and day, in blocks that are
// taken outside the case's own transaction.
type numbers struct {
	mu     sync.Mutex
	blocks map[string]*block
}

type block struct {
	mu        sync.Mutex
	next, end int
}

// next returns a case's code: H01.00070-261124-000123, which is the agency's
// code, the day of filing in Hanoi, and the number of the day.
func (s *Service) nextCode(ctx context.Context, at agency.Agency, filed time.Time) (Code, error) {
	prefix, day := at.CasePrefix(), filed.In(calendar.Hanoi)
	key := prefix + "-" + day.Format("060102")
	s.numbers.mu.Lock()
	b := s.numbers.blocks[key]
	if b == nil {
		if s.numbers.blocks == nil || len(s.numbers.blocks) > 10_000 { // days go by
			s.numbers.blocks = map[string]*block{}
		}
		b = &block{}
		s.numbers.blocks[key] = b
	}
	s.numbers.mu.Unlock()

	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == b.end {
		failpoint.Hit(failpoint.NumberBefore)
		err := s.cfg.DB.QueryRow(ctx, `
			INSERT INTO case_numbers (agency, day, n)
			VALUES ($1, $2, $3)
			ON CONFLICT (agency, day) DO UPDATE SET n = case_numbers.n + $3
			RETURNING n`, prefix, day.Format(time.DateOnly), blockOfNumbers).Scan(&b.end)
		if err != nil {
			return "", fmt.Errorf("take case numbers: %w", err)
		}
		b.next = b.end - blockOfNumbers
		failpoint.Hit(failpoint.NumberAfter)
	}
	b.next++
	return Code(fmt.Sprintf("%s-%06d", key, b.next)), nil
}
