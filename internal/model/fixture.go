package model

// licence is a definition that a person wrote: a small licence with a
// supplement, four eyes, a registry at the end, and sub-cases. The tests of races,
// of histories and of databases that refuse are about it.
func licence() *Def {
	window := Span{9, "d"}
	opinion := func(id string) *Def {
		return &Def{ID: id, Internal: true, File: []Arrow{{To: "asking", Effects: []Effect{{"notify", "hello"}}}}, Withdraw: &Withdraw{To: "cancelled"}, States: []*State{
			{Name: "asking", Kind: "wait", For: "applicant", Actions: []Choice{
				{Event: "agree", Arrows: []Arrow{{To: "agreed"}}}, {Event: "disagree", Arrows: []Arrow{{To: "disagreed"}}}},
				After: []Choice{{Event: window.String(), Delay: window, Arrows: []Arrow{{To: "lapsed", Effects: []Effect{{"notify", "done"}}}}}}},
			{Name: "agreed", Kind: "final", Outcome: "agreed"},
			{Name: "disagreed", Kind: "final", Outcome: "disagreed", Negative: true},
			{Name: "lapsed", Kind: "final", Outcome: "lapsed", Negative: true},
			{Name: "cancelled", Kind: "final", Outcome: "cancelled", Negative: true}}}
	}
	a, b := opinion("licence-first"), opinion("licence-second")
	return &Def{ID: "licence", Limit: Span{20, "wd"}, Starts: "intake.accept", Children: []*Def{a, b},
		File:     []Arrow{{To: "intake", Effects: []Effect{{"notify", "hello"}}}},
		Withdraw: &Withdraw{To: "withdrawn", Before: []string{"recording", "repair"}},
		States: []*State{
			{Name: "intake", Kind: "task", Owner: "reception", Within: Span{1, "wd"}, Clock: "off", Actions: []Choice{
				{Event: "accept", Arrows: []Arrow{{To: "opinions", When: &Guard{Op: askKind, Word: "red"}}, {To: "examine", Effects: []Effect{{"notify", "hello"}}}}},
				{Event: "note", Arrows: []Arrow{{To: "intake", Max: 3, Needs: []string{"note"}}}}}},
			{Name: "opinions", Kind: "subcases", Clock: "paused", Open: []Slot{{Name: "first", Of: a}, {Name: "second", Of: b}},
				Join: &Join{Rule: "all", OK: []string{"agreed"}, Window: window, Then: "examine", Refused: "examine", Late: "examine"}},
			{Name: "examine", Kind: "task", Owner: "handler", Within: Span{5, "wd"}, Actions: []Choice{
				{Event: "ask", Arrows: []Arrow{{To: "supplement", Max: 2, Effects: []Effect{{"notify", "hello"}}}}},
				{Event: "propose", Arrows: []Arrow{{To: "approve", Needs: []string{"note"}}}}}},
			{Name: "supplement", Kind: "wait", For: "applicant", Clock: "paused",
				Actions: []Choice{{Event: "supply", Arrows: []Arrow{{To: "examine"}}}},
				Signals: []Choice{{Event: "ping", Arrows: []Arrow{{To: "examine"}}}},
				After:   []Choice{{Event: "10d", Delay: Span{10, "d"}, Arrows: []Arrow{{To: "lapsed", Effects: []Effect{{"notify", "done"}}}}}}},
			{Name: "approve", Kind: "task", Owner: "approver", Within: Span{2, "wd"}, Actions: []Choice{
				{Event: "grant", Arrows: []Arrow{{To: "recording", Unlike: "propose", Effects: []Effect{{"send", ask}}}}},
				{Event: "return", Arrows: []Arrow{{To: "examine", Max: 2}}},
				{Event: "refuse", Arrows: []Arrow{{To: "refused", Needs: []string{"grounds"}, Effects: []Effect{{"notify", "done"}}}}}},
				After: []Choice{{Event: "4wd", Delay: Span{4, "wd"}, Arrows: []Arrow{{To: "late"}}}}},
			{Name: "late", Kind: "task", Owner: "handler", Within: Span{1, "wd"}, Actions: []Choice{
				{Event: "hand-on", Arrows: []Arrow{{To: "recording", Effects: []Effect{{"send", ask}}}}}}},
			{Name: "recording", Kind: "wait", For: "land", FinalAct: true,
				Signals: []Choice{{Event: askDone, Arrows: []Arrow{{To: "granted", Effects: []Effect{{"notify", "done"}}}}}, {Event: askRefused, Arrows: []Arrow{{To: "repair"}}}},
				After:   []Choice{{Event: "4h", Delay: Span{4, "h"}, Arrows: []Arrow{{To: "repair"}}}}},
			{Name: "repair", Kind: "task", Owner: "handler", Within: Span{1, "wd"}, Actions: []Choice{{Event: "by-hand", Arrows: []Arrow{{To: "granted", Unlike: "grant", Effects: []Effect{{"notify", "done"}}}}}}},
			{Name: "granted", Kind: "final", Outcome: "granted"},
			{Name: "refused", Kind: "final", Outcome: "refused", Negative: true},
			{Name: "lapsed", Kind: "final", Outcome: "lapsed", Negative: true},
			{Name: "withdrawn", Kind: "final", Outcome: "withdrawn", Negative: true}}}
}

// somebody is one of those who try.
func somebody(id string) Actor {
	for _, p := range people {
		if p.ID == id {
			return p
		}
	}
	panic("nobody is called " + id)
}

// does is a command of somebody.
func does(id int, who, event string) Command {
	return Command{Kind: "act", ID: id, Who: somebody(who), Event: event, In: Input{Note: "so", Grounds: true}}
}
