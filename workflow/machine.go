// Package workflow is the state machine of a procedure: its definition, which
// transition a trigger takes, and what can be proved about it. The package
// decides; storing the new state belongs to package cases.
package workflow

import (
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/expr"
)

// Names of a machine's parts. All are kebab-case, unique in their scope.
type (
	State   string // of a machine
	Event   string // an action, a signal or a time-out, within a state
	Role    string // applicant, reception, handler ...
	Outcome string // how a case ended: granted, refused ...
)

// Kind tells how a state is left.
type Kind string

// The kinds of states.
const (
	Task     Kind = "task"     // an officer acts
	Wait     Kind = "wait"     // somebody outside acts, or time passes
	Subcases Kind = "subcases" // other cases end
	Auto     Kind = "auto"     // left in the transaction that enters it
	Final    Kind = "final"
)

// TriggerKind says what set a transition off.
type TriggerKind string

// The kinds of triggers.
const (
	ByFile     TriggerKind = "file"
	ByAction   TriggerKind = "action"
	BySignal   TriggerKind = "signal"
	ByTimeout  TriggerKind = "after"
	ByJoin     TriggerKind = "join"
	ByWithdraw TriggerKind = "withdraw"
	ByCancel   TriggerKind = "cancel" // the parent no longer needs the case
	ByExtend   TriggerKind = "extend" // the legal term is lengthened, the state stays
)

// Text is a text for people in both languages.
type Text struct {
	VI string `yaml:"vi" json:"vi"`
	EN string `yaml:"en" json:"en"`
}

// In returns the text in lang ("vi" or "en"); Vietnamese where it is missing.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.VI
}

// Seat says at which agency a role sits.
type Seat string

// The seats of officers.
const (
	AtReceiving Seat = "receiving"
	AtCompetent Seat = "competent"
)

// RoleDef is one role of a machine.
type RoleDef struct {
	Kind  string // citizen, officer
	At    Seat   // officers only
	Title Text
}

// ClockMode tells whether the legal term runs in a state.
type ClockMode string

// The clock modes.
const (
	Running ClockMode = "running"
	Paused  ClockMode = "paused"
	Off     ClockMode = "off"
)

// Clock is the legal term of a machine; its length is in procedure.yaml.
type Clock struct {
	Starts          string // "file" or "state.event"
	AfterSupplement string // continue (default) or restart
	Line, Column    int
}

// Machine is a checked state machine.
type Machine struct {
	Source   string        // the file, named in findings
	File     []*Transition // tried in order at filing
	Roles    map[Role]*RoleDef
	Clock    Clock
	States   map[State]*StateDef
	Order    []State // as written
	Withdraw *Withdraw
	Extend   *Extend // nil: the law knows no extension

	// Observe is told of every decision, for `hoso test`; nil where cases are real.
	Observe func(Input, *Decision, error)
}

// StateDef is one state.
type StateDef struct {
	Name     State
	Title    Text
	Kind     Kind
	Owner    Role   // of a task
	For      string // of a wait: applicant, system, or a registry
	Within   Duration
	Clock    ClockMode
	FinalAct bool
	Actions  map[Event][]*Transition
	Signals  map[Event][]*Transition
	After    []Timeout // ascending
	// CountsFrom is the day, as a date, from whose beginning the delays of After count; nil, or absent: from the entry.
	CountsFrom *expr.Program
	Choose     []*Transition
	Open       []*Child
	Join       *Join
	Outcome    Outcome // of a final state
	Negative   bool
	// Compensate takes back what was done for the case, as far as it can be, when it ends here.
	Compensate bool
	Line       int // in workflow.yaml, as Column
	Column     int

	ActionOrder []Event // as written
}

// Timeout is a transition taken when the state has lasted for Delay.
type Timeout struct {
	Delay Duration
	Name  Event // the delay as written, "30d"
	Then  []*Transition
}

// Transition is one way out of a state.
type Transition struct {
	Event   Event
	From    State
	To      State
	Title   Text
	By      Role
	When    *expr.Program // nil: always
	Needs   []string      // note, grounds, items, findings, judgements
	Max     int           // visits a case; 0: unlimited
	Unlike  []Event
	Fresh   []string // subjects read again before
	Effects []Effect
	Confirm bool
	Style   string
	Tacit   bool   // of a time-out: the law takes silence for the decision
	Law     string // that says so
	Line    int
	Column  int

	broken bool // its condition could not be compiled
}

// Effect is something that follows a transition.
type Effect struct {
	Type string // notify, issue-receipt, issue-letter, issue-result, request-payment, update-resident, send
	Name string // notice, letter, payment, change or message in procedure.yaml; may be empty
}

// Child is a case that a subcases state opens.
type Child struct {
	Name      string
	Procedure string
	Of        string // applicant, or subjects.NAME: the citizen it is addressed to
	Agency    *ChildAgency
	When      *expr.Program
	Share     []string
	Give      map[string]*expr.Program
	Variant   string
	Line      int
	Column    int
}

// ChildAgency is the competence rule of a child; nil: the child's own procedure.yaml.
type ChildAgency struct {
	Kind    string
	Commune *expr.Program
}

// Withdraw is the applicant's way out.
type Withdraw struct {
	By     Role
	Before []State // not allowed in these
	To     State

	Line, Column int
}

// Duration is a delay as the law counts it, and Unit its unit; see package calendar.
type (
	Duration = calendar.Duration
	Unit     = calendar.Unit
)

// The units.
const (
	WorkingHours = calendar.WorkingHours
	Days         = calendar.Days
	WorkingDays  = calendar.WorkingDays
)
