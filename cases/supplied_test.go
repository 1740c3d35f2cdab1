package cases

import (
	"bytes"
	"testing"
)

// Where a supplement leads to is decided by the answers that it brings.
func TestSupplyDecidesByNewAnswers(t *testing.T) {
	t.Parallel()
	tree := withSupplement(t)
	flow := tree["stall/workflow.yaml"]
	old := []byte("      supply: {title: {vi: Nộp bổ sung, en: Send the supplement}, to: examine}\n")
	if bytes.Count(flow.Data, old) != 1 {
		t.Fatal("supply is written otherwise")
	}
	flow.Data = bytes.Replace(flow.Data, old, []byte(`      supply:
        - {title: {vi: Nộp bổ sung, en: Send the supplement}, when: values.rent > 2700, to: examine}
        - {title: {vi: Nộp bổ sung, en: Send the supplement}, to: lapsed, effects: [notify: done]}
`), 1)
	for _, tt := range []struct {
		size int64
		to   string
	}{{4, "examine"}, {2, "lapsed"}} {
		o := newOfficeOf(t, tree)
		c := o.asked()
		o.act(lan, c, "supply", Input{Answers: map[string]any{"stall": map[string]any{"size": tt.size}}})
		if now := o.now1(c.ID); string(now.State) != tt.to {
			t.Errorf("with %d m² it is %s, want %s", tt.size, now.State, tt.to)
		}
	}
}
