package cases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
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

// reviewed is a check page that a citizen was shown.
type reviewed struct {
	Digest  string                          `json:"digest"`
	Answers map[forms.Pointer]workflow.Text `json:"answers"` // in words
}

// reviewsKept is how many check pages of a draft are remembered, so that a
// difference can be told to each tab that is open.
const reviewsKept = 4

// Review is what the check page shows: problems, papers, fee, agency and term.
func (s *Service) Review(ctx context.Context, a agency.Actor, draft uuid.UUID) (*Review, error) {
	var r *Review
	_, err := s.change(ctx, a, draft, 0, func(d *Draft) (err error) {
		if _, err = s.settleDraft(ctx, d, false); err != nil {
			return err
		}
		if r, err = s.review(d); err != nil {
			return err
		}
		d.reviewed = slices.DeleteFunc(d.reviewed, func(x reviewed) bool { return x.Digest == r.Digest })
		d.reviewed = append(d.reviewed, reviewed{r.Digest, s.inWords(d)})
		d.reviewed = d.reviewed[max(0, len(d.reviewed)-reviewsKept):]
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	return r, nil
}

// inWords is everything that the check page shows of a draft.
func (s *Service) inWords(d *Draft) map[forms.Pointer]workflow.Text {
	out := map[forms.Pointer]workflow.Text{}
	for _, section := range d.State.Sections {
		for _, a := range section.Answers {
			out[a.Field.Pointer] = workflow.Text{VI: a.Print("vi", s.cfg.Agencies.AddressText("vi")), EN: a.Print("en", s.cfg.Agencies.AddressText("en"))}
		}
	}
	for _, f := range d.Files {
		out[forms.Pointer("/attachments/"+f.Attachment+"/"+f.ID.String())] = workflow.Text{VI: f.Name, EN: f.Name}
	}
	return out
}

func (s *Service) review(d *Draft) (*Review, error) {
	p, today := d.Procedure, dayOf(s.now())
	r := &Review{Draft: d}
	_, r.Problems = p.Form.Validate(s.formContext(d))
	var err error
	if d.Variant == "" && len(p.Variants) > 0 {
		if _, err = p.VariantOf(d.vars); err != nil && !hasErrors(r.Problems) {
			return nil, err
		}
		return r, nil // what is missing is among the problems
	}
	// What follows from answers that have to be corrected first may not be computable.
	wrong := hasErrors(r.Problems)
	if r.Attachments, err = p.AttachmentsFor(d.vars); err != nil && !wrong {
		return nil, err
	}
	have := attachmentsOf(d.Files)
	for _, at := range r.Attachments {
		if !at.Optional && !slices.Contains(have, at.ID) {
			r.Missing = append(r.Missing, at)
		}
	}
	if r.FeeRow, r.Fee, err = p.Fee(d.vars, today); err != nil && !wrong {
		return nil, err
	}
	if r.Limit, err = p.LimitOf(d.vars, today); err != nil && !wrong {
		return nil, err
	}
	if r.Receiving, err = s.seat(p.ReceivingAt(d.vars)); err != nil && !wrong {
		return nil, err
	}
	if r.Limit != nil {
		due, err := s.cfg.Calendar.Due(calendar.Clock{Start: s.now(), Limit: r.Limit.Limit, CutOff: r.Limit.CutOff}, s.now())
		if err != nil {
			return nil, err
		}
		r.DueIfToday, r.Because = due.At, due.Because
	}
	r.Digest = digestOf(d, r.Fee)
	return r, nil
}

func hasErrors(problems []forms.Problem) bool {
	return slices.ContainsFunc(problems, func(p forms.Problem) bool { return !p.Warning })
}

// digestOf names everything that the check page shows.
func digestOf(d *Draft, fee int64) string {
	h := sha256.New()
	form := forms.Digest(d.State)
	fmt.Fprintf(h, "%s\n%s\n%s\n%d\n%x\n", d.Procedure.Hash, d.Subject, d.Variant, fee, form)
	for _, f := range d.Files {
		fmt.Fprintf(h, "%s %s %q\n", f.Attachment, f.SHA256, f.Name)
	}
	return hex.EncodeToString(h.Sum(nil))
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
// *DuplicateError when an open case of the kind is there already.
func (s *Service) FileDraft(ctx context.Context, a agency.Actor, draft uuid.UUID, digest string) (*Case, error) {
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
	id, err := s.fileReviewed(ctx, a, r, &filing{Draft: &draft})
	if err != nil {
		return nil, fmt.Errorf("file draft %s: %w", draft, err)
	}
	if id == uuid.Nil { // another request filed it first
		if d, err = s.loadDraft(ctx, a, draft); err != nil {
			return nil, err
		}
		return s.Get(ctx, a, d.Filed)
	}
	return s.view(ctx, a, id, "")
}

// differences tells what changed since the check page with the digest was shown.
func (s *Service) differences(d *Draft, digest string) []Change {
	i := slices.IndexFunc(d.reviewed, func(x reviewed) bool { return x.Digest == digest })
	if i < 0 {
		return nil
	}
	before, now := d.reviewed[i].Answers, s.inWords(d)
	title := func(at forms.Pointer) workflow.Text {
		if f := d.Procedure.Form.Field(at); f != nil {
			return f.Title
		}
		return workflow.Text{VI: "Giấy tờ kèm theo", EN: "Attached paper"}
	}
	var out []Change
	for at, was := range before {
		if now[at] != was {
			out = append(out, Change{What: title(at), Before: was, After: now[at]})
		}
	}
	for at, is := range now {
		if _, ok := before[at]; !ok {
			out = append(out, Change{What: title(at), After: is})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.What.VI, b.What.VI) })
	return out
}

// File files a case in one go. Errors as FileDraft, and ErrReused when the key
// was used for another filing.
func (s *Service) File(ctx context.Context, a agency.Actor, f Filing) (*Case, error) {
	c, err := s.file(ctx, a, f)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", f.Procedure, err)
	}
	return c, nil
}

func (s *Service) file(ctx context.Context, a agency.Actor, f Filing) (*Case, error) {
	if f.Key == uuid.Nil {
		f.Key = uuid.New()
	}
	request := requestHash(f.Procedure, f.Variant, f.Subject, f.Answers, f.Contests, f.Attachments)
	if c, err := s.filedBefore(ctx, a, f.Key, request); c != nil || err != nil {
		return c, err
	}
	p, err := s.service(f.Procedure)
	if err != nil {
		return nil, err
	}
	if f.Subject == "" {
		f.Subject = a.ID
	}
	if err := s.mayFile(ctx, a, p, f.Subject); err != nil {
		return nil, err
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
		return nil, err
	}
	r, err := s.review(d)
	if err != nil {
		return nil, err
	}
	if f.Variant != "" && d.Variant != "" && f.Variant != d.Variant {
		problems = append(problems, forms.Problem{At: "/variant", Rule: "variant", VI: fmt.Sprintf("Theo các câu trả lời, trường hợp là %q", d.Variant),
			EN: fmt.Sprintf("The answers make it the variant %q", d.Variant)})
	}
	r.Problems = append(problems, r.Problems...)
	id, err := s.fileReviewed(ctx, a, r, &filing{Key: f.Key, Request: request, Uploads: f.Attachments})
	if err != nil {
		return nil, err
	}
	if id == uuid.Nil {
		return s.filedBefore(ctx, a, f.Key, request)
	}
	return s.view(ctx, a, id, "")
}

// filedBefore is the case that a key was answered with; nil when it is new.
func (s *Service) filedBefore(ctx context.Context, a agency.Actor, key uuid.UUID, request []byte) (*Case, error) {
	var (
		id   ID
		hash []byte
	)
	err := s.cfg.DB.QueryRow(ctx, `SELECT case_id, req_hash FROM filing_keys WHERE applicant = $1 AND key = $2`, a.ID, key).Scan(&id, &hash)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case !slices.Equal(hash, request):
		return nil, ErrReused
	}
	return s.view(ctx, a, id, "")
}

