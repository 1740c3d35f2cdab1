package procedures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// duties are what an office owes those whose case it has: a word, a way out, a
// law for what it passes on.
func (x *crosser) duties() {
	if x.p.Machine == nil {
		return
	}
	x.l.add(workflow.CheckNotices(x.p.Machine, x.tellsApplicant)...)
	if !x.p.Internal && x.p.Machine.Withdraw == nil {
		x.report("WITHDRAW", x.f.workflow, "the applicant cannot withdraw", "write withdraw: {by: applicant, to: STATE}, with before: [states] after the point of no return")
	}
	x.sends()
	x.asked()
	x.windows()
	x.cancelled()
}

// tellsApplicant: a notice to the citizen whose case it is.
func (x *crosser) tellsApplicant(e workflow.Effect) bool {
	if e.Type != "notify" {
		return false
	}
	n := x.p.Notices[e.Name]
	return n == nil || n.To != "owner" // a notice that is not declared is another mistake
}

// sends: what is told to another agency about a person is told on a law.
func (x *crosser) sends() {
	for _, e := range x.f.procedure.get("messages").entries() {
		m := x.p.Messages[e.key]
		if m == nil || m.Law != "" {
			continue
		}
		for _, field := range keysOf(m.Body) {
			if ref := personalRef(m.Body[field].Refs); ref != "" {
				x.l.add(workflow.Finding{Code: "SENDS", File: x.f.file(procedureFile), Line: e.line, Column: e.col,
					Message: fmt.Sprintf("the message %s tells %s %s, and no law says so", e.key, m.To, ref), Remedy: `write law: "act, article"`})
				break
			}
		}
	}
}

// asked: what the citizen is asked is used: by an expression, by a text, or by
// the officer who judges it.
func (x *crosser) asked() {
	if x.p.Form == nil || x.p.Internal {
		return
	}
	read := map[string]bool{}
	for _, p := range x.p.programs() {
		for _, ref := range p.Refs {
			if rest, ok := strings.CutPrefix(ref, "form."); ok {
				section, rest, whole := strings.Cut(rest, ".")
				if !whole {
					read[section] = true
					continue
				}
				name, _, _ := strings.Cut(rest, ".")
				read[section+"."+name] = true
			}
		}
	}
	judged := map[forms.Pointer]bool{}
	for _, c := range x.p.Checklist {
		for _, at := range c.At {
			judged[at] = true
		}
	}
	for _, s := range x.p.Form.Sections {
		for _, q := range s.Fields {
			if q.Fill != "" || read[s.Name] || read[s.Name+"."+q.Name] || judged[s.Pointer] || judged[q.Pointer] || x.shared(s.Name) {
				continue
			}
			x.l.add(workflow.Finding{Code: "MINIMISE", File: x.f.file(formFile), Line: q.Line, Column: q.Column, Path: string(q.Pointer),
				Message: fmt.Sprintf("%s is asked, and nothing uses the answer", q.Pointer), Remedy: "remove the question, read it in an expression, or let an item of checklist judge it"})
		}
	}
}

// shared tells whether a section is passed on to a sub-case.
func (x *crosser) shared(section string) bool {
	return slices.ContainsFunc(x.f.children, func(c call) bool { return slices.Contains(c.at.get("share").strs(), section) })
}

// personalRef is a path that leads to what is known of a person, or "".
func personalRef(refs []string) string {
	for _, ref := range refs {
		if root, _, _ := strings.Cut(ref, "."); root == "form" || root == "subjects" || root == "session" || strings.HasPrefix(ref, "case.given") {
			return ref
		}
	}
	return ""
}

// windows: who is asked by a sub-case is told the day until which the answer
// counts: its own time-out is the window of the join.
func (x *crosser) windows() {
	for _, name := range x.p.Machine.Order {
		s := x.p.Machine.States[name]
		if s.Join == nil || s.Join.Window.N == 0 {
			continue
		}
		for _, c := range s.Open {
			child := x.l.folders[ID(c.Procedure)]
			if child == nil || child.p == nil || child.p.Machine == nil {
				continue
			}
			for _, asked := range child.p.Machine.File {
				wait := child.p.Machine.States[asked.To]
				if wait == nil || wait.Kind != workflow.Wait || wait.For != "applicant" {
					continue
				}
				for _, a := range wait.After {
					if a.Delay.Unit != s.Join.Window.Unit || a.Delay.N != s.Join.Window.N+remindedBy(s.Join) {
						x.l.add(workflow.Finding{Code: "JOIN", File: x.f.file(workflowFile), Line: c.Line, Column: c.Column,
							Message: fmt.Sprintf("%s waits %s for an answer, and %s goes on after %s", c.Procedure, a.Name, name, window(s.Join)),
							Remedy:  "write the same time in both"})
					}
				}
			}
		}
	}
}

func remindedBy(j *workflow.Join) int {
	if j.Remind.Unit == j.Window.Unit {
		return j.Remind.N
	}
	return 0
}

func window(j *workflow.Join) string {
	return calendar.Duration{N: j.Window.N + remindedBy(j), Unit: j.Window.Unit}.String()
}

// cancelled: a sub-case that nobody needs any more has an end to go to.
func (x *crosser) cancelled() {
	for _, c := range x.f.children {
		child := x.l.folders[ID(c.procedure)]
		if child == nil || child.p == nil || child.p.Machine == nil {
			continue
		}
		if _, ok := child.p.Machine.CancelTo(); !ok {
			x.report("OUTCOME", c.at, fmt.Sprintf("%s has no end for a case that is no longer needed", c.procedure), "write there a final state with outcome: cancelled and negative: true")
		}
	}
}

// hints are what may be meant, and is more often a mistake.
func (x *crosser) hints() {
	if x.p.Machine == nil {
		return
	}
	warn := func(code, file string, line, col int, message, remedy string) {
		x.l.add(workflow.Finding{Code: code, File: x.f.file(file), Line: line, Column: col, Warning: true, Message: message, Remedy: remedy})
	}
	day := slices.ContainsFunc(x.p.Limits, func(l *Limit) bool { return workingHours(l.Limit) <= 8 })
	if day {
		if way := x.p.Machine.Straight(); len(way) > 2 {
			at := x.p.Machine.States[way[2]]
			warn("STEPS", workflowFile, at.Line, at.Column, fmt.Sprintf("a term of one day, and %d officers' steps on a straight way: %s", len(way), strings.Join(names(way), ", ")), "let one officer do two of them, or the registry do one")
		}
	}
}

func names(states []workflow.State) []string {
	var out []string
	for _, s := range states {
		out = append(out, string(s))
	}
	return out
}
