package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Filing is a case that is filed in one go, by a program.
type Filing struct {
	Key         uuid.UUID // of idempotency: the same key is answered with the same case
	Procedure   procedures.ID
	Variant     string // empty: as the answers say; another than they say is refused
	Subject     string // whom it is about; empty: the actor
	Answers     map[string]any
	Contests    map[forms.Pointer]forms.Contest
	Attachments []Upload
}

// seat finds the agency that a competence rule means; the zero Agency while the
// answers that decide it are missing.
func (s *Service) seat(at procedures.Place, err error) (agency.Agency, error) {
	switch {
	case err != nil || at == (procedures.Place{}):
		return agency.Agency{}, err
	case at.Agency != "":
		a, err := s.cfg.Agencies.Successor(agency.ID(at.Agency))
		return a, err
	}
	return s.cfg.Agencies.Competent(context.Background(), agency.Kind(at.Kind), at.Unit)
}

// FileDraft files what the citizen saw on the check page with that digest.
// Filing again answers with the same case.
//
// Errors: ErrNotFound, *ConflictError when something changed since, *InvalidError,
// *DuplicateError when an open case of the kind is there already, *WaitingError
// when it was kept to be filed as soon as there is room.
func (s *Service) FileDraft(ctx context.Context, a agency.Actor, draft uuid.UUID, digest string) (*Case, error) {
	return s.fileDraft(ctx, a, draft, digest, time.Time{})
}

// fileDraft is FileDraft; at is when a filing came that had to wait, zero: now.
func (s *Service) fileDraft(ctx context.Context, a agency.Actor, draft uuid.UUID, digest string, at time.Time) (*Case, error) {
	d, err := s.loadDraft(ctx, a, draft)
	if err != nil {
		return nil, fmt.Errorf("file draft %s: %w", draft, err)
	}
	if d.Filed != "" {
		return s.Get(ctx, a, d.Filed)
	}
	if err := s.mayFile(ctx, a, d.Procedure, d.Subject); err != nil {
		return nil, fmt.Errorf("file draft %s: %w", draft, err)
	}
	if _, err := s.settleDraft(ctx, d, false); err != nil {
		return nil, fmt.Errorf("file draft %s: %w", draft, err)
	}
	r, err := s.review(d)
	if err != nil {
		return nil, fmt.Errorf("file draft %s: %w", draft, err)
	}
	if r.Digest != digest {
		return nil, &ConflictError{Seen: d.Revision, Now: d.Revision, Changes: s.differences(d, digest)}
	}
	if at.IsZero() {
		if pressed, _ := s.Pressed(ctx); pressed {
			if err := complete(r); err != nil {
				return nil, fmt.Errorf("file draft %s: %w", draft, err)
			}
			return nil, s.keepWaiting(ctx, draft, digest)
		}
	}
	c, err := s.fileReviewed(ctx, a, r, &filing{Draft: &draft, At: at})
	if err != nil {
		return nil, fmt.Errorf("file draft %s: %w", draft, err)
	}
	if c.ID == uuid.Nil { // another request filed it first
		if d, err = s.loadDraft(ctx, a, draft); err != nil {
			return nil, err
		}
		return s.Get(ctx, a, d.Filed)
	}
	return s.view(ctx, a, c.ID, "")
}

// File files a case in one go. Errors as FileDraft, but ErrPressed in place of
// *WaitingError, and ErrReused when the key was used for another filing.
func (s *Service) File(ctx context.Context, a agency.Actor, f Filing) (*Case, error) {
	c, err := s.file(ctx, a, f)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", f.Procedure, err)
	}
	return c, nil
}

func (s *Service) file(ctx context.Context, a agency.Actor, f Filing) (*Case, error) {
	c, err := s.submit(ctx, a, f)
	if err != nil {
		return nil, err
	}
	return s.view(ctx, a, c.ID, "")
}

// Filed names a case that was filed, and what the filer has to know of it.
type Filed struct {
	ID   ID
	Code Code
}

// Submit is [Service.File] without reading the case afterwards, for programs
// that file many.
func (s *Service) Submit(ctx context.Context, a agency.Actor, f Filing) (Filed, error) {
	c, err := s.submit(ctx, a, f)
	if err != nil {
		return Filed{}, fmt.Errorf("file %s: %w", f.Procedure, err)
	}
	return c, nil
}

