// Package procedures is the catalogue: it loads the folders that describe
// procedures into checked Procedures. Beside the code stand the folders
// themselves. Running a case of a procedure belongs to package cases.
package procedures

import (
	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// ID is the name of a procedure's folder.
type ID string

// Hash names the content of one version: hex SHA-256 over its files and the common ones it uses.
type Hash string

// Procedure is one checked version of a procedure.
type Procedure struct {
	ID         ID
	Version    int
	Hash       Hash
	Internal   bool // opened only by other cases
	Name       workflow.Text
	Official   workflow.Text
	Code       string // national code of the procedure
	Summary    workflow.Text
	Who        workflow.Text
	Gives      workflow.Text
	Afterwards workflow.Text
	Group      string
	Ministry   workflow.Text
	Law        []Act
	Level      int // assurance level needed
	For        []string

	Subjects    []*Subject
	Early       []*Subject // read for offers only; no form and no case knows them
	Offers      []*Offer
	Tables      []*Table
	Values      []*Value // in order: each may read those above
	Variants    []*Variant
	Receiving   []*Competence
	Competent   []*Competence
	Attachments []*Attachment
	Fees        []*Fee
	Limits      []*Limit
	Grounds     []*Ground
	Checklist   []*Check
	Documents   map[string]*Document
	Notices     map[string]*Notice
	Payments    map[string]*Payment
	Once        *expr.Program // what no two open cases may share; nil: nothing
	Changes     map[string]*Change
	Messages    map[string]*Message
	Outputs     map[string]*expr.Program

	Form    *forms.Form
	Machine *workflow.Machine
	Env     *expr.Env // with every variable of the definition language

	Scenarios []*Scenario

	Valid Validity // days of filing that its definition names
	Plan  *Plan    // how open cases of older versions move to it; nil: they do not

	files    map[string]string // what its hash covers
	elements *Elements         // what it was compiled with
	shared   []string          // of an internal one: sections that whoever opens it fills
	proofs   *proofs           // what was proved last; nil: proved each time

	// Observe is told which *Fee, *Limit, *Variant or *TableRow was chosen, and which *Value computed, for `hoso test`; nil where cases are real.
	Observe func(row any)
}

// Validity is the days of filing under which a version may be filed, both
// inclusive (2026-11-24, in Hanoi); empty: open.
type Validity struct{ From, Until string }

// Holds tells whether a filing of that day falls within.
func (v Validity) Holds(day string) bool {
	return (v.From == "" || day >= v.From) && (v.Until == "" || day <= v.Until)
}

// Act is a law that the procedure rests on.
type Act struct {
	Act  string
	Note workflow.Text
}

// Subject is a person or thing whose record the form may use.
type Subject struct {
	Name  string
	Kind  string // of common/elements.yaml
	Key   *expr.Program
	Basis string // self, guardian, household, consent, law: …
	Title workflow.Text
}

// Variant is a legal variant.
type Variant struct {
	ID    string
	Title workflow.Text
	When  *expr.Program // nil: otherwise
	Law   string
}

// Competence is one row of the rule that finds an agency.
type Competence struct {
	Kind    string
	Commune *expr.Program // code of a commune, or of a province for provincial agencies
	Agency  *expr.Program // instead of Kind and Commune: the id itself
	When    *expr.Program
	Law     string
}

// Attachment is a paper.
type Attachment struct {
	ID         string
	Title      workflow.Text
	Proves     []string
	ReplacedBy string
	When       *expr.Program
	Optional   bool
	Because    workflow.Text
	Law        string
	Waiver     *forms.Waiver // demanded although a registry holds it; nil: no
	Formats    []string
	MaxMB      int
}

// Fee is one row of the fee table.
type Fee struct {
	When        *expr.Program
	Amount      *expr.Program // int, đồng
	Title       workflow.Text
	Law         string
	From, Until string // days of filing, inclusive; empty: open
}

// Limit is one row of the table of legal terms.
type Limit struct {
	When        *expr.Program
	Limit       workflow.Duration
	Title       workflow.Text
	Law         string
	CutOff      string // "15:00"; empty: the close of business
	From, Until string
}

// Ground is a legal ground of refusal.
type Ground struct {
	ID    string
	Title workflow.Text
	Law   string
}

// Check is an item that the officer judges.
type Check struct {
	ID          string
	Title       workflow.Text
	At          []forms.Pointer
	Attachments []string
}

// Document is what an issue effect prints.
type Document struct {
	Title    workflow.Text
	Number   string
	Body     Template
	Validity workflow.Text
}

// Notice is what a notify effect sends.
type Notice struct {
	To   string // applicant, owner, or subjects.NAME
	Text Template
}

// Payment is what a request-payment effect asks for.
type Payment struct {
	Amount  *expr.Program
	To      *expr.Program // nil: the agency's own account
	Purpose Template
	Refund  []*Refund // none: what was paid is kept, however the case ends
}

// Refund says when what was paid is paid back, in full, though the case had
// accepted it: the case ends without success, and its end compensates.
type Refund struct {
	When  *expr.Program // nil: always
	Title workflow.Text
	Law   string
}

// Change is what an update-resident effect writes.
type Change struct {
	Type   string
	Values map[string]*expr.Program
}

// Message is what a send effect tells a registry.
type Message struct {
	To        string
	Operation string
	Body      map[string]*expr.Program
	Done      workflow.Event
	Refused   workflow.Event
	Undo      string // the message that takes this one back; empty: it cannot be taken back
	Law       string // by which it may be told; empty: it says nothing of a person
}

// Template is a text with {expressions}.
type Template struct {
	Text workflow.Text
	VI   []Part
	EN   []Part
}

// Part is a piece of a template: plain text, or an expression when Expr is set.
type Part struct {
	Plain string
	Expr  *expr.Program
}
