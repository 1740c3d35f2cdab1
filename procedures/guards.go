package procedures

import (
	"maps"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/logic"
	"github.com/hoso-gov/hoso/workflow"
)

// A site is where an expression stands, with the conditions that have been tried before it.
type site struct {
	file string
	at   *node
	want *expr.Type
	sure func(string) bool // paths that are never absent there
	so   *node             // a condition that holds there
	not  []*node           // conditions that do not hold there

	rule bool // it has to hold of every case; a condition has to be true of some
}

// guards proves that no condition and no amount takes for granted what may be
// absent: an evaluation error refuses the command that needs the answer.
func (x *crosser) guards() {
	possible, faulty := x.possible(), x.l.faulty(x.f)
	for _, s := range x.sites() {
		p, err := x.env.Compile(s.at.str(), s.want)
		if err != nil {
			continue // it is reported where it is compiled
		}
		if e := p.Unguarded(x.surely(s)); e != nil {
			f := workflow.Finding{Code: string(e.Kind), File: s.file, Line: s.at.line, Column: s.at.col, Message: e.Reason,
				Remedy: "ask first whether it is there: has(…) && …, or … == null || …"}
			if s.at.text > 0 {
				f.Column = s.at.text + e.Column - 1
			}
			x.l.add(f)
		} else if s.want == boolType && !s.rule && !faulty && !possible(x.reached(s, p)) {
			x.l.add(workflow.Finding{Code: "NEVER", File: s.file, Line: s.at.line, Column: s.at.col, Warning: true,
				Message: "no answers that the form takes make this condition true", Remedy: "remove what stands behind it, or correct the condition"})
		}
	}
}

// faulty tells whether something is wrong with the folder: what may be meant
// otherwise is asked when all else is right.
func (l *loader) faulty(f *folder) bool {
	return slices.ContainsFunc(l.findings, func(x workflow.Finding) bool { return !x.Warning && OfFolder(x) == f.id })
}

// possible tells of conditions whether they can be true; of those of a
// procedure without a form nothing is known.
func (x *crosser) possible() func(*logic.Formula) bool {
	if x.p.Form == nil {
		return logic.Possible
	}
	return x.p.Form.Possibilities(x.p.proving(x.l.elements, x.l.today))
}

// reached is the condition that a site's condition holds, and none of those that
// are tried before it.
func (x *crosser) reached(s site, p *expr.Program) *logic.Formula {
	all := []*logic.Formula{p.Formula()}
	for _, n := range s.not {
		if before := x.quiet(n); before != nil {
			all = append(all, logic.Not(before.Formula()))
		}
	}
	if so := x.quiet(s.so); so != nil {
		all = append(all, so.Formula())
	}
	return logic.And(all...)
}

// surely are the paths that are present at a site, also by the conditions that were tried before.
func (x *crosser) surely(s site) func(string) bool {
	known := map[string]bool{}
	sure := func(path string) bool { return known[path] || s.sure(path) }
	for _, n := range s.not {
		if p := x.quiet(n); p != nil {
			maps.Copy(known, p.Follows(false, sure))
		}
	}
	if p := x.quiet(s.so); p != nil {
		maps.Copy(known, p.Follows(true, sure))
	}
	return sure
}

