package cases

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Statistics are the public figures over a period.
type Statistics struct {
	From, Until time.Time // Until is exclusive
	Procedures  []ProcedureFigures
}

// ProcedureFigures are the figures of one procedure. Times are hours of office
// time; eight make a working day. The parts of one case add up to its whole
// time; the medians of the parts need not.
type ProcedureFigures struct {
	Procedure procedures.ID
	Title     workflow.Text
	Filed     int // cases filed in the period
	Ended     int // cases ended in the period, which all other figures are about
	Outcomes  map[workflow.Outcome]int
	WithTerm  int // of those ended, the ones whose legal term had started
	OnTime    int // of those with a term, the ones that ended within it

	Total     Quantiles // from filing to the end
	Agency    Quantiles // an officer had a task, or another agency had its part
	Citizen   Quantiles // the applicant, or a citizen whose word was asked for, had to act
	Technical Quantiles // a registry or the system had to answer
	Rounds    float64   // supplement requests a case
}

// Quantiles are hours of office time: half of the cases took no longer than
// Median, nine in ten no longer than P90.
type Quantiles struct {
	Median, P90 float64
}

const (
	// statisticsMonths is how far the public figures look back.
	statisticsMonths = 12
	// statisticsAge is how old the public figures may be: anybody may ask for them, and each time they read a year of cases.
	statisticsAge = 10 * time.Minute
)

// figures are the public figures as they were counted last.
type figures struct {
	mu sync.Mutex
	of *Statistics // nil: never counted
}

// Statistics returns the public figures of the last twelve months, counted anew
// every ten minutes.
func (s *Service) Statistics(ctx context.Context) (*Statistics, error) {
	s.figures.mu.Lock() // who comes meanwhile waits for the same figures
	defer s.figures.mu.Unlock()
	now := s.now()
	if f := s.figures.of; f != nil && now.Sub(f.Until) < statisticsAge {
		return f, nil
	}
	f, err := s.StatisticsOf(ctx, now.AddDate(0, -statisticsMonths, 0), now)
	if err == nil {
		s.figures.of = f
	}
	return f, err
}

// StatisticsOf returns the public figures from a moment until another, which is
// excluded. Cases that only other cases open are not counted: their time is
// part of the case that opened them.
func (s *Service) StatisticsOf(ctx context.Context, from, until time.Time) (*Statistics, error) {
	out, err := s.statistics(ctx, from, until)
	if err != nil {
		return nil, fmt.Errorf("statistics from %s: %w", dayOf(from), err)
	}
	return out, nil
}

// Whose time it is while a case is in a state.
const (
	timeOfAgency    = 0
	timeOfCitizen   = 1
	timeOfTechnical = 2
)

// spentSQL are relations of a statement that follow the relation ended: spent
// says how many office hours each of its cases took, and whose they were. A
// stretch is the time between two events; it belongs to whom the case waited for
// in the state that the first led to. width_bucket counts the office hours that
// had ended by a moment. $1 to $3 are what waitingFor returns, $4 officeHours.
const spentSQL = `whose AS (
			SELECT * FROM unnest($1::text[], $2::text[], $3::int[]) AS w (definition, state, part)),
		stretch AS (
			SELECT e.id, h.to_state, h.kind = 'action' AND h.input -> 'items' IS NOT NULL AS asks, e.definition,
				width_bucket(lead(h.at) OVER (PARTITION BY h.case_id ORDER BY h.seq), $4::timestamptz[]) - width_bucket(h.at, $4::timestamptz[]) AS hours
			FROM ended e
			JOIN case_events h ON h.case_id = e.id),
		spent AS (
			SELECT s.id, coalesce(sum(s.hours), 0) AS total, coalesce(sum(s.hours) FILTER (WHERE w.part = 0), 0) AS agency,
				coalesce(sum(s.hours) FILTER (WHERE w.part = 1), 0) AS citizen, coalesce(sum(s.hours) FILTER (WHERE w.part = 2), 0) AS technical,
				count(*) FILTER (WHERE s.asks) AS rounds
			FROM stretch s
			LEFT JOIN whose w ON w.definition = s.definition AND w.state = s.to_state
			GROUP BY s.id)`

