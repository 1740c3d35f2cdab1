package procedures

import "fmt"

// extension: a term is lengthened in its own unit. Days, working days and
// hours are never turned into each other.
func (x *crosser) extension() {
	by := x.f.workflow.get("extend").get("up-to")
	if by == nil {
		return
	}
	for _, row := range x.f.procedure.get("limits").list() {
		limit := row.get("limit")
		if term := duration(limit.str()); term.Unit != duration(by.str()).Unit {
			x.report("EXTEND", by, fmt.Sprintf("an extension of up to %s does not fit a term of %s", by.str(), limit.str()), fmt.Sprintf("write it in the unit of the terms, as 5%s", term.Unit))
			return
		}
	}
}
