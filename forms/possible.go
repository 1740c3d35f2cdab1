package forms

import "github.com/hoso-gov/hoso/logic"

// Possibilities tells of conditions whether they can be true of any case that
// the form takes. A no is a proof; a yes may be wrong where two values depend on
// each other in a way that nothing states.
func (f *Form) Possibilities(in Proving) func(*logic.Formula) bool { return newWorld(f, in).possible }
