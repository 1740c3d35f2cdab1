package procedures

import (
	"slices"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

// programs lists every expression of a procedure.
func (p *Procedure) programs() []*expr.Program {
	out := p.casePrograms()
	for _, s := range p.Early {
		if s.Key != nil {
			out = append(out, s.Key)
		}
	}
	for _, o := range p.Offers {
		out = append(out, o.programs()...)
	}
	return out
}

// casePrograms lists those that forms and cases evaluate: all but the offers'.
func (p *Procedure) casePrograms() []*expr.Program {
	var out []*expr.Program
	add := func(list ...*expr.Program) {
		for _, e := range list {
			if e != nil {
				out = append(out, e)
			}
		}
	}
	for _, s := range p.Subjects {
		add(s.Key)
	}
	for _, t := range p.Tables {
		add(t.Day)
	}
	for _, v := range p.Values {
		add(v.Is)
	}
	for _, v := range p.Variants {
		add(v.When)
	}
	for _, r := range slices.Concat(p.Receiving, p.Competent) {
		add(r.Agency, r.Commune, r.When)
	}
	for _, a := range p.Attachments {
		add(a.When)
	}
	for _, f := range p.Fees {
		add(f.When, f.Amount)
	}
	for _, l := range p.Limits {
		add(l.When)
	}
	for _, d := range p.Documents {
		add(d.Body.Programs()...)
	}
	for _, n := range p.Notices {
		add(n.Text.Programs()...)
	}
	for _, m := range p.Payments {
		add(m.Amount, m.To)
		add(m.Purpose.Programs()...)
		for _, r := range m.Refund {
			add(r.When)
		}
	}
	for _, c := range p.Changes {
		for _, v := range c.Values {
			add(v)
		}
	}
	for _, m := range p.Messages {
		for _, v := range m.Body {
			add(v)
		}
	}
	for _, o := range p.Outputs {
		add(o)
	}
	add(p.Once)
	add(p.formPrograms()...)
	add(p.machinePrograms()...)
	return out
}

func (p *Procedure) formPrograms() []*expr.Program {
	if p.Form == nil {
		return nil
	}
	out := p.shownBy()
	for _, r := range p.Form.Rules {
		out = append(out, r.Must, r.When)
	}
	return out
}

// shownBy are the expressions that decide what a form asks.
func (p *Procedure) shownBy() []*expr.Program {
	var out []*expr.Program
	for _, s := range p.Form.Sections {
		out = append(out, s.When)
		for _, f := range s.Fields {
			out = append(out, f.When)
			if f.Choices != nil {
				out = append(out, f.Choices.From)
			}
			for _, i := range f.Items {
				if i.Choices != nil {
					out = append(out, i.Choices.From)
				}
				out = append(out, i.When)
			}
		}
	}
	return out
}

func (p *Procedure) machinePrograms() []*expr.Program {
	if p.Machine == nil {
		return nil
	}
	var out []*expr.Program
	add := func(ts []*workflow.Transition) {
		for _, t := range ts {
			out = append(out, t.When)
		}
	}
	add(p.Machine.File)
	for _, s := range p.Machine.States {
		for _, ts := range s.Actions {
			add(ts)
		}
		for _, ts := range s.Signals {
			add(ts)
		}
		for _, a := range s.After {
			add(a.Then)
		}
		out = append(out, s.CountsFrom)
		add(s.Choose)
		for _, c := range s.Open {
			out = append(out, c.When)
			for _, g := range c.Give {
				out = append(out, g)
			}
			if c.Agency != nil {
				out = append(out, c.Agency.Commune)
			}
		}
	}
	return out
}