func (s *Service) statistics(ctx context.Context, from, until time.Time) (*Statistics, error) {
	hashes, states, whose, err := s.waitingFor(ctx)
	if err != nil {
		return nil, err
	}
	ticks, err := s.officeHours(from.AddDate(-2, 0, 0), until)
	if err != nil {
		return nil, err
	}
	var internal []string
	for _, p := range s.cfg.Procedures.All() {
		if p.Internal {
			internal = append(internal, string(p.ID))
		}
	}
	rows, err := s.cfg.DB.Query(ctx, `
		WITH ended AS (
			SELECT id, procedure_id, definition, filed_at, closed_at, due_at, outcome, clock ? 'start' AS has_term
			FROM cases
			WHERE closed_at >= $5 AND closed_at < $6 AND procedure_id <> ALL ($7::text[])),
		`+spentSQL+`,
		measured AS (
			SELECT procedure_id, outcome, has_term, has_term AND closed_at <= due_at AS on_time, total, agency, citizen, technical, rounds
			FROM ended
			JOIN spent USING (id)
			UNION ALL
			SELECT procedure_id, outcome, has_term, on_time, total, agency, citizen, technical, rounds
			FROM archived_cases
			JOIN case_months USING (suffix)
			WHERE detached_at IS NOT NULL AND closed_at >= $5 AND closed_at < $6 AND procedure_id <> ALL ($7::text[])),
		figures AS (
			SELECT procedure_id, count(*) AS ended, count(*) FILTER (WHERE has_term) AS with_term,
				count(*) FILTER (WHERE on_time) AS on_time, avg(rounds)::float8 AS rounds,
				percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY total) AS total,
				percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY agency) AS agency,
				percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY citizen) AS citizen,
				percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY technical) AS technical
			FROM measured
			GROUP BY procedure_id),
		outcomes AS (
			SELECT procedure_id, jsonb_object_agg(outcome, n) AS outcomes
			FROM (SELECT procedure_id, outcome, count(*) AS n FROM measured GROUP BY procedure_id, outcome) AS o
			GROUP BY procedure_id),
		filed AS (
			SELECT procedure_id, count(*) AS filed
			FROM (
				SELECT procedure_id, filed_at FROM cases
				UNION ALL
				SELECT procedure_id, filed_at FROM archived_cases JOIN case_months USING (suffix) WHERE detached_at IS NOT NULL) AS c
			WHERE filed_at >= $5 AND filed_at < $6 AND procedure_id <> ALL ($7::text[])
			GROUP BY procedure_id)
		SELECT procedure_id, coalesce(filed, 0), coalesce(ended, 0), coalesce(outcomes, '{}'), coalesce(with_term, 0), coalesce(on_time, 0), coalesce(rounds, 0),
			coalesce(total, '{0,0}'), coalesce(agency, '{0,0}'), coalesce(citizen, '{0,0}'), coalesce(technical, '{0,0}')
		FROM filed
		FULL JOIN figures USING (procedure_id)
		LEFT JOIN outcomes USING (procedure_id)
		ORDER BY procedure_id`, hashes, states, whose, ticks, from, until, internal)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := &Statistics{From: from, Until: until}
	for rows.Next() {
		var (
			f                                 ProcedureFigures
			total, agency, citizen, technical []float64
		)
		if err := rows.Scan(&f.Procedure, &f.Filed, &f.Ended, &f.Outcomes, &f.WithTerm, &f.OnTime, &f.Rounds, &total, &agency, &citizen, &technical); err != nil {
			return nil, err
		}
		f.Total, f.Agency, f.Citizen, f.Technical = quantiles(total), quantiles(agency), quantiles(citizen), quantiles(technical)
		f.Title = workflow.Text{VI: string(f.Procedure), EN: string(f.Procedure)}
		if p, ok := s.cfg.Procedures.Get(f.Procedure); ok {
			f.Title = p.Name
		}
		out.Procedures = append(out.Procedures, f)
	}
	return out, rows.Err()
}

func quantiles(v []float64) Quantiles { return Quantiles{Median: v[0], P90: v[1]} }

// waitingFor tells for each state of each version whose time it is.
func (s *Service) waitingFor(ctx context.Context) (hashes, states []string, whose []int32, err error) {
	rows, err := s.cfg.DB.Query(ctx, `SELECT hash FROM definitions ORDER BY hash`)
	if err != nil {
		return nil, nil, nil, err
	}
	var all []procedures.Hash
	for rows.Next() {
		var h procedures.Hash
		if err := rows.Scan(&h); err != nil {
			return nil, nil, nil, err
		}
		all = append(all, h)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, nil, err
	}
	for _, h := range all {
		p, err := s.definition(ctx, h)
		if err != nil {
			return nil, nil, nil, err
		}
		for name, def := range p.Machine.States {
			hashes, states, whose = append(hashes, string(h)), append(states, string(name)), append(whose, s.timeOf(def))
		}
	}
	return hashes, states, whose, nil
}

// timeOf tells whose time it is in a state. While sub-cases run it is a
// citizen's when they only ask citizens, and an agency's when one of them gives
// an officer a task.
func (s *Service) timeOf(def *workflow.StateDef) int32 {
	switch {
	case waitsFor(def) == waitsForApplicant:
		return timeOfCitizen
	case def.Kind == workflow.Wait:
		return timeOfTechnical
	case def.Kind != workflow.Subcases:
		return timeOfAgency
	}
	for _, k := range def.Open {
		p, ok := s.cfg.Procedures.Get(procedures.ID(k.Procedure))
		if !ok {
			return timeOfAgency
		}
		for _, d := range p.Machine.States {
			if d.Kind == workflow.Task {
				return timeOfAgency
			}
		}
	}
	return timeOfCitizen
}

// officeHours are the moments at which an hour of office time ends, from a day
// until a moment, as far as the calendar goes.
func (s *Service) officeHours(from, until time.Time) ([]time.Time, error) {
	var ticks []time.Time
	y, m, d := from.In(calendar.Hanoi).Date()
	for at := time.Date(y, m, d, 0, 0, 0, 0, calendar.Hanoi); ; {
		next, err := s.cfg.Calendar.Add(at, calendar.Duration{N: 1, Unit: calendar.WorkingHours})
		if outside, ok := errors.AsType[*calendar.RangeError](err); ok {
			first, parseErr := time.ParseInLocation(time.DateOnly, outside.From, calendar.Hanoi)
			if parseErr == nil && at.Before(first) { // the calendar begins later
				at = first
				continue
			}
			return ticks, nil
		}
		if err != nil {
			return nil, err
		}
		if next.After(until) {
			return ticks, nil
		}
		ticks, at = append(ticks, next), next
	}
}
