package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Draw draws a definition that is mostly sound: states in a row, ways forward
// from each, ways back that are mostly bounded. The linter has the last word.
func Draw(r *rand.Rand, id string) *Def {
	g := &drawing{Rand: r, d: &Def{ID: id, Limit: Span{12 + r.IntN(10), "wd"}}, window: Span{1 + r.IntN(9), "d"}}
	if g.chance(3) {
		g.d.CutOff = "15:00"
	}
	if g.chance(4) {
		g.d.Limit.Unit = "d"
		g.d.Limit.N += 14
	}
	for i := range 2 {
		if i == 0 && g.chance(3) {
			break
		}
		g.d.Children = append(g.d.Children, drawChild(r, fmt.Sprintf("%s-part%d", id, i), 1+i, g.window))
	}
	n := 4 + r.IntN(6)
	for i := range n {
		g.names = append(g.names, fmt.Sprintf("s%d", i))
	}
	for i := range n {
		g.d.States = append(g.d.States, &State{Name: g.names[i], Kind: g.kind(i)})
	}
	for i, s := range slices.Clone(g.d.States) { // some come to stand between two
		g.fill(s, i)
	}
	g.d.States = append(g.d.States, g.tail()...)
	g.d.States = append(g.d.States,
		&State{Name: "granted", Kind: "final", Outcome: "granted"},
		&State{Name: "refused", Kind: "final", Outcome: "refused", Negative: true},
		&State{Name: "lapsed", Kind: "final", Outcome: "lapsed", Negative: true},
		&State{Name: "withdrawn", Kind: "final", Outcome: "withdrawn", Negative: true})
	g.d.File = g.filing()
	g.starts()
	g.d.Withdraw = &Withdraw{To: "withdrawn", Before: g.beyond()}
	g.prune()
	g.unlike()
	g.owe()
	return g.d
}

// drawing is a definition being drawn.
type drawing struct {
	*rand.Rand
	d      *Def
	names  []string
	window Span // how long a case waits for its sub-cases
}

func (g *drawing) chance(one int) bool { return g.IntN(one) == 0 }

func pickOf[T any](g *drawing, list ...T) T { return list[g.IntN(len(list))] }

// kind draws what the i-th state is.
func (g *drawing) kind(i int) string {
	switch k := g.IntN(10); {
	case k < 5:
		return "task"
	case k < 7 || i == 0:
		return "wait"
	case k < 9 && len(g.d.Children) > 0:
		return "subcases"
	}
	return "auto"
}

// fill draws what the i-th state leads to, knowing what the others are.
func (g *drawing) fill(s *State, i int) {
	switch s.Kind {
	case "task":
		g.task(s, i)
	case "wait":
		g.wait(s, i)
	case "subcases":
		g.subcases(s, i)
	default:
		s.Choose = g.choices(func(a *Arrow) { a.To = g.forward(i) })
	}
}

// forward is a state below, or an end.
func (g *drawing) forward(i int, ends ...string) string {
	if rest := g.names[i+1:]; len(rest) > 0 && !g.chance(9) {
		return rest[g.IntN(min(2, len(rest)))]
	}
	if len(ends) == 0 {
		ends = []string{"granted"}
	}
	end := pickOf(g, ends...)
	if end == "granted" && g.chance(2) {
		end = "recording"
	}
	return end
}

var events = []string{"accept", "propose", "grant", "hand-on", "note"}

func (g *drawing) task(s *State, i int) {
	s.Owner = pickOf(g, "reception", "handler", "approver")
	s.Within = pickOf(g, Span{1, "wd"}, Span{1, "wd"}, Span{2, "wd"}, Span{4, "h"})
	if i > 0 && g.chance(6) {
		s.Clock = "off"
	}
	used := map[string]bool{}
	for n := range 1 + g.IntN(4) {
		e := pickOf(g, events...)
		if used[e] {
			continue
		}
		used[e] = true
		s.Actions = append(s.Actions, Choice{Event: e, Arrows: g.choices(func(a *Arrow) {
			a.To = g.forward(i, "granted", "granted", "refused")
			if n > 0 && g.chance(2) { // back, to itself, or as often as may be
				a.Max = 1 + g.IntN(2)
				if g.chance(2) {
					a.To = g.names[g.IntN(i+1)]
				}
				if g.chance(25) {
					a.Max = 0
				}
			}
			if a.To == "refused" || g.chance(5) {
				a.Needs = append(a.Needs, "grounds")
			}
			if g.chance(4) {
				a.Needs = append(a.Needs, "note")
			}
		}, askNote, askRatio, askRatio, askRatio)})
	}
	if g.chance(6) {
		s.Actions = append(s.Actions, Choice{Event: "plead", Arrows: []Arrow{{To: g.forward(i, "lapsed"), By: "applicant"}}})
	}
	if g.chance(4) {
		s.After = g.timeouts(func() string { return g.forward(i, "lapsed", "granted") })
	}
}

