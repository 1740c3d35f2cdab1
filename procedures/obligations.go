package procedures

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hoso-gov/hoso/workflow"
)

// An Obligation is one thing that `hoso check` proves of a definition. A finding
// bears its code.
type Obligation struct {
	Code   string        `json:"code"`
	Group  string        `json:"group"`
	Rule   workflow.Text `json:"rule"`   // in one sentence
	Remedy workflow.Text `json:"remedy"` // what is usually written instead; a finding says it for its place
	Method string        `json:"method"` // how it is proved
	Hint   bool          `json:"hint"`   // what breaks it is a warning: the procedure may run all the same
}

// The groups of obligations, in the order of docs/obligations.md.
const (
	GroupFiles    = "files"
	GroupTables   = "tables"
	GroupForm     = "form"
	GroupOnce     = "once only"
	GroupExpr     = "expressions"
	GroupGraph    = "workflow: every case ends"
	GroupPeople   = "workflow: people and time"
	GroupEffects  = "workflow: what follows"
	GroupChildren = "sub-cases"
	GroupData     = "personal data"
	GroupVersions = "versions and tests"
)

// Obligations are all of them, by group, in the order of the page.
var Obligations = sync.OnceValue(func() []Obligation {
	return slices.Concat(fileObligations, formObligations, flowObligations, caseObligations)
})

// ObligationOf returns the obligation of a code; false for a code that is none.
func ObligationOf(code string) (Obligation, bool) {
	for _, o := range Obligations() {
		if o.Code == code {
			return o, true
		}
	}
	return Obligation{}, false
}

// ObligationsPage is docs/obligations.md.
func ObligationsPage() string {
	var out strings.Builder
	fmt.Fprintf(&out, `# What hoso check proves

%d obligations, each with the code that its findings bear. %s prints for every finding the place (file:line:column), the rule,
what to write instead and, for a property of the graph, a shortest counter-example; %s gives the same to programs, %s to code hosts.
A warning does not stop a procedure; everything else does. The list is written from the registry in
%s; a test holds the two together, and for each code there are seeded faults that it alone catches.
`, len(Obligations()), "`hoso check`", "`--json`", "`--sarif`", "`procedures/obligations.go`")
	group := ""
	for _, o := range Obligations() {
		if o.Group != group {
			group = o.Group
			fmt.Fprintf(&out, "\n## %s%s\n\n| code | rule | quy tắc | how it is proved | remedy |\n|---|---|---|---|---|\n", strings.ToUpper(group[:1]), group[1:])
		}
		code := "`" + o.Code + "`"
		if o.Hint {
			code += " (warning)"
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", code, o.Rule.EN, o.Rule.VI, o.Method, o.Remedy.EN)
	}
	return out.String()
}