// fileReviewed writes the case; uuid.Nil means that it was filed before.
func (s *Service) fileReviewed(ctx context.Context, a agency.Actor, r *Review, how *filing) (ID, error) {
	d := r.Draft
	problems := slices.DeleteFunc(slices.Clone(r.Problems), func(p forms.Problem) bool { return p.Warning })
	if at, stop := d.State.Stop(); stop != nil { // what else is missing does not matter any more
		return uuid.Nil, &InvalidError{Problems: []forms.Problem{{At: at.Field.Pointer, Rule: "stop", VI: stop.Text.VI, EN: stop.Text.EN, Law: stop.Law}}}
	}
	for _, m := range r.Missing {
		problems = append(problems, forms.Problem{At: forms.Pointer("/attachments/" + m.ID), Rule: "required", VI: "Nộp " + m.Title.VI, EN: "Add: " + m.Title.EN, Law: m.Law})
	}
	if len(problems) > 0 {
		return uuid.Nil, &InvalidError{Problems: problems}
	}
	competent, err := s.seat(d.Procedure.CompetentAt(d.vars))
	if err != nil {
		return uuid.Nil, err
	}
	if competent.ID == "" || r.Receiving.ID == "" {
		return uuid.Nil, fmt.Errorf("%s: %w", d.Procedure.ID, agency.ErrNoAgency)
	}
	c := &snapshot{ID: uuid.Must(uuid.NewV7()), Procedure: d.Procedure, Variant: d.Variant, Applicant: d.Owner, Subject: d.Subject,
		Receiving: r.Receiving.ID, Competent: competent.ID, Fee: r.Fee}
	how.Files, how.Owner = d.Files, a.ID
	b := &body{Revision: 1, ApplicantName: d.ownerName, SubjectName: s.nameOf(d), Answers: d.Answers, Contests: d.Contests, Records: d.records,
		Session: sessionVars(d.Owner, d.level, d.Subject), Digest: r.Digest}
	st := &step{c: c, body: b, filing: how}
	if p := d.Procedure.Once; p != nil {
		if st.once, err = p.String(d.vars); err != nil {
			return uuid.Nil, fmt.Errorf("once: %w", err)
		}
	}
	written, err := s.open(ctx, st, r.Receiving, &evaluated{body: b, State: d.State}, order{Command: uuid.New(), Actor: a,
		Trigger: workflow.Trigger{Kind: workflow.ByFile, Event: "file"}})
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == "cases_once" {
		var code Code
		if err := s.cfg.DB.QueryRow(ctx, `SELECT code FROM cases WHERE procedure_id = $1 AND once_key = $2 AND closed_at IS NULL AND applicant = $3`,
			d.Procedure.ID, st.once, a.ID).Scan(&code); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return uuid.Nil, err
		}
		return uuid.Nil, &DuplicateError{Code: code}
	}
	if err != nil || !written {
		return uuid.Nil, err
	}
	return c.ID, nil
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
	return s.write(ctx, st)
}

