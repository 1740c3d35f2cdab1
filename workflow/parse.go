package workflow

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/expr"
)

// Parse reads workflow.yaml, whose shape has been checked against its schema,
// and compiles its expressions in env. file is named in the findings; the
// machine is nil when the file cannot be decoded.
func Parse(src []byte, file string, env *expr.Env) (*Machine, []Finding) {
	var in machineSource
	if err := yaml.UnmarshalWithOptions(src, &in, yaml.Strict()); err != nil {
		f := Finding{Code: "YAML", File: file, Line: 1, Column: 1, Message: yaml.FormatError(err, false, false), Remedy: "write it as docs/definitions.md shows"}
		if syntax, ok := errors.AsType[yaml.Error](err); ok && syntax.GetToken() != nil {
			f.Message, f.Line, f.Column = syntax.GetMessage(), syntax.GetToken().Position.Line, syntax.GetToken().Position.Column
		}
		return nil, []Finding{f}
	}
	r := &reader{env: env, m: &Machine{Source: file, Roles: map[Role]*RoleDef{}, States: map[State]*StateDef{}}, plain: map[*Transition]bool{}}
	r.machine(&in)
	return r.m, r.findings
}

// A reader turns the file as written into a machine.
type reader struct {
	m        *Machine
	env      *expr.Env
	findings []Finding
	plain    map[*Transition]bool // those that say confirm: false
}

func (r *reader) report(code string, at place, message, remedy string) {
	r.findings = append(r.findings, Finding{Code: code, File: r.m.Source, Line: at.line, Column: at.column, Message: message, Remedy: remedy})
}

func (r *reader) machine(in *machineSource) {
	m := r.m
	for _, x := range in.Roles {
		m.Roles[Role(x.key)] = &RoleDef{Kind: x.is.Kind, At: x.is.At, Title: x.is.Title}
	}
	if c := in.Clock; c != nil {
		m.Clock = Clock{Starts: c.is.Starts.text, AfterSupplement: cmp.Or(c.is.AfterSupplement, "continue"), Line: c.line, Column: c.column}
	}
	if in.Initial.set {
		m.File = []*Transition{{Event: "file", To: State(in.Initial.text), Line: in.Initial.line, Column: in.Initial.column}}
	} else {
		m.File = r.transitions(in.File, "", "file", "")
	}
	for _, x := range in.States {
		m.Order = append(m.Order, State(x.key))
		m.States[State(x.key)] = r.state(x)
	}
	r.confirmations()
	if w := in.Withdraw; w != nil {
		m.Withdraw = &Withdraw{By: Role(w.is.By.text), To: State(w.is.To.text), Line: w.line, Column: w.column}
		for _, s := range w.is.Before {
			m.Withdraw.Before = append(m.Withdraw.Before, State(s.text))
		}
	}
	if x := in.Extend; x != nil {
		m.Extend = &Extend{By: Role(x.is.By.text), UpTo: r.duration(x.is.UpTo), Max: cmp.Or(x.is.Max, 1), Law: x.is.Law, Line: x.line, Column: x.column}
		for _, s := range x.is.In {
			m.Extend.In = append(m.Extend.In, State(s.text))
		}
	}
}

func (r *reader) state(x named[stateSource]) *StateDef {
	in := x.is
	s := &StateDef{Name: State(x.key), Title: in.Title, Kind: in.Kind, Owner: Role(in.Owner.text), For: in.For, Within: r.duration(in.Within),
		Clock: cmp.Or(in.Clock, Running), FinalAct: in.FinalAct, Outcome: in.Outcome, Negative: in.Negative, Compensate: in.Compensate, Line: x.line, Column: x.column,
		Actions: map[Event][]*Transition{}, Signals: map[Event][]*Transition{}}
	if s.Kind == Final {
		s.Clock = Off
	}
	by := s.Owner
	if s.Kind == Wait && s.For == "applicant" {
		by = "applicant"
	}
	for _, a := range in.Actions {
		s.Actions[Event(a.key)] = r.transitions(a.is, s.Name, Event(a.key), by)
		s.ActionOrder = append(s.ActionOrder, Event(a.key))
	}
	for _, a := range in.Signals {
		s.Signals[Event(a.key)] = r.transitions(a.is, s.Name, Event(a.key), "")
	}
	s.CountsFrom = r.program(in.Counts, stringType)
	for _, a := range in.After {
		d, err := calendar.ParseDuration(a.key)
		if a.key == "0wd" && in.Counts.set { // the close of business of that day itself
			d, err = Duration{Unit: WorkingDays}, nil
		}
		if err != nil {
			r.report("SHAPE", a.place, "a delay is written 4h, 30d or 5wd", "write it so")
			continue
		}
		s.After = append(s.After, Timeout{Delay: d, Name: Event(a.key), Then: r.transitions(a.is, s.Name, Event(a.key), "")})
	}
	slices.SortStableFunc(s.After, func(a, b Timeout) int { return hours(a.Delay) - hours(b.Delay) })
	s.Choose = r.transitions(in.Choose, s.Name, "choose", "")
	for _, c := range in.Open {
		s.Open = append(s.Open, r.child(c))
	}
	if j := in.Join; j != nil {
		s.Join = &Join{Rule: j.Rule, Count: j.Count, OK: j.OK, Outcomes: j.Outcomes, Window: r.duration(j.Window), Remind: r.duration(j.Remind), Rest: j.Rest,
			Then: State(j.Then.text), Refused: State(j.Refused.text), Late: State(j.Late.text)}
	}
	return s
}