// sites are the conditions and amounts of the procedure.
func (x *crosser) sites() []site {
	var out []site
	add := func(file string, s site) {
		if s.at != nil && s.at.kind == scalar {
			s.file = x.f.file(file)
			out = append(out, s)
		}
	}
	amount := func(n *node, when *node) {
		if _, number := n.number(); !number {
			add(procedureFile, site{at: n, want: intType, sure: x.certain, so: when})
		}
	}
	n := x.f.procedure
	competence := n.get("competence")
	for _, list := range []*node{n.get("variants"), n.get("attachments"), n.get("fees"), n.get("limits"), competence.get("receiving"), competence.get("competent")} {
		var before []*node
		for _, r := range list.list() {
			add(procedureFile, site{at: r.get("when"), want: boolType, sure: x.certain, not: before})
			amount(r.get("amount"), r.get("when"))
			if dated := r.get("from") != nil || r.get("until") != nil; !dated && list != n.get("attachments") && r.get("when") != nil {
				before = append(before, r.get("when"))
			}
		}
	}
	for _, e := range n.get("tables").entries() {
		if t := x.p.Table(e.key); t != nil {
			add(procedureFile, site{at: e.value.get("day"), want: stringType, sure: x.wherever("tables." + e.key)})
		}
	}
	for _, e := range n.get("values").entries() {
		if v := x.p.Value(e.key); v != nil {
			add(procedureFile, site{at: e.value.get("is"), want: v.As.typ(), sure: x.wherever("values." + e.key), rule: true})
		}
	}
	for _, e := range n.get("payments").entries() {
		amount(e.value.get("amount"), nil)
		for _, r := range e.value.get("refund").list() {
			add(procedureFile, site{at: r.get("when"), want: boolType, sure: x.certain})
		}
	}
	if x.f.flowShaped {
		var before []*node
		var last step
		for _, s := range steps(x.f.workflow) {
			if s.state != last.state || s.event != last.event || s.via != last.via {
				before = nil
			}
			if last = s; s.at.get("when") != nil {
				add(workflowFile, site{at: s.at.get("when"), want: boolType, sure: x.certain, not: before})
				before = append(before, s.at.get("when"))
			}
		}
		for _, s := range x.f.workflow.get("states").entries() {
			add(workflowFile, site{at: s.value.get("counts-from"), want: stringType, sure: x.certain})
		}
		for _, c := range x.f.children {
			add(workflowFile, site{at: c.at.get("when"), want: boolType, sure: x.certain})
		}
	}
	if x.f.formShaped {
		for _, s := range x.f.questions.get("properties").entries() {
			add(formFile, site{at: s.value.get("x-when"), want: boolType, sure: x.always})
			for _, q := range s.value.get("properties").entries() {
				add(formFile, site{at: q.value.get("x-when"), want: boolType, sure: x.always, so: s.value.get("x-when")})
			}
		}
		for _, r := range x.f.questions.get("x-rules").list() {
			add(formFile, site{at: r.get("when"), want: boolType, sure: x.certain})
			add(formFile, site{at: r.get("rule"), want: boolType, sure: x.certain, so: r.get("when"), rule: true})
		}
	}
	return out
}

// always are the paths that are there whatever was answered.
func (x *crosser) always(path string) bool {
	root, rest, _ := strings.Cut(path, ".")
	switch root {
	case "today", "variant", "session", "sources":
		return true
	case "case":
		return rest == "filedOn" || rest == "filedAt" || rest == "fee" || rest == "code" || rest == "agency"
	case "tables", "values":
		return x.figured(root, rest, x.always)
	}
	return false
}

// figured tells whether a table has a row for every day of filing, and that row
// what the path leads to; and whether a value is there for certain.
func (x *crosser) figured(root, path string, sure func(string) bool) bool {
	name, below, deeper := path, "", false
	if i := strings.IndexAny(path, ".["); i >= 0 {
		name, below, deeper = path[:i], strings.TrimPrefix(path[i:], "."), true
	}
	if root == "values" {
		v := x.p.Value(name)
		return v != nil && (v.As == YesNoValue || v.Is.Present(sure))
	}
	name, asked := strings.CutSuffix(name, "!") // it has been asked whether a row holds
	t := x.p.Table(name)
	if t == nil || t.faulty {
		return t != nil
	}
	return (asked || t.Day == nil && !t.Ends && t.At(x.l.today) != nil) && (!deeper || t.has(below))
}

// certain are those and the answers that every case has: required, and never
// left out.
func (x *crosser) certain(path string) bool {
	root, below, _ := strings.Cut(path, ".")
	if root == "tables" || root == "values" {
		return x.figured(root, below, x.certain)
	}
	if x.always(path) {
		return true
	}
	rest, ok := strings.CutPrefix(path, "form.")
	if !ok || x.p.Form == nil {
		return ok // a form that could not be read says nothing
	}
	section, name, _ := strings.Cut(rest, ".")
	for _, s := range x.p.Form.Sections {
		if s.Name != section || s.When != nil {
			continue
		}
		if name == "" {
			return true
		}
		name, item, ofItem := strings.Cut(name, "[].")
		for _, q := range s.Fields {
			if q.Name == name {
				if ofItem { // of an entry of a repeated group
					return slices.ContainsFunc(q.Items, func(i *forms.Field) bool { return i.Name == item && i.Required && i.When == nil })
				}
				return q.Required && q.When == nil
			}
		}
	}
	return false
}
