package forms

import (
	"fmt"
	"strings"

	"github.com/hoso-gov/hoso/workflow"
)

// Counts sums up a proof.
type Counts struct {
	Fields, Filled, Asked int
	HeldButAsked          int // although a registry holds it; 0 in a proven form
	Waived                int // of those, allowed until a date
}

// Proof says of every question where its answer comes from, or why the citizen
// has to be asked.
type Proof struct {
	Rows     []ProofRow
	Findings []workflow.Finding
	Counts   Counts
}

// ProofRow is one question of a Proof.
type ProofRow struct {
	At       Pointer
	Title    workflow.Text
	Filled   bool
	Element  string // may be empty for an asked question
	Subject  string // that it is taken from, or that would answer it
	Registry string
	Because  workflow.Text // why it is asked
	Law      string
	Waived   string // the last day of the waiver; "" none
}

// OnceOnly proves the once-only rule: no question asks what a registry holds
// for a subject that is known by then. today ends waivers.
func OnceOnly(f *Form, elements *Elements, subjects []SubjectDecl, today string) ([]workflow.Finding, Counts) {
	p := f.Proof(elements, subjects, today)
	return p.Findings, p.Counts
}

// Proof is OnceOnly with a row for each question.
func (f *Form) Proof(elements *Elements, subjects []SubjectDecl, today string) Proof {
	p := &prover{form: f, elements: elements, subjects: subjects, today: today, order: f.order()}
	for _, s := range f.Sections {
		for _, q := range s.Fields {
			p.question(q, q, q.Pointer)
			for _, item := range q.Items {
				if q.Fill == "" {
					p.item(item, q)
				}
			}
		}
	}
	return p.out
}

type prover struct {
	form     *Form
	elements *Elements
	subjects []SubjectDecl
	today    string
	order    map[Pointer]int
	out      Proof
}

func (p *prover) find(q *Field, at Pointer, message, remedy string) {
	p.out.Findings = append(p.out.Findings, workflow.Finding{Code: "ONCE", File: p.form.file, Line: q.Line, Column: q.Column,
		Path: string(at), Message: message, Remedy: remedy})
}

// item is a question of a repeated group; what the group says of its subject
// and reasons holds for it too.
func (p *prover) item(q, group *Field) {
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
	p.question(&own, group, group.Pointer+q.Pointer)
}

// question proves q; by is the question whose place in the document counts.
func (p *prover) question(q, by *Field, at Pointer) {
	row := ProofRow{At: at, Title: q.Title, Element: q.Element, Filled: q.Fill != ""}
	p.out.Counts.Fields++
	defer func() { p.out.Rows = append(p.out.Rows, row) }()
	if q.Fill != "" {
		p.out.Counts.Filled++
		p.filled(q, &row)
		return
	}
	p.out.Counts.Asked++
	if q.Asked == nil {
		p.find(q, at, "nothing says where the answer comes from", "write x-fill, or x-asked when only the citizen knows it")
		return
	}
	row.Because, row.Law = q.Asked.Because, q.Asked.Law
	if q.Element == "" {
		return
	}
	e, held := p.elements.Get(q.Element)
	if !held {
		p.find(q, at, "no registry holds "+q.Element, "write a name of common/elements.yaml")
		return
	}
	subject := p.holder(q, by)
	if subject == "" {
		return
	}
	row.Subject, row.Registry = subject, e.Registry
	if q.Waiver != nil && q.Waiver.Law != "" && q.Waiver.Until >= p.today {
		p.out.Counts.Waived++
		row.Waived = q.Waiver.Until
		return
	}
	p.out.Counts.HeldButAsked++
	_, path, _ := strings.Cut(q.Element, ".")
	message := fmt.Sprintf("asks %s, which the registry %s holds for %s, known by then", q.Element, e.Registry, subject)
	if q.Waiver != nil {
		message += "; the waiver ended on " + q.Waiver.Until
	}
	p.find(q, at, message, fmt.Sprintf(`write "x-fill": "%s.%s"; if it is about another subject, name it in x-of`, subject, path))
}

func (p *prover) filled(q *Field, row *ProofRow) {
	subject, path, _ := strings.Cut(q.Fill, ".")
	kind, known := subjectKind(p.subjects, subject)
	row.Subject = subject
	e, held := p.elements.Get(kind + "." + path)
	row.Registry = e.Registry
	switch {
	case !known || !held:
		p.find(q, q.Pointer, fmt.Sprintf("x-fill %s names nothing that a registry holds", q.Fill), "write subject.path of a declared subject and a listed element")
	case q.Element != kind+"."+path:
		p.find(q, q.Pointer, fmt.Sprintf("filled from %s.%s, but it is %s", kind, path, q.Element), "let x-fill and x-element name the same datum")
	case p.reads(subject, q.Pointer, nil):
		p.find(q, q.Pointer, fmt.Sprintf("the key of %s needs this very answer", subject), "ask this question, or key the subject by another answer")
	}
}

// holder is a subject whose record answers the asked question, or "". A subject
// that x-of names is the only one that counts, and one that nobody declared has
// no record.
func (p *prover) holder(q, by *Field) string {
	kind, _, _ := strings.Cut(q.Element, ".")
	for _, s := range p.subjects {
		if s.Kind == kind && (q.Of == "" || q.Of == s.Name) && p.known(s.Name, p.order[by.Pointer], nil) {
			return s.Name
		}
	}
	return ""
}

// known tells whether the subject's key can be found before the question at
// that place of the document.
func (p *prover) known(subject string, before int, path []string) bool {
	for _, on := range path {
		if on == subject {
			return false
		}
	}
	for _, s := range p.subjects {
		if s.Name != subject {
			continue
		}
		for _, ref := range s.KeyRefs {
			if !p.refKnown(ref, before, append(path, subject)) {
				return false
			}
		}
		return true
	}
	return false
}

func (p *prover) refKnown(ref string, before int, path []string) bool {
	root, rest, _ := strings.Cut(ref, ".")
	switch root {
	case "form":
		at := refPointer(ref)
		q := p.form.fields[at]
		if q == nil {
			return false
		}
		if q.Fill != "" {
			subject, _, _ := strings.Cut(q.Fill, ".")
			return p.known(subject, before, path)
		}
		return p.order[at] < before
	case "subjects":
		subject, _, _ := strings.Cut(rest, ".")
		return p.known(subject, before, path)
	case "input":
		return false
	}
	return true // session, today, variant, and what a parent gave
}

// reads tells whether the key of the subject is made of the question's answer.
func (p *prover) reads(subject string, at Pointer, path []string) bool {
	for _, on := range path {
		if on == subject {
			return false
		}
	}
	for _, s := range p.subjects {
		if s.Name != subject {
			continue
		}
		for _, ref := range s.KeyRefs {
			if refPointer(ref) == at {
				return true
			}
			if rest, ok := strings.CutPrefix(ref, "subjects."); ok {
				other, _, _ := strings.Cut(rest, ".")
				if p.reads(other, at, append(path, subject)) {
					return true
				}
			}
		}
	}
	return false
}
