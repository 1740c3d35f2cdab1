package forms

import (
	"strings"

	"github.com/hoso-gov/hoso/logic"
)

// PaperRow is one paper of a Proof.
type PaperRow struct {
	ID       string
	Variants []string // in which it may be demanded
	Holds    []Holding
	Waived   string // the last day of the waiver; "" none, or nothing to waive
	Needless bool   // it has a waiver and needs none
}

// A Holding is something that a paper proves and a registry holds.
type Holding struct {
	Element, Registry string
	Subject           string   // whose record it is; "" when no subject is of that kind
	Demanded          bool     // the paper may be demanded although the registry answered
	Variants          []string // in which it may; none for a form without variants
	Example           []string // a case in which it is
}

// Counts sums up a proof.
type Counts struct {
	Fields, Filled, Asked int
	Given                 int // by the case that opens an internal one
	HeldButAsked          int // although a registry holds it; 0 in a proven form
	Waived                int // of those, allowed until a date
}

// VariantCounts are the questions and papers that there may be in a variant.
type VariantCounts struct {
	ID             string `json:"id"`
	Filled         int    `json:"filled" doc:"Taken from registries"`
	Asked          int    `json:"asked" doc:"Put to the citizen at most"`
	Papers         int    `json:"papers" doc:"Demanded at most"`
	PapersReplaced int    `json:"papers_replaced" doc:"Of those, demanded only while a registry does not answer"`
}

// paper proves one paper. Which subject a paper is about is not written in it:
// of several of one kind whose keys can be known where it is demanded, it is
// the one whose answer closes the paper.
func (p *prover) paper(a PaperDecl) PaperRow {
	when := logic.True
	if a.When != nil {
		when = a.When.Formula()
	}
	row := PaperRow{ID: a.ID, Variants: p.in(when)}
	demanded := false
	for _, element := range a.Proves {
		e, held := p.Elements.Get(element)
		if !held {
			continue
		}
		h := Holding{Element: element, Registry: e.Registry}
		kind, path, _ := strings.Cut(element, ".")
		closed := false
		for _, s := range p.Subjects {
			if s.Kind != kind {
				continue
			}
			one := Holding{Element: element, Registry: e.Registry, Subject: s.Name}
			both := logic.And(when, p.world.obtainable(s.Name, path, end))
			one.Demanded, one.Variants = p.may(both)
			if len(one.Variants) > 0 {
				both = logic.And(in(one.Variants[0]), both)
			}
			if one.Demanded {
				one.Example = p.world.example(both)
			}
			known, _ := p.may(logic.And(when, p.world.known(s.Name, end, nil)))
			if h.Subject == "" || known && (!one.Demanded || !closed && one.Demanded) {
				h, closed = one, known && !one.Demanded
			}
			if closed {
				break
			}
		}
		demanded = demanded || h.Demanded || h.Subject == ""
		row.Holds = append(row.Holds, h)
	}
	if demanded && a.Waiver.holds(p.Today) {
		row.Waived = a.Waiver.Until
	}
	row.Needless = a.Waiver != nil && !demanded
	return row
}

// variants counts what there may be in each variant.
func (p *prover) variants() {
	for _, v := range p.Variants {
		n := VariantCounts{ID: v.ID}
		for _, row := range p.out.Rows {
			switch {
			case !contains(row.Variants, v.ID) || row.Given:
			case row.Filled:
				n.Filled++
			default:
				n.Asked++
			}
		}
		for i, row := range p.out.Papers {
			if contains(row.Variants, v.ID) {
				n.Papers++
				if p.Papers[i].Replaced {
					n.PapersReplaced++
				}
			}
		}
		p.out.Variants = append(p.out.Variants, n)
	}
}
