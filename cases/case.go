// Package cases is the service of record: it files cases, moves them by their
// procedure's machine, keeps their clocks, tasks, timers, effects and history,
// and lists them. It is the only code that writes the tables of cases; what an
// effect does in the world belongs to package jobs.
package cases

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// ID identifies a case; it is time-ordered (UUIDv7).
type ID = uuid.UUID

// Code is the number that people know a case by: H01.00070-261124-000123.
type Code string

// plausible tells whether a code could be one: a stranger may write anything into
// an address, also what the database cannot take for text.
func (c Code) plausible() bool {
	return len(c) <= 64 && !strings.ContainsFunc(string(c), func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// Case is a case as one reader may see it.
type Case struct {
	ID            ID
	Code          Code
	Procedure     *procedures.Procedure // of the pinned version
	Variant       string
	State         workflow.State
	StateTitle    workflow.Text
	Status        workflow.Text    // one sentence: who has it, until when
	Until         time.Time        // when the state's waiting time is over; zero: it has none
	Outcome       workflow.Outcome // empty while open
	Negative      bool             // ended without what the citizen wanted
	Revision      int              // of the case; every command names the one its author saw
	Applicant     string           // personal number of who filed
	ApplicantName string
	Subject       string // whom it is about: personal number, often the applicant's
	SubjectName   string
	Receiving     agency.ID
	Competent     agency.ID
	TakenOver     []TakenOver // those of the two that have ended: who does their work today
	FiledAt       time.Time
	DueAt         time.Time // end of the legal term; zero: not running yet
	DueBecause    []calendar.Line
	Promised      time.Time // what the receipt said; zero: none yet
	NewDate       time.Time // a later date that the citizen was told since; zero: none
	ClosedAt      time.Time
	Fee           int64 // đồng
	Paid          bool
	Values        []procedures.Result // that are shown, as they come out of the answers; without those that cannot be computed
	Parent        *Link

	Form      *forms.State // the answers as filed, with provenance; parts the reader may not see are missing
	Contests  map[forms.Pointer]forms.Contest
	Changed   map[forms.Pointer]any // former values of answers changed by a supplement
	Files     []File
	Documents []Document
	Children  []Child
	Events    []Event
	Task      *Task // open task; nil in waits and ends
	Allowed   []Allowed
	Checklist []Judged
	Asked     []AskedItem // items of an open supplement request
	AskedBy   time.Time   // until when the supplement can be handed in; zero: none open
	Troubles  []Trouble   // effects that are late
	Undoing   []Trouble   // what is still to be taken back of a case that ended without success
	Payment   *PaymentState
	Notices   []Notice
	Handovers []Handover // of its tasks, for officers

	Escalations []Escalation // for officers
}

// TakenOver is an agency of a case that ended while the case ran. The case keeps
// its name: history is not written anew.
type TakenOver struct{ From, By agency.ID }

// Handover is one change of who holds a task.
type Handover struct {
	At      time.Time
	State   workflow.Text // of the task
	Act     string        // taken, released
	Holder  string        // name of the officer who has it then, or had it
	Officer string        // name of who did it
	Reason  string
}

// Link names another case.
type Link struct {
	ID        ID
	Code      Code
	Procedure procedures.ID
	Title     workflow.Text
	Applicant string // name of who filed it; of a parent only
	Mine      bool   // filed by the citizen who reads, or about them
	Open      bool   // the reader may open it; of a parent only
}

// Event is one entry of a case's history.
type Event struct {
	Seq        int
	At         time.Time
	Event      string // file, accept, paid, 30d ...
	Title      workflow.Text
	From, To   workflow.State
	ToTitle    workflow.Text
	ActorKind  agency.ActorKind
	Actor      string
	ActorName  string
	OnBehalfOf string
	Agency     agency.ID
	Input      Input
	Term       *TermSet // what it says of the due date; nil: nothing
}

// Input is what a command brings along. Which parts are needed, the transition says.
type Input struct {
	Note       string         `json:"note,omitempty"`
	Grounds    []string       `json:"grounds,omitempty"` // ids of procedure.yaml
	Items      []AskedItem    `json:"items,omitempty"`   // of a supplement request
	Findings   string         `json:"findings,omitempty"`
	Days       int            `json:"days,omitempty"` // of an extension: units of the term
	Judgements []Judgement    `json:"judgements,omitempty"`
	Answers    map[string]any `json:"answers,omitempty"` // of a supplement: changed sections
	Files      []uuid.UUID    `json:"files,omitempty"`   // uploaded for a supplement
	Data       map[string]any `json:"data,omitempty"`    // what a signal brought
}

// AskedItem is one item of a supplement request.
type AskedItem struct {
	Item   string        `json:"item"` // id of the checklist
	Reason string        `json:"reason"`
	Law    string        `json:"law,omitempty"`
	Title  workflow.Text `json:"title,omitzero"`
	Done   bool          `json:"done,omitempty"` // the citizen has answered it
}

// Verdict is an officer's judgement of one item.
type Verdict string

// The verdicts.
const (
	Satisfied    Verdict = "satisfied"     // đạt
	NotSatisfied Verdict = "not-satisfied" // chưa đạt
	NotNeeded    Verdict = "not-needed"    // không cần
)

// Judgement is a verdict on one item of the checklist.
type Judgement struct {
	Item    string  `json:"item"`
	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason,omitempty"`
}

// Judged is an item of the checklist with its last judgement.
type Judged struct {
	Item    *procedures.Check
	Verdict Verdict // empty: not judged
	Reason  string
	By      string
	At      time.Time
}

// Allowed is an event that the reader may trigger now, or not yet.
type Allowed struct {
	Event   workflow.Event
	Title   workflow.Text
	To      workflow.State
	Needs   []string
	Confirm bool
	Style   string // primary, danger, or empty
	Enabled bool
	Why     workflow.Text // when not enabled
	Effects []workflow.Effect
}

// File is a paper that the citizen handed in.
type File struct {
	ID         uuid.UUID
	Attachment string // id of procedure.yaml, or "evidence"
	Name       string
	Type       string
	Size       int
	SHA256     string
	UploadedAt time.Time
}

// Document is a paper that Hoso issued.
type Document struct {
	ID        uuid.UUID
	Kind      string // receipt, supplement, refusal, apology, result
	Title     workflow.Text
	Number    string
	SHA256    string
	IssuedAt  time.Time
	Withdrawn time.Time
}

// Child is a sub-case.
type Child struct {
	Slot      string
	Link      Link // zero until it is opened
	State     workflow.Text
	Outcome   workflow.Outcome
	Negative  bool // it ended without what was wanted
	Agency    agency.ID
	Addressed string // name of the citizen whom it is addressed to
	Mine      bool   // addressed to the citizen who reads
	Open      bool   // the reader may open it
	DueAt     time.Time
	Cancelled bool
	Silent    bool // it had not answered when the case went on without it
	Documents []Document
}

// Task is what an officer has to do.
type Task struct {
	Case         ID
	Code         Code
	Procedure    procedures.ID
	Variant      string
	State        workflow.State
	Agency       agency.ID
	Role         workflow.Role
	Assignee     string // officer id; empty: nobody has taken it
	AssigneeName string
	Applicant    string // name
	OpenedAt     time.Time
	DueAt        time.Time // of the task
	CaseDueAt    time.Time // of the case; zero: not running
	Seen         bool
}

// Trouble is an effect that does not get through.
type Trouble struct {
	Seq, Idx int
	Type     string
	Name     string
	Since    time.Time
	NextAt   time.Time
	Attempts int
	Error    string
	Outage   *Outage // whom it leads to is unavailable, and it waits for them; nil: it is tried
}

// PaymentState is where a payment stands.
type PaymentState struct {
	Name    string
	Amount  int64
	State   string // asked, ready, paid, failed, unknown
	PayURL  string
	Paid    time.Time
	Receipt string
}

// Notice is a message to a citizen, as the portal shows it.
type Notice struct {
	ID   uuid.UUID
	Case Code
	At   time.Time
	Text workflow.Text
	Read bool
}
