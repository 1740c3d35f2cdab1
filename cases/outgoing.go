package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/workflow"
)

// vars are what the effect's expressions read: the case as it is now, at the
// time of the event, with that event's input.
func (s *Service) effectVars(ctx context.Context, e *Effect) (variables, error) {
	v := variables{c: e.c, now: e.At, input: e.step[0].Input.vars()}
	var err error
	if v.b, v.files, err = s.bodyAndFiles(ctx, e.c); err != nil {
		return v, err
	}
	if e.c.Memory.Children {
		v.kids, err = s.children(ctx, e.c.ID)
	}
	return v, err
}

// in gives the variables the words that texts in lang need.
func (s *Service) in(v variables, lang string) map[string]any {
	if v.c.DueAt != nil {
		v.due = dueWords(*v.c.DueAt, lang)
	}
	if a, ok := s.cfg.Agencies.Agency(v.c.Competent); ok {
		v.place = a.Name(lang)
	}
	return v.vars()
}

// dueWords is an instant as letters write it: 17 giờ 00 ngày 03/12/2026.
func dueWords(t time.Time, lang string) string {
	t = t.In(calendar.Hanoi)
	if lang == "en" {
		return t.Format("15:04 on 02/01/2006")
	}
	return fmt.Sprintf("%02d giờ %02d ngày %s", t.Hour(), t.Minute(), t.Format("02/01/2006"))
}

// Notification is a message to one or more people.
type Notification struct {
	Code  Code
	Title workflow.Text // of the procedure
	Text  workflow.Text // no personal data
	To    []Recipient
}

// Recipient is who gets a notification. At most one of the addresses is used.
type Recipient struct {
	ID    string // personal number, or an officer's id
	Name  string // of an officer who is warned; else empty
	Email string // empty: none known
	Phone string // empty: none known

	SentBy string    // how an earlier attempt sent it; empty: not sent yet
	notice uuid.UUID // in the portal
}

// Notify puts the notice into the portal, once, and returns what is to be sent
// besides. Contact data come from the resident database, and the read is logged.
func (s *Service) Notify(ctx context.Context, e *Effect) (*Notification, error) {
	n, err := s.notify(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e, err)
	}
	return n, nil
}

