package chaos

import (
	"encoding/json"
	"fmt"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// grounds is what people know of the procedures that they act in.
type grounds struct{ catalogue *procedures.Catalogue }

func loadGrounds() (grounds, error) {
	catalogue, findings := procedures.LoadToRun(procedures.FS)
	for _, f := range findings {
		if !f.Warning {
			return grounds{}, fmt.Errorf("the definitions have mistakes: %s", f)
		}
	}
	return grounds{catalogue}, nil
}

// unwanted tells whether an act leads away from what the applicant wants.
func (g grounds) unwanted(procedure string, s workflow.State, e workflow.Event) bool {
	p, ok := g.catalogue.Get(procedures.ID(procedure))
	if !ok || e == "withdraw" {
		return true
	}
	def := p.Machine.States[s]
	if def == nil {
		return true
	}
	for _, t := range def.Actions[e] {
		to := p.Machine.States[t.To]
		if t.Style == "danger" || to != nil && to.Negative {
			return true
		}
		if t.Style == "primary" {
			return false
		}
	}
	return true
}

// grounds are the legal grounds of refusal.
func (g grounds) grounds(procedure string) (out []string) {
	if p, ok := g.catalogue.Get(procedures.ID(procedure)); ok {
		for _, x := range p.Grounds {
			out = append(out, x.ID)
		}
	}
	return out
}

// attachments are the papers that a procedure knows.
func (g grounds) attachments(procedure string) (out []string) {
	if p, ok := g.catalogue.Get(procedures.ID(procedure)); ok {
		for _, a := range p.Attachments {
			out = append(out, a.ID)
		}
	}
	return out
}

// idOf is the id in an answer; empty when it has none.
func idOf(answer []byte) string {
	var v struct{ ID string }
	if json.Unmarshal(answer, &v) != nil {
		return ""
	}
	return v.ID
}
