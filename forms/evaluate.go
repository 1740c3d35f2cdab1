package forms

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// ErrBroken reports a form that Compile found errors in.
var ErrBroken = errors.New("the form has errors")

// Evaluate decides which sections and questions exist, fills what registries
// know, and gathers the effective answers. The error is that of an expression:
// the command that needed the answer is refused.
func (f *Form) Evaluate(ctx Context) (*State, error) {
	s := &State{Values: make(map[string]any, len(f.Sections)), Filled: map[Pointer]Filled{}}
	if f.broken {
		return s, ErrBroken
	}
	vars := f.vars(&ctx, s.Values)
	for _, section := range f.Sections {
		if section.When != nil {
			shown, err := section.When.Bool(vars)
			if err != nil {
				return s, fmt.Errorf("x-when of %s: %w", section.Pointer, err)
			}
			if !shown {
				continue
			}
		}
		typed, _ := ctx.Answers[section.Name].(map[string]any)
		values := make(map[string]any, len(section.Fields))
		s.Values[section.Name] = values
		state := SectionState{Section: section, Answers: make([]Answer, 0, len(section.Fields))}
		for _, q := range section.Fields {
			if q.When != nil {
				shown, err := q.When.Bool(vars)
				if err != nil {
					return s, fmt.Errorf("x-when of %s: %w", q.Pointer, err)
				}
				if !shown {
					continue
				}
			}
			a := q.answer(&ctx, typed[q.Name])
			if err := a.choose(vars); err != nil {
				return s, fmt.Errorf("x-choices of %s: %w", q.Pointer, err)
			}
			if !a.misfit && whole(a.Value) {
				values[q.Name] = a.Value
			}
			if a.Filled != nil {
				s.Filled[q.Pointer] = *a.Filled
			}
			state.Answers = append(state.Answers, a)
		}
		if len(values) == 0 {
			delete(s.Values, section.Name)
		}
		if len(state.Answers) > 0 {
			s.Sections = append(s.Sections, state)
		}
	}
	return s, nil
}

// whole tells whether expressions may see a value. Half an address, as it is
// kept while somebody types, is none to them: they name all its parts.
func whole(v any) bool {
	m, isAddress := v.(map[string]any)
	return v != nil && (!isAddress || len(m) == len(addressParts))
}

// vars are the variables of the definition language; form is shared, so that
// each expression sees the answers before it.
func (f *Form) vars(ctx *Context, form map[string]any) map[string]any {
	subjects := make(map[string]any, len(ctx.Records))
	sources := make(map[string]any, len(f.subjects))
	for _, s := range f.subjects {
		sources[s.Name] = string(Unknown)
	}
	for name, r := range ctx.Records {
		if r.State != "" {
			sources[name] = r.State
		}
		if v := r.values(); v != nil {
			subjects[name] = v
		}
	}
	session, kase := ctx.Session, ctx.Case
	if session == nil {
		session = map[string]any{}
	}
	if kase == nil {
		kase = map[string]any{}
	}
	if kase["filedOn"] == nil { // the day of the draft, until it is filed
		kase = maps.Clone(kase)
		kase["filedOn"] = ctx.Today
	}
	vars := map[string]any{"form": form, "subjects": subjects, "sources": sources, "session": session,
		"today": ctx.Today, "variant": ctx.Variant, "case": kase, "input": map[string]any{}}
	if f.Compute != nil {
		f.Compute(vars)
	}
	return vars
}

// values are the record as expressions and x-fill read it: a list is under `list`.
func (r Record) values() map[string]any {
	if r.State != string(Fetched) && r.State != string(Stale) {
		return nil
	}
	switch v := r.Values.(type) {
	case map[string]any:
		return v
	case []any:
		return map[string]any{"list": v}
	}
	return nil
}

