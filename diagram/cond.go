package diagram

import (
	"fmt"
	"strings"
)

// allowed is a guard as one CEL condition; the author's own comes last, as written.
func (g *guard) allowed() string {
	var all []string
	if g.Role != "" {
		all = append(all, g.hasRole())
	}
	if bar := g.barred(); bar != "" {
		all = append(all, "!("+bar+")")
	}
	switch {
	case g.When == "":
	case len(all) == 0:
		return g.When
	default:
		all = append(all, "("+g.When+")")
	}
	return strings.Join(all, " && ")
}

// heldUp holds when the actor may not take the transition although its condition holds.
func (g *guard) heldUp() string {
	var any []string
	if g.Role != "" {
		any = append(any, "!("+g.hasRole()+")")
	}
	if bar := g.barred(); bar != "" {
		if g.When != "" {
			bar = "(" + g.When + ") && (" + bar + ")"
		}
		any = append(any, bar)
	}
	return strings.Join(any, " || ")
}

func (g *guard) hasRole() string { return quoted(string(g.Role)) + " in actor.roles" }

// barred holds when it was taken as often as it may be, or when the actor did what
// excludes it.
func (g *guard) barred() string {
	var any []string
	if g.Max > 0 {
		any = append(any, fmt.Sprintf("%s in case.visits && case.visits[%[1]s] >= %d", quoted(g.Step), g.Max))
	}
	for _, e := range g.Unlike {
		any = append(any, quoted(string(e))+" in actor.did")
	}
	return strings.Join(any, " || ")
}

// quoted is a name as a CEL string; names have no quotes.
func quoted(s string) string { return "'" + s + "'" }
