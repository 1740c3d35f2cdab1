package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// MineFilter is a part of a citizen's cases.
type MineFilter string

// The filters; empty is all.
const (
	MineNeedsMe MineFilter = "needs-me"
	MineOpen    MineFilter = "open"
	MineDone    MineFilter = "done"
)

// Summary is a case in a citizen's list.
type Summary struct {
	ID         ID
	Code       Code
	Procedure  procedures.ID
	Title      workflow.Text // of the procedure
	Applicant  string        // name
	Subject    string        // name of whom it is about
	State      workflow.State
	StateTitle workflow.Text
	Status     workflow.Text // one sentence: who has it, until when
	NeedsMe    bool
	Until      time.Time // until when the citizen must act; zero: no end, or nothing to do
	FiledAt    time.Time
	DueAt      time.Time
	ClosedAt   time.Time
	Outcome    workflow.Outcome
	Negative   bool
	Agency     agency.ID // that has it
	SubCase    bool      // opened by another case: an opinion or agreement that is asked for
}

// The groups of the list, as the cursor counts them.
const (
	groupDone = iota
	groupOpen
	groupNeedsMe
)

// Mine lists the cases that the citizen filed, that are about the citizen or
// that ask for the citizen's word; the parts of such a case stand on its page and
// are listed only while they wait for the citizen: first those that wait for the citizen, then
// the other open ones, then those that ended, each newest first. Errors to act
// upon: ErrForbidden for who is no citizen, *CursorError.
func (s *Service) Mine(ctx context.Context, a agency.Actor, filter MineFilter, after string, limit int) ([]Summary, string, error) {
	list, next, err := s.mine(ctx, a, filter, after, pageOf(limit))
	if err != nil {
		return nil, "", fmt.Errorf("cases of a citizen: %w", err)
	}
	return list, next, nil
}

func (s *Service) mine(ctx context.Context, a agency.Actor, filter MineFilter, after string, limit int) ([]Summary, string, error) {
	if a.Kind != agency.Citizen {
		return nil, "", ErrForbidden
	}
	low, high := groupDone, groupNeedsMe
	switch filter {
	case "":
	case MineNeedsMe:
		low = groupNeedsMe
	case MineOpen:
		low = groupOpen
	case MineDone:
		high = groupDone
	default:
		return nil, "", fmt.Errorf("there is no filter %q", filter)
	}
	start, err := parseCursor(after, cursor{Rank: groupNeedsMe + 1, ID: uuid.Max})
	if err != nil {
		return nil, "", err
	}
	found, err := behind(ctx, s.cfg.DB, s.reach(a), func(rows pgx.Rows) ([]mineRecord, error) { return pgx.CollectRows(rows, collectSummary) }, `
		WITH own AS (
			SELECT id FROM cases WHERE applicant = @me
			UNION ALL
			SELECT id FROM cases WHERE subject = @me AND subject <> applicant),
		grouped AS (
			SELECT c.id, CASE WHEN c.closed_at IS NOT NULL THEN 0 WHEN w.waits_for = 'applicant' AND c.applicant = @me THEN 2 ELSE 1 END AS rank
			FROM own
			JOIN cases c ON c.id = own.id
			LEFT JOIN case_waits w ON w.case_id = c.id
			LEFT JOIN cases p ON p.id = c.parent_id
			WHERE p.id IS NULL OR @me NOT IN (p.applicant, p.subject) OR (w.waits_for = 'applicant' AND c.applicant = @me)),
		page AS (
			SELECT id, rank
			FROM grouped
			WHERE rank BETWEEN @low AND @high AND (rank, id) < (@rank::int, @id::uuid)
			ORDER BY rank DESC, id DESC
			LIMIT @limit)
		SELECT c.id, page.rank, c.code, c.definition, b.applicant_name, b.subject_name, c.state, coalesce(t.agency, c.competent),
			(SELECT min(fire_at) FROM case_timers m WHERE m.case_id = c.id), c.filed_at, c.due_at, c.closed_at, coalesce(c.outcome, ''), c.parent_id IS NOT NULL
		FROM page
		JOIN cases c ON c.id = page.id
		JOIN case_bodies b ON b.case_id = c.id
		LEFT JOIN case_tasks t ON t.case_id = c.id
		ORDER BY page.rank DESC, c.id DESC`,
		pgx.StrictNamedArgs{"me": a.ID, "low": low, "high": high, "rank": start.Rank, "id": start.ID, "limit": limit + 1})
	if err != nil {
		return nil, "", err
	}
	found, next := onePage(found, limit, func(r mineRecord) cursor { return cursor{Rank: r.rank, ID: r.ID} })
	list := make([]Summary, len(found))
	for i, f := range found {
		if list[i], err = s.summary(ctx, f); err != nil {
			return nil, "", err
		}
	}
	return list, next, nil
}

// mineRecord is a row of the list before its words are known.
type mineRecord struct {
	Summary
	definition procedures.Hash
	rank       int
	fires      *time.Time // the next time-out
}

func collectSummary(row pgx.CollectableRow) (r mineRecord, err error) {
	var due, closed *time.Time
	err = row.Scan(&r.ID, &r.rank, &r.Code, &r.definition, &r.Applicant, &r.Subject, &r.State, &r.Agency, &r.fires, &r.FiledAt, &due, &closed, &r.Outcome, &r.SubCase)
	r.DueAt, r.ClosedAt = timeOf(due), timeOf(closed)
	return r, err
}

func (s *Service) summary(ctx context.Context, r mineRecord) (Summary, error) {
	p, err := s.definition(ctx, r.definition)
	if err != nil {
		return Summary{}, err
	}
	out := r.Summary
	out.Procedure, out.Title, out.StateTitle = p.ID, p.Name, stateTitle(p, r.State)
	out.NeedsMe = r.rank == groupNeedsMe
	if out.NeedsMe {
		out.Until = timeOf(r.fires)
	}
	if def := p.Machine.States[r.State]; def != nil {
		out.Negative = def.Negative
	}
	out.Status = s.statusText(standing{Procedure: p, State: r.State, Agency: r.Agency, Yours: out.NeedsMe, Until: out.Until, DueAt: r.DueAt, ClosedAt: r.ClosedAt})
	return out, nil
}
