package procedures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// family holds the sub-cases against the procedures that they open.
func (x *crosser) family() {
	seen := map[string]int{}
	for _, c := range x.f.children {
		if first, ok := seen[c.name]; ok {
			x.report("NAME", c.at.get("name"), fmt.Sprintf("a sub-case %q is opened in line %d too", c.name, first), "give each its own name")
		}
		seen[c.name] = c.at.line
		child, ok := x.l.folders[ID(c.procedure)]
		if !ok {
			var known []string
			for _, id := range x.l.order {
				known = append(known, string(id))
			}
			x.report("REF", c.at.get("procedure"), fmt.Sprintf("there is no procedure %q", c.procedure), didYouMean(c.procedure, known))
			continue
		}
		if of := c.at.get("of"); of != nil && of.str() != "applicant" {
			x.person(strings.TrimPrefix(of.str(), "subjects."), of)
		}
		if v := c.at.get("variant"); v != nil && child.p != nil && child.p.Variant(v.str()) == nil {
			var known []string
			for _, o := range child.p.Variants {
				known = append(known, o.ID)
			}
			x.report("REF", v, fmt.Sprintf("%s has no variant %q", c.procedure, v.str()), didYouMean(v.str(), known))
		}
		if c.at.get("agency") == nil && c.at.get("of") == nil && child.procedure.get("competence") == nil {
			x.report("ROUTE", c.at, fmt.Sprintf("no agency is competent for the sub-case %s", c.name), "write agency: {kind, commune} here, or competence in "+c.procedure)
		}
		x.share(c, child)
		x.give(c, child)
	}
	x.joins()
}

// share: a shared section stands in both forms, with the same questions.
func (x *crosser) share(c call, child *folder) {
	for _, s := range c.at.get("share").list() {
		if x.p.Form == nil || child.p == nil || child.p.Form == nil {
			return
		}
		at := "/" + s.str()
		mine, theirs := sectionAt(x.p.Form, at), sectionAt(child.p.Form, at)
		switch {
		case mine == nil:
			x.report("SHARE", s, fmt.Sprintf("the form has no section %q to share", s.str()), didYouMean(s.str(), sectionNames(x.p.Form)))
		case theirs == nil:
			x.report("SHARE", s, fmt.Sprintf("the form of %s has no section %q", c.procedure, s.str()), didYouMean(s.str(), sectionNames(child.p.Form)))
		default:
			for _, f := range theirs.Fields {
				i := slices.IndexFunc(mine.Fields, func(m *forms.Field) bool { return m.Name == f.Name })
				if i < 0 {
					x.report("SHARE", s, fmt.Sprintf("%s of %s is not asked here", f.Pointer, c.procedure), "give both forms the same questions in the shared section")
				} else if mine.Fields[i].Type != f.Type {
					x.report("SHARE", s, fmt.Sprintf("%s is %s here and %s in %s", f.Pointer, mine.Fields[i].Type, f.Type, c.procedure), "let both forms $ref the same definition")
				}
			}
		}
	}
}

func sectionNames(f *forms.Form) []string {
	var out []string
	for _, s := range f.Sections {
		out = append(out, s.Name)
	}
	return out
}

// give: what is given is read, and what is read is given by this parent too.
func (x *crosser) give(c call, child *folder) {
	if child.p == nil || child.p.Env == nil {
		return
	}
	read := map[string]bool{}
	whole := false
	for _, p := range child.p.programs() {
		for _, ref := range p.Refs {
			if ref == "case.given" {
				whole = true
			}
			if name, ok := strings.CutPrefix(ref, "case.given."); ok {
				name, _, _ = strings.Cut(name, ".")
				read[name] = true
			}
		}
	}
	given := c.at.get("give")
	for _, e := range given.entries() {
		if !read[e.key] && !whole {
			at := node{line: e.line, col: e.col}
			x.report("UNUSED", &at, fmt.Sprintf("%s is given, and %s does not read it", e.key, c.procedure), "read it as case.given."+e.key+", or do not give it")
		}
	}
	for _, name := range keysOf(read) {
		if given.get(name) == nil {
			x.report("GIVE", c.at, fmt.Sprintf("%s reads case.given.%s, which is not given", c.procedure, name), fmt.Sprintf("write give: {%s: CEL}", name))
		}
	}
}

