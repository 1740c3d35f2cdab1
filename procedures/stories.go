package procedures

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// stories reads the scenarios and checks that what they name exists. Whether
// they come true, the engine says.
func (x *crosser) stories() {
	if x.f.scenarios == nil {
		if !x.p.Internal && x.f.procedure != nil {
			x.l.add(workflow.Finding{Code: "TESTS", File: x.f.file(scenariosFile), Line: 1, Column: 1, Warning: true,
				Message: "no scenario tests the procedure", Remedy: "write scenarios.yaml: who files, what each actor does, what comes of it"})
		}
		return
	}
	x.file = x.f.file(scenariosFile)
	x.p.Scenarios = scenarios(x.f.scenarios)
	x.unique(x.f.scenarios)
	x.likes(x.f.scenarios.list())
	for _, s := range x.f.scenarios.list() {
		x.given(s.get("given"))
		x.answered(s.get("answers"), x.f)
		x.contested(s.get("contests"))
		x.named(s.get("attachments"), "attachment", x.papersOf())
		x.expected(s.get("expect"), x.f)
		for _, st := range s.get("steps").list() {
			x.act(st)
		}
		ends := s.get("ends")
		x.expected(ends, x.f)
	}
}

func (x *crosser) papersOf() []string {
	out := []string{}
	for _, a := range x.p.Attachments {
		out = append(out, a.ID)
	}
	return out
}

func (x *crosser) named(list *node, what string, known []string) {
	for _, n := range list.list() {
		if !slices.Contains(known, n.str()) {
			x.report("TESTS", n, fmt.Sprintf("there is no %s %q", what, n.str()), didYouMean(n.str(), known))
		}
	}
}

func (x *crosser) name(n *node, what string, known []string) {
	if n != nil && !slices.Contains(known, n.str()) {
		x.report("TESTS", n, fmt.Sprintf("there is no %s %q", what, n.str()), didYouMean(n.str(), known))
	}
}

func (x *crosser) given(n *node) {
	x.named(n.get("unavailable"), "registry", x.l.elements.registries())
	x.named(n.get("silent"), "registry", x.l.elements.registries())
	for _, e := range n.entries() {
		if e.key != "unavailable" && e.key != "silent" && x.l.elements.Kinds[e.key] == nil {
			at := node{line: e.line, col: e.col}
			x.report("TESTS", &at, fmt.Sprintf("no registry holds %q", e.key), didYouMean(e.key, x.l.elements.Order))
		}
	}
}

func (x *crosser) answered(n *node, f *folder) {
	if f == nil || f.p == nil || f.p.Form == nil {
		return
	}
	for _, section := range n.entries() {
		at := node{line: section.line, col: section.col}
		s := sectionAt(f.p.Form, "/"+section.key)
		if s == nil {
			x.report("TESTS", &at, fmt.Sprintf("the form has no section %q", section.key), didYouMean(section.key, sectionNames(f.p.Form)))
			continue
		}
		var known []string
		for _, q := range s.Fields {
			known = append(known, q.Name)
		}
		for _, q := range section.value.entries() {
			if !slices.Contains(known, q.key) {
				at := node{line: q.line, col: q.col}
				x.report("TESTS", &at, fmt.Sprintf("section %s has no question %q", section.key, q.key), didYouMean(q.key, known))
			}
		}
	}
}

// contested: only a value that a registry is authoritative for is contested;
// any other is simply changed.
func (x *crosser) contested(n *node) {
	if x.p.Form == nil {
		return
	}
	for _, e := range n.entries() {
		at := node{line: e.line, col: e.col}
		q := x.p.Form.Field(forms.Pointer(e.key))
		if q == nil {
			x.report("TESTS", &at, fmt.Sprintf("there is no question %s", e.key), didYouMean(e.key, pointers(x.p.Form)))
		} else if q.Fill == "" || !q.Authoritative {
			x.report("TESTS", &at, fmt.Sprintf("%s is not locked, so there is nothing to contest", e.key), "write the value under answers")
		}
	}
}

