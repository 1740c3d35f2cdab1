package diagram

import (
	"encoding/json"
	"io"
	"maps"
	"slices"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Names in the exported machines that no definition can use: names of states
// and events are kebab-case.
const (
	filing       = "Filing" // before there is a case
	opening      = "opening"
	waiting      = "waiting"
	eventFile    = "hoso.file"
	eventCancel  = "hoso.cancel"
	eventExtend  = "hoso.extend"
	eventBack    = "hoso.withdraw"
	eventOutcome = "hoso.subcase-ended"
	signalOf     = "signal." // before the name of a signal
)

// XState writes the workflow as the configuration of a machine of XState v5:
//
//	setup({guards, actions, delays}).createMachine(JSON.parse(text))
//
// Guards, actions and delays are named; whoever runs the machine brings them. An event
// carries the actor's roles and name, an outcome the sub-case's name (child).
//
//	guard   allowed    params role, when (CEL), step, max, unlike: all of it holds
//	        held-up    the same params: what allowed lacks is not the condition
//	        none-open  no sub-case was opened
//	        joined     params to, rule, count, ok, outcomes: the join is left that way
//	        returnable nothing with final-act was entered before
//	action  count      params step, event: remembers that it was taken, and by whom;
//	                   without step, under the state and the sub-case's name
//	        open       params children: those whose when (CEL) holds
//	        outcome    remembers a sub-case's outcome
//	        past       nothing is refused or withdrawn from here on
//	        any other  an effect of ours, params name
//	delay   4h, 30d, 5wd, 7wd+2wd (a join that reminds): as the law counts them
func XState(w io.Writer, p *procedures.Procedure, lang string) error {
	if err := whole(p); err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(xstate{words{p, lang}}.machine())
}

type xstate struct{ words }

func (x xstate) machine() object {
	m := x.p.Machine
	states := object{{filing, object{{"description", x.say("Trước khi nộp", "Before filing")}, {"on", object{{eventFile, x.options(m.File, "", "file", false)}}}}}}
	for _, name := range m.Order {
		states.add(string(name), x.state(m.States[name]))
	}
	root := object{
		{"id", x.p.ID}, {"version", string(x.p.Hash)}, {"description", x.p.Name.In(x.lang)}, {"initial", filing},
		{"context", object{{"visits", object{}}, {"actedBy", object{}}, {"children", object{}}, {"past", false}}},
		{"states", states},
	}
	return root
}

func (x xstate) state(s *workflow.StateDef) object {
	out := object{{"description", s.Title.In(x.lang)}}
	if s.Kind == workflow.Final {
		out.add("type", "final")
		out.add("meta", x.meta(s))
		return out
	}
	out.add("meta", x.meta(s))
	if s.Kind == workflow.Subcases {
		out.add("initial", opening)
		out.add("states", x.opening(s))
	}
	if s.FinalAct {
		out.add("exit", []object{{{"type", "past"}}})
	}
	if on := x.events(s); len(on) > 0 {
		out.add("on", on)
	}
	if after := x.after(s); len(after) > 0 {
		out.add("after", after)
	}
	if len(s.Choose) > 0 {
		out.add("always", x.options(s.Choose, s.Name, "choose", false))
	}
	return out
}

// meta is what an engine does not need and a reader does.
func (x xstate) meta(s *workflow.StateDef) object {
	out := object{{"kind", s.Kind}, {"title", s.Title}}
	if s.Owner != "" {
		out.add("owner", s.Owner)
	}
	if s.For != "" {
		out.add("for", s.For)
	}
	if s.Within.N > 0 {
		out.add("within", s.Within.String())
	}
	out.add("clock", s.Clock)
	if s.FinalAct {
		out.add("finalAct", true)
	}
	if s.Outcome != "" {
		out.add("outcome", s.Outcome)
		out.add("negative", s.Negative)
	}
	return out
}

func (x xstate) events(s *workflow.StateDef) object {
	var on object
	for _, e := range s.ActionOrder {
		on.add(string(e), x.options(s.Actions[e], s.Name, e, true))
	}
	for _, e := range slices.Sorted(maps.Keys(s.Signals)) {
		on.add(signalOf+string(e), x.options(s.Signals[e], s.Name, e, false))
	}
	if s.Join != nil {
		on.add(eventOutcome, x.join(s))
	}
	if ext := x.p.Machine.Extend; ext != nil && slices.Contains(ext.In, s.Name) {
		g := guard{Role: ext.By, Step: workflow.Extended, Max: ext.Max}
		on.add(eventExtend, []object{{{"guard", g.named("allowed")}, {"actions", []object{count(workflow.Extended, ""), effect(workflow.Effect{Type: "issue-letter", Name: "apology"})}}}})
	}
	if withdrawable(x.p.Machine, s) {
		wd := x.p.Machine.Withdraw
		on.add(eventBack, []object{{{"guard", object{{"type", "returnable"}, {"params", object{{"role", wd.By}}}}}, {"target", wd.To},
			{"actions", []object{count(workflow.Visit(s.Name, workflow.Event(workflow.ByWithdraw)), "")}}}})
	}
	if to, ok := x.p.Machine.CancelTo(); ok && x.p.Internal && s.Kind != workflow.Auto {
		on.add(eventCancel, []object{{{"target", to}, {"actions", []object{count(workflow.Visit(s.Name, workflow.Event(workflow.ByCancel)), "")}}}})
	}
	return on
}

func (x xstate) after(s *workflow.StateDef) object {
	var out object
	for _, a := range s.After {
		out.add(string(a.Name), x.options(a.Then, s.Name, a.Name, false))
	}
	if j := s.Join; j != nil && j.Window.N > 0 && j.Late != "" {
		out.add(windowOf(j), []object{{{"target", j.Late}, {"actions", []object{count(workflow.Visit(s.Name, joinLate), "")}}}})
	}
	return out
}

// windowOf is the time after which a join is left whatever is open.
func windowOf(j *workflow.Join) string {
	if j.Remind.N > 0 {
		return j.Window.String() + "+" + j.Remind.String()
	}
	return j.Window.String()
}

// options are the candidates of one trigger. Who takes an action is remembered,
// for those that may not be taken by the same person.
func (x xstate) options(ts []*workflow.Transition, from workflow.State, e workflow.Event, action bool) []object {
	var out []object
	for _, o := range options(ts, workflow.Visit(from, e)) {
		var c object
		if o.refuse {
			c.add("guard", o.guard.named("held-up"))
			out = append(out, c)
			continue
		}
		if o.guard != nil {
			c.add("guard", o.guard.named("allowed"))
		}
		if title := o.t.Title.In(x.lang); title != "" {
			c.add("description", title)
		}
		c.add("target", o.t.To)
		if o.t.To == from {
			c.add("reenter", true) // its timers begin anew
		}
		var actions []object
		switch {
		case action:
			actions = append(actions, count(workflow.Visit(from, e), e))
		case from != "":
			actions = append(actions, count(workflow.Visit(from, e), ""))
		}
		for _, eff := range o.t.Effects {
			actions = append(actions, effect(eff))
		}
		if len(actions) > 0 {
			c.add("actions", actions)
		}
		out = append(out, c)
	}
	return out
}

// named is a guard of XState with its params.
func (g *guard) named(name string) object {
	var params object
	if g.Role != "" {
		params.add("role", g.Role)
	}
	if g.When != "" {
		params.add("when", g.When)
	}
	if g.Max > 0 {
		params.add("step", g.Step)
		params.add("max", g.Max)
	}
	if len(g.Unlike) > 0 {
		params.add("unlike", g.Unlike)
	}
	return object{{"type", name}, {"params", params}}
}

// count remembers that a transition was taken; event is that of an action.
func count(step string, event workflow.Event) object {
	params := object{{"step", step}}
	if event != "" {
		params.add("event", event)
	}
	return object{{"type", "count"}, {"params", params}}
}

func effect(e workflow.Effect) object {
	out := object{{"type", e.Type}}
	if e.Name != "" {
		out.add("params", object{{"name", e.Name}})
	}
	return out
}
