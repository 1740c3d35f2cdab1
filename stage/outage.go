package stage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	form "github.com/hoso-gov/hoso/forms" // the stage has forms of its own: papers
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
)

// Known is what a story's form holds while every registry answers.
type Known struct {
	values  map[string]any // by section and question
	filled  map[form.Pointer]form.Filled
	numbers map[string][]string // of the people whom a registry names, by registry
}

// Know fills a story's draft while every registry answers.
func (s *Stage) Know(ctx context.Context, p *procedures.Procedure, story *procedures.Scenario) (*Known, error) {
	x := &play{Stage: s, p: p, story: story}
	_, r, err := x.draft(ctx)
	if err != nil {
		return nil, err
	}
	k := &Known{r.Draft.State.Values, r.Draft.State.Filled, map[string][]string{}}
	var records map[string]form.Record
	if err := s.db.QueryRow(ctx, `SELECT records FROM drafts WHERE id = $1`, r.Draft.ID).Scan(&records); err != nil {
		return nil, fmt.Errorf("read the records of the draft: %w", err)
	}
	for _, subject := range slices.Sorted(maps.Keys(records)) {
		r := records[subject]
		k.numbers[r.Registry] = append(k.numbers[r.Registry], numbersIn(r.Values)...)
	}
	return k, nil
}

// numbersIn are the personal numbers in a record, in the order of their names.
func numbersIn(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		if _, err := resident.ParseNumber(v); err == nil {
			out = append(out, v)
		}
	case []any:
		for _, item := range v {
			out = append(out, numbersIn(item)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out = append(out, numbersIn(v[name])...)
		}
	}
	return out
}

// Outage is how a journey went while a registry did not answer.
type Outage struct {
	Registry   string
	Typed      []form.Pointer // what the citizen was asked in place of the registry
	Papers     []string       // what was asked for that the story does not bring
	Unverified []form.Pointer // what the case says nobody has verified
	Held       bool           // a rule of the form lets nobody file while the registry is silent: the draft waited for it
	Back       bool           // the registry came back before the end: the case waited for it to take a message
	State      string         // in which the case stands
	Outcome    string
	Problem    string // why the journey did not end as it should; empty: it did
}

// Outage plays a story from the beginning while a registry does not answer, on a
// stage where nothing was played. The citizen types what is asked then, as the
// registries would have said, and brings what papers are demanded; officers decide
// as in the story. The journey has to end, not against the citizen, and the case
// has to say of each answer that the registry would have given that it is
// unverified. An error is a failure of the stage.
func (s *Stage) Outage(ctx context.Context, p *procedures.Procedure, story *procedures.Scenario, known *Known, name string) (*Outage, error) {
	d := &drill{play: play{Stage: s, p: p, story: story}, known: known, out: &Outage{Registry: name}, tried: map[string]bool{}}
	s.down[name] = true
	err := d.file(ctx)
	if d.waits(err) {
		d.out.Held = true
		delete(s.down, name)
		err = d.file(ctx)
	}
	if err != nil {
		return d.out, d.problem(ctx, "filing", err)
	}
	if err := d.look(ctx); err != nil {
		return d.out, err
	}
	if err := d.walk(ctx); err != nil {
		return d.out, d.problem(ctx, "in state "+d.out.State, err)
	}
	return d.out, nil
}

// drill is a journey during an outage.
type drill struct {
	play
	known *Known
	out   *Outage
	tried map[string]bool // what was done of itself: case, state and action
}

// waits tells whether nothing but rules that ask how the silent registry stands
// keep the form from being filed: they are the definition's word that it has to wait.
func (d *drill) waits(err error) bool {
	invalid, ok := errors.AsType[*cases.InvalidError](err)
	return ok && !slices.ContainsFunc(invalid.Problems, func(p form.Problem) bool {
		return !p.Warning && !slices.ContainsFunc(d.p.Form.Rules, func(r *form.Rule) bool { return r.ID == p.Rule && d.reads(r) })
	})
}

// reads tells whether a rule asks how the registry that does not answer stands.
func (d *drill) reads(r *form.Rule) bool {
	refs := slices.Clone(r.Must.Refs)
	if r.When != nil {
		refs = append(refs, r.When.Refs...)
	}
	return slices.ContainsFunc(d.p.Subjects, func(s *procedures.Subject) bool {
		return d.catalogue.Elements.Registry(s.Kind) == d.out.Registry && slices.Contains(refs, "sources."+s.Name)
	})
}

// problem notes what stopped the journey; an error is left when the stage itself is broken.
func (d *drill) problem(ctx context.Context, place string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d.out.Problem = place + ": " + err.Error()
	if invalid, ok := errors.AsType[*cases.InvalidError](err); ok {
		var told []string
		for _, p := range invalid.Problems {
			told = append(told, fmt.Sprintf("%s %s (%s)", p.At, p.Rule, p.EN))
		}
		d.out.Problem = place + ": " + strings.Join(told, "; ")
	}
	return nil
}

