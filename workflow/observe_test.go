package workflow

import "testing"

// An observer learns of every decision, of refusals too.
func TestObserveIsToldOfDecisions(t *testing.T) {
	m := &Machine{File: []*Transition{{To: "end"}}, States: map[State]*StateDef{"end": {Name: "end", Kind: Final}}}
	var took []State
	var refused int
	m.Observe = func(_ Input, d *Decision, err error) {
		if err != nil {
			refused++
			return
		}
		took = append(took, d.To)
	}
	if _, err := m.Decide(Input{Trigger: Trigger{Kind: ByFile}}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Decide(Input{State: "end", Trigger: Trigger{Kind: ByAction, Event: "again"}, System: true}); err == nil {
		t.Error("a case that has ended was moved")
	}
	if len(took) != 1 || took[0] != "end" || refused != 1 {
		t.Errorf("told of %v and %d refusals, want [end] and 1", took, refused)
	}
}
