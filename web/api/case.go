package api

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// CaseView is a case as the caller may see it.
type CaseView struct {
	Code       cases.Code        `json:"code" example:"H01.00004-261126-000123"`
	Procedure  procedures.ID     `json:"procedure"`
	Title      workflow.Text     `json:"title" doc:"Name of the procedure"`
	Definition procedures.Hash   `json:"definition" doc:"The version that the case goes by to its end"`
	Variant    string            `json:"variant"`
	State      workflow.State    `json:"state"`
	StateTitle workflow.Text     `json:"state_title"`
	Status     workflow.Text     `json:"status" doc:"One sentence: who has it, until when"`
	Outcome    *workflow.Outcome `json:"outcome" doc:"granted, refused …; null while it is open"`
	Agency     Office            `json:"agency" doc:"Has the case now, or decides it"`
	Receiving  Office            `json:"receiving" doc:"Took it in"`
	Owner      *Owner            `json:"owner" doc:"Who has to act; null when it has ended"`
	Applicant  Person            `json:"applicant"`
	Subject    Person            `json:"subject" doc:"Whom it is about"`
	FiledAt    time.Time         `json:"filed_at"`
	DueAt      *time.Time        `json:"due_at" doc:"End of the legal term; null: it is not running yet"`
	DueBecause []calendar.Line   `json:"due_because" nullable:"false" doc:"How the term comes about, day by day"`
	Promised   *time.Time        `json:"promised_at" doc:"What the receipt said"`
	NewDate    *time.Time        `json:"new_date_at" doc:"A later date that the citizen was told since, by extension, apology or a change of the calendar"`
	ClosedAt   *time.Time        `json:"closed_at"`
	Revision   int               `json:"revision" doc:"For If-Match"`
	Fee        int64             `json:"fee" doc:"Đồng"`
	Paid       bool              `json:"paid"`
	Payment    *PaymentView      `json:"payment" doc:"null: nothing was asked for"`
	Parent     *LinkView         `json:"parent" doc:"The case that opened this one"`

	Answers   []AnswerView   `json:"answers" nullable:"false" doc:"As filed; parts that the caller may not see are missing"`
	Files     []FileView     `json:"files" nullable:"false" doc:"What was handed in"`
	Events    []EventView    `json:"events" nullable:"false" doc:"What happened, oldest first"`
	Allowed   []AllowedView  `json:"allowed" nullable:"false" doc:"What the caller may do now, or not yet"`
	Children  []ChildView    `json:"children" nullable:"false" doc:"Cases that this one opened"`
	Documents []DocumentView `json:"documents" nullable:"false" doc:"What was issued"`
	Checklist []JudgedView   `json:"checklist" nullable:"false" doc:"What an officer judges; empty for citizens"`
	Asked     []AskedView    `json:"asked" nullable:"false" doc:"What an open supplement request asks for"`
	AskedBy   *time.Time     `json:"asked_by" doc:"Until when it can be handed in"`
	Troubles  []TroubleView  `json:"troubles" nullable:"false" doc:"What does not get through to others just now"`
}

// Person is a citizen.
type Person struct {
	Number string `json:"number"`
	Name   string `json:"name"`
}

// Owner is who has to act.
type Owner struct {
	Kind  string     `json:"kind" enum:"task,wait,subcases,auto"`
	Who   string     `json:"who" doc:"Of a task: the role. Of a wait: applicant, system, or a registry. Of subcases: subcases"`
	Name  string     `json:"name,omitempty" doc:"Officer who has taken it"`
	DueAt *time.Time `json:"due_at,omitempty" doc:"Of the task"`
}

// PaymentView is where a payment stands.
type PaymentView struct {
	Name    string     `json:"name"`
	State   string     `json:"state" enum:"asked,ready,paid,failed,unknown"`
	Amount  int64      `json:"amount" doc:"Đồng"`
	PayURL  string     `json:"pay_url,omitempty" doc:"Page of the payment platform, once it is ready"`
	PaidAt  *time.Time `json:"paid_at"`
	Receipt string     `json:"receipt,omitempty"`
}

// LinkView names another case.
type LinkView struct {
	Code      cases.Code    `json:"code"`
	Procedure procedures.ID `json:"procedure"`
	Title     workflow.Text `json:"title"`
}

// AnswerView is an answer with where it comes from.
type AnswerView struct {
	At      forms.Pointer  `json:"at"`
	Title   workflow.Text  `json:"title"`
	Value   any            `json:"value"`
	Text    *workflow.Text `json:"text"`
	Source  *Provenance    `json:"source" doc:"null: the citizen's word"`
	Contest *ContestIn     `json:"contest" doc:"The citizen says that the registry is wrong"`
	Before  any            `json:"before,omitempty" doc:"Former value, of an answer that a supplement changed"`
}

// FileView is a paper that was handed in.
type FileView struct {
	ID         uuid.UUID `json:"id"`
	Attachment string    `json:"attachment"`
	Name       string    `json:"name"`
	Type       string    `json:"type"`
	Size       int       `json:"size" doc:"Bytes"`
	SHA256     string    `json:"sha256"`
	UploadedAt time.Time `json:"uploaded_at"`
}

