package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

// Incident is an effect that somebody has to know of.
type Incident struct {
	ID        uuid.UUID
	Kind      string // failing, ambiguous, unavailable, permanent, given-up, passed, manual
	Case      Code
	Seq, Idx  int // of the effect
	Agency    agency.ID
	Peer      string // whom the effect leads to; empty: our own house
	PeerTitle workflow.Text
	Type      string // of the effect
	Name      string // of the effect
	OpenedAt  time.Time
	ClosedAt  time.Time // zero: open
	ClosedBy  string    // system, or the operator's id
	ClosedHow string    // done, refused, retried, written-off
	Detail    string    // the last failure as it was answered
	Ended     bool      // no attempt is made any more unless an operator has it tried again
	Ambiguous bool      // it may have been done
	Attempts  int
	NextAt    time.Time // of the next attempt; zero: none, or it waits
	Waits     bool      // for its peer to answer again
	Seen      bool      // whoever asks may open the case
}

// Attempt is one attempt at an effect.
type Attempt struct {
	N         int
	StartedAt time.Time
	EndedAt   time.Time // zero: under way
	Result    string    // done, refused, waiting, transient, ambiguous, permanent, lost; empty: under way
	Detail    string
}

// IncidentGroup is the open incidents that lead to one peer.
type IncidentGroup struct {
	Peer   string
	Title  workflow.Text
	N      int
	Ended  int // of them: no attempt is made any more
	Oldest time.Time
}

// operates are the agencies whose incidents the actor looks after: of an operator
// of a province's agency also those below it, whose cases they do not see for
// that. all is true for the system. ErrForbidden for other officers, ErrNotFound
// for everybody else.
func (s *Service) operates(a agency.Actor) (at []string, all bool, err error) {
	switch a.Kind {
	case agency.System:
		return nil, true, nil
	case agency.Officer:
	default:
		return nil, false, ErrNotFound
	}
	for _, seat := range a.Seats {
		if seat.Role == agency.Operator {
			at = append(at, agencyTexts(s.operated(seat))...)
		}
	}
	if len(at) == 0 {
		return nil, false, ErrForbidden
	}
	slices.Sort(at)
	return slices.Compact(at), false, nil
}

// operated are the agencies that an operator's seat looks after.
func (s *Service) operated(seat agency.Seat) []agency.ID {
	return slices.Concat(s.cfg.Agencies.WorkOf(seat.Agency), s.cfg.Agencies.Below(seat.Agency))
}

// operatesSQL is the condition on the row i of incidents.
const operatesSQL = `(@all OR i.agency = ANY (@at::text[]) OR i.receiving = ANY (@at::text[]))`

const incidentSQL = `
	SELECT i.id, i.kind, i.code, i.seq, i.idx, i.agency, i.peer, i.type, i.name, i.opened_at, coalesce(i.closed_at, '0001-01-01Z'), coalesce(i.closed_by, ''),
		coalesce(i.closed_how, ''), i.detail, e.status NOT IN (0, 1), e.ambiguous, e.attempts, CASE WHEN e.waits_for IS NULL THEN coalesce(e.next_at, '0001-01-01Z') ELSE '0001-01-01Z' END, e.waits_for IS NOT NULL, i.receiving
	FROM incidents i
	JOIN case_effects e ON e.case_id = i.case_id AND e.seq = i.seq AND e.idx = i.idx
	`

func (s *Service) collectIncidents(a agency.Actor, rows pgx.Rows) ([]Incident, error) {
	reach := s.reach(a)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (i Incident, err error) {
		var receiving agency.ID
		err = row.Scan(&i.ID, &i.Kind, &i.Case, &i.Seq, &i.Idx, &i.Agency, &i.Peer, &i.Type, &i.Name, &i.OpenedAt, &i.ClosedAt, &i.ClosedBy, &i.ClosedHow, &i.Detail,
			&i.Ended, &i.Ambiguous, &i.Attempts, &i.NextAt, &i.Waits, &receiving)
		i.Seen = reach.all || reach.has(i.Agency) || reach.has(receiving)
		i.PeerTitle = s.PeerTitle(i.Peer)
		return i, err
	})
}

