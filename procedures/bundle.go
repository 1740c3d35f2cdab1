package procedures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// A query is a question of one of the forms that one filing brings together.
type query struct {
	folder *folder
	field  *forms.Field
	row    forms.ProofRow
	from   *call // of a part: how it is opened
}

// bundles proves that a case and the parts that it opens for its applicant ask
// everything once: no question stands in two of them, and no part asks what the
// case knows, what it is given, or what another part finds out.
func (l *loader) bundles() {
	for _, id := range l.order {
		f := l.folders[id]
		parts := l.parts(f, nil)
		if len(parts) == 0 {
			continue
		}
		known := l.queries(f, nil)
		for i := range parts {
			for _, q := range l.queries(l.folders[ID(parts[i].procedure)], &parts[i]) {
				if q.row.Filled || q.row.Given {
					continue
				}
				if first := slices.IndexFunc(known, func(o query) bool { return sameDatum(o, q) }); first >= 0 {
					l.again(q, fmt.Sprintf("asks what %s has at %s: a filing of %s would have it twice", known[first].folder.id, known[first].row.At, id),
						"have it once, in the case that opens this one, and share its section")
				} else if from := l.learned(q, parts); from != "" {
					l.again(q, fmt.Sprintf("asks what %s within a filing of %s", from, id), "take it with give and case.given, not from the citizen")
				}
				known = append(known, q)
			}
		}
	}
}

func (l *loader) again(q query, message, remedy string) {
	l.add(workflow.Finding{Code: "BUNDLE", File: q.folder.file(formFile), Line: q.field.Line, Column: q.field.Column, Path: string(q.row.At), Message: message, Remedy: remedy})
}

// parts are the sub-cases that go to the applicant's own account, and theirs.
func (l *loader) parts(f *folder, above []ID) []call {
	var out []call
	for _, c := range f.children {
		child := l.folders[ID(c.procedure)]
		if child == nil || child.p == nil || c.at.get("of").str() != "applicant" || slices.Contains(above, child.id) {
			continue
		}
		out = append(out, c)
		out = append(out, l.parts(child, append(above, f.id))...)
	}
	return out
}

func (l *loader) queries(f *folder, from *call) []query {
	proof := l.proofs[f.id]
	if proof == nil {
		return nil
	}
	var out []query
	for _, row := range proof.Rows {
		if q := f.p.Form.Field(row.At); q != nil {
			out = append(out, query{f, q, row, from})
		}
	}
	return out
}

// sameDatum compares two questions of different forms: the place, or the
// element of the same subject.
func sameDatum(a, b query) bool {
	return a.folder != b.folder && (a.row.At == b.row.At || a.row.Element != "" && a.row.Element == b.row.Element && a.field.Of == b.field.Of)
}

// learned tells what knows the answer when the part is opened: the part is given
// it by that name, or another part puts it out.
func (l *loader) learned(q query, parts []call) string {
	names := []string{q.field.Name}
	if i := strings.LastIndexByte(q.row.Element, '.'); i > 0 && q.field.Of != "" {
		datum := q.row.Element[i+1:]
		names = append(names, q.field.Of+strings.ToUpper(datum[:1])+datum[1:]) // childNumber: the number of the child
	}
	for _, name := range names {
		if slices.Contains(q.from.at.get("give").names(), name) {
			return "it is given as " + name
		}
		for _, p := range parts {
			if other := l.folders[ID(p.procedure)]; other != q.folder && slices.Contains(other.procedure.get("outputs").names(), name) {
				return fmt.Sprintf("%s puts out as %s", p.procedure, name)
			}
		}
	}
	return ""
}
