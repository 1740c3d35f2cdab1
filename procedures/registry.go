package procedures

import "github.com/hoso-gov/hoso/workflow"

// Registry is the title of a registry of the element catalogue.
func (p *Procedure) Registry(name string) (workflow.Text, bool) {
	if p.elements == nil {
		return workflow.Text{}, false
	}
	t, ok := p.elements.Registries[name]
	return t, ok
}
