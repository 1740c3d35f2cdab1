package model

import "slices"

// owe adds what every definition owes, and what random transitions would hardly
// ever have: a word to the applicant, an article where silence decides, a legal
// term that is never switched off, and a second person. Now and then a debt is
// not paid: the linter says whether it was one.
func (g *drawing) owe() {
	g.word()
	for _, pay := range []func(){g.silence, g.clocks, g.secondPerson} {
		if !g.chance(8) {
			pay()
		}
	}
}

// person is a task below, where somebody looks at what others did not answer.
func (g *drawing) person(i int) string {
	var tasks []string
	for _, s := range g.d.States {
		if k := slices.Index(g.names, s.Name); k > i && s.Kind == "task" {
			tasks = append(tasks, s.Name)
		}
	}
	return pickOf(g, append(tasks[:min(2, len(tasks))], "review")...)
}

// told is where a join leads to. A join says nothing to anybody: where it would
// end the case or wait for the applicant, a state between the two does.
func (g *drawing) told(name, to string) string {
	if s := g.d.state(to); s != nil && s.Kind != "wait" || to == "recording" {
		return to
	}
	g.d.States = append(g.d.States, &State{Name: name, Kind: "auto", Choose: []Arrow{{To: to}}})
	return name
}

// word tells the applicant of each end and of each wait for them, unless they
// bring it about themselves.
func (g *drawing) word() {
	for _, s := range g.d.States {
		for _, a := range s.arrows() {
			to := g.d.state(a.To)
			if to.Kind != "final" && to.For != "applicant" || a.By == "applicant" || notifies(a) || g.chance(50) {
				continue
			}
			if s.For == "applicant" && slices.ContainsFunc(s.Actions, func(c Choice) bool { return slices.Contains(pointers(c.Arrows), a) }) {
				continue
			}
			a.Effects = append(a.Effects, Effect{"notify", pickOf(g, "hello", "done")})
		}
	}
}

func notifies(a *Arrow) bool {
	return slices.ContainsFunc(a.Effects, func(e Effect) bool { return e.Type == "notify" })
}

// silence names the article where a time-out decides.
func (g *drawing) silence() {
	for _, s := range g.d.States {
		for _, c := range s.After {
			for _, a := range pointers(c.Arrows) {
				a.Tacit = slices.ContainsFunc(g.d.rests(a.To), func(s *State) bool { return s.Outcome == "granted" || s.Outcome == "refused" })
			}
		}
	}
}

// rests are the states where a case that is led to a state comes to rest.
func (d *Def) rests(to string) []*State {
	s := d.state(to)
	if s.Kind != "auto" {
		return []*State{s}
	}
	var out []*State
	for _, a := range s.Choose {
		out = append(out, d.rests(a.To)...)
	}
	return out
}

// clocks switches the clock off where the legal term has not started, and on
// where it may have been running before.
func (g *drawing) clocks() {
	var starts []string
	for _, s := range g.d.States {
		for _, c := range s.Actions {
			for _, a := range c.Arrows {
				if g.d.Starts == s.Name+"."+c.Event {
					starts = append(starts, a.To)
				}
			}
		}
	}
	if g.d.Starts == "file" {
		for _, a := range g.d.File {
			starts = append(starts, a.To)
		}
	}
	if starts == nil {
		return
	}
	started := g.d.from(starts...)
	for _, s := range g.d.States {
		if s.Kind != "final" && s.Kind != "auto" && !started[s.Name] {
			s.Clock = "off"
		}
	}
	for again := true; again; {
		again = false
		for _, s := range g.d.States {
			if s.Kind == "final" || s.Kind == "auto" || s.Clock != "" || !started[s.Name] {
				continue
			}
			behind := g.d.from(s.next()...)
			for _, later := range g.d.States {
				if behind[later.Name] && later.Clock == "off" {
					later.Clock, again = "", true
				}
			}
		}
	}
}

// from are the states that a case may come to from some states on, and those.
func (d *Def) from(names ...string) map[string]bool {
	out := map[string]bool{}
	for len(names) > 0 {
		name := names[0]
		names = names[1:]
		if !out[name] {
			out[name] = true
			names = append(names, d.state(name).next()...)
		}
	}
	return out
}

// next are the states that a state leads to, but by a withdrawal.
func (s *State) next() []string {
	var out []string
	for _, a := range s.arrows() {
		out = append(out, a.To)
	}
	if j := s.Join; j != nil {
		out = append(out, j.Then, j.Refused, j.Late)
	}
	return out
}

// secondPerson lets what a registry was asked for not be confirmed by hand by who
// decided to ask.
func (g *drawing) secondPerson() {
	var decided []string
	for _, s := range g.d.States {
		for _, c := range s.Actions {
			for _, a := range c.Arrows {
				if a.To == "recording" && slices.Contains(a.Effects, Effect{"send", ask}) {
					decided = append(decided, c.Event)
				}
			}
		}
	}
	if repair := g.d.state("repair"); repair != nil && decided != nil {
		for _, a := range pointers(repair.choice("action", "grant")) {
			if a.Unlike == "" {
				a.Unlike = pickOf(g, decided...)
			}
		}
	}
}
