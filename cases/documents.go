package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Document returns a paper that was issued in the case or in one of its
// sub-cases, as PDF. An officer's look is logged with it. Errors to act upon: ErrNotFound.
func (s *Service) Document(ctx context.Context, a agency.Actor, code Code, id uuid.UUID) (Document, []byte, error) {
	c, err := s.visible(ctx, a, code)
	if err != nil {
		return Document{}, nil, fmt.Errorf("document of case %s: %w", code, err)
	}
	var (
		d         Document
		content   []byte
		withdrawn *time.Time
	)
	err = pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		// Outside of the wall: who sees a case may open what its sub-cases issued, without seeing those.
		err := tx.QueryRow(ctx, `
			SELECT id, kind, title, number, sha256, issued_at, withdrawn_at, content
			FROM case_documents
			WHERE id = $1 AND case_id = ANY (ARRAY(SELECT child_id FROM case_children WHERE case_id = $2 AND ($3 = '' OR addressed = $3)) || $2::uuid)`,
			id, c.ID, s.reach(a).citizen).Scan(
			&d.ID, &d.Kind, &d.Title, &d.Number, &d.SHA256, &d.IssuedAt, &withdrawn, &content)
		if err != nil {
			return notFound(err)
		}
		return audit.Read(ctx, tx, s.fileEntries(a, c, "document")...)
	})
	if err != nil {
		return Document{}, nil, fmt.Errorf("document %s of case %s: %w", id, code, err)
	}
	d.Withdrawn = timeOf(withdrawn)
	return d, content, nil
}

// Verified is what anybody may learn of a document by its id: that it was
// issued, by whom and when, and the fingerprint to hold a copy against. It
// holds no personal data.
type Verified struct {
	ID         uuid.UUID
	Kind       string
	Title      workflow.Text
	Number     string
	Agency     agency.ID // that issued it
	AgencyName workflow.Text
	Procedure  workflow.Text // its name
	IssuedAt   time.Time
	SHA256     string
	Signature  []byte    // JSON of what stands beside the file; empty: it was not signed
	Withdrawn  time.Time // zero: in force
}

// Verify tells what is publicly known of a document, also of an archived case. Errors to act upon: ErrNotFound.
func (s *Service) Verify(ctx context.Context, id uuid.UUID) (*Verified, error) {
	var (
		v          = Verified{ID: id}
		withdrawn  *time.Time
		definition procedures.Hash
	)
	err := s.cfg.DB.QueryRow(ctx, `
		SELECT d.kind, d.title, d.number, d.agency, d.sha256, d.issued_at, d.withdrawn_at, d.signature, coalesce(c.definition, k.definition)
		FROM case_documents d
		LEFT JOIN cases c ON c.id = d.case_id
		LEFT JOIN archived_cases k ON k.case_id = d.case_id
		WHERE d.id = $1 AND coalesce(c.definition, k.definition) IS NOT NULL`, id).Scan(&v.Kind, &v.Title, &v.Number, &v.Agency, &v.SHA256, &v.IssuedAt, &withdrawn, &v.Signature, &definition)
	if err != nil {
		return nil, fmt.Errorf("verify document %s: %w", id, notFound(err))
	}
	p, err := s.definition(ctx, definition)
	if err != nil {
		return nil, fmt.Errorf("verify document %s: %w", id, err)
	}
	v.AgencyName, v.Procedure, v.Withdrawn = s.agencyName(v.Agency), p.Name, timeOf(withdrawn)
	return &v, nil
}
