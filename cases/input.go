package cases

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/workflow"
)

// vars is the input as expressions see it.
func (in Input) vars() map[string]any {
	m := cloneMap(in.Data)
	if in.Note != "" {
		m["note"] = in.Note
	}
	if in.Findings != "" {
		m["findings"] = in.Findings
	}
	if len(in.Grounds) > 0 {
		m["grounds"] = anys(in.Grounds)
	}
	if len(in.Items) > 0 {
		items := make([]any, len(in.Items))
		for i, it := range in.Items {
			items[i] = map[string]any{"item": it.Item, "reason": it.Reason}
		}
		m["items"] = items
	}
	return m
}

func anys(in []string) []any {
	out := make([]any, len(in))
	for i, s := range in {
		out[i] = s
	}
	return out
}

// needed names the input that a transition needs, in both languages.
var needed = map[string]forms.Problem{
	"note":       {VI: "Nhập ý kiến", EN: "Enter a note"},
	"grounds":    {VI: "Chọn ít nhất một căn cứ từ chối", EN: "Choose at least one ground of refusal"},
	"items":      {VI: "Chọn ít nhất một mục cần bổ sung", EN: "Choose at least one item to be supplied"},
	"findings":   {VI: "Nhập kết quả thẩm định", EN: "Enter the findings"},
	"judgements": {VI: "Đánh giá đủ các mục của hồ sơ", EN: "Judge every item of the case"},
}

// checkInput holds an action's input against what the transition that it takes needs.
func (s *Service) checkInput(ctx context.Context, c *snapshot, t *workflow.Transition, o order) error {
	if o.Trigger.Kind != workflow.ByAction {
		return nil
	}
	var problems []forms.Problem
	miss := func(name string) {
		p := needed[name]
		p.At, p.Rule = forms.Pointer("/"+name), "required"
		problems = append(problems, p)
	}
	in := o.Input
	for _, need := range t.Needs {
		switch need {
		case "note":
			if strings.TrimSpace(in.Note) == "" {
				miss(need)
			}
		case "findings":
			if strings.TrimSpace(in.Findings) == "" {
				miss(need)
			}
		case "grounds":
			if len(in.Grounds) == 0 {
				miss(need)
			}
		case "items":
			if len(in.Items) == 0 {
				miss(need)
				continue
			}
			found, err := s.incompleteReturn(ctx, c, in)
			if err != nil {
				return err
			}
			problems = append(problems, found...)
		case "judgements":
			missing, err := s.unjudged(ctx, c, in.Judgements)
			if err != nil {
				return err
			}
			if missing {
				miss(need)
			}
		}
	}
	p := c.Procedure
	for _, g := range in.Grounds {
		if !slices.ContainsFunc(p.Grounds, func(x *procedures.Ground) bool { return x.ID == g }) {
			problems = append(problems, forms.Problem{At: "/grounds", Rule: "enum",
				VI: fmt.Sprintf("Chọn căn cứ trong danh sách (%q không có)", g), EN: fmt.Sprintf("Choose a ground from the list (there is no %q)", g)})
		}
	}
	for i, it := range in.Items {
		if !slices.ContainsFunc(p.Checklist, func(x *procedures.Check) bool { return x.ID == it.Item }) {
			problems = append(problems, forms.Problem{At: forms.Pointer(fmt.Sprintf("/items/%d", i)), Rule: "enum",
				VI: fmt.Sprintf("Chọn mục trong danh sách kiểm tra (%q không có)", it.Item), EN: fmt.Sprintf("Choose an item of the checklist (there is no %q)", it.Item)})
		} else if strings.TrimSpace(it.Reason) == "" {
			problems = append(problems, forms.Problem{At: forms.Pointer(fmt.Sprintf("/items/%d/reason", i)), Rule: "required",
				VI: "Nêu lý do cần bổ sung từng mục", EN: "Give the reason for each item"})
		}
	}
	if problems != nil {
		return &InvalidError{Problems: problems}
	}
	return nil
}

// supplement carries a supplement request, or the answer to one, into the step.
func (s *Service) supplement(ctx context.Context, st *step, o order, d *workflow.Decision, v variables) error {
	c, mem := st.c, &st.c.Memory
	to := c.Procedure.Machine.States[d.To]
	if o.Actor.Kind == agency.Officer {
		st.judged = o.Input.Judgements
	}
	if len(o.Input.Items) > 0 {
		mem.Asked = o.Input.Items
		if len(to.After) > 0 {
			at, err := s.delayed(st, to.After[0].Delay, v.now)
			if err != nil {
				return err
			}
			mem.AskedBy = at
		}
		return nil
	}
	if !supplied(c, o) {
		return nil
	}
	if len(o.Input.Answers) > 0 {
		if err := s.changeAnswers(ctx, st, o.Input.Answers); err != nil {
			return err
		}
	}
	for i := range mem.Asked {
		mem.Asked[i].Done = true
		st.reopened = append(st.reopened, mem.Asked[i].Item)
	}
	return nil
}

// supplied tells whether an order answers the supplement request of the case.
func supplied(c *snapshot, o order) bool {
	return len(o.Input.Items) == 0 && (o.Input.Answers != nil || len(o.Input.Files) > 0) && len(c.Memory.Asked) > 0
}

