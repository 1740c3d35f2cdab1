package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Stirring says which kinds of work may be due: where one is false, its sweep
// would find nothing.
type Stirring struct {
	Peers     bool // one does not answer: a probe may be due
	Calendars bool // terms are counted by an older revision than this node carries
	Terms     bool // an apology, a limit of a task, a warning that was not told
	Timers    bool
	Effects   bool
}

// Any tells whether anything may be due.
func (d Stirring) Any() bool { return d.Peers || d.Calendars || d.Terms || d.Timers || d.Effects }

// Stirring looks for work of all kinds by one statement, where the sweeps would
// take a transaction each. It is for [jobs.Jobs.Drain], which looks after every
// step of a scenario.
func (s *Service) Stirring(ctx context.Context) (d Stirring, err error) {
	rev := s.cfg.Calendar.Revision()
	err = s.cfg.DB.QueryRow(ctx, `
		SELECT
			EXISTS (SELECT FROM peers WHERE opened_at IS NOT NULL),
			EXISTS (SELECT FROM case_clocks WHERE calendar = @calendar AND number < @number),
			EXISTS (SELECT FROM case_clocks WHERE apology_at <= @now) OR EXISTS (SELECT FROM case_tasks WHERE watch_at <= @now)
				OR EXISTS (SELECT FROM case_escalations WHERE told_at IS NULL),
			EXISTS (SELECT FROM case_timers WHERE fire_at <= @now),
			EXISTS (SELECT FROM case_effects WHERE status IN (0, 1) AND next_at <= @now)`,
		pgx.StrictNamedArgs{"now": s.now(), "calendar": rev.Calendar, "number": rev.Number}).
		Scan(&d.Peers, &d.Calendars, &d.Terms, &d.Timers, &d.Effects)
	if err != nil {
		return d, fmt.Errorf("look for work that is due: %w", err)
	}
	return d, nil
}
