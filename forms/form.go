// Package forms compiles a procedure's form from its JSON Schema, fills it from
// registry records, decides which questions exist, validates the answers, and
// proves the once-only rule. It does no I/O: records come in as values.
package forms

import (
	"regexp"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

// Pointer is the JSON Pointer of a section or a question: "/household/mode".
type Pointer string

// Widget is the control that a question is shown with.
type Widget string

// The widgets.
const (
	TextWidget     Widget = "text"
	TextareaWidget Widget = "textarea"
	NumberWidget   Widget = "number"
	DateWidget     Widget = "date"
	YesNoWidget    Widget = "yes-no"
	RadiosWidget   Widget = "radios"
	SelectWidget   Widget = "select"
	ChecksWidget   Widget = "checks" // an array of strings from choices
	AddressWidget  Widget = "address"
	GroupWidget    Widget = "group" // a repeated group: array of objects
)

// Form is a compiled form.
type Form struct {
	Sections []*Section
	Rules    []*Rule
	file     string
	broken   bool // Compile found errors
	subjects []SubjectDecl
	fields   map[Pointer]*Field
	schema   *jsonschema.Schema

	// Compute adds variables that are computed from the others; nil: there are none.
	Compute func(vars map[string]any)

	// Observe is told of every rule that was applied and whether it held, for `hoso test`; nil where cases are real.
	Observe func(r *Rule, held bool)
}

// Section is one topic, mostly one page.
type Section struct {
	Name        string
	Pointer     Pointer
	Title       workflow.Text
	Description workflow.Text
	When        *expr.Program
	OnePerPage  bool // one page per question
	Fields      []*Field
	Line        int
}

// Field is one question.
type Field struct {
	Name           string
	Pointer        Pointer
	Title          workflow.Text
	Description    workflow.Text
	Help           workflow.Text
	Type           string // JSON Schema type: string, integer, number, boolean, array, object
	Format         string // date, email ...
	Widget         Widget
	Autocomplete   string
	Required       bool
	MaxLength      int
	Minimum        *float64
	Maximum        *float64
	Enum           []Choice
	Choices        *ChoicesFrom
	MaxItems       int
	Items          []*Field // of a repeated group; Pointer relative to the item
	Element        string   // person.fullName; empty: none
	Fill           string   // applicant.fullName; empty: asked
	Of             string
	Asked          *Asked
	Waiver         *Waiver
	When           *expr.Program
	Stops          map[string]Stop
	Authoritative  bool          // the registry's value is locked
	Caveat         workflow.Text // what to know about the value that the registry gives; mostly empty
	PersonalNumber bool          // 12 digits
	Money          bool          // integer, đồng
	Pattern        string
	MinLength      int
	MinItems       int
	Line           int
	Column         int

	pattern *regexp.Regexp
	origin  Pointer // of an item's field: the group
}

// Choice is one value of an enumeration.
type Choice struct {
	Value  string
	Title  workflow.Text
	Detail string
}

// ChoicesFrom takes the choices from a record.
type ChoicesFrom struct {
	From   *expr.Program // list of objects
	Value  string
	Label  string
	Detail string
}

// Asked says why a question is put to the citizen.
type Asked struct {
	Because workflow.Text
	Law     string
}

// Waiver lets a question be asked that a registry could answer.
type Waiver struct {
	Law   string
	Until string // date
}

// Stop is an answer that ends the journey.
type Stop struct {
	Text workflow.Text
	Law  string
}

// Rule is a condition over several answers or records.
type Rule struct {
	ID      string
	Must    *expr.Program
	When    *expr.Program
	At      []Pointer
	Warning bool
	Text    workflow.Text
	Law     string
	Line    int
}

// FillState tells what became of taking an answer from a registry.
type FillState string

// The fill states.
const (
	Fetched     FillState = "fetched"
	Stale       FillState = "stale"       // from an earlier answer of the registry
	Empty       FillState = "empty"       // the registry has no such value
	Unavailable FillState = "unavailable" // the registry did not answer
	Unknown     FillState = "unknown"     // the subject's key is not known yet
	Contested   FillState = "contested"   // the citizen says that it is wrong
)

// Filled is an answer taken from a registry, with where it came from.
type Filled struct {
	Value     any       `json:"value"`
	Subject   string    `json:"subject"`
	Element   string    `json:"element"`
	Registry  string    `json:"registry"`
	Version   string    `json:"version"`
	AsOf      time.Time `json:"asOf"`
	FetchedAt time.Time `json:"fetchedAt"`
	State     FillState `json:"state"`
	Locked    bool      `json:"locked"`
}

// Contest is a citizen's word against a filled value.
type Contest struct {
	Value    any    `json:"value"`
	Reason   string `json:"reason"`
	Evidence string `json:"evidence,omitempty"` // id of an uploaded file
}

// Record is a subject's record as the form sees it.
type Record struct {
	Registry, Version string
	State             string // fetched, empty, unavailable, stale, unknown
	AsOf, FetchedAt   time.Time
	Values            any  // map[string]any, or []any for list kinds
	Silent            bool `json:",omitempty"` // its key would have come from a registry that did not answer
}

// Context is everything an evaluation of the form may know.
type Context struct {
	Answers  map[string]any // by section and question, as typed and parsed
	Contests map[Pointer]Contest
	Records  map[string]Record // by subject
	Session  map[string]any
	Today    string // date in Hanoi
	Variant  string
	Lang     string
	Case     map[string]any // of the definition language; nil while the form is filled
	// CheckUnit tells whether the commune belongs to the province today; nil: codes are not checked.
	CheckUnit func(province, commune string) bool
}

// Problem is what is wrong with one answer.
type Problem struct {
	At      Pointer `json:"at"`
	Rule    string  `json:"rule"` // required, type, format, enum, locked, or the id of a rule
	VI      string  `json:"vi"`
	EN      string  `json:"en"`
	Law     string  `json:"law,omitempty"`
	Warning bool    `json:"warning,omitempty"`
	Typed   string  `json:"typed,omitempty"` // what was typed and could not be read
}

// Answer is a question with its present value, ready to be shown.
type Answer struct {
	Field   *Field
	Value   any
	Filled  *Filled // nil: asked
	Contest *Contest
	Choices []Choice
	Widget  Widget // as shown now: choices that a registry did not give become a free text
	Asked   bool   // must be put to the citizen: not locked and not taken from a registry

	// Source is what became of x-fill, also where it gave no value or the
	// citizen wrote another one; nil for questions without x-fill.
	Source     *Filled
	Unverified bool // a registry should have answered and did not: the citizen's word only

	misfit bool // Value is of another type than the question: kept to be refused, not seen by expressions
}

// State is a form evaluated for one context: what exists, and with which values.
type State struct {
	Sections []SectionState
	Values   map[string]any // effective answers: asked and filled, absent ones left out; what guards see as `form`
	Filled   map[Pointer]Filled
}

// SectionState is a section that exists in a State.
type SectionState struct {
	Section *Section
	Answers []Answer
}
