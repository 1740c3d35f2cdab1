package cases

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/workflow"
)

// Foresee tells what a change of procedure.yaml would write into the resident
// database were it made now, in words: what, as the case knows it, and as it
// would be. A value that only a later step brings is left out. Errors to act
// upon: ErrNotFound, also for a change that the procedure does not have.
func (s *Service) Foresee(ctx context.Context, a agency.Actor, code Code, change string) ([]Change, error) {
	out, err := s.foresee(ctx, a, code, change)
	if err != nil {
		return nil, fmt.Errorf("foresee %s of case %s: %w", change, code, err)
	}
	return out, nil
}

func (s *Service) foresee(ctx context.Context, a agency.Actor, code Code, change string) ([]Change, error) {
	c, err := s.visible(ctx, a, code)
	if err != nil {
		return nil, err
	}
	def := c.Procedure.Changes[change]
	if def == nil {
		return nil, ErrNotFound
	}
	v := variables{c: c, now: s.now()}
	if v.b, v.files, err = s.bodyAndFiles(ctx, c); err != nil {
		return nil, err
	}
	if c.Memory.Children {
		if v.kids, err = s.children(ctx, c.ID); err != nil {
			return nil, err
		}
	}
	f := foreseen{s: s, c: c, values: map[string]any{}, people: map[string]map[string]any{}}
	vars := v.vars()
	for name, p := range def.Values {
		if val, err := p.Eval(vars); err == nil {
			f.values[name] = val
		}
	}
	for _, r := range v.b.Records {
		f.meet(r.Values)
	}
	switch def.Type {
	case resident.MovePermanent:
		return f.move(), nil
	case resident.RegisterBirth:
		return f.birth(), nil
	}
	return nil, nil
}

// foreseen is a change on its way into words.
type foreseen struct {
	s      *Service
	c      *snapshot
	values map[string]any
	people map[string]map[string]any // whoever stands in the case's records, by personal number
}

// meet notes the people of a record, to call them by their names.
func (f *foreseen) meet(v any) {
	switch x := v.(type) {
	case []any:
		for _, one := range x {
			f.meet(one)
		}
	case map[string]any:
		number, _ := x["number"].(string)
		if _, named := x["fullName"].(string); named && number != "" && len(x) > len(f.people[number]) {
			f.people[number] = x
		}
		for _, one := range x {
			f.meet(one)
		}
	}
}

// name is a person's name, or the number of whom the case knows no name.
func (f *foreseen) name(number any) string {
	n, _ := number.(string)
	if name, ok := f.people[n]["fullName"].(string); ok {
		return name
	}
	return n
}

func (f *foreseen) address(v any) workflow.Text {
	return workflow.Text{VI: f.s.cfg.Agencies.Text(v, "vi"), EN: f.s.cfg.Agencies.Text(v, "en")}
}

// choice is a code in the words of the form's choices.
func (f *foreseen) choice(v any) workflow.Text {
	code, _ := v.(string)
	for _, section := range f.c.Procedure.Form.Sections {
		for _, q := range section.Fields {
			for _, one := range q.Enum {
				if one.Value == code {
					return one.Title
				}
			}
		}
	}
	return workflow.Text{VI: code, EN: code}
}

// move is a change of the permanent residence: for each person the place, and
// how they stand to the head of the household they come into.
func (f *foreseen) move() []Change {
	var out []Change
	people, _ := f.values["people"].([]any)
	for _, number := range people {
		name := f.name(number)
		key, _ := number.(string)
		one := Change{What: workflow.Text{VI: "Nơi thường trú của " + name, EN: "Permanent residence of " + name}, After: f.address(f.values["to"])}
		if before := f.people[key]["permanentAddress"]; before != nil {
			one.Before = f.address(before)
		}
		out = append(out, one)
	}
	if len(people) == 0 {
		return nil
	}
	first := f.name(people[0])
	household := Change{What: workflow.Text{VI: "Hộ gia đình của " + first, EN: "Household of " + first}}
	if head, _ := f.values["head"].(string); head != "" {
		relation, name := f.choice(f.values["relation"]), f.name(head)
		household.After = workflow.Text{VI: "hộ của " + name + "; quan hệ với chủ hộ: " + strings.ToLower(relation.VI), EN: "household of " + name + "; relation to its head: " + strings.ToLower(relation.EN)}
	} else {
		household.After = workflow.Text{VI: "lập hộ mới, là chủ hộ", EN: "a household of their own, as its head"}
	}
	return append(out, household)
}

// birth is a new person of the resident database.
func (f *foreseen) birth() []Change {
	var out []Change
	add := func(vi, en string, after workflow.Text) {
		if after.VI != "" {
			out = append(out, Change{What: workflow.Text{VI: vi, EN: en}, After: after})
		}
	}
	same := func(v any) workflow.Text { t, _ := v.(string); return workflow.Text{VI: t, EN: t} }
	day := same(f.values["birthDate"])
	if t, err := time.Parse(time.DateOnly, day.VI); err == nil {
		day = same(t.Format("02/01/2006"))
	}
	add("Họ, chữ đệm và tên", "Full name", same(f.values["fullName"]))
	add("Ngày sinh", "Date of birth", day)
	add("Giới tính", "Sex", f.choice(f.values["sex"]))
	add("Dân tộc", "Ethnicity", same(f.values["ethnicity"]))
	add("Quốc tịch", "Nationality", same(f.values["nationality"]))
	add("Quê quán", "Home place", f.address(f.values["homePlace"]))
	add("Nơi sinh", "Place of birth", f.address(f.values["birthPlace"]))
	add("Mẹ", "Mother", same(f.name(f.values["mother"])))
	add("Cha", "Father", same(f.name(f.values["father"])))
	return out
}
