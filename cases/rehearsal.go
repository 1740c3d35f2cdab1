package cases

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/workflow"
)

// errRehearsed ends the transaction of a rehearsal: nothing of it is kept.
var errRehearsed = errors.New("rehearsed")

// rehearse tries what an officer's action is about to set off, before it is
// written: the change of the resident database is made and rolled back, the
// messages are made up, and the result is rendered in both languages. A failure
// refuses the action with an *InvalidError, when nothing has happened yet and
// the officer can still put it right.
func (s *Service) rehearse(ctx context.Context, st *step, d *workflow.Decision, o order, v variables) (err error) {
	if o.Trigger.Kind != workflow.ByAction {
		return nil
	}
	acts, sends := false, false
	for _, e := range st.effects {
		acts = acts || e.Type == EffectResident || e.Type == EffectSend || e.Type == EffectResult
		sends = sends || e.Type == EffectSend
	}
	if !acts {
		return nil
	}
	n := *st.c
	n.Memory = *st.c.Memory.clone()
	v.c = &n
	if v.b == nil {
		if v.b, v.files, err = s.bodyAndFiles(ctx, st.c); err != nil {
			return err
		}
	}
	papers := map[string]bool{}
	for _, e := range st.effects {
		switch e.Type {
		case EffectResident:
			output, err := s.rehearseChange(ctx, st.c, e, v)
			if err != nil {
				return err
			}
			maps.Copy(n.Memory.Output, output)
		case EffectSend:
			if err := rehearseMessage(st.c.Procedure, e, v); err != nil {
				return err
			}
		case EffectResult:
			papers[e.Name] = true
		}
	}
	// What the registry answers may stand in the result; until it has, the result
	// cannot be written.
	if to := st.c.Procedure.Machine.States[d.To]; !sends && to != nil {
		for _, t := range to.Signals[SignalRegistryUpdated] {
			for _, e := range t.Effects {
				if e.Type == EffectResult {
					papers[e.Name] = true
				}
			}
		}
	}
	for name := range papers {
		if err := s.rehearsePaper(st.c.Procedure, name, v); err != nil {
			return err
		}
	}
	return nil
}

// rehearseChange makes the change and rolls it back; it returns what the case
// would learn.
func (s *Service) rehearseChange(ctx context.Context, c *snapshot, e effect, v variables) (output map[string]any, err error) {
	def := c.Procedure.Changes[e.Name]
	if def == nil {
		return nil, fmt.Errorf("there is no change %q", e.Name)
	}
	values, err := valuesOf(def, v.vars())
	if err != nil {
		return nil, notRehearsed("Chưa xác định được nội dung cập nhật vào cơ sở dữ liệu", "What is to be written into the register is not certain", err)
	}
	change := resident.Change{Type: def.Type, Values: values, At: v.now, Cause: resident.Cause{CaseID: c.ID.String(), CaseCode: string(c.Code), Seq: e.Seq, Idx: e.Idx}}
	err = pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) (err error) {
		if output, err = resident.Apply(ctx, tx, change); err != nil {
			return err
		}
		return errRehearsed
	})
	refused, no := errors.AsType[*resident.RefusedError](err)
	switch {
	case no:
		return nil, &InvalidError{Problems: []forms.Problem{{Rule: refused.Rule,
			VI: "Cơ sở dữ liệu dân cư sẽ không chấp nhận: " + refused.VI + ". Chưa có gì được ghi; cần xử lý trước khi quyết định.",
			EN: "The resident database would refuse: " + refused.EN + ". Nothing was written; put it right before you decide."}}}
	case errors.Is(err, resident.ErrUnknownChange):
		return nil, notRehearsed("Nội dung cập nhật vào cơ sở dữ liệu chưa hợp lệ", "What is to be written into the register is not valid", err)
	case errors.Is(err, errRehearsed):
		return output, nil
	}
	return nil, err
}

// valuesOf evaluates the values of a change.
func valuesOf(def *procedures.Change, vars map[string]any) (map[string]any, error) {
	values := map[string]any{}
	for name, p := range def.Values {
		val, err := p.Eval(vars)
		if err != nil {
			return nil, fmt.Errorf("value %s: %w", name, err)
		}
		if val != nil {
			values[name] = val
		}
	}
	return values, nil
}

func rehearseMessage(p *procedures.Procedure, e effect, v variables) error {
	def := p.Messages[e.Name]
	if def == nil {
		return fmt.Errorf("there is no message %q", e.Name)
	}
	vars := v.vars()
	for name, b := range def.Body {
		if _, err := b.Eval(vars); err != nil {
			return notRehearsed("Chưa lập được thông tin gửi cơ quan khác", "What is to be sent to another agency cannot be made up", fmt.Errorf("%s: %w", name, err))
		}
	}
	return nil
}

func (s *Service) rehearsePaper(p *procedures.Procedure, name string, v variables) error {
	document, _ := kindOfPaper(EffectResult, name)
	def := p.Documents[document]
	if def == nil {
		return fmt.Errorf("there is no document %q", document)
	}
	for _, lang := range []string{"vi", "en"} {
		if _, err := def.Render(s.in(v, lang), lang, 1); err != nil {
			return notRehearsed("Chưa lập được văn bản kết quả “"+def.Title.VI+"”", "The result “"+def.Title.EN+"” cannot be written", err)
		}
	}
	return nil
}

func notRehearsed(vi, en string, err error) error {
	return &InvalidError{Problems: []forms.Problem{{Rule: "rehearsal",
		VI: vi + ". Chưa có gì được ghi; đề nghị báo bộ phận vận hành. (" + err.Error() + ")",
		EN: en + ". Nothing was written; please tell the operators. (" + err.Error() + ")"}}}
}