// expected: the states, outcomes, papers and pointers of an expectation exist.
func (x *crosser) expected(n *node, f *folder) {
	if n == nil || f == nil || f.workflow == nil {
		return
	}
	states := f.workflow.get("states")
	x.name(n.get("state"), "state", states.names())
	var outcomes []string
	for _, s := range states.entries() {
		if o := s.value.get("outcome").str(); o != "" {
			outcomes = append(outcomes, o)
		}
	}
	x.name(n.get("outcome"), "outcome", append(outcomes, "cancelled"))
	x.named(n.get("messages"), "message", f.procedure.get("messages").names())
	if f == x.f {
		x.named(n.get("documents"), "document", append(x.f.procedure.get("documents").names(), "apology")) // that one the engine writes
		x.named(n.get("notices"), "notice", x.f.procedure.get("notices").names())
	}
	if v := n.get("variant"); v != nil {
		var known []string
		for _, o := range x.p.Variants {
			known = append(known, o.ID)
		}
		x.name(v, "variant", known)
	}
	if f == x.f {
		for _, v := range n.get("values").entries() {
			x.name(&node{value: v.key, line: v.line, col: v.col}, "value", f.procedure.get("values").names())
		}
	}
	if x.p.Form == nil {
		return
	}
	for _, at := range n.get("filled").list() {
		q := x.p.Form.Field(forms.Pointer(at.str()))
		if q == nil {
			x.report("TESTS", at, fmt.Sprintf("there is no question %s", at.str()), didYouMean(at.str(), pointers(x.p.Form)))
		} else if q.Fill == "" {
			x.report("TESTS", at, fmt.Sprintf("%s is asked, not filled", at.str()), "take it out of filled")
		}
	}
	var rules []string
	for _, r := range x.p.Form.Rules {
		rules = append(rules, r.ID)
	}
	for _, at := range n.get("problems").list() {
		if id := at.str(); !strings.HasPrefix(id, "/") && !slices.Contains(append(rules, "required", "type", "format", "enum", "locked", "stop"), id) {
			x.report("TESTS", at, fmt.Sprintf("there is no rule %q", id), didYouMean(id, rules))
		}
	}
}

var number = regexp.MustCompile(`^[0-9]{12}$`)

// act: a step does what some state offers, in the case or sub-case it names.
func (x *crosser) act(st *node) {
	f := x.f
	if f.workflow == nil {
		return
	}
	if c := st.get("case"); c != nil {
		path := strings.Split(c.str(), ".")
		for i := 0; i+1 < len(path) && f != nil; i += 2 {
			state, slot := path[i], path[i+1]
			var next *folder
			var known []string
			named := false
			for _, o := range f.workflow.get("states").get(state).get("open").list() {
				known = append(known, state+"."+o.get("name").str())
				if o.get("name").str() == slot {
					named = true
					next = x.l.folders[ID(o.get("procedure").str())]
				}
			}
			if named && next == nil {
				return // its procedure is missing, which is reported where it is opened
			}
			if next == nil {
				x.report("TESTS", c, fmt.Sprintf("no sub-case %s.%s is opened", state, slot), didYouMean(state+"."+slot, known))
				return
			}
			f = next
		}
	}
	if f == nil || f.workflow == nil {
		return
	}
	var actions, signals []string
	for _, s := range steps(f.workflow) {
		switch s.via {
		case "actions":
			actions = append(actions, s.event)
		case "signals":
			signals = append(signals, s.event)
		}
	}
	for _, always := range []string{"withdraw", "extend"} {
		if f.workflow.get(always) != nil {
			actions = append(actions, always)
		}
	}
	x.name(st.get("do"), "action", actions)
	x.l.taken(f, st.get("do"))
	x.name(st.get("signal"), "signal", signals)
	if by := st.get("by"); by != nil && !number.MatchString(by.str()) {
		x.name(by, "role", f.workflow.get("roles").names())
	}
	x.answered(st.get("answers"), f)
	x.given(st.get("given"))
	x.expected(st.get("expect"), f)
	x.name(st.get("expect").get("parent"), "state", x.f.workflow.get("states").names())
	input := st.get("input")
	if f.p != nil && input.get("grounds") != nil {
		var known []string
		for _, g := range f.p.Grounds {
			known = append(known, g.ID)
		}
		x.named(input.get("grounds"), "ground", known)
	}
}