// answer is the question with its effective value.
func (f *Field) answer(ctx *Context, typed any) Answer {
	a := Answer{Field: f, Widget: f.Widget, Choices: f.Enum, Asked: true}
	var fits bool
	a.Value, fits = f.normal(typed)
	a.misfit = !fits
	if f.Fill == "" {
		return a
	}
	source := f.fetch(ctx)
	a.Source = &source
	if source.Value == nil {
		a.Unverified = source.State != Unknown || ctx.Records[source.Subject].Silent
		return a
	}
	a.Asked = false
	if !source.Locked {
		if a.Value == nil || same(a.Value, source.Value) {
			a.Value, a.Filled = source.Value, &source
		}
		return a
	}
	a.Filled, a.Value, a.misfit = &source, source.Value, false
	if contest, ok := ctx.Contests[f.Pointer]; ok {
		if v, fits := f.normal(contest.Value); v != nil && !same(v, source.Value) {
			source.State, contest.Value = Contested, v
			a.Value, a.Contest, a.Unverified, a.misfit = v, &contest, true, !fits
		}
	}
	return a
}

// fetch takes the value from the subject's record. It is locked when the
// registry is authoritative and the value passes our own print, parse and
// check; one that does not is kept from the answers, and the citizen is asked.
func (f *Field) fetch(ctx *Context) Filled {
	subject, path, _ := strings.Cut(f.Fill, ".")
	out := Filled{Subject: subject, Element: f.Element, State: Unknown}
	r, ok := ctx.Records[subject]
	if !ok {
		return out
	}
	out.Registry, out.Version, out.AsOf, out.FetchedAt = r.Registry, r.Version, r.AsOf, r.FetchedAt
	out.State = FillState(r.State)
	if r.State == "" {
		out.State = Unknown
	}
	var v any = r.values()
	if r.values() == nil {
		if out.State == Fetched || out.State == Stale {
			out.State = Empty
		}
		return out
	}
	for _, step := range strings.Split(path, ".") {
		m, _ := v.(map[string]any)
		v = m[step]
	}
	value, fits := f.normal(v)
	if value == nil || !fits || !f.survives(value, ctx) {
		out.State = Empty
		return out
	}
	out.Value, out.Locked = value, f.Authoritative
	return out
}

// survives tells whether a registry's value can be shown and sent back by our
// own pages without becoming another one, and would be accepted.
func (f *Field) survives(value any, ctx *Context) bool {
	if !f.fits(value, f.Enum, ctx) {
		return false
	}
	switch f.Type {
	case "boolean", "array", "object":
		return true // chosen from lists, or checked part by part
	}
	if f.Format != "date" && f.Type == "string" && !f.PersonalNumber {
		s := value.(string)
		return strings.IndexFunc(s, func(r rune) bool { return r < ' ' && (r != '\n' || f.Widget != TextareaWidget) }) < 0
	}
	back, problem := f.parse(f.inputs(value), f.Name)
	return problem == nil && same(back, value)
}

// choose fills the choices of x-choices. Where no record gives any, a text is
// asked instead: the registry's silence must not end the journey.
func (a *Answer) choose(vars map[string]any) error {
	d := a.Field.Choices
	if d == nil {
		return nil
	}
	v, err := d.From.Eval(vars)
	if err != nil {
		return err
	}
	list, _ := v.([]any)
	for _, item := range list {
		m, _ := item.(map[string]any)
		if m == nil {
			continue
		}
		label := printPlain(m[d.Label])
		c := Choice{Value: printPlain(m[d.Value]), Detail: printPlain(m[d.Detail])}
		c.Title.VI, c.Title.EN = label, label
		if c.Value != "" {
			a.Choices = append(a.Choices, c)
		}
	}
	if len(a.Choices) == 0 {
		a.Unverified = true
		a.Widget = TextWidget
		if a.Field.Type == "array" {
			a.Widget = TextareaWidget // one a line
		}
	}
	return nil
}

// Answer returns the question at the pointer if it exists now.
func (s *State) Answer(at Pointer) *Answer {
	for i := range s.Sections {
		for j := range s.Sections[i].Answers {
			if a := &s.Sections[i].Answers[j]; a.Field.Pointer == at {
				return a
			}
		}
	}
	return nil
}

// Stop returns the first answer that ends the journey, with the reason.
func (s *State) Stop() (*Answer, *Stop) {
	for i := range s.Sections {
		for j := range s.Sections[i].Answers {
			a := &s.Sections[i].Answers[j]
			if v, ok := a.Value.(string); ok {
				if stop, ok := a.Field.Stops[v]; ok {
					return a, &stop
				}
			}
		}
	}
	return nil, nil
}
