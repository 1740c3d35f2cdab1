package procedures

import (
	"fmt"

	"github.com/hoso-gov/hoso/workflow"
)

// taken notes that a scenario takes an action of a procedure.
func (l *loader) taken(f *folder, do *node) {
	if do == nil {
		return
	}
	if l.takes == nil {
		l.takes = map[ID]map[string]bool{}
	}
	if l.takes[f.id] == nil {
		l.takes[f.id] = map[string]bool{}
	}
	l.takes[f.id][do.str()] = true
}

// coverage: every action of a procedure that scenarios play is taken in one of
// them. It is what can be seen without playing: what is really covered, and of
// signals, time-outs and conditions too, `hoso test` measures on the engine.
func (l *loader) coverage() {
	for _, id := range l.order {
		f := l.folders[id]
		if l.takes[id] == nil || f.workflow == nil || !f.flowShaped {
			continue
		}
		for _, s := range f.workflow.get("states").entries() {
			for _, a := range s.value.get("actions").entries() {
				if !l.takes[id][a.key] {
					l.add(workflow.Finding{Code: "TESTS", File: f.file(workflowFile), Line: a.line, Column: a.col, Warning: true,
						Message: fmt.Sprintf("no scenario takes %s in %s", a.key, s.key), Remedy: "add a scenario that does; hoso test prints the shortest one"})
				}
			}
		}
	}
}
