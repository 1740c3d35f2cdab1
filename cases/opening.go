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

// deepest is how many cases may stand one above the other below the first.
const deepest = 2

// openFor opens the sub-case that a parent asked for, once: a second message
// changes nothing. declined names the rule that stands against it.
func (s *Service) openFor(ctx context.Context, o Opening, d *delivery) (declined string, err error) {
	up, err := s.snapshot(ctx, o.Parent, uuid.Nil)
	if err != nil {
		return "", fmt.Errorf("open %s of case %s: %w", o.Slot, o.Parent, err)
	}
	var there bool
	if err := s.cfg.DB.QueryRow(ctx, `SELECT EXISTS (SELECT FROM cases WHERE id = $1)`, o.Child).Scan(&there); err != nil {
		return "", fmt.Errorf("open %s of case %s: %w", o.Slot, up.Code, err)
	}
	if there {
		d.known = true
		return "", nil
	}
	switch p, ok := s.cfg.Procedures.On(o.Procedure, dayOf(s.now())); {
	case o.Depth > deepest || up.Memory.Depth+1 > deepest:
		return declinedDepth, nil
	case up.ClosedAt != nil || up.Memory.Gen != o.Gen:
		return declinedNotNeeded, nil
	case !ok:
		return declinedProcedure, nil
	default:
		err = s.openChild(ctx, p, o, up, d)
	}
	if err != nil {
		return "", fmt.Errorf("open %s of case %s: %w", o.Slot, up.Code, err)
	}
	return "", nil
}

func (s *Service) openChild(ctx context.Context, p *procedures.Procedure, o Opening, up *snapshot, d *delivery) error {
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
		ParentID: &up.ID, ParentSlot: o.Slot, ParentGen: o.Gen, Fee: fee, Memory: memory{Depth: up.Memory.Depth + 1}}
	written, err := s.open(ctx, &step{c: c, body: b, filing: &filing{Parent: &up.ID, Files: papers}, in: d}, receiving, &evaluated{body: b, State: set.State}, order{Command: d.envelope.ID,
		Actor: agency.Actor{Kind: agency.System, ID: "case " + string(up.Code)}, Trigger: workflow.Trigger{Kind: workflow.ByFile, Event: "file"}})
	d.known = err == nil && !written // another delivery opened it at the same instant
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
