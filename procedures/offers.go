package procedures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

// Offer is something that a person can do now, told from what the registries
// hold of them: the home page names it before any form exists.
type Offer struct {
	ID    string
	When  *expr.Program
	Text  Template
	Needs []*Subject // whose records it rests on, those that their keys rest on first
}

// Made tells whether the offer is made to whom the variables are about, and in
// which words. vars are subjects, sources, session, tables and today, and what
// the keys of subjects read. A condition that cannot be decided, and a text
// that would have a hole, make no offer.
func (o *Offer) Made(vars map[string]any) (workflow.Text, bool) {
	if ok, err := holds(o.When, vars); err != nil || !ok {
		return workflow.Text{}, false
	}
	for _, p := range o.Text.Programs() {
		if v, err := p.Eval(vars); err != nil || v == nil || v == "" {
			return workflow.Text{}, false
		}
	}
	vi, err := o.Text.Execute(vars, "vi")
	if err != nil {
		return workflow.Text{}, false
	}
	en, err := o.Text.Execute(vars, "en")
	return workflow.Text{VI: vi, EN: en}, err == nil
}

// programs are the expressions of an offer.
func (o *Offer) programs() []*expr.Program {
	return slices.DeleteFunc(append([]*expr.Program{o.When}, o.Text.Programs()...), func(p *expr.Program) bool { return p == nil })
}

// known are the variables of an offer: nobody has filled in a form yet.
var known = []string{"subjects", "sources", "session", "tables", "today"}

func isKnown(ref string) bool {
	root, _, _ := strings.Cut(ref, ".")
	return slices.Contains(known, root)
}

// offers reads what is offered to people on their home page.
func (b *builder) offers() {
	list := b.f.procedure.get("offers")
	if list == nil {
		return
	}
	if at := b.f.procedure.entry("offers"); b.p.Internal {
		b.report("KEYS", &node{line: at.line, col: at.col}, "an internal procedure has no offers: nobody opens it from the home page", "remove them, or write kind: service")
	} else if !slices.Contains(b.p.For, "self") {
		b.report("KEYS", &node{line: at.line, col: at.col}, "an offer is made to people for themselves, and for does not name self", "remove the offers, or write for: [self]")
	}
	for _, n := range list.list() {
		o := &Offer{ID: n.get("id").str(), When: b.program(n.get("when"), boolType), Text: b.template(n.get("text"))}
		if o.When != nil {
			b.early(n.get("when"), o.When)
		}
		for _, p := range o.Text.Programs() {
			if !b.early(n.get("text"), p) {
				break
			}
		}
		b.needs(o, n.get("when"))
		b.p.Offers = append(b.p.Offers, o)
	}
	b.unique(list)
}

// early: an offer reads only what is known before there is a form.
func (b *builder) early(at *node, p *expr.Program) bool {
	for _, ref := range p.Refs {
		if !isKnown(ref) {
			b.report("FACT", at, fmt.Sprintf("an offer is made before there is a form, and this reads %s", ref), "read only subjects, sources, session, tables and today")
			return false
		}
	}
	return true
}

// needs finds the subjects that an offer rests on. Each must have a key that can
// be known before anything was answered.
func (b *builder) needs(o *Offer, at *node) {
	needed := map[string]bool{}
	for _, p := range o.programs() {
		for _, name := range subjectsIn(p.Refs) {
			needed[name] = true
		}
	}
	all := slices.Concat(b.p.Subjects, b.p.Early)
	for _, s := range slices.Backward(all) { // a key reads only subjects above it
		if !needed[s.Name] || s.Key == nil {
			continue
		}
		refs, ok := earlyKey(s.Key)
		if !ok {
			b.report("SUBJECT", at, fmt.Sprintf("the key of %s rests on answers, which there are none of yet", s.Name),
				fmt.Sprintf("read another subject, or declare one with a key of the session and only: offers beside %s", s.Name))
		}
		for _, name := range subjectsIn(refs) {
			needed[name] = true
		}
		o.Needs = append(o.Needs, s)
	}
	slices.Reverse(o.Needs)
}

// subjectsIn are the subjects whose records paths lead to.
func subjectsIn(refs []string) []string {
	var out []string
	for _, ref := range refs {
		if root, rest, ok := strings.Cut(ref, "."); ok && (root == "subjects" || root == "sources") {
			name, _, _ := strings.Cut(rest, ".")
			out = append(out, name)
		}
	}
	return out
}

// earlyKey is what a key reads where it needs no answers; false when it needs
// some in every case in which it is not empty.
func earlyKey(key *expr.Program) (refs []string, ok bool) {
	late := map[string]bool{}
	for _, br := range key.Branches() {
		switch asks := slices.ContainsFunc(br.Refs, func(ref string) bool { return !isKnown(ref) }); {
		case asks:
			for _, ref := range br.Refs {
				late[ref] = true
			}
		case !br.Empty:
			refs, ok = append(refs, br.Refs...), true
		}
	}
	for _, ref := range key.Refs {
		if !late[ref] { // the conditions between the cases read records too
			refs = append(refs, ref)
		}
	}
	return refs, ok
}

// earlyOnly: what is read for offers alone is not there for a form or a case,
// and some offer uses it.
func (x *crosser) earlyOnly() {
	used, late := map[string]bool{}, map[string]bool{}
	for _, o := range x.p.Offers {
		for _, s := range o.Needs {
			used[s.Name] = true
		}
	}
	for _, p := range x.p.casePrograms() {
		for _, name := range subjectsIn(p.Refs) {
			late[name] = true
		}
	}
	for _, s := range x.p.Early {
		f := workflow.Finding{File: x.f.file(procedureFile)}
		e := x.f.procedure.get("subjects").entry(s.Name)
		f.Line, f.Column = e.line, e.col
		switch {
		case late[s.Name]:
			f.Code, f.Message, f.Remedy = "SUBJECT", fmt.Sprintf("%s is read for offers only, and more than offers rests on it", s.Name), "leave out only: offers, or read another subject"
		case !used[s.Name]:
			f.Code, f.Message, f.Remedy = "MINIMISE", fmt.Sprintf("the record of %s is declared for offers, and none uses it", s.Name), "remove the subject"
		default:
			continue
		}
		x.l.add(f)
	}
}
