package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Arrears is how far the work behind the cases is.
type Arrears struct {
	Late      int64            // effects that are open a minute after their time
	Cases     int64            // cases that have such an effect
	Held      map[string]int64 // effects that wait for the breaker of a peer
	Incidents map[string]int64 // open ones by peer; empty: our own house
	Down      map[string]bool  // peers that ever failed, and whether their breaker is open
}

// Arrears counts what is late, held up and open.
func (s *Service) Arrears(ctx context.Context) (*Arrears, error) {
	a := &Arrears{Held: map[string]int64{}, Incidents: map[string]int64{}, Down: map[string]bool{}}
	batch := &pgx.Batch{}
	batch.Queue(`
		SELECT count(*), count(DISTINCT case_id)
		FROM case_effects
		WHERE status IN (0, 1) AND next_at < $1`, s.now().Add(-time.Minute)).QueryRow(func(row pgx.Row) error { return row.Scan(&a.Late, &a.Cases) })
	counts := func(into map[string]int64) func(pgx.Rows) error {
		return func(rows pgx.Rows) error {
			var (
				name string
				n    int64
			)
			_, err := pgx.ForEachRow(rows, []any{&name, &n}, func() error { into[name] = n; return nil })
			return err
		}
	}
	batch.Queue(`
		SELECT waits_for, count(*)
		FROM case_effects
		WHERE waits_for IS NOT NULL AND status = 0
		GROUP BY 1`).Query(counts(a.Held))
	batch.Queue(`
		SELECT peer, count(*)
		FROM incidents
		WHERE closed_at IS NULL
		GROUP BY 1`).Query(counts(a.Incidents))
	batch.Queue(`SELECT name, opened_at IS NOT NULL FROM peers`).Query(func(rows pgx.Rows) error {
		var (
			name string
			down bool
		)
		_, err := pgx.ForEachRow(rows, []any{&name, &down}, func() error { a.Down[name] = down; return nil })
		return err
	})
	if err := s.cfg.DB.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("count arrears: %w", err)
	}
	return a, nil
}
