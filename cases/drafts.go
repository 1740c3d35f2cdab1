package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
)

// draftLife is how long a draft is kept after it was saved last.
const draftLife = 30 * 24 * time.Hour

// LevelError reports an actor who signed in at a lower level than the procedure needs.
type LevelError struct{ Need, Have int }

func (e *LevelError) Error() string {
	return fmt.Sprintf("signed in at level %d, level %d is needed", e.Have, e.Need)
}

// StartDraft opens a form for subject, the actor themself when it is empty.
// Errors: ErrNotFound, ErrForbidden, *LevelError.
func (s *Service) StartDraft(ctx context.Context, a agency.Actor, id procedures.ID, subject string) (*Draft, error) {
	d, set, err := s.newDraft(ctx, a, id, subject)
	if err != nil {
		return nil, fmt.Errorf("start a draft of %s: %w", id, err)
	}
	records, err := json.Marshal(set.Records)
	if err != nil {
		return nil, err
	}
	if _, err := s.cfg.DB.Exec(ctx, `
		INSERT INTO drafts (id, procedure_id, definition, owner, owner_name, owner_level, subject, revision, records, saved_at, expires_at)
		VALUES (@id, @procedure, @definition, @owner, @name, @level, @subject, 1, @records, @saved, @expires)`, pgx.StrictNamedArgs{
		"id": d.ID, "procedure": d.Procedure.ID, "definition": d.Procedure.Hash, "owner": a.ID, "name": a.Name, "level": a.Level, "subject": d.Subject,
		"records": records, "saved": d.SavedAt, "expires": d.ExpiresAt}); err != nil {
		return nil, fmt.Errorf("start a draft of %s: %w", id, err)
	}
	return d, nil
}

// Prefill is the form as the actor would find it, without a draft.
func (s *Service) Prefill(ctx context.Context, a agency.Actor, id procedures.ID, subject string) (*Draft, error) {
	d, _, err := s.newDraft(ctx, a, id, subject)
	if err != nil {
		return nil, fmt.Errorf("fill the form of %s: %w", id, err)
	}
	return d, nil
}

func (s *Service) newDraft(ctx context.Context, a agency.Actor, id procedures.ID, subject string) (*Draft, settled, error) {
	p, err := s.service(id)
	if err != nil {
		return nil, settled{}, err
	}
	if subject == "" {
		subject = a.ID
	}
	if err := s.mayFile(ctx, a, p, subject); err != nil {
		return nil, settled{}, err
	}
	now := s.now()
	d := &Draft{ID: uuid.Must(uuid.NewV7()), Procedure: p, Owner: a.ID, Subject: subject, Revision: 1, Answers: map[string]any{},
		Contests: map[forms.Pointer]forms.Contest{}, SavedAt: now, ExpiresAt: now.Add(draftLife), ownerName: a.Name, level: a.Level}
	set, err := s.settleDraft(ctx, d, false)
	return d, set, err
}

// service is a procedure that citizens may open.
func (s *Service) service(id procedures.ID) (*procedures.Procedure, error) {
	p, ok := s.cfg.Procedures.On(id, dayOf(s.now()))
	if !ok || p.Internal {
		return nil, ErrNotFound
	}
	return p, nil
}

// mayFile holds the actor against what the procedure allows: the level of the
// sign-in, and whom one may file for.
func (s *Service) mayFile(ctx context.Context, a agency.Actor, p *procedures.Procedure, subject string) error {
	if a.Kind != agency.Citizen {
		return ErrForbidden
	}
	if a.Level < p.Level {
		return &LevelError{Need: p.Level, Have: a.Level}
	}
	if subject == a.ID && slices.Contains(p.For, "self") {
		return nil
	}
	people, err := s.Subjects(ctx, a, p)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(people, func(r PersonRef) bool { return r.Number == subject }) {
		return ErrForbidden
	}
	return nil
}

// settleDraft evaluates a draft, reading what is not read yet; again reads all anew.
func (s *Service) settleDraft(ctx context.Context, d *Draft, again bool) (settled, error) {
	set, err := s.settle(ctx, d.Procedure, readSubjects{Answers: d.Answers, Contests: d.Contests, Records: d.records,
		Session: sessionVars(d.Owner, d.level, d.Subject), Files: attachmentsOf(d.Files), Today: dayOf(s.now()), Draft: true, Again: again,
		Purpose: registry.Purpose{Reader: d.Owner, ReaderKind: string(agency.Citizen), Text: "Điền sẵn hồ sơ: " + d.Procedure.Name.VI}})
	if err != nil {
		return set, err
	}
	d.State, d.Variant, d.records, d.vars = set.State, set.Variant, set.Records, set.Vars
	d.Sources = sourcesOf(d.Procedure, set.Records)
	return set, nil
}

func attachmentsOf(files []File) []string {
	var out []string
	for _, f := range files {
		if !slices.Contains(out, f.Attachment) {
			out = append(out, f.Attachment)
		}
	}
	return out
}

func sourcesOf(p *procedures.Procedure, records map[string]subjectRecord) []Source {
	var out []Source
	for _, sub := range p.Subjects {
		if r, ok := records[sub.Name]; ok && r.Key != "" {
			out = append(out, Source{Subject: sub.Name, Kind: r.Kind, Registry: r.Registry, State: r.State, AsOf: r.AsOf})
		}
	}
	return out
}

