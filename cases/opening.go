package cases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/workflow"
)

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
		b.Answers[section] = shared(p, section, parent.State.Values[section])
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

// shared are the answers of a parent's section that the sub-case asks for too:
// nobody gets more of a citizen's data than their form shows.
func shared(p *procedures.Procedure, section string, answers any) map[string]any {
	out := map[string]any{}
	values, _ := answers.(map[string]any)
	for name, v := range values {
		if p.Form.Field(forms.Pointer("/"+section+"/"+name)) != nil {
			out[name] = v
		}
	}
	return out
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
