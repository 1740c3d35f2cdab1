package diagram

import (
	"github.com/hoso-gov/hoso/workflow"
)

// An option is one line of a list that another engine tries from the top. Ours
// stops at the first transition whose condition holds, also when the actor may
// not take it; the others would go on to the next. So a transition that somebody
// may be barred from is followed by an option that leads nowhere.
type option struct {
	guard  *guard               // nil: always
	t      *workflow.Transition // nil: refused here
	refuse bool
}

// A guard is everything that has to hold before a transition is taken.
type guard struct {
	Role   workflow.Role    // whoever acts has it; empty: the system acts, or anybody
	When   string           // CEL; empty: always
	Step   string           // "state.event": how it is counted
	Max    int              // how often it may be taken; 0: any number
	Unlike []workflow.Event // the actor did none of these before
}

// options are a list of transitions as another engine tries it. step counts them.
func options(ts []*workflow.Transition, step string) []option {
	var out []option
	for i, t := range ts {
		g := guard{Role: t.By, Step: step, Max: t.Max, Unlike: t.Unlike}
		if t.When != nil {
			g.When = t.When.Source
		}
		take := option{guard: &g, t: t}
		barred := g.Role != "" || g.Max > 0 || len(g.Unlike) > 0
		if !barred && g.When == "" {
			take.guard = nil
		}
		out = append(out, take)
		if barred && i < len(ts)-1 {
			out = append(out, option{guard: &g, refuse: true})
		}
	}
	return out
}
