package procedures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

// outgoing reads what effects print, send, ask for and write.
func (b *builder) outgoing() {
	n, p := b.f.procedure, b.p
	p.Documents = map[string]*Document{}
	for _, e := range n.get("documents").entries() {
		v := e.value
		p.Documents[e.key] = &Document{Title: v.get("title").localized(), Number: v.get("number").str(), Body: b.template(v.get("body")), Validity: v.get("validity").localized()}
		if number := v.get("number"); number != nil && strings.Count(number.str(), "{") != strings.Count(number.str(), "{seq}") {
			b.report("TEMPLATE", number, "a number holds {seq} and no other expression", `write it as "{seq}/TB-CAX"`)
		}
	}
	p.Notices = map[string]*Notice{}
	for _, e := range n.get("notices").entries() {
		to := e.value.get("to")
		p.Notices[e.key] = &Notice{To: to.str(), Text: b.template(e.value.get("text"))}
		if name, ok := strings.CutPrefix(to.str(), "subjects."); ok {
			b.person(name, to)
		}
		b.personal(e)
	}
	p.Payments = map[string]*Payment{}
	for _, e := range n.get("payments").entries() {
		v := e.value
		pay := &Payment{Amount: b.program(v.get("amount"), intType), Purpose: b.template(v.get("purpose"))}
		if v.get("to").str() != "agency" {
			pay.To = b.program(v.get("to"), stringType)
		}
		for _, r := range v.get("refund").list() {
			pay.Refund = append(pay.Refund, &Refund{When: b.program(r.get("when"), boolType), Title: r.get("title").localized(), Law: r.get("law").str()})
		}
		p.Payments[e.key] = pay
	}
	p.Changes = map[string]*Change{}
	for _, e := range n.get("changes").entries() {
		v := e.value
		p.Changes[e.key] = &Change{Type: v.get("type").str(), Values: b.changeValuesOf(v)}
	}
	p.Messages = map[string]*Message{}
	for _, e := range n.get("messages").entries() {
		v := e.value
		p.Messages[e.key] = &Message{To: v.get("to").str(), Operation: v.get("operation").str(), Body: b.programs(v.get("body")),
			Done: workflow.Event(v.get("done").str()), Refused: workflow.Event(v.get("refused").str()), Undo: v.get("undo").str(), Law: v.get("law").str()}
		b.undone(e.key, v.get("undo"))
		if _, ok := b.l.elements.Registries[v.get("to").str()]; !ok {
			b.report("REF", v.get("to"), fmt.Sprintf("there is no registry %q", v.get("to").str()), didYouMean(v.get("to").str(), b.l.elements.registries()))
		}
	}
	p.Once = b.program(n.get("once"), stringType)
	p.Outputs = b.programs(n.get("outputs"))
	if out := n.entry("outputs"); out != nil && !p.Internal {
		f := *n.get("outputs")
		f.line, f.col = out.line, out.col
		b.report("KEYS", &f, "a service has no outputs: nobody opens it", "remove it, or write kind: internal")
	}
}

// undone: what takes a message back is another message of the procedure.
func (b *builder) undone(name string, undo *node) {
	if undo == nil {
		return
	}
	known := b.f.procedure.get("messages").names()
	if undo.str() == name || !slices.Contains(known, undo.str()) {
		b.report("REF", undo, fmt.Sprintf("%q is no other message", undo.str()), didYouMean(undo.str(), slices.DeleteFunc(known, func(k string) bool { return k == name })))
	}
}

func (b *builder) programs(n *node) map[string]*expr.Program {
	out := map[string]*expr.Program{}
	for _, e := range n.entries() {
		if p := b.program(e.value, dynType); p != nil {
			out[e.key] = p
		}
	}
	return out
}

// person: a citizen can be written to, or asked, only as a subject of kind person.
func (b *builder) person(name string, at *node) {
	var people []string
	for _, s := range b.p.Subjects {
		if s.Kind == "person" {
			people = append(people, "subjects."+s.Name)
		}
		if s.Name == name && s.Kind != "person" {
			b.report("SUBJECT", at, fmt.Sprintf("%s is a %s, not a person", name, s.Kind), "name a subject of kind person")
			return
		}
	}
	if !slices.Contains(people, "subjects."+name) {
		b.report("REF", at, fmt.Sprintf("there is no subject %q", name), didYouMean("subjects."+name, people))
	}
}

// personal: notices leave by e-mail and SMS, so they carry no answers and no records.
func (b *builder) personal(e *entry) {
	t := b.p.Notices[e.key].Text
	for _, p := range t.Programs() {
		for _, ref := range p.Refs {
			if root, _, _ := strings.Cut(ref, "."); root == "form" || root == "subjects" || root == "session" || strings.HasPrefix(ref, "case.given") {
				b.report("PRIVATE", e.value.get("text"), fmt.Sprintf("the notice %s would send %s by e-mail and SMS", e.key, ref), "say it without personal data: the citizen signs in to read more")
				return
			}
		}
	}
}
