package cases

import (
	"context"
	"fmt"
	"maps"
	"math"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Happening is an event of a case as the feed tells it: nothing of anybody but
// the code of the case.
type Happening struct {
	Case      Code
	Procedure procedures.ID
	Seq       int
	Kind      workflow.TriggerKind
	Event     workflow.Event
	From, To  workflow.State
	At        time.Time // when it happened
	Recorded  time.Time // when the database took it in: the order of the feed
	id        ID
}

// Feed is a part of the events of all cases that somebody may see.
type Feed struct {
	Events []Happening
	Next   string // cursor behind the last; never empty
	More   bool   // there are more already
}

// Events returns what happened in the cases that the actor may see, in the order
// in which it was recorded, behind a cursor of an earlier call; an empty one
// begins with the first. Who asks on with Next gets every event once: an event is
// given out only when none can be recorded before it any more, which takes as
// long as the steps in flight. Cases that come into sight later, by a new seat or
// a merger, come with what is recorded from then on. Errors to act upon:
// *CursorError.
func (s *Service) Events(ctx context.Context, a agency.Actor, after string, limit int) (*Feed, error) {
	f, err := s.feed(ctx, a, after, pageOf(limit))
	if err != nil {
		return nil, fmt.Errorf("events of cases: %w", err)
	}
	return f, nil
}

const (
	feedWindow  = 24 * time.Hour // what one look takes of the time behind the cursor; the next takes twice as much
	feedWindows = 12             // looks of one call at most: a call comes to an end, and its cursor goes on
)

func (s *Service) feed(ctx context.Context, a agency.Actor, after string, limit int) (*Feed, error) {
	start, err := parseCursor(after, cursor{})
	if err != nil {
		return nil, err
	}
	r := s.reach(a)
	until, err := s.horizon.settled(ctx, s)
	if err != nil {
		return nil, err
	}
	if after == "" {
		if start.At, err = s.firstRecorded(ctx, r, until); err != nil {
			return nil, err
		}
	}
	out := &Feed{}
	from, window := start, feedWindow
	for range feedWindows {
		to := from.At.Add(window)
		if r.citizen != "" || to.After(until) {
			to = until
		}
		found, err := s.happened(ctx, r, from, to, limit+1-len(out.Events))
		if err != nil {
			return nil, err
		}
		if out.Events = append(out.Events, found...); len(out.Events) > limit {
			out.Events, out.More = out.Events[:limit], true
			last := out.Events[limit-1]
			from = cursor{Rank: last.Seq, At: last.Recorded, ID: last.id}
			break
		}
		if !from.At.Before(to) {
			break
		}
		from, window = cursor{Rank: math.MaxInt32, At: to.Add(-time.Microsecond), ID: uuid.Max}, 2*window // all before that instant
		if !to.Before(until) {
			break
		}
		out.More = true
	}
	if !from.At.Before(until.Add(-time.Microsecond)) {
		out.More = false
	}
	out.Next = from.String()
	return out, nil
}

// happened reads events recorded behind a place and before an instant.
func (s *Service) happened(ctx context.Context, r reach, from cursor, until time.Time, limit int) ([]Happening, error) {
	of := ""
	if r.citizen != "" { // who has few cases is asked for those
		of = ` AND e.case_id = ANY (ARRAY(SELECT id FROM cases WHERE applicant = @citizen UNION ALL SELECT id FROM cases WHERE subject = @citizen))`
	}
	args := pgx.NamedArgs{"from": from.At, "id": from.ID, "seq": from.Rank, "until": until, "limit": limit}
	maps.Copy(args, r.args())
	return behind(ctx, s.cfg.DB, r, collectHappenings, `
		SELECT c.code, c.procedure_id, e.seq, e.kind, e.event, e.from_state, e.to_state, e.at, e.recorded_at, e.case_id
		FROM case_events e
		JOIN cases c ON c.id = e.case_id
		WHERE e.recorded_at >= @from AND e.recorded_at < @until
			AND (e.recorded_at, e.case_id, e.seq) > (@from::timestamptz, @id::uuid, @seq::int)
			AND `+seesSQL+of+`
		ORDER BY e.recorded_at, e.case_id, e.seq
		LIMIT @limit`, args)
}

func collectHappenings(rows pgx.Rows) ([]Happening, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Happening, err error) {
		err = row.Scan(&h.Case, &h.Procedure, &h.Seq, &h.Kind, &h.Event, &h.From, &h.To, &h.At, &h.Recorded, &h.id)
		return h, err
	})
}

