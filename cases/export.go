package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
)

const (
	// ExportMost is how many cases one export holds at most.
	ExportMost = 20_000
	exportPage = 200
)

// Exported is a list that leaves the house. It is used once.
type Exported struct {
	s    *Service
	a    agency.Actor
	q    WorklistQuery
	left int       // rows that may still be read
	page []WorkRow // read and not given yet
}

// Export begins to give the cases of a list away, with the filters of the list
// and from its cursor on; q.Limit is how many, 0 and beyond: ExportMost. The
// first page is read, so that what is refused is refused before anything is
// given. Errors to act upon: those of [Service.Worklist].
func (s *Service) Export(ctx context.Context, a agency.Actor, q WorklistQuery) (*Exported, error) {
	e := &Exported{s: s, a: a, q: q, left: q.Limit}
	if e.left <= 0 || e.left > ExportMost {
		e.left = ExportMost
	}
	if err := e.read(ctx); err != nil {
		return nil, fmt.Errorf("export list %s: %w", q.Tab, err)
	}
	return e, nil
}

// Each gives the cases to write, page by page, and returns the cursor of those
// that were left, empty when there are none. Each page is read and logged, as a
// read of the people in it, in one transaction before it is written. The pages
// are not one snapshot: a case that moves meanwhile may be missing or stand in
// twice.
func (e *Exported) Each(ctx context.Context, write func([]WorkRow) error) (next string, err error) {
	for {
		if err := write(e.page); err != nil {
			return "", err
		}
		if e.q.Cursor == "" || e.left == 0 {
			return e.q.Cursor, nil
		}
		if err := e.read(ctx); err != nil {
			return "", fmt.Errorf("export list %s: %w", e.q.Tab, err)
		}
	}
}

func (e *Exported) read(ctx context.Context) (err error) {
	e.q.Limit = min(e.left, exportPage)
	e.page, e.q.Cursor, err = e.s.exportedPage(ctx, e.a, e.q)
	e.left -= len(e.page)
	return err
}

// exportedPage reads a page with the entries of the read.
func (s *Service) exportedPage(ctx context.Context, a agency.Actor, q WorklistQuery) (page []WorkRow, next string, err error) {
	l, err := s.list(a, q)
	if err != nil || !l.any {
		return nil, "", err
	}
	var rows []workRecord
	err = pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		rows, err = behind(ctx, tx, l.reach, collectWork, l.page, l.args)
		if err != nil {
			return err
		}
		return audit.Read(ctx, tx, s.listEntries(a, rows[:min(len(rows), l.limit)])...)
	})
	if err != nil {
		return nil, "", err
	}
	return s.workRows(ctx, rows, l.limit)
}

// listEntries are the entries of the log of reads for a list that left the house.
func (s *Service) listEntries(a agency.Actor, rows []workRecord) []audit.Entry {
	var out []audit.Entry
	for _, r := range rows {
		at := s.seatBy(a, r.Receiving, r.Competent)
		for _, number := range people(r.applicant, r.subject) {
			out = append(out, audit.Entry{At: s.now(), ReaderKind: string(a.Kind), Reader: a.ID, Agency: string(at), Subject: number, Case: string(r.Code),
				Purpose: "Tải danh sách hồ sơ để giải quyết", Basis: "law: Nghị định 118/2025/NĐ-CP", Fields: []string{"fullName", "case"}})
		}
	}
	return out
}

// people are the personal numbers of a case, each once.
func people(applicant, subject string) []string {
	if applicant == subject {
		return []string{applicant}
	}
	return []string{applicant, subject}
}
