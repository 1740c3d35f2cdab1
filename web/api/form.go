package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

type formIn struct {
	ProcedureRef
	Subject string `query:"subject" pattern:"^[0-9]{12}$" doc:"Personal number of whom the case is to be about; default: the caller"`
}

type formAnswer struct{ Body FormView }

// FormView is a form before it is answered.
type FormView struct {
	Procedure  procedures.ID   `json:"procedure"`
	Definition procedures.Hash `json:"definition"`
	Subject    string          `json:"subject" doc:"Personal number of whom it is about"`
	Variant    *string         `json:"variant" doc:"null while the answers do not tell it yet"`
	Sources    []SourceView    `json:"sources" nullable:"false" doc:"The records that were read"`
	Sections   []SectionView   `json:"sections" nullable:"false" doc:"What exists before anything is answered; answers can bring more"`
	Schema     any             `json:"schema" doc:"JSON Schema (2020-12) of answers, with the definitions that it refers to as embedded resources"`
}

// SourceView is a record that the form rests on.
type SourceView struct {
	Subject  string     `json:"subject"`
	Kind     string     `json:"kind"`
	Registry string     `json:"registry"`
	State    string     `json:"state" enum:"fetched,stale,empty,unavailable,unknown"`
	AsOf     *time.Time `json:"as_of"`
}

// SectionView is one topic of a form.
type SectionView struct {
	Name      string         `json:"name"`
	Title     workflow.Text  `json:"title"`
	Questions []QuestionView `json:"questions" nullable:"false"`
}

// QuestionView is a question with the value it has.
type QuestionView struct {
	At       forms.Pointer  `json:"at" example:"/household/headNumber"`
	Title    workflow.Text  `json:"title"`
	Type     string         `json:"type" doc:"JSON Schema type"`
	Format   string         `json:"format,omitempty"`
	Required bool           `json:"required"`
	Asked    bool           `json:"asked" doc:"Has to be answered by the citizen"`
	Because  *workflow.Text `json:"because,omitempty" doc:"Why it is asked"`
	Law      string         `json:"law,omitempty" doc:"The law behind asking"`
	Choices  []Choice       `json:"choices,omitempty" nullable:"false"`
	Value    any            `json:"value,omitempty"`
	Text     *workflow.Text `json:"text,omitempty" doc:"The value as people read it"`
	Source   *Provenance    `json:"source,omitempty" doc:"Where the value comes from, or why it does not"`
}

// Choice is one value of several.
type Choice struct {
	Value  string        `json:"value"`
	Title  workflow.Text `json:"title"`
	Detail string        `json:"detail,omitempty"`
}

// Provenance says where a value comes from.
type Provenance struct {
	Registry string          `json:"registry"`
	Element  string          `json:"element" example:"person.fullName"`
	State    forms.FillState `json:"state" enum:"fetched,stale,empty,unavailable,unknown,contested"`
	AsOf     *time.Time      `json:"as_of"`
	Locked   bool            `json:"locked" doc:"The registry's word counts; it can be contested, not changed"`
	Value    any             `json:"value,omitempty" doc:"What the registry holds"`
}

func (a *api) getForm(ctx context.Context, actor agency.Actor, in *formIn) (*formAnswer, error) {
	d, err := a.Cases.Prefill(ctx, actor, in.ID, in.Subject)
	if err != nil {
		return nil, err
	}
	schema, err := a.schema(d.Procedure)
	if err != nil {
		return nil, err
	}
	return &formAnswer{Body: FormView{
		Procedure: d.Procedure.ID, Definition: d.Procedure.Hash, Subject: d.Subject, Variant: orNone(d.Variant), Schema: schema,
		Sources: each(d.Sources, func(s cases.Source) SourceView {
			return SourceView{Subject: s.Subject, Kind: s.Kind, Registry: s.Registry, State: s.State, AsOf: moment(s.AsOf)}
		}),
		Sections: each(d.State.Sections, func(s forms.SectionState) SectionView {
			return SectionView{Name: s.Section.Name, Title: s.Section.Title, Questions: each(s.Answers, a.question)}
		}),
	}}, nil
}

func (a *api) question(x forms.Answer) QuestionView {
	f := x.Field
	q := QuestionView{At: f.Pointer, Title: f.Title, Type: f.Type, Format: f.Format, Required: f.Required, Asked: x.Asked, Value: x.Value, Text: a.text(x),
		Source: provenance(x.Source)}
	for _, c := range x.Choices {
		q.Choices = append(q.Choices, Choice(c))
	}
	if f.Asked != nil {
		q.Because, q.Law = orNone(f.Asked.Because), f.Asked.Law
	}
	return q
}

// text is a value in words; nil when there is none.
func (a *api) text(x forms.Answer) *workflow.Text {
	if x.Value == nil {
		return nil
	}
	return &workflow.Text{VI: x.Print("vi", a.Agencies.AddressText("vi")), EN: x.Print("en", a.Agencies.AddressText("en"))}
}

func provenance(f *forms.Filled) *Provenance {
	if f == nil {
		return nil
	}
	return &Provenance{Registry: f.Registry, Element: f.Element, State: f.State, AsOf: moment(f.AsOf), Locked: f.Locked, Value: f.Value}
}

// schema is the form's schema as one document: the files that it refers to
// stand in its $defs under addresses of their own, so that its references
// resolve within it.
//
// Source: JSON Schema 2020-12 core, section 9.3 (bundling).
func (a *api) schema(p *procedures.Procedure) (map[string]any, error) {
	base := a.BaseURL + Path + "/definitions/" + string(p.Hash) + "/"
	form := string(p.ID) + "/form.schema.json"
	var out map[string]any
	defs := map[string]any{}
	for name, text := range a.Procedures.Files(p.Hash) {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		doc := map[string]any{}
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		doc["$id"] = base + name
		if name == form {
			out = doc
		} else {
			defs[name] = doc
		}
	}
	if out == nil {
		return nil, fmt.Errorf("schema %s is not among the files of version %s", form, p.Hash)
	}
	if own, ok := out["$defs"].(map[string]any); ok {
		for name, def := range own {
			defs[name] = def
		}
	}
	out["$defs"] = defs
	return out, nil
}
