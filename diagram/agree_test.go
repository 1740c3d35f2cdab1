package diagram

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

var changes = flag.Int("changes", fewer(25), "changed machines to try of each procedure")

// fewer is n, or a tenth of it under the race detector; the whole is played without.
func fewer(n int) int {
	if raced {
		return n / 10
	}
	return n
}

// chance is the same in every run, and another one for each procedure.
func chance(p *procedures.Procedure) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(p.ID))
	return rand.New(rand.NewPCG(h.Sum64(), 4))
}

// Our engine and XState, on the exported machine, go the same way on random
// events: after every step both are in the same state, have the same effects in
// the same order, and remember the same visits, actors and sub-cases. Among the
// events are those that are refused (no such event, not the role, not the person,
// used up, ended), signals, time-outs, outcomes of sub-cases, withdrawals and
// cancellations.
//
// Whether a condition holds is drawn for each event and told to both, so that
// every branch is taken: what CEL makes of facts is not compared, XState knows no
// CEL. Time is not either: a time-out is an event. Nor is what package cases adds
// around a decision: input, fresh reading, the legal term, reminders.
func TestXStateAgrees(t *testing.T) {
	for _, p := range all(t) {
		t.Run(string(p.ID), func(t *testing.T) {
			t.Parallel()
			n := fewer(sequences)
			x, m, seen := startXState(t), newTwin(t, p.Machine), newCoverage()
			if err := x.load(xstate{words{p, "en"}}.machine(), m.conditions); err != nil {
				t.Fatal(err)
			}
			steps, found, err := x.compare(m, p, chance(p), n, seen)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range found[:min(3, len(found))] {
				t.Error(d)
			}
			if !raced {
				complete(t, m, seen)
			}
			fmt.Printf("%s: %d sequences, %d steps, %d differences\n", p.ID, n, steps, len(found))
		})
	}
}

// complete makes sure that the walks met everything in which the engines could part.
func complete(t *testing.T, m *twin, seen coverage) {
	t.Helper()
	for _, a := range arrows(m.Machine) {
		switch {
		case a.t == nil && seen.joined[a.to] == 0:
			t.Errorf("no walk left the join of %s to %s", a.from, a.to)
		case a.t != nil && seen.taken[a.t] == 0:
			t.Errorf("no walk took %s.%s to %s", a.from, a.event, a.to)
		case !seen.met(a):
			t.Errorf("no walk used up %s.%s", a.from, a.event)
		}
	}
	wanted := []string{workflow.ReasonEnded, workflow.ReasonRole}
	if open := slices.DeleteFunc(slices.Clone(m.Order), func(s workflow.State) bool { return m.States[s].Kind == workflow.Final }); len(open) > 1 {
		wanted = append(wanted, workflow.ReasonNone)
	}
	if len(m.conditions) > 0 {
		wanted = append(wanted, "error")
	}
	for _, reason := range wanted {
		if seen.refused[reason] == 0 {
			t.Errorf("no event was refused as %s", reason)
		}
	}
}

// The comparison can fail: a change of one place of an exported machine is seen.
// With -changes 1000 every place is tried; all are found.
func TestXStateMutantsAreFound(t *testing.T) {
	for _, p := range all(t) {
		t.Run(string(p.ID), func(t *testing.T) {
			t.Parallel()
			x, m := startXState(t), newTwin(t, p.Machine)
			var text bytes.Buffer
			if err := XState(&text, p, "en"); err != nil {
				t.Fatal(err)
			}
			every := mutants(t, text.Bytes(), p.Machine)
			found := 0
			tried := chosen(every, *changes, chance(p))
			for _, mu := range tried {
				if err := x.load(json.RawMessage(mu.machine), m.conditions); err != nil {
					t.Fatal(err)
				}
				killed := false
				for r, tries := chance(p), 0; !killed && tries < 400; tries++ {
					_, differ, err := x.compare(m, p, r, 50, newCoverage())
					if err != nil {
						t.Fatalf("%s: %v", mu.what, err)
					}
					killed = len(differ) > 0
				}
				if killed {
					found++
				} else {
					t.Errorf("nothing differs, and it should: %s", mu.what)
				}
			}
			fmt.Printf("%s: %d of %d changed machines tried, %d found\n", p.ID, len(tried), len(every), found)
		})
	}
}
