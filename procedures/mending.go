package procedures

import "slices"

// Changing are the procedures that make one of some types of change of the
// resident database: the services first, each group in the order of the catalogue.
func (c *Catalogue) Changing(types []string) []*Procedure {
	var services, internal []*Procedure
	for _, p := range c.All() {
		for _, ch := range p.Changes {
			if !slices.Contains(types, ch.Type) {
				continue
			}
			if p.Internal {
				internal = append(internal, p)
			} else {
				services = append(services, p)
			}
			break
		}
	}
	return append(services, internal...)
}
