package doctor

import (
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// record is a case with all that belongs to it, of one snapshot of the database.
type record struct {
	ID         uuid.UUID
	Code       cases.Code
	Definition procedures.Hash
	Variant    string
	State      workflow.State
	Revision   int
	Applicant  string
	Receiving  agency.ID
	Competent  agency.ID
	ParentID   *uuid.UUID
	ParentSlot string
	ParentGen  int
	FiledAt    time.Time
	DueAt      *time.Time
	ClosedAt   *time.Time
	Outcome    workflow.Outcome
	Memory     memory
	Clock      clock
	Head       []byte

	p         *procedures.Procedure // the version that it is on
	legs      []leg                 // those before, the oldest first
	events    []event
	effects   []effect
	attempts  []attempt
	children  []child
	timers    []timer
	incidents []incident
	anchors   []anchored
	tasks     []task
	notices   []notice
	waits     int
	inTerms   *termRow // nil: no row in case_clocks
}

// negative tells whether the case ended without what the citizen wanted.
func (r *record) negative() bool {
	s := r.p.Machine.States[r.State]
	return s != nil && s.Kind == workflow.Final && s.Negative
}

// memory is what of cases.memory is checked.
type memory struct {
	Visits  map[string]int              `json:"visits"`
	Acted   map[workflow.Event][]string `json:"acted"`
	Gen     int                         `json:"gen"`
	Budgets map[workflow.State]budget   `json:"budgets"`
}

type budget struct {
	Start  time.Time           `json:"start"`
	Pauses []calendar.Span     `json:"pauses"`
	Left   time.Time           `json:"left"`
	More   []calendar.Duration `json:"more"` // what extensions of the legal term have added
}

// clock is the legal term as the case's row has it.
type clock struct {
	Start    time.Time            `json:"start"`
	Limit    calendar.Duration    `json:"limit"`
	CutOff   string               `json:"cutOff"`
	Pauses   []calendar.Span      `json:"pauses"`
	Paused   time.Time            `json:"paused"`
	Calendar string               `json:"calendar"`
	Extended []calendar.Extension `json:"extended"`
}

type event struct {
	Seq       int
	Command   uuid.UUID
	Hop       int
	Request   []byte
	Kind      workflow.TriggerKind
	Event     workflow.Event
	From, To  workflow.State
	ActorKind agency.ActorKind
	Actor     string
	ActorName string
	OnBehalf  string
	Agency    agency.ID
	At        time.Time
	Input     []byte // as written; {} when it was erased
	InputHash []byte // nil: to be computed from Input
	Erased    bool
	Prev, Sum []byte
}

// The values of case_effects.status.
const (
	effectOpen       = 0
	effectInHand     = 1
	effectDone       = 2
	effectRefused    = 3
	effectGivenUp    = 4
	effectWrittenOff = 5
)

type effect struct {
	Seq, Idx   int
	Type, Name string
	Status     int
	Attempts   int
	NextAt     *time.Time
	Leased     bool
	Key        uuid.UUID
	Receipt    bool
	Error      string
	DoneAt     *time.Time
	UndoesSeq  *int
	UndoesIdx  *int
	Ambiguous  bool
}

func (e effect) open() bool { return e.Status == effectOpen || e.Status == effectInHand }

type attempt struct {
	Seq, Idx, N int
	Started     time.Time
	Ended       *time.Time
	Result      string // empty: under way
}

type child struct {
	Slot      string
	Gen       int
	ID        uuid.UUID
	Procedure procedures.ID
	Outcome   workflow.Outcome // empty: open
	Cancelled bool
	Detached  bool
	Reported  *time.Time

	// of the child's own case
	There      bool
	Parent     *uuid.UUID
	Closed     *time.Time
	Ended      workflow.Outcome
	State      workflow.State
	Definition procedures.Hash
	ReportKey  *uuid.UUID // the command by which its outcome comes; nil: it has none yet
	Reporting  bool       // its outcome is under way: the effect is open, or an incident
	FinalAct   bool       // its decision is being carried out: it is not cancelled any more
}

type timer struct {
	Name   string
	Gen    int
	FireAt time.Time
}

type incident struct {
	Seq, Idx int
	Kind     string
	Opened   time.Time
	Closed   *time.Time
	How, By  string
}

// anchored is a head of the case under an anchor.
type anchored struct {
	Revision int
	Sum      []byte
}

type task struct {
	State    workflow.State
	Agency   agency.ID
	Role     workflow.Role
	DueAt    time.Time
	OpenedAt time.Time
}

type termRow struct {
	Calendar string
	Number   int
	DueAt    time.Time
	Paused   bool
	KeptFor  *int
}

type notice struct {
	ID uuid.UUID
	To string
}
