package procedures

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// A call is a sub-case that a workflow opens, as the tree has it.
type call struct {
	name, procedure string
	at              *node
}

// calls finds them before the workflow is compiled: the types of case.children
// and case.given come from here.
func calls(flow *node) []call {
	var out []call
	for _, s := range flow.get("states").entries() {
		for _, o := range s.value.get("open").list() {
			out = append(out, call{o.get("name").str(), o.get("procedure").str(), o})
		}
	}
	return out
}

// compile turns the folders into procedures.
func (l *loader) compile() {
	given, opened := map[ID]map[string]bool{}, map[ID]bool{}
	for _, id := range l.order {
		f := l.folders[id]
		f.children = calls(f.workflow)
		for _, c := range f.children {
			child := ID(c.procedure)
			opened[child] = true
			if given[child] == nil {
				given[child] = map[string]bool{}
			}
			for _, g := range c.at.get("give").names() {
				given[child][g] = true
			}
		}
	}
	for _, id := range l.order {
		f := l.folders[id]
		if f.procedure == nil || !f.shaped {
			continue
		}
		sc := &scope{subjects: map[string]*expr.Type{}, children: map[string][]string{}, given: given[id], opened: opened[id]}
		for _, c := range f.children {
			if child := l.folders[ID(c.procedure)]; child != nil && child.procedure != nil {
				sc.children[c.name] = append([]string{}, child.procedure.get("outputs").names()...)
			} else {
				sc.children[c.name] = nil
			}
		}
		b := &builder{l: l, f: f, file: f.file(procedureFile), scope: sc, p: &Procedure{ID: id, proofs: &proofs{}}}
		b.build()
		f.p = b.p
	}
	l.shared()
}

// A builder compiles one folder.
type builder struct {
	l     *loader
	f     *folder
	file  string
	scope *scope
	env   *expr.Env
	p     *Procedure
}

func (b *builder) report(code string, at *node, message, remedy string) {
	f := workflow.Finding{Code: code, File: b.file, Line: 1, Column: 1, Message: message, Remedy: remedy}
	if at != nil {
		f.Line, f.Column = at.line, at.col
	}
	b.l.add(f)
}

func (b *builder) build() {
	n, p := b.f.procedure, b.p
	if id := n.get("id").str(); id != string(b.f.id) {
		b.report("NAME", n.get("id"), fmt.Sprintf("the id %q is not the name of the folder", id), "write id: "+string(b.f.id))
	}
	p.Version = n.get("version").int()
	p.Internal = n.get("kind").str() == "internal"
	p.Name, p.Official = n.get("name").localized(), n.get("official").localized()
	p.Code = n.get("official").get("code").str()
	p.Summary, p.Who = n.get("summary").localized(), n.get("who").localized()
	p.Gives, p.Afterwards = n.get("gives").localized(), n.get("afterwards").localized()
	p.Group, p.Ministry = n.get("group").str(), n.get("ministry").localized()
	p.Level, p.For = n.get("level").int(), n.get("for").strs()
	b.valid()
	for _, a := range n.get("law").list() {
		p.Law = append(p.Law, Act{Act: a.get("act").str(), Note: a.get("note").localized()})
	}
	b.kinds()
	if !b.form() {
		return
	}
	b.subjects()
	b.offers()
	b.tables()
	b.papers()
	b.outgoing()
	b.machine()
}

// kinds declares the subjects before anything is compiled.
func (b *builder) kinds() {
	for _, e := range b.f.procedure.get("subjects").entries() {
		s := &Subject{Name: e.key, Kind: e.value.get("kind").str(), Basis: e.value.get("basis").str(), Title: e.value.get("title").localized()}
		if e.value.get("only").str() == "offers" {
			b.p.Early = append(b.p.Early, s)
		} else {
			b.p.Subjects = append(b.p.Subjects, s)
		}
		k := b.l.elements.Kinds[s.Kind]
		if k == nil {
			b.report("REF", e.value.get("kind"), fmt.Sprintf("no registry holds %q", s.Kind), didYouMean(s.Kind, b.l.elements.Order))
			b.scope.subjects[s.Name] = anyMap
			continue
		}
		b.scope.subjects[s.Name] = k.Type()
	}
}