func (s *Service) notify(ctx context.Context, e *Effect) (*Notification, error) {
	def := noticeOf(e.c.Procedure, e.Name)
	if text, ok := s.ownNotice(e); ok {
		def = own("applicant", text.VI, text.EN)
	}
	if e.Name == NoticeHeldUp {
		def = s.heldUpNotice(e)
	}
	if def == nil {
		return nil, fmt.Errorf("there is no notice %q", e.Name)
	}
	v, err := s.effectVars(ctx, e)
	if err != nil {
		return nil, err
	}
	n := &Notification{Code: e.Code, Title: e.c.Procedure.Name}
	if n.Text.VI, err = def.Text.Execute(s.in(v, "vi"), "vi"); err != nil {
		return nil, err
	}
	if n.Text.EN, err = def.Text.Execute(s.in(v, "en"), "en"); err != nil {
		return nil, err
	}
	if n.To, err = s.recipients(ctx, e, def.To, v); err != nil {
		return nil, err
	}
	text, err := json.Marshal(n.Text)
	if err != nil {
		return nil, err
	}
	for i := range n.To {
		r := &n.To[i]
		r.notice = e.Key
		if i > 0 {
			r.notice = derived(e.Key, r.ID)
		}
		if err := s.cfg.DB.QueryRow(ctx, `
			WITH new AS (
				INSERT INTO notices (id, to_whom, case_id, code, text, at)
				VALUES (@id, @whom, @case, @code, @text, @at)
				ON CONFLICT (id) DO NOTHING)
			SELECT coalesce((SELECT sent_by FROM notices WHERE id = @id), '')`, pgx.StrictNamedArgs{
			"id": r.notice, "whom": r.ID, "case": e.Case, "code": e.Code, "text": text, "at": s.now()}).Scan(&r.SentBy); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// NoticeSent writes down that a message went out besides the portal, so that a
// later attempt does not send it again.
func (s *Service) NoticeSent(ctx context.Context, r Recipient, by string) error {
	if _, err := s.cfg.DB.Exec(ctx, `UPDATE notices SET sent_by = $2 WHERE id = $1 AND sent_by IS NULL`, r.notice, by); err != nil {
		return fmt.Errorf("note that a message was sent: %w", err)
	}
	return nil
}

// recipients finds whom a notice goes to. A subject whose key is not known gets none.
func (s *Service) recipients(ctx context.Context, e *Effect, to string, v variables) ([]Recipient, error) {
	number := e.c.Applicant
	if name, ok := strings.CutPrefix(to, "subjects."); ok {
		number = v.b.Records[name].Key
	}
	if to == "owner" {
		return s.owners(ctx, e)
	}
	if number == "" {
		return nil, nil
	}
	r, err := s.cfg.Records.Fetch(ctx, registry.Request{Kind: resident.ContactKind, Key: number, Purpose: registry.Purpose{
		Reader: "notify", ReaderKind: string(agency.System), Agency: string(e.c.Competent), Case: string(e.Code),
		Text: "Gửi thông báo về hồ sơ cho Ông/Bà", Basis: "law: Nghị định 118/2025/NĐ-CP"}})
	if err != nil {
		return nil, err
	}
	if r.State == registry.Unavailable {
		return nil, fmt.Errorf("read contact data: %w", registry.ErrUnavailable)
	}
	email, _ := r.Values["email"].(string)
	phone, _ := r.Values["phone"].(string)
	return []Recipient{{ID: number, Email: email, Phone: phone}}, nil
}

// owners are the officers whose turn it is.
func (s *Service) owners(ctx context.Context, e *Effect) ([]Recipient, error) {
	def := e.c.stateDef()
	if e.c.Procedure.Machine.Roles[def.Owner] == nil {
		return nil, nil
	}
	staff, err := s.cfg.Agencies.Officers(ctx, s.roleAt(e.c, def.Owner), string(def.Owner))
	if err != nil {
		return nil, err
	}
	var out []Recipient
	for _, o := range staff {
		if e.c.Assignee == "" || e.c.Assignee == o.ID {
			out = append(out, Recipient{ID: o.ID, Email: o.Email})
		}
	}
	return out, nil
}

// ResidentChange is what an update-resident effect writes.
func (s *Service) ResidentChange(ctx context.Context, e *Effect) (resident.Change, error) {
	def := e.c.Procedure.Changes[e.Name]
	if def == nil {
		return resident.Change{}, fmt.Errorf("%s: there is no change %q", e, e.Name)
	}
	v, err := s.effectVars(ctx, e)
	if err != nil {
		return resident.Change{}, fmt.Errorf("%s: %w", e, err)
	}
	values, err := valuesOf(def, v.vars())
	if err != nil {
		return resident.Change{}, fmt.Errorf("%s: %w", e, err)
	}
	return resident.Change{Type: def.Type, Values: values, At: e.At,
		Cause: resident.Cause{CaseID: e.Case.String(), CaseCode: string(e.Code), Seq: e.Seq, Idx: e.Idx}}, nil
}

// RegistryMessage is what a send effect tells a registry, and the signals that
// its answers are.
func (s *Service) RegistryMessage(ctx context.Context, e *Effect) (m registry.Message, done, refused workflow.Event, err error) {
	def := e.c.Procedure.Messages[e.Name]
	if def == nil {
		return m, "", "", fmt.Errorf("%s: there is no message %q", e, e.Name)
	}
	v, err := s.effectVars(ctx, e)
	if err != nil {
		return m, "", "", fmt.Errorf("%s: %w", e, err)
	}
	vars := v.vars()
	m = registry.Message{To: def.To, Operation: def.Operation, Key: e.Key.String(), Body: map[string]any{}}
	for name, p := range def.Body {
		val, err := p.Eval(vars)
		if err != nil {
			return m, "", "", fmt.Errorf("%s: body %s: %w", e, name, err)
		}
		m.Body[name] = val
	}
	if e.Type == EffectUndoSend {
		return m, "", "", nil // the case has ended: a refusal is for an operator to see to
	}
	return m, def.Done, def.Refused, nil
}
