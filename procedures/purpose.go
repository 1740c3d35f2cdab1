package procedures

import (
	"fmt"
	"strings"

	"github.com/hoso-gov/hoso/workflow"
)

// purpose: a record is read only for something. A subject that nothing uses is
// personal data without a reason.
func (x *crosser) purpose() {
	if x.p.Form == nil || x.p.Machine == nil {
		return
	}
	used := map[string]bool{}
	for _, p := range x.p.casePrograms() { // what only an offer reads, a form need not
		for _, ref := range p.Refs {
			if root, rest, ok := strings.Cut(ref, "."); ok && (root == "subjects" || root == "sources") {
				name, _, _ := strings.Cut(rest, ".")
				used[name] = true
			} else if ref == "subjects" {
				return
			}
		}
	}
	for _, s := range x.p.Form.Sections {
		for _, f := range s.Fields {
			name, _, _ := strings.Cut(f.Fill, ".")
			used[name], used[f.Of] = true, true
			for _, i := range f.Items {
				used[i.Of] = true
			}
		}
	}
	for _, c := range x.f.children {
		used[strings.TrimPrefix(c.at.get("of").str(), "subjects.")] = true
	}
	for _, n := range x.p.Notices {
		used[strings.TrimPrefix(n.To, "subjects.")] = true
	}
	for _, s := range x.p.Subjects {
		if !used[s.Name] {
			e := x.f.procedure.get("subjects").entry(s.Name)
			x.l.add(workflow.Finding{Code: "MINIMISE", File: x.f.file(procedureFile), Line: e.line, Column: e.col,
				Message: fmt.Sprintf("the record of %s is read, and nothing uses it", s.Name), Remedy: "remove the subject"})
		}
	}
}