// declared is the procedure's subjects as package forms wants them.
func (p *Procedure) declared() []forms.SubjectDecl {
	var out []forms.SubjectDecl
	for _, s := range p.Subjects {
		out = append(out, forms.SubjectDecl{Name: s.Name, Kind: s.Kind, Key: s.Key})
	}
	return out
}

// form compiles the form; the environment comes with it. It is false when
// there is none to go on with.
func (b *builder) form() bool {
	if b.f.form != nil && b.f.formShaped {
		form, found := forms.Compile(forms.Source{
			File: b.f.file(formFile), Schema: b.f.form, Common: b.l.fsys, Elements: b.l.elements.Forms(), Subjects: b.p.declared(), Internal: b.p.Internal,
			Env: func(t *expr.Type) (env *expr.Env, err error) {
				if b.env, err = b.scope.env(t); err == nil {
					b.figures()
				}
				return b.env, err
			},
		})
		b.l.add(found...)
		b.p.Form = form
		if form != nil {
			form.Compute = b.p.Compute
		}
	}
	if b.env == nil {
		var t *expr.Type
		if b.p.Form != nil {
			t = b.p.Form.Type()
		}
		var err error
		if b.env, err = b.scope.env(t); err != nil {
			b.report("CEL", b.f.procedure, err.Error(), "correct the subjects and the form")
			return false
		}
		b.figures()
	}
	b.p.Env = b.env
	return true
}

// program compiles a CEL value; nil when absent or wrong.
func (b *builder) program(n *node, want *expr.Type) *expr.Program {
	if n == nil {
		return nil
	}
	p, err := b.env.Compile(n.str(), want)
	if err == nil {
		return p
	}
	f := workflow.Finding{Code: "CEL", File: b.file, Line: n.line, Column: n.col, Message: err.Error(), Remedy: celRemedy}
	if e, ok := errors.AsType[*expr.Error](err); ok {
		f.Message, f.Code = e.Reason, string(e.Kind)
		if n.text > 0 && e.Column > 0 {
			f.Column = n.text + e.Column - 1
		}
	}
	b.l.add(f)
	return nil
}

const celRemedy = "correct the expression; docs/definitions.md lists the variables and functions"

func (b *builder) template(n *node) Template {
	t := Template{Text: n.localized()}
	t.VI, t.EN = b.parts(n.get("vi")), b.parts(n.get("en"))
	return t
}

func (b *builder) parts(n *node) []Part {
	if n == nil {
		return nil
	}
	found, rest, at, ok := braces(n.str())
	if !ok {
		where := *n
		if n.text > 0 {
			where.col = n.text + at
		}
		b.report("TEMPLATE", &where, "a brace without its partner, or with nothing inside", "write {expression}; write {{ for a plain brace")
		return nil
	}
	var out []Part
	for _, x := range found {
		if x.plain != "" {
			out = append(out, Part{Plain: x.plain})
		}
		where := &node{value: x.source, line: n.line, col: n.col}
		if n.text > 0 {
			where.col = n.text + x.at
			where.text = where.col
		}
		if p := b.program(where, dynType); p != nil {
			out = append(out, Part{Expr: p})
		}
	}
	if rest != "" {
		out = append(out, Part{Plain: rest})
	}
	return out
}

// subjects compiles the keys: each may use the subjects above it.
func (b *builder) subjects() {
	above := map[string]bool{}
	for _, s := range slices.Concat(b.p.Subjects, b.p.Early) {
		n := b.f.procedure.get("subjects").get(s.Name)
		key := n.get("key")
		s.Key = b.program(key, stringType)
		if s.Key != nil {
			for _, ref := range s.Key.Refs {
				root, rest, _ := strings.Cut(ref, ".")
				name, _, _ := strings.Cut(rest, ".")
				switch {
				case root != "subjects" && root != "sources" || above[name]:
				case name == s.Name:
					b.report("SUBJECT", key, fmt.Sprintf("the key of %s reads %s itself", s.Name, s.Name), "take the key from the session, an answer, or a subject above")
				default:
					b.report("SUBJECT", key, fmt.Sprintf("the key of %s reads %s, which stands below it", s.Name, name), fmt.Sprintf("move %s above %s", name, s.Name))
				}
			}
		}
		above[s.Name] = true
	}
}
