package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// Get returns a case as the actor sees it. An officer's look is a read of
// personal data: it is written into the log of reads with the look itself.
// Errors to act upon: ErrNotFound, also for a case that the actor may not know of.
func (s *Service) Get(ctx context.Context, a agency.Actor, code Code) (*Case, error) {
	return s.view(ctx, a, ID{}, code)
}

// view is Get by code, or by id when the code is empty. It takes two round
// trips: the case's row, and everything else in one batch.
func (s *Service) view(ctx context.Context, a agency.Actor, id ID, code Code) (*Case, error) {
	var (
		c   *snapshot
		err error
	)
	if code == "" {
		c, err = s.visibleBy(ctx, a, `c.id = $1`+toBeRead, id)
	} else {
		c, err = s.visible(ctx, a, code)
	}
	if err != nil {
		return nil, fmt.Errorf("read case %s%s: %w", code, orID(code, id), err)
	}
	v, err := s.assemble(ctx, a, c)
	if err != nil {
		return nil, fmt.Errorf("read case %s: %w", c.Code, err)
	}
	return v, nil
}

func orID(code Code, id ID) string {
	if code != "" {
		return ""
	}
	return id.String()
}

func (s *Service) assemble(ctx context.Context, a agency.Actor, c *snapshot) (*Case, error) {
	body, err := s.body(ctx, c)
	if err != nil {
		return nil, err
	}
	p, err := s.parts(ctx, a, c, body)
	if err != nil {
		return nil, err
	}
	v := &Case{
		ID: c.ID, Code: c.Code, Procedure: c.Procedure, Variant: c.Variant, State: c.State, StateTitle: stateTitle(c.Procedure, c.State),
		Outcome: c.Outcome, Negative: c.stateDef() != nil && c.stateDef().Negative, Revision: c.Revision,
		Applicant: c.Applicant, ApplicantName: body.ApplicantName, Subject: c.Subject, SubjectName: body.SubjectName,
		Receiving: c.Receiving, Competent: c.Competent, FiledAt: c.FiledAt, DueAt: timeOf(c.DueAt), Promised: c.Memory.Promised, ClosedAt: timeOf(c.ClosedAt),
		Fee: c.Fee, Paid: c.Memory.Paid, Parent: p.parent,
		Form: body.State, Contests: body.Contests, Changed: body.Changed,
		Files: p.files, Documents: p.documents[c.ID], Children: p.children, Events: p.events, Task: p.task, Troubles: p.troubles, Undoing: p.undoing, Payment: p.payment,
		Notices: p.notices, Handovers: p.handovers, NewDate: c.Memory.Told, Escalations: p.escalations,
	}
	if err := s.explainDue(ctx, v, c); err != nil {
		return nil, err
	}
	at := s.cfg.Agencies.Heir(c.Competent)
	if p.task != nil {
		p.task.Agency = s.cfg.Agencies.Heir(p.task.Agency) // who may do it today
		at = p.task.Agency
	}
	v.Status = s.statusText(standing{Procedure: c.Procedure, State: c.State, Agency: at, Yours: a.Kind == agency.Citizen && a.ID == c.Applicant,
		Until: p.until, DueAt: v.DueAt, ClosedAt: v.ClosedAt})
	v.Until = p.until
	present := attachmentsOf(p.files)
	vars := variables{c: c, b: body, kids: p.kids, files: present, now: s.now()}.vars()
	if v.Values, err = c.Procedure.Results(vars, false); err != nil {
		s.cfg.Log.WarnContext(ctx, "a value of a case cannot be computed", "case", c.Code, "error", err)
	}
	if v.Checklist, err = s.checklist(c, body, present, vars, p.judged); err != nil {
		return nil, err
	}
	v.TakenOver = s.takenOver(c)
	holder := ""
	if p.task != nil {
		holder = p.task.AssigneeName
	}
	if c.ClosedAt == nil {
		v.Allowed = s.allowed(a, c, vars, v.Checklist, holder)
	}
	if asksSupplement(c) {
		v.Asked, v.AskedBy = askedItems(c), c.Memory.AskedBy
	}
	if a.Kind == agency.Citizen {
		v.forCitizen()
	} else if !v.AskedBy.IsZero() {
		// What the citizen has uploaded is the office's business once it is handed in.
		since := enteredAt(v.Events)
		v.Files = slices.DeleteFunc(v.Files, func(f File) bool { return !f.UploadedAt.Before(since) })
	}
	return v, nil
}

