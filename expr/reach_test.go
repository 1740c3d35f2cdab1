package expr

import (
	"strings"
	"testing"
)

// What is taken from a list or map by its place is there when the place is
// bounded, and a field of it when every item has the field.
func TestReach(t *testing.T) {
	tier := &Type{Kind: Object, Name: "tier", Fields: map[string]*Type{"to": intType, "note": textType}}
	e, err := NewEnv(map[string]*Type{"n": intType, "tables": {Kind: Object, Name: "tables", Fields: map[string]*Type{
		"ladder": {Kind: List, Elem: intType}, "tiers": {Kind: List, Elem: tier}, "wage": {Kind: Map, Elem: intType}, "plan": {Kind: Map, Elem: textType}}}})
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{"n": true, "tables.ladder": true, "tables.ladder.0": true, "tables.ladder.4": true, "tables.tiers": true,
		"tables.tiers.0": true, "tables.tiers[].to": true, "tables.wage": true, "tables.wage.I": true, "tables.plan!.end": true}
	sure := func(path string) bool { return there[path] }
	for _, tt := range []struct{ source, at string }{
		{"tables.ladder[0] + 1", ""},
		{"tables.ladder[9] + 1", "[9]"},
		{"nth(tables.ladder, 4) + 1", ""},
		{"nth(tables.ladder, n) + 1", "nth"},
		{"nth(tables.ladder, least(n, 4)) + 1", "nth"},
		{"nth(tables.ladder, most(0, least(n, 4))) + 1", ""},
		{"nth(tables.ladder, most(0, least(n, 5))) + 1", "nth"},
		{"range(n).map(i, nth(tables.ladder, least(i, 4)) * 2)", ""},
		{"range(n).map(i, nth(tables.ladder, least(i, 4) - 1) * 2)", "nth"},
		{"has(nth(tables.ladder, n)) ? nth(tables.ladder, n) + 1 : 0", ""},
		{"has(nth(tables.ladder, n)) ? nth(tables.ladder, n + 1) + 1 : 0", "nth(tables.ladder, n + 1)"},
		{"tables.wage['I'] + 1", ""},
		{"tables.wage['II'] + 1", "['II']"},
		{"tables.tiers.map(t, t.to * 2)", ""},
		{"tables.tiers.filter(t, t.to > n).map(t, t.to * 2)", ""},
		{"tables.tiers.map(t, t.note + 'x')", "t.note"},
		{"nth(tables.tiers, 0).to + 1", ""},
		{"nth(tables.tiers, 1).to + 1", "nth"},
		{"nth(tables.tiers, 0).note + 'x'", "nth"},
		{"sum(tables.tiers.map(t, t.to)) > 1", ""},
		{"sum(tables.ladder.map(i, nth(tables.ladder, i))) > 1", "nth(tables.ladder, i)"},
		{"tables.plan.end + ''", "tables.plan.end"},
		{"tables.plan == null ? '' : tables.plan.end + ''", ""},
		{"tables.plan == null ? '' : tables.plan.begin + ''", "tables.plan.begin"},
		{"sum([1, nth(tables.ladder, n)]) > 1", "nth"},
	} {
		p, err := e.Compile(tt.source, nil)
		if err != nil {
			t.Fatal(tt.source, err)
		}
		found := p.Unguarded(sure)
		switch {
		case tt.at == "" && found != nil:
			t.Errorf("%s: %v", tt.source, found)
		case tt.at != "" && found == nil:
			t.Errorf("%s: nothing is found", tt.source)
		case tt.at != "" && !strings.HasPrefix(tt.source[found.Column-1:], tt.at):
			t.Errorf("%s: found at column %d: %v", tt.source, found.Column, found)
		}
	}
}