// asSupplied is the body with the answers that the order brings: where it leads
// to is decided by them. Answers with mistakes are refused when they are written.
func (s *Service) asSupplied(ctx context.Context, c *snapshot, o order, e *evaluated) (*evaluated, error) {
	if !supplied(c, o) || len(o.Input.Answers) == 0 || o.Actor.ID != c.Applicant {
		return e, nil
	}
	w, err := s.amended(ctx, c, e, o.Input.Answers)
	if err != nil || len(w.locked)+len(w.problems) > 0 {
		return e, err
	}
	return &evaluated{body: &w.body, State: w.state, of: e.of}, nil
}

// changeAnswers puts the answers of a supplement into the body, after
// validating the whole form with them. Only what was asked for may change.
func (s *Service) changeAnswers(ctx context.Context, st *step, answers map[string]any) error {
	e, err := s.body(ctx, st.c)
	if err != nil {
		return err
	}
	w, err := s.amended(ctx, st.c, e, answers)
	if err != nil {
		return err
	}
	if problems := append(w.locked, w.problems...); problems != nil {
		return &InvalidError{Problems: problems}
	}
	w.body.Revision++
	st.c.Memory.Supplements++
	st.body = &w.body
	return nil
}

// askedSections are the places of the form that the open supplement request covers.
func askedSections(c *snapshot) []forms.Pointer {
	var at []forms.Pointer
	for _, it := range c.Memory.Asked {
		for _, check := range c.Procedure.Checklist {
			if check.ID == it.Item {
				at = append(at, check.At...)
			}
		}
	}
	return at
}

func covered(open []forms.Pointer, at forms.Pointer) bool {
	return slices.ContainsFunc(open, func(p forms.Pointer) bool {
		return at == p || strings.HasPrefix(string(at), string(p)+"/")
	})
}

// refresh reads the subjects again that the decision rests on, and stops it when
// one of the values in the case differs from the register now.
func (s *Service) refresh(ctx context.Context, c *snapshot, d *workflow.Decision, actor agency.Actor) error {
	var fresh []string
	for _, t := range d.Taken {
		fresh = append(fresh, t.Fresh...)
	}
	if len(fresh) == 0 {
		return nil
	}
	changes, err := s.compare(ctx, c, fresh, actor)
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		return &StaleError{Subject: strings.Join(fresh, ", "), Changes: changes}
	}
	return nil
}

// compare reads the named subjects ("subjects.head") again and returns where
// the form's filled values differ from the register.
func (s *Service) compare(ctx context.Context, c *snapshot, subjects []string, actor agency.Actor) ([]Change, error) {
	e, err := s.body(ctx, c)
	if err != nil {
		return nil, err
	}
	records := cloneMap(e.Records)
	for _, name := range subjects {
		name = strings.TrimPrefix(name, "subjects.")
		old, ok := records[name]
		if !ok || old.Key == "" || old.State != string(registry.Fetched) {
			continue
		}
		r, err := s.cfg.Records.Fetch(ctx, registry.Request{Kind: old.Kind, Key: old.Key, Purpose: s.purpose(c, actor, "so với sổ gốc trước khi quyết định", "law")})
		if err != nil {
			return nil, err
		}
		if r.State != registry.Fetched && r.State != registry.Empty {
			return nil, fmt.Errorf("read %s again: %w", name, errors.Join(registry.ErrUnavailable, fmt.Errorf("registry is %s", r.State)))
		}
		for other, same := range e.Records { // one person may be several subjects: the applicant moves
			if same.Kind == old.Kind && same.Key == old.Key {
				records[other] = toSubjectRecord(r)
			}
		}
	}
	var changes []Change
	now, err := c.Procedure.Form.Evaluate(forms.Context{Answers: e.Answers, Contests: e.Contests, Records: formRecords(records), Session: e.Session,
		Today: dayOf(c.FiledAt), Variant: c.Variant, CheckUnit: s.checkUnit})
	if err != nil {
		return nil, err
	}
	for at, before := range e.State.Filled {
		after, ok := now.Filled[at]
		if ok && after.State == before.State && reflect.DeepEqual(normal(after.Value), normal(before.Value)) {
			continue
		}
		f := c.Procedure.Form.Field(at)
		if f == nil {
			continue
		}
		changes = append(changes, Change{What: f.Title, Before: s.print(f, before.Value), After: s.print(f, after.Value)})
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.What.VI, b.What.VI) })
	return changes, nil
}

// Compare reads the registers of a case again now and returns what differs from the case.
func (s *Service) Compare(ctx context.Context, actor agency.Actor, code Code) ([]Change, error) {
	c, err := s.visible(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(c.Procedure.Subjects))
	for i, sub := range c.Procedure.Subjects {
		names[i] = sub.Name
	}
	return s.compare(ctx, c, names, actor)
}

// print is a value as people read it, in both languages.
func (s *Service) print(f *forms.Field, v any) workflow.Text {
	return workflow.Text{VI: f.Print(v, "vi", s.cfg.Agencies.AddressText("vi")), EN: f.Print(v, "en", s.cfg.Agencies.AddressText("en"))}
}
