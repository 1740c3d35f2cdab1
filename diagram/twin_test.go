package diagram

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

// A twin is a machine whose conditions are letters that a test sets: the machine
// decides as before, over truths that are drawn.
type twin struct {
	*workflow.Machine
	conditions []string // CEL, by number
}

// newTwin copies a machine and puts a variable in the place of each condition;
// the same text has the same variable.
func newTwin(t *testing.T, m *workflow.Machine) *twin {
	t.Helper()
	w := &twin{}
	number := map[string]int{}
	note := func(p *expr.Program) {
		if p != nil {
			if _, ok := number[p.Source]; !ok {
				number[p.Source] = len(w.conditions)
				w.conditions = append(w.conditions, p.Source)
			}
		}
	}
	each(m, func(p **expr.Program) { note(*p) })
	fields := map[string]*expr.Type{}
	for i := range w.conditions {
		fields[letter(i)] = &expr.Type{Kind: expr.Bool}
	}
	env, err := expr.NewEnv(map[string]*expr.Type{"g": {Kind: expr.Object, Name: "g", Fields: fields}})
	if err != nil {
		t.Fatal(err)
	}
	w.Machine = clone(m)
	each(w.Machine, func(p **expr.Program) {
		if *p == nil {
			return
		}
		put, err := env.Compile("g."+letter(number[(*p).Source]), &expr.Type{Kind: expr.Bool})
		if err != nil {
			t.Fatal(err)
		}
		*p = put
	})
	return w
}

func letter(i int) string { return fmt.Sprintf("t%d", i) }

// each visits every condition of a machine.
func each(m *workflow.Machine, visit func(**expr.Program)) {
	lists := [][]*workflow.Transition{m.File}
	for _, name := range m.Order {
		s := m.States[name]
		for _, e := range s.ActionOrder {
			lists = append(lists, s.Actions[e])
		}
		for _, a := range s.After {
			lists = append(lists, a.Then)
		}
		for _, e := range slices.Sorted(maps.Keys(s.Signals)) {
			lists = append(lists, s.Signals[e])
		}
		lists = append(lists, s.Choose)
		for _, c := range s.Open {
			visit(&c.When)
		}
	}
	for _, ts := range lists {
		for _, t := range ts {
			visit(&t.When)
		}
	}
}

// clone copies a machine as deep as its conditions stand.
func clone(m *workflow.Machine) *workflow.Machine {
	list := func(ts []*workflow.Transition) []*workflow.Transition {
		var out []*workflow.Transition
		for _, t := range ts {
			c := *t
			out = append(out, &c)
		}
		return out
	}
	events := func(in map[workflow.Event][]*workflow.Transition) map[workflow.Event][]*workflow.Transition {
		out := map[workflow.Event][]*workflow.Transition{}
		for e, ts := range in {
			out[e] = list(ts)
		}
		return out
	}
	c := *m
	c.File, c.States = list(m.File), map[workflow.State]*workflow.StateDef{}
	for name, s := range m.States {
		d := *s
		d.Actions, d.Signals, d.Choose, d.After, d.Open = events(s.Actions), events(s.Signals), list(s.Choose), nil, nil
		for _, a := range s.After {
			d.After = append(d.After, workflow.Timeout{Delay: a.Delay, Name: a.Name, Then: list(a.Then)})
		}
		for _, k := range s.Open {
			kid := *k
			d.Open = append(d.Open, &kid)
		}
		c.States[name] = &d
	}
	return &c
}
