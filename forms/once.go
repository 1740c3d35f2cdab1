package forms

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/logic"
	"github.com/hoso-gov/hoso/workflow"
)

// Proving is what the once-only rule is proved against.
type Proving struct {
	Elements *Elements
	Subjects []SubjectDecl // with their keys, in order
	Variants []VariantDecl // in order; the first that matches holds
	Papers   []PaperDecl
	Shared   []string // sections of an internal form that whoever opens the case fills
	Internal bool
	Today    string // ends waivers
}

// VariantDecl is a legal variant.
type VariantDecl struct {
	ID   string
	When *expr.Program // nil: otherwise
}

// PaperDecl is an attachment.
type PaperDecl struct {
	ID       string
	When     *expr.Program // nil: always
	Proves   []string      // elements
	Replaced bool          // a registry is named that stands in for it
	Waiver   *Waiver
}

// given tells whether the answer comes from the case that opened this one.
func (in Proving) given(s *Section, q *Field) bool {
	return in.Internal && q.Fill == "" && q.Asked == nil && slices.Contains(in.Shared, s.Name)
}

// Proof says of every question where its answer comes from, or why the citizen
// has to be asked; and of every paper what holds what it proves.
type Proof struct {
	Rows     []ProofRow
	Papers   []PaperRow
	Findings []workflow.Finding // about questions; those about papers are in their rows
	Counts   Counts
	Variants []VariantCounts // none for a form without variants
}

// ProofRow is one question of a Proof.
type ProofRow struct {
	At       Pointer
	Title    workflow.Text
	Filled   bool
	Given    bool     // by the case that opens this one: nobody is asked
	Variants []string // in which it may be shown
	Element  string   // may be empty for an asked question
	Subject  string   // that it is taken from, or that would answer it
	Registry string
	Because  workflow.Text // why it is asked
	Law      string
	Waived   string // the last day of the waiver; "" none
}

// Proof proves the once-only rule: no question, in no variant in which it is
// shown, asks what a registry holds for a subject whose key is known by then.
// What can be shown and known together is decided as type world describes.
func (f *Form) Proof(in Proving) Proof {
	p := &prover{Proving: in, world: newWorld(f, in), shown: map[string][]string{}}
	for _, s := range f.Sections {
		for _, q := range s.Fields {
			p.question(s, q, q, q.Pointer)
			for _, item := range q.Items {
				if q.Fill == "" {
					p.item(s, item, q)
				}
			}
		}
	}
	for _, a := range in.Papers {
		p.out.Papers = append(p.out.Papers, p.paper(a))
	}
	p.variants()
	return p.out
}

type prover struct {
	Proving
	world *world
	shown map[string][]string // variants by condition
	asked []asking
	out   Proof
}

// An asking is a question that is put, with the one whose condition it has.
type asking struct {
	q, by *Field
	at    Pointer
}

func (p *prover) find(q *Field, at Pointer, message, remedy string) *workflow.Finding {
	p.out.Findings = append(p.out.Findings, workflow.Finding{Code: "ONCE", File: p.world.form.file, Line: q.Line, Column: q.Column,
		Path: string(at), Message: message, Remedy: remedy})
	return &p.out.Findings[len(p.out.Findings)-1]
}

// item is a question of a repeated group; what the group says of its subject
// and reasons holds for it too.
func (p *prover) item(s *Section, q, group *Field) {
	own := *q
	if own.Of == "" {
		own.Of = group.Of
	}
	if own.Waiver == nil {
		own.Waiver = group.Waiver
	}
	if own.Asked == nil {
		own.Asked = group.Asked
	}
	p.question(s, &own, group, group.Pointer+q.Pointer)
}

// question proves q; by is the question whose place and condition count.
func (p *prover) question(s *Section, q, by *Field, at Pointer) {
	row := ProofRow{At: at, Title: q.Title, Element: q.Element, Filled: q.Fill != "", Given: p.given(s, by), Variants: p.shownIn(s, by)}
	p.out.Counts.Fields++
	defer func() { p.out.Rows = append(p.out.Rows, row) }()
	switch {
	case row.Filled:
		p.out.Counts.Filled++
		p.filled(q, &row)
		return
	case row.Given:
		p.out.Counts.Given++
		return
	}
	p.out.Counts.Asked++
	if q.Asked == nil {
		remedy := "write x-fill, or x-asked when only the citizen knows it"
		if p.Internal {
			remedy = fmt.Sprintf("write x-fill, or let whoever opens the case share the section %s", s.Name)
		}
		p.find(q, at, "nothing says where the answer comes from", remedy)
		return
	}
	row.Because, row.Law = q.Asked.Because, q.Asked.Law
	p.twice(q, by, at)
	element, named := q.Element, ""
	if element == "" {
		element, named = p.recognised(q)
	}
	if element == "" {
		return
	}
	e, held := p.Elements.Get(element)
	if !held {
		p.find(q, at, "no registry holds "+element, "write a name of common/elements.yaml")
		return
	}
	subject, variants, when := p.holder(q, by, element)
	if subject == "" {
		p.needless(q, at)
		return
	}
	row.Subject, row.Registry = subject, e.Registry
	if q.Waiver.holds(p.Today) {
		p.out.Counts.Waived++
		row.Waived = q.Waiver.Until
		return
	}
	p.out.Counts.HeldButAsked++
	p.held(q, at, element, named, e, subject, variants).Trace = p.world.example(when)
}

