package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Stirring is the work that may be due: where one of the marks is false, its
// sweep would find nothing.
type Stirring struct {
	Peers     bool // one does not answer: a probe may be due
	Calendars bool // terms are counted by an older revision than this node carries
	Terms     bool // an apology, a limit of a task, a warning that was not told
	Timers    bool
	Effects   []Bell // those that are due, the earliest first; nobody has marked them
}

// Any tells whether anything may be due.
func (d Stirring) Any() bool {
	return d.Peers || d.Calendars || d.Terms || d.Timers || len(d.Effects) > 0
}

// Stirring looks for work of all kinds by one statement, where the sweeps would
// take a transaction each; limit is for the effects. It is for
// [jobs.Jobs.Drain], which looks after every step of a scenario.
func (s *Service) Stirring(ctx context.Context, limit int) (d Stirring, err error) {
	rev := s.cfg.Calendar.Revision()
	rows, _ := s.cfg.DB.Query(ctx, `
		SELECT stirs.*, due.*
		FROM (
			SELECT EXISTS (SELECT FROM peers WHERE opened_at IS NOT NULL),
				EXISTS (SELECT FROM case_clocks WHERE calendar = @calendar AND number < @number),
				EXISTS (SELECT FROM case_clocks WHERE apology_at <= @now) OR EXISTS (SELECT FROM case_tasks WHERE watch_at <= @now)
					OR EXISTS (SELECT FROM case_escalations WHERE told_at IS NULL),
				EXISTS (SELECT FROM case_timers WHERE fire_at <= @now)) AS stirs
		LEFT JOIN (
			SELECT e.case_id, e.seq, e.idx, e.type, e.name, c.definition, e.next_at
			FROM case_effects e
			JOIN cases c ON c.id = e.case_id
			WHERE e.status IN (0, 1) AND e.next_at <= @now
			ORDER BY e.next_at, e.case_id, e.seq, e.idx
			LIMIT @limit) AS due ON true
		ORDER BY due.next_at, due.case_id, due.seq, due.idx`,
		pgx.StrictNamedArgs{"now": s.now(), "calendar": rev.Calendar, "number": rev.Number, "limit": limit})
	late, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l lateEffect, err error) {
		stirs := []any{&d.Peers, &d.Calendars, &d.Terms, &d.Timers}
		if row.RawValues()[len(stirs)] == nil { // no effect is due
			return l, row.Scan(append(stirs, make([]any, 7)...)...)
		}
		return l, row.Scan(append(stirs, l.into()...)...)
	})
	late = slices.DeleteFunc(late, func(l lateEffect) bool { return l.Case == uuid.Nil })
	if err == nil {
		d.Effects, err = s.bellsOf(ctx, late)
	}
	if err != nil {
		return d, fmt.Errorf("look for work that is due: %w", err)
	}
	return d, nil
}