// EventView is one entry of the history.
type EventView struct {
	Seq    int            `json:"seq"`
	At     time.Time      `json:"at"`
	Event  string         `json:"event"`
	Title  workflow.Text  `json:"title"`
	From   workflow.State `json:"from" doc:"Empty for the first"`
	To     workflow.State `json:"to"`
	Actor  ActorView      `json:"actor"`
	Input  *cases.Input   `json:"input,omitempty" doc:"What the act brought along"`
	Agency *Office        `json:"agency" doc:"For which an officer acted"`
}

// ActorView is who did something.
type ActorView struct {
	Kind agency.ActorKind `json:"kind" enum:"citizen,officer,system"`
	Name string           `json:"name"`
	ID   string           `json:"id,omitempty" doc:"For officers, and for one's own acts"`
}

// AllowedView is something that the caller may do.
type AllowedView struct {
	Event   workflow.Event `json:"event"`
	Title   workflow.Text  `json:"title"`
	Needs   []string       `json:"needs" nullable:"false" doc:"What the input must have: note, grounds, items, findings, judgements, days"`
	Enabled bool           `json:"enabled"`
	Why     *workflow.Text `json:"why,omitempty" doc:"Why not, when it is not enabled"`
}

// ChildView is a case that the case opened.
type ChildView struct {
	Slot      string            `json:"slot"`
	Code      *cases.Code       `json:"code" doc:"null until it is opened"`
	Procedure *procedures.ID    `json:"procedure"`
	Title     *workflow.Text    `json:"title"`
	State     workflow.Text     `json:"state_title"`
	Outcome   *workflow.Outcome `json:"outcome"`
	Agency    *Office           `json:"agency"`
	Addressed string            `json:"addressed,omitempty" doc:"Name of the citizen whose word is asked for"`
	DueAt     *time.Time        `json:"due_at"`
	Cancelled bool              `json:"cancelled"`
	Documents []DocumentView    `json:"documents" nullable:"false"`
}

// DocumentView is a paper that was issued.
type DocumentView struct {
	ID        uuid.UUID     `json:"id"`
	Kind      string        `json:"kind" doc:"receipt, supplement, refusal, apology, result, partial"`
	Title     workflow.Text `json:"title"`
	Number    string        `json:"number"`
	SHA256    string        `json:"sha256"`
	IssuedAt  time.Time     `json:"issued_at"`
	Withdrawn *time.Time    `json:"withdrawn_at"`
}

// JudgedView is an item of the checklist.
type JudgedView struct {
	Item    string         `json:"item"`
	Title   workflow.Text  `json:"title"`
	Verdict *cases.Verdict `json:"verdict" doc:"satisfied, not-satisfied, not-needed; null: not judged"`
	Reason  string         `json:"reason,omitempty"`
	By      string         `json:"by,omitempty"`
	At      *time.Time     `json:"at"`
}

// AskedView is an item of a supplement request.
type AskedView struct {
	Item   string        `json:"item"`
	Title  workflow.Text `json:"title"`
	Reason string        `json:"reason"`
	Law    string        `json:"law,omitempty"`
	Done   bool          `json:"done"`
}

// TroubleView is something that does not get through.
type TroubleView struct {
	Type     string     `json:"type"`
	Since    time.Time  `json:"since"`
	NextAt   *time.Time `json:"next_at" doc:"When it is tried again; null: once whom it leads to answers again"`
	Attempts int        `json:"attempts"`
	Error    string     `json:"error,omitempty" doc:"For officers"`
}

// caseView puts a case into JSON.
func (a *api) caseView(actor agency.Actor, c *cases.Case) CaseView {
	v := CaseView{
		Code: c.Code, Procedure: c.Procedure.ID, Title: c.Procedure.Name, Definition: c.Procedure.Hash, Variant: c.Variant, State: c.State, StateTitle: c.StateTitle,
		Status: c.Status, Outcome: orNone(c.Outcome), Agency: a.office(c.Competent), Receiving: a.office(c.Receiving), Owner: owner(c),
		Applicant: Person{c.Applicant, c.ApplicantName}, Subject: Person{c.Subject, c.SubjectName}, FiledAt: *moment(c.FiledAt), DueAt: moment(c.DueAt),
		DueBecause: each(c.DueBecause, func(l calendar.Line) calendar.Line { return l }), Promised: moment(c.Promised), NewDate: moment(c.NewDate), ClosedAt: moment(c.ClosedAt),
		Revision: c.Revision, Fee: c.Fee, Paid: c.Paid, Parent: link(c.Parent),
		Answers: []AnswerView{}, Files: each(c.Files, fileView), Documents: each(c.Documents, documentView), AskedBy: moment(c.AskedBy),
		Events:  each(c.Events, func(e cases.Event) EventView { return a.event(actor, e) }),
		Allowed: each(c.Allowed, allowed), Children: each(c.Children, a.child), Checklist: each(c.Checklist, judged),
		Asked: each(c.Asked, func(i cases.AskedItem) AskedView {
			return AskedView{Item: i.Item, Title: i.Title, Reason: i.Reason, Law: i.Law, Done: i.Done}
		}),
		Troubles: each(c.Troubles, func(t cases.Trouble) TroubleView {
			v := TroubleView{Type: t.Type, Since: *moment(t.Since), NextAt: moment(t.NextAt), Attempts: t.Attempts, Error: t.Error}
			if t.Outage != nil {
				v.NextAt = nil
			}
			return v
		}),
	}
	if c.Task != nil {
		v.Agency = a.office(c.Task.Agency)
	}
	if p := c.Payment; p != nil {
		v.Payment = &PaymentView{Name: p.Name, State: p.State, Amount: p.Amount, PayURL: p.PayURL, PaidAt: moment(p.Paid), Receipt: p.Receipt}
	}
	if c.Form != nil {
		v.Answers = a.answers(c)
	}
	return v
}