// OpenChild opens the sub-case that a parent asked for, once: a second call with
// the same Opening changes nothing.
func (s *Service) OpenChild(ctx context.Context, o Opening, parent ID, cause uuid.UUID) error {
	up, err := s.snapshot(ctx, parent, uuid.Nil)
	if err != nil {
		return fmt.Errorf("open %s of case %s: %w", o.Slot, parent, err)
	}
	if err := s.openChild(ctx, o, up, cause); err != nil {
		return fmt.Errorf("open %s of case %s: %w", o.Slot, up.Code, err)
	}
	return nil
}

func (s *Service) openChild(ctx context.Context, o Opening, up *snapshot, cause uuid.UUID) error {
	var there bool
	if err := s.cfg.DB.QueryRow(ctx, `SELECT EXISTS (SELECT FROM cases WHERE id = $1)`, o.Child).Scan(&there); err != nil || there {
		return err
	}
	p, ok := s.cfg.Procedures.Get(o.Procedure)
	if !ok {
		return fmt.Errorf("procedure %s: %w", o.Procedure, ErrNotFound)
	}
	parent, err := s.body(ctx, up)
	if err != nil {
		return err
	}
	b := &body{Revision: 1, SubjectName: parent.SubjectName, Answers: map[string]any{}, Session: sessionVars(o.Addressed, p.Level, up.Subject), Given: o.Given}
	for _, section := range o.Share {
		if v, ok := parent.State.Values[section]; ok {
			b.Answers[section] = v
		}
	}
	papers, err := s.handedOn(ctx, up.ID, p)
	if err != nil {
		return err
	}
	set, err := s.settle(ctx, p, readSubjects{Answers: b.Answers, Session: b.Session, Given: b.Given, Files: attachmentsOf(papers), Today: dayOf(s.now()),
		Variant: o.Variant, Draft: o.Variant == "",
		Purpose: registry.Purpose{Reader: "sub-case " + o.Slot, ReaderKind: string(agency.System), Agency: string(o.Agency), Case: string(up.Code), Text: p.Name.VI}})
	if err != nil {
		return err
	}
	b.Records = set.Records
	if b.ApplicantName = nameIn(parent.Records, o.Addressed); b.ApplicantName == "" {
		if b.ApplicantName = nameIn(set.Records, o.Addressed); b.ApplicantName == "" && o.Addressed == up.Applicant {
			b.ApplicantName = parent.ApplicantName
		}
	}
	digest, err := json.Marshal(o)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(digest)
	b.Digest = hex.EncodeToString(sum[:])
	receiving, competent, err := s.seatsOfChild(p, o, set.Vars)
	if err != nil {
		return err
	}
	_, fee, err := p.Fee(set.Vars, dayOf(s.now()))
	if err != nil {
		return err
	}
	// What another citizen is asked is about themself: their answer is theirs and
	// the officers' to read, not the parent's applicant's.
	subject := up.Subject
	if o.Addressed != up.Applicant {
		subject, b.SubjectName = o.Addressed, b.ApplicantName
	}
	c := &snapshot{ID: o.Child, Procedure: p, Variant: set.Variant, Applicant: o.Addressed, Subject: subject, Receiving: receiving.ID, Competent: competent.ID,
		ParentID: &up.ID, ParentSlot: o.Slot, ParentGen: o.Gen, Fee: fee}
	_, err = s.open(ctx, &step{c: c, body: b, filing: &filing{Parent: &up.ID, Files: papers}}, receiving, &evaluated{body: b, State: set.State}, order{Command: cause,
		Actor: agency.Actor{Kind: agency.System, ID: "case " + string(up.Code)}, Trigger: workflow.Trigger{Kind: workflow.ByFile, Event: "file"}})
	return err
}