// firstRecorded is an instant before the first event that the reader may see, by
// their oldest cases: ids are ordered by time, a day lies between any two clocks.
func (s *Service) firstRecorded(ctx context.Context, r reach, until time.Time) (time.Time, error) {
	first, err := behind(ctx, s.cfg.DB, r, func(rows pgx.Rows) (*time.Time, error) { return pgx.CollectExactlyOneRow(rows, pgx.RowTo[*time.Time]) }, `
		SELECT min(e.recorded_at)
		FROM (
			SELECT first.id FROM unnest(@agencies::text[]) AS at (agency), LATERAL (SELECT id FROM cases WHERE competent = at.agency ORDER BY id LIMIT 1) AS first
			UNION ALL
			SELECT first.id FROM unnest(@agencies::text[]) AS at (agency), LATERAL (SELECT id FROM cases WHERE receiving = at.agency AND receiving <> competent ORDER BY id LIMIT 1) AS first
			UNION ALL
			SELECT id FROM cases WHERE applicant = @citizen
			UNION ALL
			SELECT id FROM cases WHERE subject = @citizen AND subject <> applicant) AS oldest
		JOIN case_events e ON e.case_id = oldest.id AND e.seq = 1`, r.args())
	if err != nil || first == nil {
		return until, err
	}
	return first.Add(-24 * time.Hour), nil
}

// horizon is up to when all events can be read, as this process knows; the zero
// value knows nothing yet.
type horizon struct {
	mu    sync.Mutex
	at    time.Time // by the database's clock
	asked time.Time // by ours
}

const (
	horizonFresh = 200 * time.Millisecond // many readers ask for one horizon
	horizonWait  = time.Second            // how long a call waits for the steps in flight
)

// settled returns an instant before which every event that will ever be recorded
// can be read. An event is recorded by the clock of the database while its
// transaction holds a lock on the table, so once those who hold one now are gone,
// nothing is recorded before now. When they are slow, the horizon stays.
func (h *horizon) settled(ctx context.Context, s *Service) (time.Time, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.asked) < horizonFresh {
		return h.at, nil
	}
	var at time.Time
	var flying []string
	batch := &pgx.Batch{}
	batch.Queue(`SELECT clock_timestamp()`).QueryRow(func(row pgx.Row) error { return row.Scan(&at) })
	queue(batch, &flying, collectTexts, flyingSQL, nil)
	if err := s.cfg.DB.SendBatch(ctx, batch).Close(); err != nil {
		return h.at, err
	}
	for until := time.Now().Add(horizonWait); len(flying) > 0; {
		if time.Now().After(until) {
			h.asked = time.Now()
			return h.at, nil
		}
		select {
		case <-ctx.Done():
			return h.at, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
		rows, err := s.cfg.DB.Query(ctx, flyingSQL, flying)
		if err != nil {
			return h.at, err
		}
		if flying, err = collectTexts(rows); err != nil {
			return h.at, err
		}
	}
	h.at, h.asked = at, time.Now()
	return h.at, nil
}

// flyingSQL are the transactions that write events now, of those in $1 if it is not NULL.
const flyingSQL = `
	SELECT DISTINCT virtualtransaction
	FROM pg_locks
	WHERE locktype = 'relation' AND granted AND mode = 'RowExclusiveLock' AND ($1::text[] IS NULL OR virtualtransaction = ANY ($1::text[]))
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND relation IN (SELECT 'case_events'::regclass UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = 'case_events'::regclass)`

func collectTexts(rows pgx.Rows) ([]string, error) { return pgx.CollectRows(rows, pgx.RowTo[string]) }