// hours puts delays into an order; due dates are counted by the calendar.
func hours(d Duration) int {
	switch d.Unit {
	case Days:
		return 24 * d.N
	case WorkingDays:
		return 34 * d.N // five of seven days are worked
	}
	return 4 * d.N
}

func (r *reader) transitions(in list[arrow], from State, event Event, by Role) []*Transition {
	out := make([]*Transition, 0, len(in))
	for _, a := range in {
		x := a.is
		t := &Transition{Event: event, From: from, To: State(x.To.text), Title: x.Title, By: cmp.Or(Role(x.By.text), by), When: r.program(x.When, boolType),
			Needs: x.Needs, Max: x.Max, Fresh: x.Fresh, Style: x.Style, Tacit: x.Tacit, Law: x.Law, Line: a.line, Column: a.column}
		t.broken = x.When.set && t.When == nil
		for _, u := range x.Unlike {
			t.Unlike = append(t.Unlike, Event(u.text))
		}
		for _, e := range x.Effects {
			t.Effects = append(t.Effects, e.Effect)
		}
		if x.Confirm != nil {
			t.Confirm, r.plain[t] = *x.Confirm, !*x.Confirm
		}
		out = append(out, t)
	}
	return out
}

// confirmations: an action that ends the case has a page of its own.
func (r *reader) confirmations() {
	for _, s := range r.m.States {
		for _, ts := range s.Actions {
			for _, t := range ts {
				if to := r.m.States[t.To]; to != nil && to.Kind == Final && !r.plain[t] {
					t.Confirm = true
				}
			}
		}
	}
}

func (r *reader) child(in placed[childSource]) *Child {
	x := in.is
	c := &Child{Name: x.Name, Procedure: x.Procedure, Of: x.Of, When: r.program(x.When, boolType), Share: x.Share, Variant: x.Variant,
		Give: map[string]*expr.Program{}, Line: in.line, Column: in.column}
	if x.Agency != nil {
		c.Agency = &ChildAgency{Kind: x.Agency.Kind, Commune: r.program(x.Agency.Commune, stringType)}
	}
	for _, g := range x.Give {
		if p := r.program(g.is, dynType); p != nil {
			c.Give[g.key] = p
		}
	}
	return c
}

var (
	boolType   = &expr.Type{Kind: expr.Bool}
	stringType = &expr.Type{Kind: expr.String}
	dynType    = &expr.Type{Kind: expr.Dyn}
)

// program compiles an expression; nil when there is none, or it is wrong.
func (r *reader) program(w word, want *expr.Type) *expr.Program {
	if !w.set {
		return nil
	}
	p, err := r.env.Compile(w.text, want)
	if err == nil {
		return p
	}
	at, message, code := w.place, err.Error(), "CEL"
	if e, ok := errors.AsType[*expr.Error](err); ok {
		message, code = e.Reason, string(e.Kind)
		if e.Column > 0 && !w.block {
			at.column += e.Column - 1
		}
	}
	r.report(code, at, message, "correct the expression; docs/definitions.md lists the variables and functions")
	return nil
}

func (r *reader) duration(w word) Duration {
	d, err := w.duration()
	if err != nil {
		r.report("SHAPE", w.place, fmt.Sprint(err), "write 4h (working hours), 30d (days) or 5wd (working days)")
	}
	return d
}