func (d *drill) file(ctx context.Context) error {
	who, err := d.citizen(ctx, d.story.Applicant)
	if err != nil {
		return err
	}
	draft, err := d.cases.StartDraft(ctx, who, d.p.ID, d.story.For)
	if err != nil {
		return err
	}
	for _, section := range d.p.Form.Sections {
		if draft, err = d.section(ctx, who, draft, section); err != nil {
			return err
		}
	}
	r, err := d.cases.Review(ctx, who, draft.ID)
	if err != nil {
		return err
	}
	for _, a := range r.Attachments {
		brought := slices.Contains(d.story.Attachments, a.ID)
		lacking := slices.Contains(r.Missing, a)
		if !brought && !lacking {
			continue
		}
		if !brought {
			d.out.Papers = append(d.out.Papers, a.ID)
		}
		if _, err := d.cases.AddFile(ctx, who, draft.ID, a.ID, a.ID+".pdf", paper); err != nil {
			return err
		}
	}
	if r, err = d.cases.Review(ctx, who, draft.ID); err != nil {
		return err
	}
	c, err := d.cases.FileDraft(ctx, who, draft.ID, r.Digest)
	if err != nil {
		return err
	}
	d.code, d.id = c.Code, c.ID
	return d.settle(ctx)
}

// section answers what a section asks now; an answer may bring further questions.
func (d *drill) section(ctx context.Context, who agency.Actor, draft *cases.Draft, section *form.Section) (*cases.Draft, error) {
	var last map[string]any
	for range len(section.Fields) + 1 {
		answers := map[string]any{}
		for _, shown := range draft.State.Sections {
			if shown.Section.Name != section.Name {
				continue
			}
			for _, a := range shown.Answers {
				if v, ok := d.word(a); ok {
					answers[a.Field.Name] = v
				}
			}
		}
		if len(answers) == 0 || reflect.DeepEqual(answers, last) {
			return draft, nil
		}
		var err error
		if draft, _, err = d.cases.SaveSection(ctx, who, draft.ID, draft.Revision, section.Pointer, Plain(answers), true); err != nil {
			return draft, err
		}
		last = answers
	}
	return draft, nil
}

// word is what the citizen answers to a question: what the story says, or what the
// registry would have given. False: nothing is asked, or nobody knows.
func (d *drill) word(a form.Answer) (any, bool) {
	if !a.Asked {
		return nil, false
	}
	section, _, _ := strings.Cut(strings.TrimPrefix(string(a.Field.Pointer), "/"), "/")
	said, _ := d.story.Answers[section].(map[string]any)
	if v, ok := said[a.Field.Name]; ok {
		return v, true
	}
	would, _ := d.known.values[section].(map[string]any)
	if v, ok := would[a.Field.Name]; ok {
		if !slices.Contains(d.out.Typed, a.Field.Pointer) {
			d.out.Typed = append(d.out.Typed, a.Field.Pointer)
		}
		return v, true
	}
	if !a.Field.Required {
		return nil, false
	}
	if a.Field.PersonalNumber { // whom the registry would have named the citizen knows too
		for _, number := range d.known.numbers[d.out.Registry] {
			if number != d.story.Applicant {
				return number, true
			}
		}
	}
	for _, other := range d.p.Scenarios { // what only the outage asks, another story may answer
		said, _ := other.Answers[section].(map[string]any)
		if v, ok := said[a.Field.Name]; ok {
			return v, true
		}
	}
	return d.madeUp(a.Field), true
}

// madeUp is an answer to a question that no story answers.
func (d *drill) madeUp(f *form.Field) any {
	switch {
	case len(f.Enum) > 0:
		i := slices.IndexFunc(f.Enum, func(c form.Choice) bool { _, stops := f.Stops[c.Value]; return !stops })
		return f.Enum[max(i, 0)].Value
	case f.PersonalNumber:
		for _, st := range d.story.Steps {
			if _, err := resident.ParseNumber(st.By); err == nil {
				return st.By
			}
		}
		return d.story.Applicant
	case f.Type == "boolean":
		return true
	case f.Type == "integer", f.Type == "number":
		if f.Minimum != nil {
			return *f.Minimum
		}
		return 1
	case f.Format == "date":
		return d.today()
	}
	const words = "Theo giấy tờ kèm theo"
	if f.MaxLength > 0 && f.MaxLength < len([]rune(words)) {
		return string([]rune(words)[:f.MaxLength])
	}
	return words
}

// look holds what the case says of its answers against what the registry would have given.
func (d *drill) look(ctx context.Context) error {
	c, err := d.load(ctx, d.id)
	if err != nil {
		return err
	}
	d.out.State = string(c.State)
	var silent []string
	for _, section := range c.Form.Sections {
		for _, a := range section.Answers {
			if a.Unverified {
				d.out.Unverified = append(d.out.Unverified, a.Field.Pointer)
			}
			was, would := d.known.filled[a.Field.Pointer]
			if would && was.Registry == d.out.Registry && a.Value != nil && !a.Unverified && !d.out.Held {
				silent = append(silent, string(a.Field.Pointer))
			}
		}
	}
	if len(silent) > 0 {
		d.out.Problem = "the case does not say that these are unverified: " + strings.Join(silent, ", ")
	}
	return nil
}

// Sources are the registries that a procedure reads or writes, without our own:
// the resident database is in the same place as the cases.
func Sources(c *procedures.Catalogue, p *procedures.Procedure, own string) []string {
	names := map[string]bool{}
	for _, s := range p.Subjects {
		names[c.Elements.Registry(s.Kind)] = true
	}
	for _, m := range p.Messages {
		names[m.To] = true
	}
	delete(names, own)
	delete(names, "")
	return slices.Sorted(maps.Keys(names))
}