// owner is who has to act on a case; nil when it has ended.
func owner(c *cases.Case) *Owner {
	def := c.Procedure.Machine.States[c.State]
	if def == nil || def.Kind == workflow.Final {
		return nil
	}
	o := &Owner{Kind: string(def.Kind), Who: def.For}
	switch def.Kind {
	case workflow.Task:
		o.Who = string(def.Owner)
	case workflow.Subcases:
		o.Who = string(def.Kind)
	}
	if c.Task != nil {
		o.Name, o.DueAt = c.Task.AssigneeName, moment(c.Task.DueAt)
	}
	return o
}

func (a *api) answers(c *cases.Case) []AnswerView {
	out := []AnswerView{}
	for _, s := range c.Form.Sections {
		for _, x := range s.Answers {
			v := AnswerView{At: x.Field.Pointer, Title: x.Field.Title, Value: x.Value, Text: a.text(x), Source: provenance(x.Source), Before: c.Changed[x.Field.Pointer]}
			if x.Contest != nil {
				v.Contest = &ContestIn{Value: x.Contest.Value, Reason: x.Contest.Reason}
			}
			out = append(out, v)
		}
	}
	return out
}

func (a *api) event(actor agency.Actor, e cases.Event) EventView {
	v := EventView{Seq: e.Seq, At: *moment(e.At), Event: e.Event, Title: e.Title, From: e.From, To: e.To, Agency: a.officeOrNone(e.Agency),
		Actor: ActorView{Kind: e.ActorKind, Name: e.ActorName}}
	if actor.Kind == agency.Officer || e.Actor == actor.ID {
		v.Actor.ID = e.Actor
	}
	if !emptyInput(e.Input) {
		v.Input = &e.Input
	}
	return v
}

func emptyInput(in cases.Input) bool {
	return in.Note == "" && in.Findings == "" && len(in.Grounds)+len(in.Items)+len(in.Judgements)+len(in.Answers)+len(in.Files)+len(in.Data)+in.Days == 0
}

func allowed(x cases.Allowed) AllowedView {
	return AllowedView{Event: x.Event, Title: x.Title, Needs: each(x.Needs, strings.Clone), Enabled: x.Enabled, Why: orNone(x.Why)}
}

func (a *api) child(c cases.Child) ChildView {
	return ChildView{Slot: c.Slot, Code: orNone(c.Link.Code), Procedure: orNone(c.Link.Procedure), Title: orNone(c.Link.Title), State: c.State, Outcome: orNone(c.Outcome),
		Agency: a.officeOrNone(c.Agency), Addressed: c.Addressed, DueAt: moment(c.DueAt), Cancelled: c.Cancelled, Documents: each(c.Documents, documentView)}
}

func judged(j cases.Judged) JudgedView {
	return JudgedView{Item: j.Item.ID, Title: j.Item.Title, Verdict: orNone(j.Verdict), Reason: j.Reason, By: j.By, At: moment(j.At)}
}

func link(l *cases.Link) *LinkView {
	if l == nil {
		return nil
	}
	return &LinkView{Code: l.Code, Procedure: l.Procedure, Title: l.Title}
}

func fileView(f cases.File) FileView {
	return FileView{ID: f.ID, Attachment: f.Attachment, Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, UploadedAt: *moment(f.UploadedAt)}
}

func documentView(d cases.Document) DocumentView {
	return DocumentView{ID: d.ID, Kind: d.Kind, Title: d.Title, Number: d.Number, SHA256: d.SHA256, IssuedAt: *moment(d.IssuedAt), Withdrawn: moment(d.Withdrawn)}
}

// contests turns the contests of a request into those of a form.
func contests(in map[string]ContestIn) map[forms.Pointer]forms.Contest {
	out := make(map[forms.Pointer]forms.Contest, len(in))
	for _, at := range slices.Sorted(maps.Keys(in)) {
		out[forms.Pointer(at)] = forms.Contest{Value: in[at].Value, Reason: in[at].Reason}
	}
	return out
}