// joins: outcomes that count are outcomes that the children have; where each
// outcome has its class, all of them have one.
func (x *crosser) joins() {
	for _, e := range x.f.workflow.get("states").entries() {
		ok, classes := e.value.get("join").get("ok"), e.value.get("join").get("outcomes")
		if ok == nil && classes == nil {
			continue
		}
		outcomes, whole := x.outcomes(e.value)
		for _, n := range ok.list() {
			if whole && !outcomes[n.str()] {
				x.report("OUTCOME", n, fmt.Sprintf("none of the sub-cases ends with %q", n.str()), didYouMean(n.str(), keysOf(outcomes)))
			}
		}
		if !whole || classes == nil {
			continue
		}
		for _, o := range []workflow.Outcome{workflow.OutcomeCancelled, workflow.OutcomeTimedOut} {
			outcomes[string(o)] = true
		}
		for _, c := range classes.entries() {
			if !outcomes[c.key] {
				at := node{line: c.line, col: c.col}
				x.report("OUTCOME", &at, fmt.Sprintf("none of the sub-cases ends with %q", c.key), didYouMean(c.key, keysOf(outcomes)))
			}
		}
		for _, o := range keysOf(outcomes) {
			if classes.get(o) == nil && o != string(workflow.OutcomeCancelled) && o != string(workflow.OutcomeTimedOut) {
				x.report("JOINTOTAL", classes, fmt.Sprintf("the join does not say how %s counts", o), "write outcomes: {"+o+": ok|gap|stop, …}")
			}
		}
	}
}

// outcomes are those that the sub-cases of a state declare; whole is false when
// a sub-case's procedure is not there to be asked.
func (x *crosser) outcomes(state *node) (outcomes map[string]bool, whole bool) {
	outcomes, whole = map[string]bool{}, true
	for _, o := range state.get("open").list() {
		child := x.l.folders[ID(o.get("procedure").str())]
		if child == nil || child.workflow == nil {
			whole = false
			continue
		}
		for _, s := range child.workflow.get("states").entries() {
			if out := s.value.get("outcome").str(); out != "" {
				outcomes[out] = true
			}
		}
	}
	return outcomes, whole
}

// depth: procedures open each other at most two deep, and never in a circle.
func (l *loader) depth() {
	var walk func(f *folder, path []string) (trace []string, circle bool)
	walk = func(f *folder, path []string) ([]string, bool) {
		for i, p := range path {
			if p == string(f.id) {
				return append(path[i:], string(f.id)), true
			}
		}
		path = append(slices.Clone(path), string(f.id))
		if len(path) > 3 {
			return path, false
		}
		for _, c := range f.children {
			if child := l.folders[ID(c.procedure)]; child != nil {
				if trace, circle := walk(child, path); trace != nil {
					return trace, circle
				}
			}
		}
		return nil, false
	}
	for _, id := range l.order {
		f := l.folders[id]
		trace, circle := walk(f, nil)
		if trace == nil || circle && trace[0] != string(id) {
			continue
		}
		at := f.children[0].at
		for _, c := range f.children {
			if c.procedure == trace[1] {
				at = c.at
			}
		}
		found := workflow.Finding{Code: "DEPTH", File: f.file(workflowFile), Line: at.line, Column: at.col, Trace: trace,
			Message: "sub-cases open sub-cases more than two deep", Remedy: "let the upper case open them itself"}
		if circle {
			found.Code, found.Message, found.Remedy = "RECURSION", "the procedures open each other in a circle", "break the circle"
		}
		l.add(found)
	}
}
