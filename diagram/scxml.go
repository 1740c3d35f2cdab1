package diagram

import (
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// The names of SCXML, and ours for what it has no word for.
const (
	scxmlSpace = "http://www.w3.org/2005/07/scxml"
	hosoSpace  = "urn:hoso:workflow"
)

// SCXML writes the workflow as State Chart XML 1.0 (W3C, 1 September 2015). Its data
// model is CEL: cond is the condition as its author wrote it, and before it what
// the engine demands besides, over these data:
//
//	actor     {roles: [names], did: [actions that the actor took]}
//	case      as in docs/definitions.md: visits, children …
//
// Effects are events sent to the processor "hoso". Delays are as the law counts
// them, so delay(text) is the processor's.
func SCXML(w io.Writer, p *procedures.Procedure, lang string) error {
	if err := whole(p); err != nil {
		return err
	}
	x := &scxml{words: words{p, lang}}
	x.out.WriteString(xml.Header)
	x.open("scxml", "xmlns", scxmlSpace, "xmlns:hoso", hosoSpace, "version", "1.0", "datamodel", "cel", "name", string(p.ID), "initial", filing)
	x.line("<!-- %s -->", strings.ReplaceAll(p.Name.In(lang), "--", "- -"))
	x.open("datamodel")
	for _, id := range []string{"actor", "case", "form", "input", "session", "sources", "subjects", "today", "variant"} {
		x.empty("data", "id", id)
	}
	x.close("datamodel")
	x.open("state", "id", filing)
	x.choices("", "file", eventFile, p.Machine.File)
	x.close("state")
	for _, name := range p.Machine.Order {
		x.state(p.Machine.States[name])
	}
	x.close("scxml")
	_, err := io.WriteString(w, x.out.String())
	return err
}

type scxml struct {
	words
	out   strings.Builder
	depth int
}

func (x *scxml) line(format string, args ...any) {
	fmt.Fprintf(&x.out, strings.Repeat("  ", x.depth)+format+"\n", args...)
}

// attrs writes pairs of name and value; one without a value is left out.
func attrs(pairs []string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(&b, ` %s="%s"`, pairs[i], text(pairs[i+1]))
		}
	}
	return b.String()
}

func (x *scxml) open(name string, pairs ...string) {
	x.line("<%s%s>", name, attrs(pairs))
	x.depth++
}

func (x *scxml) close(name string) {
	x.depth--
	x.line("</%s>", name)
}

func (x *scxml) empty(name string, pairs ...string) { x.line("<%s%s/>", name, attrs(pairs)) }

func (x *scxml) state(s *workflow.StateDef) {
	if s.Kind == workflow.Final {
		x.open("final", "id", string(s.Name), "hoso:title", s.Title.In(x.lang), "hoso:outcome", string(s.Outcome))
		x.open("donedata")
		x.empty("param", "name", "outcome", "expr", quoted(string(s.Outcome)))
		x.close("donedata")
		x.close("final")
		return
	}
	within := ""
	if s.Within.N > 0 {
		within = s.Within.String()
	}
	x.open("state", "id", string(s.Name), "hoso:title", s.Title.In(x.lang), "hoso:kind", string(s.Kind), "hoso:owner", string(s.Owner), "hoso:for", s.For, "hoso:within", within, "hoso:clock", string(s.Clock))
	x.timers(s)
	for _, e := range s.ActionOrder {
		x.choices(s.Name, e, string(e), s.Actions[e])
	}
	for _, e := range slices.Sorted(maps.Keys(s.Signals)) {
		x.choices(s.Name, e, signalOf+string(e), s.Signals[e])
	}
	for _, a := range s.After {
		x.choices(s.Name, a.Name, timeout(s.Name, string(a.Name)), a.Then)
	}
	x.choices(s.Name, "choose", "", s.Choose)
	x.join(s)
	x.engine(s)
	x.close("state")
}

// timeout names the event of a timer: a stale one is of another state.
func timeout(s workflow.State, delay string) string { return "after." + string(s) + "." + delay }

