// Package shipped holds the procedures that the binary carries, loaded once for
// all tests of a package: with the race detector a load takes half a minute. Who
// changes a catalogue loads one of its own.
package shipped

import (
	"sync"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Procedures are the definitions as a node runs them, WithScenarios as
// `hoso test` plays them. What is wrong with them is for the tests of package
// procedures, and for `hoso check`.
var (
	Procedures    = sync.OnceValue(func() *procedures.Catalogue { return faultless(procedures.LoadToRun(procedures.FS)) })
	WithScenarios = sync.OnceValue(func() *procedures.Catalogue { return faultless(procedures.LoadToPlay(procedures.FS)) })
)

func faultless(c *procedures.Catalogue, findings []workflow.Finding) *procedures.Catalogue {
	for _, f := range findings {
		if !f.Warning {
			panic("the procedures cannot run: " + f.String())
		}
	}
	return c
}
