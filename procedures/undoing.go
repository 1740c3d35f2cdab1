package procedures

import "github.com/hoso-gov/hoso/workflow"

// Undoable says how an effect of the procedure can be taken back. Notices,
// receipts and letters leave nothing to take back; a result is withdrawn, an
// order cancelled or paid back, a change of the resident database reversed, and
// a message to a registry by the message that it names.
func (p *Procedure) Undoable(e workflow.Effect) workflow.Undoable {
	switch e.Type {
	case "issue-result":
		return workflow.Undoable{Acts: true, Reversible: true}
	case "request-payment":
		return workflow.Undoable{Acts: true, Reversible: true, Refused: "payment-failed"}
	case "update-resident":
		return workflow.Undoable{Acts: true, Reversible: true, Refused: "registry-refused"}
	case "send":
		if m := p.Messages[e.Name]; m != nil {
			return workflow.Undoable{Acts: true, Reversible: m.Undo != "", Refused: m.Refused}
		}
	}
	return workflow.Undoable{}
}

// undoing: a case that ends without success leaves nothing behind.
func (x *crosser) undoing() {
	if x.p.Machine != nil {
		x.l.add(workflow.CheckUndo(x.p.Machine, x.p.Undoable)...)
	}
}
