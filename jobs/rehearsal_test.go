package jobs

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
)

// moveFirst lets the fixture write the resident database first, and then the land registry.
var moveFirst = []string{
	"to: entering, needs: [judgements], fresh: [subjects.place], effects: [send: enter]", "to: moving, needs: [judgements], fresh: [subjects.place], effects: [update-resident: move]",
	"entered: {to: moving, effects: [update-resident: move]}", "entered: {to: granted, effects: [issue-result, notify: done]}",
	"      by-hand: {title", "      again: {title: {vi: Ghi lại, en: Again}, to: entering, max: 2, effects: [send: enter]}\n      by-hand: {unlike: grant, title",
}

// What would fail once the decision is made refuses the decision, says why in
// both languages, and writes nothing; what would not fail leaves no trace either.
func TestRehearsal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change []string
		rule   string // empty: it may be granted
	}{
		{"sound", nil, ""},
		{"the registry would refuse", []string{`head: "''"`, `head: "'` + binh + `'"`}, "head-elsewhere"},
		{"a value cannot be evaluated", []string{`head: "''"`, `head: "string(100 / (form.stall.size - 2))"`}, "rehearsal"},
		{"the result cannot be written", []string{"{form.stall.size} m²", "{100 / (form.stall.size - 2)} m²"}, "rehearsal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, append(append([]string{}, moveFirst...), tt.change...)...)
			c := h.file(2)
			h.act(officer("reception", c), c.Code, "accept", cases.Input{})
			h.drain()
			h.act(citizen(binh), cases.Code(one[string](h, `SELECT code FROM cases WHERE parent_id = $1`, c.ID)), "agree", cases.Input{})
			h.drain()
			before := one[int](h, `SELECT revision FROM cases WHERE id = $1`, c.ID)
			_, err := h.cases.Act(t.Context(), officer("handler", c), cases.Command{Code: c.Code, ID: uuid.New(), Event: "grant",
				Input: cases.Input{Judgements: []cases.Judgement{{Item: "stall", Verdict: cases.Satisfied}}}})
			if n := one[int](h, `SELECT count(*) FROM resident_changes`); n != 0 {
				t.Errorf("the rehearsal left %d changes behind", n)
			}
			if tt.rule == "" {
				must(t, err)
				h.drain()
				if n := one[int](h, `SELECT count(*) FROM resident_changes`); n != 1 || h.state(c) != "granted" {
					t.Errorf("%d changes, the case is %s", n, h.state(c))
				}
				return
			}
			invalid, ok := errors.AsType[*cases.InvalidError](err)
			if !ok || invalid.Problems[0].Rule != tt.rule || invalid.Problems[0].VI == "" || invalid.Problems[0].EN == "" {
				t.Fatalf("got %v, want it refused: %s", err, tt.rule)
			}
			if after := one[int](h, `SELECT revision FROM cases WHERE id = $1`, c.ID); after != before || h.state(c) != "examine" {
				t.Errorf("the case is %s at revision %d, was at %d", h.state(c), after, before)
			}
		})
	}
}
