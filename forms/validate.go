package forms

import (
	"errors"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Validate evaluates the form and checks every answer, then the whole against
// the JSON Schema, then the rules. At most one problem a question; warnings
// come beside them. The state is never nil.
func (f *Form) Validate(ctx Context) (*State, []Problem) {
	s, err := f.Evaluate(ctx)
	if err != nil {
		return s, []Problem{{Rule: "evaluation", VI: unverifiable.VI, EN: unverifiable.EN}}
	}
	v := &validation{form: f, ctx: &ctx, state: s, seen: map[Pointer]bool{}}
	for i := range s.Sections {
		typed, _ := ctx.Answers[s.Sections[i].Section.Name].(map[string]any)
		for j := range s.Sections[i].Answers {
			a := &s.Sections[i].Answers[j]
			v.add(a.check(&ctx, typed[a.Field.Name]))
		}
	}
	v.schema()
	v.rules()
	return s, v.problems
}

// ValidateSection is Validate with the problems of one section, for saving
// page by page.
func (f *Form) ValidateSection(ctx Context, section Pointer) (*State, []Problem) {
	s, all := f.Validate(ctx)
	var own []Problem
	for _, p := range all {
		if p.At == section || p.At == "" || strings.HasPrefix(string(p.At), string(section)+"/") {
			own = append(own, p)
		}
	}
	return s, own
}

type validation struct {
	form     *Form
	ctx      *Context
	state    *State
	problems []Problem
	seen     map[Pointer]bool // questions that have a problem
}

func (v *validation) add(p *Problem) {
	if p == nil || v.seen[questionOf(p.At)] {
		return
	}
	v.seen[questionOf(p.At)] = !p.Warning
	v.problems = append(v.problems, *p)
}

// check looks at one question that exists.
func (a *Answer) check(ctx *Context, typed any) *Problem {
	f := a.Field
	if a.Filled != nil && a.Filled.Locked {
		if t, _ := f.normal(typed); t != nil && !same(t, a.Filled.Value) && (a.Contest == nil || !same(t, a.Value)) {
			return f.say("locked", keepLocked.VI, keepLocked.EN)
		}
		if a.Contest == nil {
			return nil // checked before it was locked
		}
	}
	if a.Value == nil {
		if f.Required {
			return f.missing(a.Widget)
		}
		return nil
	}
	if p := f.check(a.Value, a.Choices, a.Widget, ctx); p != nil {
		return p
	}
	if s, ok := a.Value.(string); ok {
		if stop, ok := f.Stops[s]; ok {
			return &Problem{At: f.Pointer, Rule: "stop", VI: stop.Text.VI, EN: stop.Text.EN, Law: stop.Law}
		}
	}
	return nil
}

// schema holds the effective answers against the JSON Schema. What is required
// was decided before, because a question that is not shown is not missed.
func (v *validation) schema() {
	if v.form.schema == nil {
		v.add(&Problem{Rule: "evaluation", VI: unverifiable.VI, EN: unverifiable.EN})
		return
	}
	err := v.form.schema.Validate(v.state.Values)
	if err == nil {
		return
	}
	found, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok { // a value that JSON does not have
		v.add(&Problem{Rule: "evaluation", VI: unverifiable.VI, EN: unverifiable.EN})
		return
	}
	v.schemaErrors(found)
}

func (v *validation) schemaErrors(e *jsonschema.ValidationError) {
	for _, cause := range e.Causes {
		v.schemaErrors(cause)
	}
	if len(e.Causes) > 0 {
		return
	}
	at := questionOf(Pointer(e.InstanceLocation))
	depth := strings.Count(e.InstanceLocation, "/")
	if depth < 2 && strings.HasSuffix(e.KeywordLocation, "/required") && !strings.Contains(e.KeywordLocation, "/then/") && !strings.Contains(e.KeywordLocation, "/else/") {
		return
	}
	if q := v.form.fields[at]; q != nil {
		v.add(q.again("schema"))
		return
	}
	v.add(&Problem{At: at, Rule: "schema", VI: "Xem lại các câu trả lời ở phần này: chúng chưa khớp với nhau", EN: "Look through the answers of this part again: they do not go together"})
}

// rules evaluates x-rules. A rule waits while one of its questions has a
// problem of its own, and does not apply when none of them exists.
func (v *validation) rules() {
	if len(v.form.Rules) == 0 {
		return
	}
	vars := v.form.vars(v.ctx, v.state.Values)
	for _, r := range v.form.Rules {
		at, ready := v.ready(r)
		if !ready {
			continue
		}
		p := &Problem{At: at, Rule: r.ID, VI: r.Text.VI, EN: r.Text.EN, Law: r.Law, Warning: r.Warning}
		holds, err := v.form.holds(r, vars)
		if err != nil {
			p.VI, p.EN, p.Warning = unverifiable.VI, unverifiable.EN, false
		}
		if err == nil && holds {
			continue
		}
		if p.Warning {
			v.problems = append(v.problems, *p)
			continue
		}
		v.add(p)
	}
}

func (v *validation) ready(r *Rule) (Pointer, bool) {
	var first Pointer
	for _, at := range r.At {
		if v.seen[at] {
			return "", false
		}
		if first == "" && (v.state.Answer(at) != nil || v.state.section(at)) {
			first = at
		}
	}
	return first, first != ""
}

func (s *State) section(at Pointer) bool {
	for i := range s.Sections {
		if s.Sections[i].Section.Pointer == at {
			return true
		}
	}
	return false
}

// holds: a rule that does not apply is not broken.
func (f *Form) holds(r *Rule, vars map[string]any) (bool, error) {
	if r.When != nil {
		applies, err := r.When.Bool(vars)
		if err != nil || !applies {
			return true, err
		}
	}
	ok, err := r.Must.Bool(vars)
	if f.Observe != nil && err == nil {
		f.Observe(r, ok)
	}
	return ok, err
}
