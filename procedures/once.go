package procedures

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hoso-gov/hoso/forms"
)

// proving is what the once-only rule is proved against; today ends waivers.
func (p *Procedure) proving(elements *Elements, today string) forms.Proving {
	in := forms.Proving{Elements: elements.Forms(), Subjects: p.declared(), Internal: p.Internal, Shared: p.shared, Today: today}
	for _, v := range p.Variants {
		in.Variants = append(in.Variants, forms.VariantDecl{ID: v.ID, When: v.When})
	}
	for _, a := range p.Attachments {
		in.Papers = append(in.Papers, forms.PaperDecl{ID: a.ID, When: a.When, Proves: a.Proves, Replaced: a.ReplacedBy != "", Waiver: a.Waiver})
	}
	return in
}

// proofs keeps the proof of a procedure for the day on which it was asked.
type proofs struct {
	mu    sync.Mutex
	day   string
	proof *forms.Proof
}

// Proof is what the once-only rule proved for a procedure today: nil when its
// form could not be read. Callers share it and leave it as it is.
func (c *Catalogue) Proof(p *Procedure) *forms.Proof {
	if p == nil || p.Form == nil {
		return nil
	}
	elements, day := p.elements, hanoiToday()
	if elements == nil {
		elements = c.Elements
	}
	if p.proofs == nil {
		proof := p.Form.Proof(p.proving(elements, day))
		return &proof
	}
	p.proofs.mu.Lock()
	defer p.proofs.mu.Unlock()
	if p.proofs.day != day {
		proof := p.Form.Proof(p.proving(elements, day))
		p.proofs.day, p.proofs.proof = day, &proof
	}
	return p.proofs.proof
}

// shared finds which sections of an internal procedure those that open it fill;
// what one of them leaves out stays empty there. Where none is there to be
// asked, they are believed to fill all.
func (l *loader) shared() {
	open := map[ID][]call{}
	for _, id := range l.order {
		for _, c := range l.folders[id].children {
			open[ID(c.procedure)] = append(open[ID(c.procedure)], c)
		}
	}
	for _, id := range l.order {
		p := l.folders[id].p
		if p == nil || p.Form == nil || !p.Internal {
			continue
		}
		for _, s := range p.Form.Sections {
			if len(open[id]) == 0 || slices.ContainsFunc(open[id], func(c call) bool { return slices.Contains(c.at.get("share").strs(), s.Name) }) {
				p.shared = append(p.shared, s.Name)
			}
		}
	}
}

// onceOnly proves that no question and no paper asks what a registry holds. A
// form with mistakes is not proved: what its conditions say is not known.
func (x *crosser) onceOnly() {
	if x.p.Form == nil || x.p.Form.Broken() {
		return
	}
	proof := x.p.Form.Proof(x.p.proving(x.l.elements, x.l.today))
	x.l.add(proof.Findings...)
	if x.l.proofs == nil {
		x.l.proofs = map[ID]*forms.Proof{}
	}
	x.l.proofs[x.p.ID] = &proof
	own := &builder{l: x.l, f: x.f, file: x.f.file(procedureFile)}
	for i, row := range proof.Papers {
		at := x.f.procedure.get("attachments").list()[i]
		if a := x.p.Attachments[i]; a.When != nil || at.get("when") == nil {
			own.paperAsked(a, at, row)
		}
	}
}

// paperAsked reports a paper that is demanded although what it proves is held.
func (b *builder) paperAsked(a *Attachment, at *node, row forms.PaperRow) {
	if row.Needless {
		b.report("PAPER", at.get("waiver"), fmt.Sprintf("the waiver of the paper %s allows nothing: no registry holds what it proves, or it is not demanded then", a.ID), "leave waiver out")
	}
	if row.Waived != "" {
		return
	}
	ended := ""
	if a.Waiver != nil {
		ended = "; the waiver ended on " + a.Waiver.Until
	}
	for i, h := range row.Holds {
		remedy := fmt.Sprintf("write replaced-by: %s and when: sources.%s != 'fetched'", h.Registry, h.Subject)
		switch {
		case h.Subject == "":
			kind, _, _ := strings.Cut(h.Element, ".")
			b.report("PAPER", at.get("proves").list()[min(i, len(at.get("proves").list())-1)], fmt.Sprintf("the paper %s proves %s, which %s holds, and no subject is a %s%s", a.ID, h.Element, h.Registry, kind, ended),
				fmt.Sprintf("declare a subject {kind: %s, key: …, basis: …} and let when include sources.NAME != 'fetched'", kind))
		case a.ReplacedBy == "":
			b.report("PAPER", at.get("id"), fmt.Sprintf("the paper %s proves %s, which %s holds for %s%s", a.ID, h.Element, h.Registry, h.Subject, ended), remedy)
		case h.Demanded:
			where := at.get("when")
			if where == nil {
				where = at.get("id")
			}
			message := fmt.Sprintf("the paper %s is asked for although %s may have answered for %s", a.ID, a.ReplacedBy, h.Subject)
			if n := len(h.Variants); n > 0 && n < len(b.variants()) {
				message += ", in " + strings.Join(h.Variants, ", ")
			}
			b.report("PAPER", where, message+ended, fmt.Sprintf("let when include: sources.%s != 'fetched'", h.Subject))
		default:
			continue
		}
		b.l.findings[len(b.l.findings)-1].Trace = h.Example
		return
	}
}

func (b *builder) variants() []*Variant {
	if b.f.p == nil {
		return nil
	}
	return b.f.p.Variants
}