// takenOver are the agencies of a case whose work another does today.
func (s *Service) takenOver(c *snapshot) []TakenOver {
	var out []TakenOver
	for _, from := range slices.Compact([]agency.ID{c.Competent, c.Receiving}) {
		if by := s.cfg.Agencies.Heir(from); by != from {
			out = append(out, TakenOver{From: from, By: by})
		}
	}
	return out
}

// asksSupplement tells whether the case waits for the citizen to answer a supplement request.
func asksSupplement(c *snapshot) bool {
	return waitsFor(c.stateDef()) == waitsForApplicant && slices.ContainsFunc(c.Memory.Asked, func(it AskedItem) bool { return !it.Done })
}

func askedItems(c *snapshot) []AskedItem {
	out := slices.Clone(c.Memory.Asked)
	for i := range out {
		out[i].Title = checkTitle(c.Procedure, out[i].Item)
	}
	return out
}

// explainDue adds how the due date comes about. While the term stands still the
// date moves on day by day, so it is counted anew.
func (s *Service) explainDue(ctx context.Context, v *Case, c *snapshot) error {
	at := s.now()
	if c.ClosedAt != nil {
		at = *c.ClosedAt
	}
	cal, err := s.calendarOf(ctx, c.Term.Calendar)
	if err != nil {
		return err
	}
	due, err := c.Term.due(cal, at)
	if outside, ok := errors.AsType[*calendar.RangeError](err); ok {
		v.DueBecause = []calendar.Line{{Day: outside.Until, VI: "Lịch làm việc chưa được ban hành cho các ngày sau đó", EN: "The calendar of working days ends here"}}
		return nil
	}
	if err != nil {
		return err
	}
	v.DueBecause = append(due.Because, redateLines(v.Events)...)
	if c.ClosedAt == nil && !c.Term.Paused.IsZero() {
		v.DueAt = due.At
	}
	return nil
}

// forCitizen leaves out what only officers see.
func (v *Case) forCitizen() {
	v.Events = forCitizens(v.Procedure.Machine, v.Events)
	v.Checklist, v.Handovers, v.Escalations = nil, nil, nil
	for i := range v.Troubles {
		v.Troubles[i].Error = ""
	}
	for i := range v.Undoing {
		v.Undoing[i].Error = ""
	}
}

// childView is a sub-case as its parent's readers see it: where it stands and
// what it issued, not what it holds.
func (s *Service) childView(ctx context.Context, k childRecord, documents map[ID][]Document) (Child, error) {
	out := Child{Slot: k.Slot, Outcome: k.Outcome, Agency: agency.ID(k.competent), Addressed: k.addressee, DueAt: timeOf(k.due), Cancelled: k.Cancelled, Silent: k.Outcome == "" && (k.Cancelled || k.Detached),
		Documents: documents[k.ID]}
	switch {
	case k.code != "":
		p, err := s.definition(ctx, k.definition)
		if err != nil {
			return out, err
		}
		out.Link = Link{ID: k.ID, Code: k.code, Procedure: p.ID, Title: p.Name}
		out.State = stateTitle(p, k.state)
		if def := p.Machine.States[k.state]; def != nil {
			out.Negative = def.Negative
		}
	case k.Cancelled:
		out.State = workflow.Text{VI: "Không cần nữa", EN: "No longer needed"}
	default:
		out.State = workflow.Text{VI: "Đang được mở", EN: "Being opened"}
	}
	return out, nil
}

// late is how long an effect may take before readers are told.
const late = 2 * time.Minute