// timers are set on entry and taken back on exit; sub-cases are opened on entry.
func (x *scxml) timers(s *workflow.StateDef) {
	var delays []string
	for _, a := range s.After {
		delays = append(delays, string(a.Name))
	}
	if j := s.Join; j != nil && j.Window.N > 0 && j.Late != "" {
		delays = append(delays, windowOf(j))
	}
	if len(delays)+len(s.Open) > 0 {
		x.open("onentry")
		for _, d := range delays {
			x.empty("send", "id", timeout(s.Name, d), "event", timeout(s.Name, d), "delayexpr", "delay("+quoted(d)+")")
		}
		for _, c := range s.Open {
			if c.When != nil {
				x.open("if", "cond", c.When.Source)
			}
			x.effect("open-child", [2]string{"name", c.Name}, [2]string{"procedure", c.Procedure})
			if c.When != nil {
				x.close("if")
			}
		}
		if none := noneOpened(s); none != "" {
			x.open("if", "cond", none)
			x.empty("raise", "event", eventNone)
			x.close("if")
		}
		x.close("onentry")
	}
	if len(delays) > 0 {
		x.open("onexit")
		for _, d := range delays {
			x.empty("cancel", "sendid", timeout(s.Name, d))
		}
		x.close("onexit")
	}
}

// effect sends an event to the engine.
func (x *scxml) effect(event string, params ...[2]string) {
	if len(params) == 0 {
		x.empty("send", "type", "hoso", "event", event)
		return
	}
	x.open("send", "type", "hoso", "event", event)
	for _, p := range params {
		x.empty("param", "name", p[0], "expr", quoted(p[1]))
	}
	x.close("send")
}

// choices are the transitions of one trigger. What bars an actor, and not the
// condition, ends the choice: the one that follows leads nowhere.
func (x *scxml) choices(from workflow.State, e workflow.Event, event string, ts []*workflow.Transition) {
	for _, o := range options(ts, workflow.Visit(from, e)) {
		if o.refuse {
			x.empty("transition", "event", event, "cond", o.guard.heldUp())
			continue
		}
		cond := ""
		if o.guard != nil {
			cond = o.guard.allowed()
		}
		pairs := []string{"event", event, "cond", cond, "target", string(o.t.To), "hoso:title", o.t.Title.In(x.lang), "hoso:needs", strings.Join(o.t.Needs, " ")}
		if len(o.t.Effects) == 0 {
			x.empty("transition", pairs...)
			continue
		}
		x.open("transition", pairs...)
		for _, eff := range o.t.Effects {
			if eff.Name == "" {
				x.effect(eff.Type)
			} else {
				x.effect(eff.Type, [2]string{"name", eff.Name})
			}
		}
		x.close("transition")
	}
}

// join are the ways out of a subcases state. joined is the engine's: it counts the
// outcomes as docs/definitions.md says.
func (x *scxml) join(s *workflow.StateDef) {
	j := s.Join
	if j == nil {
		return
	}
	for _, way := range []struct{ name, to workflow.State }{{"then", j.Then}, {"refused", j.Refused}} {
		if way.to != "" {
			x.empty("transition", "event", eventOutcome, "cond", fmt.Sprintf("joined(%s, %s)", quoted(j.Rule), quoted(string(way.name))), "target", string(way.to))
		}
	}
	if j.Late != "" {
		x.empty("transition", "event", timeout(s.Name, windowOf(j)), "target", string(j.Late))
	}
	if noneOpened(s) != "" {
		x.empty("transition", "event", eventNone, "target", string(j.Then))
	}
}

// eventNone tells that no sub-case was opened.
const eventNone = "hoso.none-opened"

// noneOpened is the condition under which no sub-case is opened; empty when one
// always is.
func noneOpened(s *workflow.StateDef) string {
	var none []string
	for _, c := range s.Open {
		if c.When == nil {
			return ""
		}
		none = append(none, "!("+c.When.Source+")")
	}
	return strings.Join(none, " && ")
}

// engine are the ways that every procedure has.
func (x *scxml) engine(s *workflow.StateDef) {
	m := x.p.Machine
	if ext := m.Extend; ext != nil && slices.Contains(ext.In, s.Name) {
		g := guard{Role: ext.By, Step: workflow.Extended, Max: ext.Max}
		x.open("transition", "event", eventExtend, "cond", g.allowed())
		x.effect("issue-letter", [2]string{"name", "apology"})
		x.close("transition")
	}
	if withdrawable(m, s) {
		g := guard{Role: m.Withdraw.By}
		cond := []string{g.allowed()}
		for _, name := range m.Order {
			if m.States[name].FinalAct {
				cond = append(cond, "!case.visits.exists(v, v.startsWith("+quoted(string(name)+".")+"))")
			}
		}
		x.empty("transition", "event", eventBack, "cond", strings.Join(cond, " && "), "target", string(m.Withdraw.To))
	}
	if to, ok := m.CancelTo(); ok && x.p.Internal && s.Kind != workflow.Auto {
		x.empty("transition", "event", eventCancel, "target", string(to))
	}
}