func (s *Service) submit(ctx context.Context, a agency.Actor, f Filing) (Filed, error) {
	if f.Key == uuid.Nil {
		f.Key = uuid.New()
	}
	request := requestHash(f.Procedure, f.Variant, f.Subject, f.Answers, f.Contests, f.Attachments)
	c, err := s.submitNew(ctx, a, f, request)
	if err == nil && c.ID != uuid.Nil {
		return c, nil
	}
	// Whatever stands in the way of a new filing: one that was done before is answered alike.
	before, known := s.filedBefore(ctx, a, f.Key, request)
	if known != nil || before.ID != uuid.Nil {
		return before, known
	}
	return Filed{}, err
}

// submitNew files under a key that is new; the zero Filed means that it is not.
func (s *Service) submitNew(ctx context.Context, a agency.Actor, f Filing, request []byte) (Filed, error) {
	p, err := s.service(f.Procedure)
	if err != nil {
		return Filed{}, err
	}
	if pressed, _ := s.Pressed(ctx); pressed {
		return Filed{}, ErrPressed
	}
	if f.Subject == "" {
		f.Subject = a.ID
	}
	if err := s.mayFile(ctx, a, p, f.Subject); err != nil {
		return Filed{}, err
	}
	d := &Draft{Procedure: p, Owner: a.ID, Subject: f.Subject, Answers: orEmpty(f.Answers), Contests: f.Contests, ownerName: a.Name, level: a.Level}
	var problems []forms.Problem
	for _, u := range f.Attachments {
		file, err := checkUpload(p, u, s.now())
		if wrong, ok := errors.AsType[*InvalidError](err); ok {
			problems = append(problems, wrong.Problems...)
		}
		d.Files = append(d.Files, file)
	}
	if _, err := s.settleDraft(ctx, d, false); err != nil {
		return Filed{}, err
	}
	r, err := s.review(d)
	if err != nil {
		return Filed{}, err
	}
	if f.Variant != "" && d.Variant != "" && f.Variant != d.Variant {
		problems = append(problems, forms.Problem{At: "/variant", Rule: "variant", VI: fmt.Sprintf("Theo các câu trả lời, trường hợp là %q", d.Variant),
			EN: fmt.Sprintf("The answers make it the variant %q", d.Variant)})
	}
	r.Problems = append(problems, r.Problems...)
	return s.fileReviewed(ctx, a, r, &filing{Key: f.Key, Request: request, Uploads: f.Attachments})
}

// filedBefore is the case that a key was answered with; the zero Filed when it is new.
func (s *Service) filedBefore(ctx context.Context, a agency.Actor, key uuid.UUID, request []byte) (c Filed, err error) {
	var hash []byte
	err = s.cfg.DB.QueryRow(ctx, `
		SELECT k.case_id, c.code, k.req_hash
		FROM filing_keys k
		JOIN cases c ON c.id = k.case_id
		WHERE k.applicant = $1 AND k.key = $2`, a.ID, key).Scan(&c.ID, &c.Code, &hash)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Filed{}, nil
	case err == nil && !slices.Equal(hash, request):
		return Filed{}, ErrReused
	}
	return c, err
}

// complete tells what stands in the way of filing what was reviewed.
func complete(r *Review) error {
	d := r.Draft
	problems := slices.DeleteFunc(slices.Clone(r.Problems), func(p forms.Problem) bool { return p.Warning })
	if at, stop := d.State.Stop(); stop != nil { // what else is missing does not matter any more
		return &InvalidError{Problems: []forms.Problem{{At: at.Field.Pointer, Rule: "stop", VI: stop.Text.VI, EN: stop.Text.EN, Law: stop.Law}}}
	}
	for _, m := range r.Missing {
		problems = append(problems, forms.Problem{At: forms.Pointer("/attachments/" + m.ID), Rule: "required", VI: "Nộp " + m.Title.VI, EN: "Add: " + m.Title.EN, Law: m.Law})
	}
	if len(problems) > 0 {
		return &InvalidError{Problems: problems}
	}
	return nil
}

