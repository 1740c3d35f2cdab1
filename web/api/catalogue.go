package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Counts sum up the proof of the once-only rule.
type Counts struct {
	Fields       int `json:"fields" doc:"Questions of the form"`
	Filled       int `json:"filled" doc:"Taken from registries"`
	Asked        int `json:"asked" doc:"Put to the citizen; fewer exist for one person"`
	HeldButAsked int `json:"held_but_asked" doc:"Asked although a registry holds it: 0 in every procedure that runs"`
	Waived       int `json:"waived" doc:"Asked although held, allowed until a date"`

	Variants []forms.VariantCounts `json:"variants" nullable:"false" doc:"In each legal variant; empty for a procedure without variants"`
}

// Fee is a row of the table of fees: the first that applies counts.
type Fee struct {
	Title     workflow.Text `json:"title"`
	Amount    *int64        `json:"amount" doc:"Đồng; null when it is computed"`
	Formula   string        `json:"formula,omitempty" doc:"How it is computed, in CEL"`
	Condition string        `json:"condition,omitempty" doc:"When it applies, in CEL; absent: otherwise"`
	Law       string        `json:"law,omitempty"`
	From      string        `json:"from,omitempty" doc:"First day of filing"`
	Until     string        `json:"until,omitempty" doc:"Last day of filing"`
}

// Limit is a row of the table of legal terms: the first that applies counts.
type Limit struct {
	Title     workflow.Text `json:"title"`
	Number    int           `json:"number"`
	Unit      string        `json:"unit" enum:"wd,d,h" doc:"Working days, days, office hours"`
	CutOff    string        `json:"cut_off,omitempty" doc:"What is filed later counts from the next working day: 15:00"`
	Condition string        `json:"condition,omitempty" doc:"When it applies, in CEL; absent: otherwise"`
	Law       string        `json:"law,omitempty"`
}

// ProcedureEntry is a procedure in the catalogue.
type ProcedureEntry struct {
	ID      procedures.ID `json:"id" example:"marriage-extract"`
	Code    string        `json:"code" doc:"National code of the procedure"`
	Name    workflow.Text `json:"name"`
	Summary workflow.Text `json:"summary"`
	Group   string        `json:"group"`
	Level   int           `json:"level" doc:"Level of identification that filing needs"`
	Counts  Counts        `json:"counts"`
	Fees    []Fee         `json:"fees" nullable:"false"`
	Limits  []Limit       `json:"limits" nullable:"false"`
}

// Named is something with an id, a title and the law behind it.
type Named struct {
	ID    string        `json:"id"`
	Title workflow.Text `json:"title"`
	Law   string        `json:"law,omitempty"`
}

// Act is a law that the procedure rests on.
type Act struct {
	Act  string        `json:"act"`
	Note workflow.Text `json:"note"`
}

// Attachment is a paper that may have to be handed in.
type Attachment struct {
	ID         string        `json:"id"`
	Title      workflow.Text `json:"title"`
	Because    workflow.Text `json:"because"`
	Optional   bool          `json:"optional"`
	Condition  string        `json:"condition,omitempty" doc:"When it is needed, in CEL; absent: always"`
	ReplacedBy string        `json:"replaced_by,omitempty" doc:"The record that makes it superfluous"`
	Formats    []string      `json:"formats" nullable:"false" doc:"pdf, jpg, png"`
	MaxMB      int           `json:"max_mb"`
	Law        string        `json:"law,omitempty"`
}

// ProcedureView is a procedure as it is now.
type ProcedureView struct {
	ProcedureEntry
	Version     int             `json:"version"`
	Definition  procedures.Hash `json:"definition" doc:"Names the content of this version"`
	Official    workflow.Text   `json:"official" doc:"The official name"`
	Who         workflow.Text   `json:"who"`
	Gives       workflow.Text   `json:"gives" doc:"What one gets"`
	Afterwards  workflow.Text   `json:"afterwards"`
	Ministry    workflow.Text   `json:"ministry"`
	For         []string        `json:"for" nullable:"false" doc:"Whom one may file for: self, child"`
	Law         []Act           `json:"law" nullable:"false"`
	Variants    []Named         `json:"variants" nullable:"false"`
	Attachments []Attachment    `json:"attachments" nullable:"false"`
	Grounds     []Named         `json:"grounds" nullable:"false" doc:"Legal grounds of refusal"`
	Checklist   []Named         `json:"checklist" nullable:"false" doc:"What an officer judges"`
}

type proceduresAnswer struct {
	Body struct {
		Items []ProcedureEntry `json:"items" nullable:"false"`
	}
}

