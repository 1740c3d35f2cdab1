package model

import (
	"math/rand/v2"
	"slices"
)

// tail is how a case goes on from the final act, to which a registry answers.
func (g *drawing) tail() []*State {
	granted := func() []Arrow { return []Arrow{{To: "granted"}} }
	if g.chance(2) {
		granted = func() []Arrow {
			return []Arrow{{To: "granted", When: drawGuard(g.Rand, g.asks(), 1), Effects: []Effect{{"send", tell}, {"notify", "done"}}}, {To: "repair"}}
		}
	}
	recording := &State{Name: "recording", Kind: "wait", For: "land", FinalAct: true,
		Signals: []Choice{{Event: askDone, Arrows: granted()}, {Event: askRefused, Arrows: []Arrow{{To: "repair"}}}},
		After:   []Choice{{Event: "4h", Delay: Span{4, "h"}, Arrows: []Arrow{{To: "repair"}}}}}
	if g.chance(2) { // nobody has to be asked, or the answer was lost
		recording.Signals = append(recording.Signals, Choice{Event: "ping", Arrows: granted()})
	}
	review := &State{Name: "review", Kind: "task", Owner: pickOf(g, "handler", "approver"), Within: Span{1, "wd"}, Actions: []Choice{
		{Event: "grant", Arrows: g.choices(func(a *Arrow) { a.To = pickOf(g, "granted", "recording") }, askNote, askRatio)},
		{Event: "propose", Arrows: []Arrow{{To: "refused", Needs: []string{"grounds"}}}}}}
	return []*State{review, recording, {Name: "repair", Kind: "task", Owner: "handler", Within: Span{1, "wd"},
		Actions: []Choice{{Event: "grant", Arrows: []Arrow{{To: "granted", Effects: []Effect{{"send", tell}}}}}, {Event: "note", Arrows: []Arrow{{To: "repair", Max: 2}}}}}}
}

// drawChild draws a sub-case: it asks the applicant, or an officer, and ends. An
// applicant who is asked at once has the time that the case above waits; which of
// the two ends first then nothing says, and a story ends there.
func drawChild(r *rand.Rand, id string, days int, window Span) *Def {
	g := &drawing{Rand: r, d: &Def{ID: id, Internal: true}}
	delay := Span{days + 2*g.IntN(2), "wd"} // two sub-cases have no instant in common
	asks := []Guard{{Op: askGiven}, {Op: askGiven}, {Op: askKind}, {Op: askRest}}
	asking := &State{Name: "asking", Kind: "wait", For: "applicant", Actions: []Choice{
		{Event: "agree", Arrows: []Arrow{{To: "agreed", When: drawGuard(r, asks, 1)}, {To: pickOf(g, "agreed", "looking")}}},
		{Event: "disagree", Arrows: []Arrow{{To: "disagreed"}}},
	}}
	g.d.File = []Arrow{{To: "asking"}}
	switch g.IntN(8) {
	case 0:
		delay = window
	case 1, 2:
		g.d.File[0].To = "opening"
	default:
		asking = &State{Name: "asking", Kind: "task", Owner: pickOf(g, "handler", "reception"), Within: Span{2, "wd"}, Actions: []Choice{
			{Event: "agree", Arrows: []Arrow{{To: "looking", When: drawGuard(r, asks, 1)}, {To: "agreed"}}},
			{Event: "disagree", Arrows: []Arrow{{To: "disagreed"}}}}}
	}
	asking.After = []Choice{{Event: delay.String(), Delay: delay, Arrows: []Arrow{{To: "lapsed"}}}}
	g.d.States = []*State{
		{Name: "opening", Kind: "task", Owner: "handler", Within: Span{1, "wd"}, Actions: []Choice{{Event: "ask", Arrows: []Arrow{{To: "asking"}}}}},
		asking,
		{Name: "looking", Kind: "task", Owner: "approver", Within: Span{1, "wd"}, Actions: []Choice{{Event: "agree", Arrows: []Arrow{{To: "agreed"}}}}},
		{Name: "agreed", Kind: "final", Outcome: "agreed"},
		{Name: "disagreed", Kind: "final", Outcome: "disagreed", Negative: true},
		{Name: "lapsed", Kind: "final", Outcome: "lapsed", Negative: true},
		{Name: "cancelled", Kind: "final", Outcome: "cancelled", Negative: true}}
	g.d.Withdraw = &Withdraw{To: "cancelled"}
	g.effects(&g.d.File[0])
	g.prune()
	g.owe()
	return g.d
}

// prune takes out what nothing leads to: it says nothing about the engine.
func (g *drawing) prune() {
	led := map[string]bool{}
	var lead func(name string)
	lead = func(name string) {
		if name == "" || led[name] {
			return
		}
		led[name] = true
		s := g.d.state(name)
		for _, a := range s.arrows() {
			lead(a.To)
		}
		if j := s.Join; j != nil {
			lead(j.Then)
			lead(j.Refused)
			lead(j.Late)
		}
	}
	for _, a := range g.d.File {
		lead(a.To)
	}
	if g.d.Withdraw != nil {
		lead(g.d.Withdraw.To)
	}
	gone := func(name string) bool { return !led[name] }
	g.d.States = slices.DeleteFunc(g.d.States, func(s *State) bool { return gone(s.Name) })
	if g.d.Withdraw != nil {
		g.d.Withdraw.Before = slices.DeleteFunc(g.d.Withdraw.Before, gone)
	}
	if !slices.ContainsFunc(g.d.States, func(s *State) bool { return s.Join != nil }) {
		g.d.Children = nil
	}
}
