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

// ResultFilter says which of a citizen's papers are listed; empty: the results.
type ResultFilter string

// AllPapers are the results and what led to them: receipts, letters, refusals.
const AllPapers ResultFilter = "all"

// Issued is a paper in a citizen's list, with the case that it came from.
type Issued struct {
	Document
	Agency         agency.ID     // that issued it
	Validity       workflow.Text // how long it holds, in words; empty: the definition does not say
	Code           Code          // of the case that issued it: the citizen opens paper and case by it
	Procedure      procedures.ID
	ProcedureTitle workflow.Text
	Subject        string // name of whom the case is about; empty: the citizen
}

// Results lists the papers that were issued in the cases that the citizen filed
// or that are about the citizen, newest first: the results, also those that were
// withdrawn since, or with [AllPapers] every paper. Parts of a case are cases here,
// another citizen's answer is not listed. Errors to act upon: ErrForbidden for
// who is no citizen, *CursorError.
func (s *Service) Results(ctx context.Context, a agency.Actor, filter ResultFilter, after string, limit int) ([]Issued, string, error) {
	list, next, err := s.results(ctx, a, filter, after, pageOf(limit))
	if err != nil {
		return nil, "", fmt.Errorf("papers of a citizen: %w", err)
	}
	return list, next, nil
}

func (s *Service) results(ctx context.Context, a agency.Actor, filter ResultFilter, after string, limit int) ([]Issued, string, error) {
	if a.Kind != agency.Citizen {
		return nil, "", ErrForbidden
	}
	if filter != "" && filter != AllPapers {
		return nil, "", fmt.Errorf("there is no filter %q", filter)
	}
	start, err := parseCursor(after, cursor{At: noDue, ID: uuid.Max})
	if err != nil {
		return nil, "", err
	}
	found, err := behind(ctx, s.cfg.DB, s.reach(a), func(rows pgx.Rows) ([]issuedRecord, error) { return pgx.CollectRows(rows, collectIssued) }, `
		WITH own AS (
			SELECT id FROM cases WHERE applicant = @me
			UNION ALL
			SELECT id FROM cases WHERE subject = @me AND subject <> applicant),
		page AS (
			SELECT d.id, d.case_id, d.kind, d.title, d.number, d.sha256, d.agency, d.issued_at, d.withdrawn_at
			FROM own
			JOIN case_documents d ON d.case_id = own.id
			WHERE (@all OR d.kind = 'result') AND (d.issued_at, d.id) < (@at::timestamptz, @id::uuid)
			ORDER BY d.issued_at DESC, d.id DESC
			LIMIT @limit)
		SELECT page.id, page.kind, page.title, page.number, page.sha256, coalesce(nullif(page.agency, ''), c.competent), page.issued_at, page.withdrawn_at,
			c.code, c.definition, CASE WHEN c.subject = @me THEN '' ELSE b.subject_name END, coalesce(e.type, ''), coalesce(e.name, '')
		FROM page
		JOIN cases c ON c.id = page.case_id
		JOIN case_bodies b ON b.case_id = page.case_id
		LEFT JOIN case_effects e ON e.case_id = page.case_id AND e.key = page.id
		ORDER BY page.issued_at DESC, page.id DESC`,
		pgx.StrictNamedArgs{"me": a.ID, "all": filter == AllPapers, "at": start.At, "id": start.ID, "limit": limit + 1})
	if err != nil {
		return nil, "", err
	}
	found, next := onePage(found, limit, func(r issuedRecord) cursor { return cursor{At: r.IssuedAt, ID: r.ID} })
	list := make([]Issued, len(found))
	for i, f := range found {
		if list[i], err = s.issued(ctx, f); err != nil {
			return nil, "", err
		}
	}
	return list, next, nil
}

// issuedRecord is a row of the list before its words are known.
type issuedRecord struct {
	Issued
	definition   procedures.Hash
	effect, name string // that issued it
}

func collectIssued(row pgx.CollectableRow) (r issuedRecord, err error) {
	var withdrawn *time.Time
	err = row.Scan(&r.ID, &r.Kind, &r.Title, &r.Number, &r.SHA256, &r.Agency, &r.IssuedAt, &withdrawn, &r.Code, &r.definition, &r.Subject, &r.effect, &r.name)
	r.Withdrawn = timeOf(withdrawn)
	return r, err
}

func (s *Service) issued(ctx context.Context, r issuedRecord) (Issued, error) {
	p, err := s.definition(ctx, r.definition)
	if err != nil {
		return Issued{}, err
	}
	out := r.Issued
	out.Procedure, out.ProcedureTitle = p.ID, p.Name
	name := r.Kind
	if r.effect != "" {
		name, _ = kindOfPaper(r.effect, r.name)
	}
	if def := p.Documents[name]; def != nil {
		out.Validity = def.Validity
	}
	return out, nil
}