// Draft returns a draft of the actor's, evaluated now.
func (s *Service) Draft(ctx context.Context, a agency.Actor, id uuid.UUID) (*Draft, error) {
	d, err := s.loadDraft(ctx, a, id)
	if err != nil {
		return nil, fmt.Errorf("draft %s: %w", id, err)
	}
	if d.Filed != "" {
		return d, nil
	}
	again := false
	for _, r := range d.records {
		again = again || s.aged(r, s.now())
	}
	set, err := s.settleDraft(ctx, d, false)
	if err != nil {
		return nil, fmt.Errorf("draft %s: %w", id, err)
	}
	if again {
		if err := s.keepRecords(ctx, d, set); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// RefreshDraft asks the registries again.
func (s *Service) RefreshDraft(ctx context.Context, a agency.Actor, id uuid.UUID) (*Draft, error) {
	d, err := s.openDraft(ctx, a, id)
	if err != nil {
		return nil, err
	}
	set, err := s.settleDraft(ctx, d, true)
	if err != nil {
		return nil, fmt.Errorf("draft %s: %w", id, err)
	}
	return d, s.keepRecords(ctx, d, set)
}

func (s *Service) keepRecords(ctx context.Context, d *Draft, set settled) error {
	records, err := json.Marshal(set.Records)
	if err != nil {
		return err
	}
	_, err = s.cfg.DB.Exec(ctx, `UPDATE drafts SET records = $2 WHERE id = $1 AND revision = $3`, d.ID, records, d.Revision)
	return err
}

// loadDraft reads a draft with its files. A stranger's and an expired one are not found.
func (s *Service) loadDraft(ctx context.Context, a agency.Actor, id uuid.UUID) (*Draft, error) {
	var (
		d                                          = Draft{ID: id}
		hash                                       procedures.Hash
		filed                                      *string
		answers, contests, records, done, reviewed []byte
	)
	batch := &pgx.Batch{}
	batch.Queue(`
		SELECT definition, owner, owner_name, owner_level, subject, revision, answers, contests, records, done, reviewed, saved_at, expires_at, filed,
			EXISTS (SELECT FROM waiting_filings w WHERE w.draft_id = drafts.id AND w.ended_at IS NULL)
		FROM drafts
		WHERE id = $1 AND owner = $2`, id, a.ID)
	batch.Queue(filesSQL, id)
	res := s.cfg.DB.SendBatch(ctx, batch)
	defer res.Close()
	err := res.QueryRow().Scan(&hash, &d.Owner, &d.ownerName, &d.level, &d.Subject, &d.Revision, &answers, &contests, &records, &done, &reviewed,
		&d.SavedAt, &d.ExpiresAt, &filed, &d.Waits)
	if errors.Is(err, pgx.ErrNoRows) || a.Kind != agency.Citizen {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	rows, err := res.Query()
	if err != nil {
		return nil, err
	}
	if d.Files, err = pgx.CollectRows(rows, pgx.RowToStructByPos[File]); err != nil {
		return nil, err
	}
	if err := res.Close(); err != nil { // definition may need the connection
		return nil, err
	}
	for _, p := range []struct {
		from []byte
		to   any
	}{{answers, &d.Answers}, {contests, &d.Contests}, {records, &d.records}, {done, &d.Done}, {reviewed, &d.reviewed}} {
		if err := json.Unmarshal(p.from, p.to); err != nil {
			return nil, err
		}
	}
	if filed != nil {
		d.Filed = Code(*filed)
	} else if s.now().After(d.ExpiresAt) {
		return nil, ErrNotFound
	}
	// Who signs in again at a higher level has that level.
	d.level = max(d.level, a.Level)
	d.Procedure, err = s.versionOfDraft(ctx, &d, hash)
	return &d, err
}

// filesSQL lists the papers of a draft or case that are in force.
const filesSQL = `
	SELECT id, attachment, name, type, size, sha256, uploaded_at
	FROM case_files
	WHERE owner_id = $1 AND replaced_at IS NULL
	ORDER BY uploaded_at, id`

// openDraft is a draft that was not filed yet.
func (s *Service) openDraft(ctx context.Context, a agency.Actor, id uuid.UUID) (*Draft, error) {
	d, err := s.loadDraft(ctx, a, id)
	if err == nil && d.Filed != "" {
		err = &DuplicateError{Code: d.Filed}
	}
	if err != nil {
		return nil, fmt.Errorf("draft %s: %w", id, err)
	}
	return d, nil
}

// Drafts are the actor's open drafts, newest first, not evaluated.
func (s *Service) Drafts(ctx context.Context, a agency.Actor) ([]*Draft, error) {
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT id, procedure_id, subject, saved_at, expires_at
		FROM drafts
		WHERE owner = $1 AND filed IS NULL AND expires_at > $2
		ORDER BY saved_at DESC
		LIMIT 100`, a.ID, s.now())
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", err)
	}
	defer rows.Close()
	var out []*Draft
	for rows.Next() {
		var (
			d  = Draft{Owner: a.ID}
			id procedures.ID
		)
		if err := rows.Scan(&d.ID, &id, &d.Subject, &d.SavedAt, &d.ExpiresAt); err != nil {
			return nil, fmt.Errorf("drafts: %w", err)
		}
		if p, ok := s.cfg.Procedures.Get(id); ok { // one that was taken out has nothing to go on with
			d.Procedure = p
			out = append(out, &d)
		}
	}
	return out, rows.Err()
}