func (g *drawing) wait(s *State, i int) {
	late := func() string { return g.forward(i, "lapsed") }
	if s.For = pickOf(g, "applicant", "applicant", "applicant", "system", "land"); s.For == "applicant" {
		s.Clock = pickOf(g, "", "paused", "paused", "paused", "off")
		s.Actions = []Choice{{Event: "supply", Arrows: g.choices(func(a *Arrow) { a.To = g.forward(i) }, askNote)}}
	} else {
		late = func() string { return g.person(i) }
		for _, signal := range []string{askDone, askRefused} {
			s.Signals = append(s.Signals, Choice{Event: signal, Arrows: g.choices(func(a *Arrow) { a.To = g.forward(i, "granted", "refused") })})
		}
	}
	if g.chance(3) {
		s.Signals = append(s.Signals, Choice{Event: "ping", Arrows: g.choices(func(a *Arrow) { a.To = g.forward(i) }, askRatio)})
	}
	s.After = g.timeouts(late)
}

// timeouts are one or two delays of different units: two that end at the same
// instant would be a question that the definition does not answer.
func (g *drawing) timeouts(to func() string) []Choice {
	var out []Choice
	delays := []Span{{1 + g.IntN(4), "wd"}, {3 + g.IntN(30), "d"}}
	if g.chance(4) {
		delays = []Span{{1 + g.IntN(12), "h"}}
	}
	for _, d := range delays[:1+g.IntN(len(delays))] {
		out = append(out, Choice{Event: d.String(), Delay: d, Arrows: g.choices(func(a *Arrow) { a.To = to() })})
	}
	return out
}

const leaves = true

func (g *drawing) subcases(s *State, i int) {
	s.Clock = pickOf(g, "", "paused")
	for n, c := range g.d.Children {
		o := Slot{Name: fmt.Sprintf("%sPart%d", s.Name, n), Of: c}
		if g.chance(2) {
			o.When = drawGuard(g.Rand, g.asks(), 1)
		}
		s.Open = append(s.Open, o)
	}
	s.Join = &Join{Rule: pickOf(g, "all", "all", "any", "settled", "count", "first-negative"), Window: g.window,
		Then: g.told(s.Name+"-then", g.forward(i)), Refused: g.told(s.Name+"-refused", g.forward(i, "refused")), Late: g.person(i)}
	if s.Join.Rule == "count" {
		s.Join.Count = 1 + g.IntN(len(s.Open))
	}
	if s.Join.Rule == "first-negative" || g.chance(3) {
		s.Join.Class = map[string]string{"agreed": "ok", "disagreed": pickOf(g, "stop", "stop", "gap"), "lapsed": "gap", "cancelled": "gap", "timed-out": "gap"}
	} else {
		s.Join.OK = []string{"agreed"}
	}
	s.Join.Leave = leaves && g.chance(4)
}

// choices is a list of transitions: each but the last has a condition.
func (g *drawing) choices(fill func(*Arrow), also ...string) []Arrow {
	n := 1
	if g.chance(2) {
		n = 2 + g.IntN(2)
	}
	list := make([]Arrow, n)
	for k := range list {
		fill(&list[k])
		if k < n-1 {
			list[k].When = drawGuard(g.Rand, g.asks(also...), 2)
		}
		g.effects(&list[k])
	}
	return list
}

// asks are the questions that a condition may ask. One that can break stands only
// where somebody is told when it cannot be evaluated.
func (g *drawing) asks(also ...string) []Guard {
	list := []Guard{{Op: askSize}, {Op: askSize}, {Op: askKind}, {Op: askHas}, {Op: askRest}, {Op: askOutput}}
	for _, op := range also {
		list = append(list, Guard{Op: op})
	}
	for _, s := range g.d.States {
		for _, c := range s.Actions {
			list = append(list, Guard{Op: askVisits, Word: s.Name + "." + c.Event})
		}
		for _, o := range s.Open {
			list = append(list, Guard{Op: askChild, Word: o.Name})
		}
	}
	return list
}

func (g *drawing) effects(a *Arrow) {
	for _, name := range []string{"hello", "done"} {
		if g.chance(3) {
			a.Effects = append(a.Effects, Effect{"notify", name})
		}
	}
}

func (g *drawing) filing() []Arrow {
	list := []Arrow{{To: "s0"}}
	if g.chance(3) {
		list = []Arrow{{To: g.names[min(1, len(g.names)-1)], When: drawGuard(g.Rand, []Guard{{Op: askSize}, {Op: askKind}, {Op: askHas}}, 1)}, {To: "s0"}}
	}
	for i := range list {
		g.effects(&list[i])
	}
	return list
}

// starts names the transition that starts the legal term.
func (g *drawing) starts() {
	g.d.Starts = "file"
	if s := g.d.States[0]; g.chance(2) && len(s.Actions) > 0 {
		g.d.Starts = "s0." + s.Actions[0].Event
		s.Clock = "off"
	}
}

// beyond lists what lies behind the final act, and sometimes more.
func (g *drawing) beyond() []string {
	out := []string{"recording", "repair"}
	for _, name := range g.names {
		if g.chance(8) {
			out = append(out, name)
		}
	}
	return out
}

// unlike lets some actions not be taken by who took another, and messages that
// ask go where their answers are waited for.
func (g *drawing) unlike() {
	var taken []string
	for _, s := range g.d.States {
		for _, c := range s.Actions {
			taken = append(taken, c.Event)
		}
	}
	for _, s := range g.d.States {
		for k := range s.Actions {
			for j := range s.Actions[k].Arrows {
				if g.chance(5) {
					s.Actions[k].Arrows[j].Unlike = pickOf(g, taken...)
				}
			}
		}
	}
	for _, a := range g.d.arrows() {
		if a.To == "recording" && g.chance(2) {
			a.Effects = append(a.Effects, Effect{"send", ask})
		}
	}
}
