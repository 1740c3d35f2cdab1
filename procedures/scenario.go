package procedures

import (
	"time"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// Scenario is one story of scenarios.yaml. Playing it belongs to the engine's tests.
type Scenario struct {
	ID          string
	Title       workflow.Text
	At          time.Time // when it is filed
	Applicant   string    // personal number
	For         string    // whom it is about; empty: the applicant
	Given       map[string]any
	Answers     map[string]any
	Contests    map[forms.Pointer]forms.Contest // the citizen's word against filled values
	Attachments []string
	Expect      Expect
	Steps       []*Step
	Ends        Ends
	Line        int
}

// Step is what one actor does, a signal, or time that passes.
type Step struct {
	By          string // role or personal number
	Case        string // sub-case as state.name; empty: the case itself
	Do          workflow.Event
	Signal      workflow.Event
	Wait        string    // 8d, 4h, 2wd, 30m
	At          time.Time // zero: as soon as possible
	Input       map[string]any
	Given       map[string]any // changes to registries before the step
	Answers     map[string]any
	Attachments []string
	Expect      Expect
	Line        int
}

// Expect is what must hold after filing or after a step. What is not named is not checked.
type Expect struct {
	Filled    []forms.Pointer
	Asked     *int
	Fee       *int64
	FeeTitle  string         // of the row that was chosen, in English
	Values    map[string]any // by name: what they come to
	State     workflow.State
	Variant   string
	Due       time.Time
	Problems  []string // ids of rules that refuse the filing
	Parent    workflow.State
	Outcome   workflow.Outcome
	Documents []string
	Notices   []string
	Messages  []string // that registries have taken
	Refused   string   // the step is refused, with this reason
}

// Ends is what the story comes to.
type Ends struct {
	Outcome   workflow.Outcome
	State     workflow.State
	Documents []string
	Notices   []string
	Messages  []string                  // that registries have taken, in order
	Undone    []string                  // what was taken back, in the order in which it was: payment-refunded, resident, send ...; nil: whatever
	Resident  map[string]map[string]any // by personal number and path
	Line      int
}

var hanoi = time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)

func instant(n *node) time.Time {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, n.str(), hanoi); err == nil {
			return t
		}
	}
	return time.Time{}
}

func object(n *node) map[string]any {
	m, _ := n.plain().(map[string]any)
	return m
}

func scenarios(root *node) []*Scenario {
	var out []*Scenario
	for _, n := range root.list() {
		s := &Scenario{ID: n.get("id").str(), Title: n.get("title").localized(), At: instant(n.get("at")), Applicant: n.get("applicant").str(), For: n.get("for").str(),
			Given: object(n.get("given")), Answers: object(n.get("answers")), Attachments: n.get("attachments").strs(), Expect: expectation(n.get("expect")), Line: n.line}
		for _, c := range n.get("contests").entries() {
			if s.Contests == nil {
				s.Contests = map[forms.Pointer]forms.Contest{}
			}
			s.Contests[forms.Pointer(c.key)] = forms.Contest{Value: c.value.get("value").plain(), Reason: c.value.get("reason").str()}
		}
		for _, st := range n.get("steps").list() {
			s.Steps = append(s.Steps, &Step{By: st.get("by").str(), Case: st.get("case").str(), Do: workflow.Event(st.get("do").str()), Signal: workflow.Event(st.get("signal").str()),
				Wait: st.get("wait").str(), At: instant(st.get("at")), Input: object(st.get("input")), Given: object(st.get("given")), Answers: object(st.get("answers")),
				Attachments: st.get("attachments").strs(), Expect: expectation(st.get("expect")), Line: st.line})
		}
		ends := n.get("ends")
		s.Ends = Ends{Outcome: workflow.Outcome(ends.get("outcome").str()), State: workflow.State(ends.get("state").str()),
			Documents: ends.get("documents").strs(), Notices: ends.get("notices").strs(), Messages: ends.get("messages").strs(), Undone: ends.get("undone").strs(), Line: n.line}
		if ends != nil {
			s.Ends.Line = ends.line
		}
		if r := ends.get("resident"); r != nil {
			s.Ends.Resident = map[string]map[string]any{}
			for _, e := range r.entries() {
				s.Ends.Resident[e.key] = object(e.value)
			}
		}
		if base := n.get("like").str(); base != "" {
			s.beginAs(out, base, n)
		}
		out = append(out, s)
	}
	return out
}

func expectation(n *node) Expect {
	e := Expect{State: workflow.State(n.get("state").str()), Variant: n.get("variant").str(), Due: instant(n.get("due")), Problems: n.get("problems").strs(),
		Parent: workflow.State(n.get("parent").str()), Outcome: workflow.Outcome(n.get("outcome").str()), Documents: n.get("documents").strs(),
		Notices: n.get("notices").strs(), Messages: n.get("messages").strs(), FeeTitle: n.get("fee-title").str(), Refused: n.get("refused").str()}
	for _, at := range n.get("filled").strs() {
		e.Filled = append(e.Filled, forms.Pointer(at))
	}
	if a := n.get("asked"); a != nil {
		count := a.int()
		e.Asked = &count
	}
	for _, v := range n.get("values").entries() {
		if e.Values == nil {
			e.Values = map[string]any{}
		}
		e.Values[v.key] = figure(v.value)
	}
	if f := n.get("fee"); f != nil {
		fee := int64(f.int())
		e.Fee = &fee
	}
	return e
}
