package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/workflow"
)

// AddCaseFile stores a paper with which the applicant answers a supplement
// request. Officers see it once the supplement is handed in. Errors to act
// upon: ErrNotFound, *workflow.NotAllowedError while nothing is asked for,
// *InvalidError.
func (s *Service) AddCaseFile(ctx context.Context, a agency.Actor, code Code, attachment, name string, content []byte) (File, error) {
	f, err := s.addCaseFile(ctx, a, code, Upload{Attachment: attachment, Name: name, Content: content})
	if err != nil {
		return f, fmt.Errorf("add a file to case %s: %w", code, err)
	}
	return f, nil
}

func (s *Service) addCaseFile(ctx context.Context, a agency.Actor, code Code, u Upload) (File, error) {
	c, err := s.visible(ctx, a, code)
	if err != nil {
		return File{}, err
	}
	refuse := func(reason string) (File, error) {
		return File{}, &workflow.NotAllowedError{State: c.State, Event: "add-file", Reason: reason}
	}
	switch {
	case a.Kind != agency.Citizen || a.ID != c.Applicant:
		return refuse(workflow.ReasonRole)
	case !asksSupplement(c), !asksPaper(c, u.Attachment):
		return refuse(workflow.ReasonNone)
	}
	f, err := checkUpload(c.Procedure, u, s.now())
	if err != nil {
		return f, err
	}
	ok, err := s.insertFile(ctx, c.ID, a.ID, f, u.Content)
	if err == nil && !ok {
		err = tooManyFiles(u.Attachment)
	}
	return f, err
}

// asksPaper tells whether the open supplement request covers the attachment.
func asksPaper(c *snapshot, attachment string) bool {
	for _, it := range c.Memory.Asked {
		for _, check := range c.Procedure.Checklist {
			if check.ID == it.Item && slices.Contains(check.Attachments, attachment) {
				return true
			}
		}
	}
	return false
}

// FileContent returns a paper of a case. An officer's look is logged with it.
// Errors to act upon: ErrNotFound.
func (s *Service) FileContent(ctx context.Context, a agency.Actor, code Code, file uuid.UUID) (File, []byte, error) {
	c, err := s.visible(ctx, a, code)
	if err != nil {
		return File{}, nil, fmt.Errorf("file of case %s: %w", code, err)
	}
	// What was uploaded since a supplement was asked for is the office's business once it is handed in.
	pending := a.Kind == agency.Officer && asksSupplement(c)
	f, content, err := s.content(ctx, s.reach(a), c.ID, file, pending, s.fileEntries(a, c, "file"))
	if err != nil {
		return File{}, nil, fmt.Errorf("file %s of case %s: %w", file, code, err)
	}
	return f, content, nil
}

// DraftFile returns a paper of a draft to who fills it in. Errors to act upon: ErrNotFound.
func (s *Service) DraftFile(ctx context.Context, a agency.Actor, draft, file uuid.UUID) (File, []byte, error) {
	d, err := s.loadDraft(ctx, a, draft)
	if err != nil {
		return File{}, nil, fmt.Errorf("file of draft %s: %w", draft, err)
	}
	f, content, err := s.content(ctx, s.reach(a), d.ID, file, false, nil)
	if err != nil {
		return File{}, nil, fmt.Errorf("file %s of draft %s: %w", file, draft, err)
	}
	return f, content, nil
}

// content reads a paper of a draft or case, with the entries of the read. With
// handedIn, papers that came into the case's present state are left out.
func (s *Service) content(ctx context.Context, r reach, owner, file uuid.UUID, handedIn bool, entries []audit.Entry) (f File, content []byte, err error) {
	err = pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		f, err = behind(ctx, tx, r, func(rows pgx.Rows) (File, error) {
			return pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (f File, err error) {
				return f, row.Scan(&f.ID, &f.Attachment, &f.Name, &f.Type, &f.Size, &f.SHA256, &f.UploadedAt, &content)
			})
		}, `
			SELECT id, attachment, name, type, size, sha256, uploaded_at, content
			FROM case_files
			WHERE id = $1 AND owner_id = $2 AND replaced_at IS NULL
				AND (NOT $3 OR uploaded_at < (SELECT max(at) FROM case_events WHERE case_id = $2 AND from_state <> to_state))`, file, owner, handedIn)
		if err != nil {
			return notFound(err)
		}
		return audit.Read(ctx, tx, entries...)
	})
	return f, content, err
}

func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