// IncidentGroups counts the open incidents that the actor looks after, by peer,
// the oldest first. Errors to act upon: ErrForbidden, ErrNotFound.
func (s *Service) IncidentGroups(ctx context.Context, a agency.Actor) ([]IncidentGroup, error) {
	at, all, err := s.operates(a)
	if err != nil {
		return nil, fmt.Errorf("count incidents: %w", err)
	}
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT i.peer, count(*), count(*) FILTER (WHERE i.kind IN ('permanent', 'given-up', 'passed', 'manual')), min(i.opened_at)
		FROM incidents i
		WHERE i.closed_at IS NULL AND `+operatesSQL+`
		GROUP BY i.peer
		ORDER BY 4`, pgx.StrictNamedArgs{"at": at, "all": all})
	if err != nil {
		return nil, fmt.Errorf("count incidents: %w", err)
	}
	groups, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g IncidentGroup, err error) {
		err = row.Scan(&g.Peer, &g.N, &g.Ended, &g.Oldest)
		g.Title = s.PeerTitle(g.Peer)
		return g, err
	})
	if err != nil {
		return nil, fmt.Errorf("count incidents: %w", err)
	}
	return groups, nil
}

// Incidents lists the open incidents that the actor looks after, the oldest
// first; peer nil means all. next is the cursor of the next page, empty at the
// end. Errors to act upon: ErrForbidden, ErrNotFound, *CursorError.
func (s *Service) Incidents(ctx context.Context, a agency.Actor, peer *string, after string, limit int) (list []Incident, next string, err error) {
	at, all, err := s.operates(a)
	if err == nil {
		list, next, err = s.incidents(ctx, a, at, all, peer, after, pageOf(limit))
	}
	if err != nil {
		return nil, "", fmt.Errorf("list incidents: %w", err)
	}
	return list, next, nil
}

func (s *Service) incidents(ctx context.Context, a agency.Actor, at []string, all bool, peer *string, after string, limit int) ([]Incident, string, error) {
	start, err := parseCursor(after, cursor{})
	if err != nil {
		return nil, "", err
	}
	rows, err := s.cfg.DB.Query(ctx, incidentSQL+`
		WHERE i.closed_at IS NULL AND `+operatesSQL+` AND (@peer::text IS NULL OR i.peer = @peer) AND (i.opened_at, i.id) > (@after::timestamptz, @id::uuid)
		ORDER BY i.opened_at, i.id
		LIMIT @limit`, pgx.StrictNamedArgs{"at": at, "all": all, "peer": peer, "after": start.At, "id": start.ID, "limit": limit + 1})
	if err != nil {
		return nil, "", err
	}
	list, err := s.collectIncidents(a, rows)
	if err != nil || len(list) <= limit {
		return list, "", err
	}
	list = list[:limit]
	return list, cursor{At: list[limit-1].OpenedAt, ID: list[limit-1].ID}.String(), nil
}

// Incident reads one incident with every attempt at its effect. Errors to act
// upon: ErrForbidden, ErrNotFound.
func (s *Service) Incident(ctx context.Context, a agency.Actor, id uuid.UUID) (*Incident, []Attempt, error) {
	i, attempts, err := s.incident(ctx, a, id)
	if err != nil {
		return nil, nil, fmt.Errorf("read incident %s: %w", id, err)
	}
	return i, attempts, nil
}

func (s *Service) incident(ctx context.Context, a agency.Actor, id uuid.UUID) (*Incident, []Attempt, error) {
	at, all, err := s.operates(a)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.cfg.DB.Query(ctx, incidentSQL+`WHERE i.id = @id AND `+operatesSQL, pgx.StrictNamedArgs{"id": id, "at": at, "all": all})
	if err != nil {
		return nil, nil, err
	}
	list, err := s.collectIncidents(a, rows)
	if err != nil {
		return nil, nil, err
	}
	if len(list) == 0 {
		return nil, nil, ErrNotFound
	}
	rows, err = s.cfg.DB.Query(ctx, `
		SELECT t.n, t.started_at, coalesce(t.ended_at, '0001-01-01Z'), coalesce(t.result, ''), coalesce(t.detail, '')
		FROM incidents i
		JOIN case_effect_attempts t ON t.case_id = i.case_id AND t.seq = i.seq AND t.idx = i.idx
		WHERE i.id = $1
		ORDER BY t.n DESC`, id)
	if err != nil {
		return nil, nil, err
	}
	attempts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Attempt])
	return &list[0], attempts, err
}