// fileReviewed writes the case; the zero Filed means that it was filed before.
func (s *Service) fileReviewed(ctx context.Context, a agency.Actor, r *Review, how *filing) (Filed, error) {
	if err := complete(r); err != nil {
		return Filed{}, err
	}
	d := r.Draft
	competent, err := s.seat(d.Procedure.CompetentAt(d.vars))
	if err != nil {
		return Filed{}, err
	}
	if competent.ID == "" || r.Receiving.ID == "" {
		return Filed{}, fmt.Errorf("%s: %w", d.Procedure.ID, agency.ErrNoAgency)
	}
	c := &snapshot{ID: uuid.Must(uuid.NewV7()), Procedure: d.Procedure, Variant: d.Variant, Applicant: d.Owner, Subject: d.Subject,
		Receiving: r.Receiving.ID, Competent: competent.ID, Fee: r.Fee}
	how.Files, how.Owner = d.Files, a.ID
	b := &body{Revision: 1, ApplicantName: d.ownerName, SubjectName: s.nameOf(d), Answers: d.Answers, Contests: d.Contests, Records: d.records,
		Session: sessionVars(d.Owner, d.level, d.Subject), Digest: r.Digest}
	st := &step{c: c, body: b, filing: how}
	if p := d.Procedure.Once; p != nil {
		if st.once, err = p.String(d.vars); err != nil {
			return Filed{}, fmt.Errorf("once: %w", err)
		}
	}
	written, err := s.open(ctx, st, r.Receiving, &evaluated{body: b, State: d.State}, order{Command: uuid.New(), Actor: a,
		Trigger: workflow.Trigger{Kind: workflow.ByFile, Event: "file"}})
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == "case_once_pkey" {
		var code Code
		if err := s.cfg.DB.QueryRow(ctx, `SELECT c.code FROM case_once o JOIN cases c ON c.id = o.case_id WHERE o.procedure_id = $1 AND o.once_key = $2 AND c.applicant = $3`,
			d.Procedure.ID, st.once, a.ID).Scan(&code); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return Filed{}, err
		}
		return Filed{}, &DuplicateError{Code: code}
	}
	if err != nil || !written {
		return Filed{}, err
	}
	return Filed{ID: c.ID, Code: c.Code}, nil
}

// nameOf is the name of whom a draft is about, as far as its records tell.
func (s *Service) nameOf(d *Draft) string {
	if d.Subject == d.Owner {
		return d.ownerName
	}
	return nameIn(d.records, d.Subject)
}

// nameIn is a person's name, from a record read by their number.
func nameIn(records map[string]subjectRecord, number string) string {
	for _, r := range records {
		if m, _ := normal(r.Values).(map[string]any); r.Key == number && r.Kind == "person" && m != nil {
			name, _ := m["fullName"].(string)
			return name
		}
	}
	return ""
}

// open writes a new case with its first event. False means that it is there already.
func (s *Service) open(ctx context.Context, st *step, at agency.Agency, e *evaluated, o order) (bool, error) {
	var (
		c   = st.c
		now = s.now()
		err error
	)
	if st.filing != nil && !st.filing.At.IsZero() {
		now = st.filing.At // it came then, and had to wait
	}
	if c.Code, err = s.nextCode(ctx, at, now); err != nil {
		return false, err
	}
	c.FiledAt, c.Head = now, genesis(c.ID)
	c.Memory = *c.Memory.clone()
	v := variables{c: c, b: e, now: now, input: o.Input.vars()}
	if st.filing != nil {
		v.files = attachmentsOf(st.filing.Files)
	}
	vars := v.vars()
	limit, err := c.Procedure.LimitOf(vars, dayOf(now))
	if err != nil {
		return false, err
	}
	if limit != nil {
		c.Term.Limit, c.Term.CutOff = limit.Limit, limit.CutOff
	}
	d, err := c.Procedure.Machine.Decide(workflow.Input{Trigger: o.Trigger, Vars: vars, System: true, ActorID: o.Actor.ID})
	if err != nil {
		return false, err
	}
	if err := s.fill(ctx, st, d, o, requestHash(o.Trigger, o.Actor.ID, e.Digest), v); err != nil {
		return false, err
	}
	failpoint.Hit(failpoint.FileBefore)
	written, err := s.write(ctx, st)
	failpoint.Hit(failpoint.FileAfter)
	return written, err
}
