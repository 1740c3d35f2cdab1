package sandbox

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// Lacks tells what definitions rest on and the registries of the sandbox do not
// have: kinds of the catalogue of elements that nobody answers, and operations that
// messages ask for.
func Lacks(c *procedures.Catalogue, d *world.Data) []string {
	var out []string
	for _, name := range c.Elements.Order {
		k := c.Elements.Kinds[name]
		if k.Registry != resident.Registry && !slices.Contains(d.Kinds(k.Registry), name) {
			out = append(out, fmt.Sprintf("registry %s answers no %s", k.Registry, name))
		}
	}
	for _, p := range c.All() {
		for _, name := range slices.Sorted(maps.Keys(p.Messages)) {
			m := p.Messages[name]
			if !slices.Contains(d.Operations(m.To), m.Operation) {
				out = append(out, fmt.Sprintf("%s, message %s: registry %s does no %s", p.ID, name, m.To, m.Operation))
			}
		}
	}
	return out
}