// handedOn are the parent's papers that the sub-case asks for too, by their name.
func (s *Service) handedOn(ctx context.Context, parent ID, p *procedures.Procedure) ([]File, error) {
	if len(p.Attachments) == 0 {
		return nil, nil
	}
	rows, err := s.cfg.DB.Query(ctx, filesSQL, parent)
	if err != nil {
		return nil, err
	}
	files, err := pgx.CollectRows(rows, pgx.RowToStructByPos[File])
	return slices.DeleteFunc(files, func(f File) bool {
		return !slices.ContainsFunc(p.Attachments, func(a *procedures.Attachment) bool { return a.ID == f.Attachment })
	}), err
}

// seatsOfChild finds the agencies of a sub-case: as the parent said, else as its
// own procedure says, else the parent's.
func (s *Service) seatsOfChild(p *procedures.Procedure, o Opening, vars map[string]any) (receiving, competent agency.Agency, err error) {
	if o.Kind != "" {
		receiving, err = s.cfg.Agencies.Competent(context.Background(), agency.Kind(o.Kind), o.Commune)
		return receiving, receiving, err
	}
	if receiving, err = s.seat(p.ReceivingAt(vars)); err != nil {
		return
	}
	if competent, err = s.seat(p.CompetentAt(vars)); err != nil {
		return
	}
	if receiving.ID == "" || competent.ID == "" {
		receiving, err = s.cfg.Agencies.Successor(o.Agency)
		competent = receiving
	}
	return
}