// ProcedureRef is the procedure of a path. Huma reads embedded structs only when
// they are exported.
type ProcedureRef struct {
	ID procedures.ID `path:"id" maxLength:"80" example:"marriage-extract"`
}

type procedureAnswer struct{ Body ProcedureView }

func (a *api) catalogue() {
	add(a, huma.Operation{OperationID: "list-procedures", Method: http.MethodGet, Path: "/procedures", Tags: []string{tagCatalogue},
		Summary: "The procedures that one can file"}, anybody, a.listProcedures)
	add(a, huma.Operation{OperationID: "get-procedure", Method: http.MethodGet, Path: "/procedures/{id}", Tags: []string{tagCatalogue},
		Summary: "One procedure", Errors: []int{http.StatusNotFound}}, anybody, a.getProcedure)
	add(a, huma.Operation{OperationID: "get-form", Method: http.MethodGet, Path: "/procedures/{id}/form", Tags: []string{tagCatalogue},
		Summary:     "The form, filled for a person",
		Description: "The JSON Schema of the answers, and the questions as they are for this person before anything is answered: what is filled, from where, and what is left to ask.",
		Errors:      []int{http.StatusNotFound}}, signedIn, a.getForm)
}

func (a *api) listProcedures(context.Context, agency.Actor, *struct{}) (*proceduresAnswer, error) {
	out := &proceduresAnswer{}
	out.Body.Items = each(a.Procedures.Services(), a.entry)
	return out, nil
}

func (a *api) getProcedure(_ context.Context, _ agency.Actor, in *ProcedureRef) (*procedureAnswer, error) {
	p, ok := a.Procedures.Get(in.ID)
	if !ok || p.Internal {
		return nil, cases.ErrNotFound
	}
	return &procedureAnswer{Body: ProcedureView{
		ProcedureEntry: a.entry(p), Version: p.Version, Definition: p.Hash, Official: p.Official, Who: p.Who, Gives: p.Gives, Afterwards: p.Afterwards,
		Ministry: p.Ministry, For: each(p.For, func(s string) string { return s }), Law: each(p.Law, func(x procedures.Act) Act { return Act(x) }),
		Variants:    each(p.Variants, func(v *procedures.Variant) Named { return Named{v.ID, v.Title, v.Law} }),
		Attachments: each(p.Attachments, attachment),
		Grounds:     each(p.Grounds, func(g *procedures.Ground) Named { return Named{g.ID, g.Title, g.Law} }),
		Checklist:   each(p.Checklist, func(c *procedures.Check) Named { return Named{ID: c.ID, Title: c.Title} }),
	}}, nil
}

func (a *api) entry(p *procedures.Procedure) ProcedureEntry {
	e := ProcedureEntry{ID: p.ID, Code: p.Code, Name: p.Name, Summary: p.Summary, Group: p.Group, Level: p.Level, Fees: each(p.Fees, fee), Limits: each(p.Limits, limit)}
	if proof := a.Procedures.Proof(p); proof != nil {
		n := proof.Counts
		e.Counts = Counts{Fields: n.Fields, Filled: n.Filled, Asked: n.Asked, HeldButAsked: n.HeldButAsked, Waived: n.Waived, Variants: append([]forms.VariantCounts{}, proof.Variants...)}
	}
	return e
}

func fee(f *procedures.Fee) Fee {
	out := Fee{Title: f.Title, Law: f.Law, From: f.From, Until: f.Until}
	if f.When != nil {
		out.Condition = f.When.Source
	}
	if n, err := strconv.ParseInt(f.Amount.Source, 10, 64); err == nil {
		out.Amount = &n
	} else {
		out.Formula = f.Amount.Source
	}
	return out
}

func limit(l *procedures.Limit) Limit {
	out := Limit{Title: l.Title, Number: l.Limit.N, Unit: string(l.Limit.Unit), CutOff: l.CutOff, Law: l.Law}
	if l.When != nil {
		out.Condition = l.When.Source
	}
	return out
}

func attachment(p *procedures.Attachment) Attachment {
	out := Attachment{ID: p.ID, Title: p.Title, Because: p.Because, Optional: p.Optional, ReplacedBy: p.ReplacedBy, Formats: p.Formats, MaxMB: p.MaxMB, Law: p.Law}
	if p.When != nil {
		out.Condition = p.When.Source
	}
	if out.Formats == nil {
		out.Formats = []string{"pdf", "jpg", "png"}
	}
	if out.MaxMB == 0 {
		out.MaxMB = 10
	}
	return out
}