// twice reports a datum that is asked a second time of the same subject, where
// both questions can be shown in one case.
func (p *prover) twice(q, by *Field, at Pointer) {
	if q.Element == "" {
		return
	}
	for _, first := range p.asked {
		if first.q.Element == q.Element && first.q.Of == q.Of && p.world.possible(logic.And(p.world.shown(first.by), p.world.shown(by))) {
			p.find(q, at, fmt.Sprintf("asks %s again: it is asked at %s", q.Element, first.at), "ask it once; if it is about another subject, name it in x-of")
			return
		}
	}
	p.asked = append(p.asked, asking{q, by, at})
}

// held reports a question that need not be put.
func (p *prover) held(q *Field, at Pointer, element, named string, e Element, subject string, variants []string) *workflow.Finding {
	_, path, _ := strings.Cut(element, ".")
	message := fmt.Sprintf("asks %s, which the registry %s holds for %s, known by then", element, e.Registry, subject)
	if e.Key.EN != "" {
		message += " by " + lower(e.Key.EN)
	}
	if n := len(variants); n > 0 && n < len(p.Variants) {
		message += ", in " + strings.Join(variants, ", ")
	}
	remedy := fmt.Sprintf(`write "x-fill": "%s.%s"; if it is about another subject, name it in x-of`, subject, path)
	if named != "" {
		message = fmt.Sprintf("“%s” is the name of %s; it ", q.Title.VI, named) + message
		remedy = fmt.Sprintf(`write "x-fill": "%s.%s"; if it is another datum, give it a title of its own, or x-element with x-of`, subject, path)
	}
	if q.Waiver != nil {
		message += "; the waiver ended on " + q.Waiver.Until
	}
	return p.find(q, at, message, remedy)
}

// needless: a waiver that allows nothing would hide the day on which it should.
func (p *prover) needless(q *Field, at Pointer) {
	if q.Waiver != nil {
		p.find(q, at, "the waiver allows nothing: no registry could answer this here", "leave x-waiver out").Warning = true
	}
}

// holder is a subject whose record answers the asked question, with the variants
// in which it does and the condition in the first of them; "" when there is none. A subject that x-of names
// is the only one that counts, and one that nobody declared has no record.
func (p *prover) holder(q, by *Field, element string) (subject string, variants []string, when *logic.Formula) {
	kind, path, _ := strings.Cut(element, ".")
	at := p.world.order[by.Pointer]
	shown := p.world.seen(p.world.shown(by), at, nil)
	for _, s := range p.Subjects {
		if s.Kind != kind || q.Of != "" && q.Of != s.Name {
			continue
		}
		when := logic.And(shown, p.world.obtainable(s.Name, path, at))
		if may, variants := p.may(when); may {
			if len(variants) > 0 {
				when = logic.And(in(variants[0]), when)
			}
			return s.Name, variants, when
		}
	}
	return "", nil, logic.False
}

// shownIn lists the variants in which the question may be shown.
func (p *prover) shownIn(s *Section, q *Field) []string {
	condition := string(s.Pointer)
	if q.When != nil {
		condition += " " + q.When.Source
	}
	if _, known := p.shown[condition]; !known {
		p.shown[condition] = p.in(p.world.shown(q))
	}
	return p.shown[condition]
}

// may tells whether the formula can be so, and in which variants.
func (p *prover) may(f *logic.Formula) (bool, []string) {
	if len(p.Variants) == 0 {
		return p.world.possible(f), nil
	}
	variants := p.in(f)
	return len(variants) > 0, variants
}

// in lists the variants in which the formula may be so.
func (p *prover) in(f *logic.Formula) []string {
	var out []string
	for _, v := range p.Variants {
		if p.world.possible(logic.And(in(v.ID), f)) {
			out = append(out, v.ID)
		}
	}
	return out
}

func (p *prover) filled(q *Field, row *ProofRow) {
	subject, path, _ := strings.Cut(q.Fill, ".")
	kind, known := subjectKind(p.Subjects, subject)
	row.Subject = subject
	e, held := p.Elements.Get(kind + "." + path)
	row.Registry = e.Registry
	switch {
	case !known || !held:
		p.find(q, q.Pointer, fmt.Sprintf("x-fill %s names nothing that a registry holds", q.Fill), "write subject.path of a declared subject and a listed element")
	case q.Element != kind+"."+path:
		p.find(q, q.Pointer, fmt.Sprintf("filled from %s.%s, but it is %s", kind, path, q.Element), "let x-fill and x-element name the same datum")
	case p.world.reads(subject, q.Pointer, nil):
		p.find(q, q.Pointer, fmt.Sprintf("the key of %s needs this very answer", subject), "ask this question, or key the subject by another answer")
	}
}

// holds tells whether the waiver is in force: it has its article, and its last
// day is not over.
func (w *Waiver) holds(today string) bool { return w != nil && w.Law != "" && w.Until >= today }

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }
