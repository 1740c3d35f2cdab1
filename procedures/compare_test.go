package procedures

import (
	"strings"
	"testing"
	"testing/fstest"
)

// revised is the sound stall with one text of a file replaced.
func revised(t *testing.T, file, old, new string) *Procedure {
	t.Helper()
	tree := sound(t)
	src := string(tree[file].Data)
	if !strings.Contains(src, old) {
		t.Fatalf("%s has no %q", file, old)
	}
	tree[file] = &fstest.MapFile{Data: []byte(strings.Replace(src, old, new, 1))}
	c, _ := LoadOn(tree, testDay)
	p, ok := c.On("stall", testDay)
	if !ok {
		t.Fatal("the revised stall does not load")
	}
	return p
}

// Each change is told once, where it stands, with what it means for open cases.
func TestCompare(t *testing.T) {
	old := stall(t)
	for _, tt := range []struct {
		name, file, old, new string
		path, kind           string
		class                Compatibility
		part                 DifferencePart
	}{
		{"a label", proc, "Mở sạp hàng", "Mở quầy hàng", "name", "changed", Safe, PartText},
		{"a fee", proc, "20000", "25000", "fees.*.amount", "changed", Safe, PartFee},
		{"a figure", proc, "small: 900", "small: 950", "tables.metre.rows.*.value", "changed", NeedsPlan, PartFigure},
		{"a figure to come", proc, "      - {from: 2026-01-01, value", "      - {from: 2018-01-01, until: 2018-12-31, value: {small: 1, big: 2}, law: Luật Chợ}\n      - {from: 2026-01-01, value", "tables.metre.rows.*", "added", Safe, PartFigure},
		{"how a value is computed", proc, "? 0 : values.rent", "? 1 : values.rent", "values.monthly.is", "changed", NeedsPlan, PartFigure},
		{"a term", proc, "limit: 7wd", "limit: 8wd", "limits.*.limit", "changed", Safe, PartLimit},
		{"another kind of subject", proc, "place: {kind: parcel", "place: {kind: person", "subjects.place.kind", "changed", Forbidden, PartSubject},
		{"a condition of a variant", proc, "when: form.stall.size < 5", "when: form.stall.size < 6", "variants.small.when", "changed", NeedsPlan, PartVariant},
		{"a message to another", proc, "operation: enter-stall", "operation: put-stall", "messages.enter.operation", "changed", NeedsPlan, PartOutward},
		{"a budget up", flow, "within: 5wd", "within: 6wd", "states.*.within", "changed", Safe, PartState},
		{"a budget down", flow, "within: 5wd", "within: 4wd", "states.*.within", "changed", NeedsPlan, PartState},
		{"a question of another type", form, `"type": "integer"`, `"type": "string"`, "/stall/*/type", "changed", Forbidden, PartField},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := Compare(old, revised(t, tt.file, tt.old, tt.new))
			if len(found) != 1 {
				t.Fatalf("%d differences: %+v", len(found), found)
			}
			d := found[0]
			if !like(tt.path, d.Path) || string(d.Kind) != tt.kind || d.Class != tt.class || d.Part != tt.part {
				t.Errorf("%s %s %s %s, want %s %s %s %s", d.Path, d.Kind, d.Class, d.Part, tt.path, tt.kind, tt.class, tt.part)
			}
			if d.File != tt.file || d.Line == 0 || d.Column == 0 || d.Title.VI == "" || d.Title.EN == "" || d.Before == d.After {
				t.Errorf("it is not told: %+v", d)
			}
			if (d.Class == NeedsPlan || d.Class == Forbidden) != (d.Because.VI != "" && d.Because.EN != "") {
				t.Errorf("because: %+v", d.Because)
			}
		})
	}
	if found := Compare(old, old); found != nil || Worst(found) != Same {
		t.Errorf("a version differs from itself: %+v", found)
	}
}

func like(pattern, path string) bool {
	sep := "."
	if strings.HasPrefix(pattern, "/") {
		sep = "/"
	}
	return fits(strings.Split(pattern, sep), strings.Split(path, sep))
}

// What a version adds another lacks: comparing the other way round tells the
// same places, with before and after exchanged.
func TestCompareBackwards(t *testing.T) {
	old := stall(t)
	for _, edit := range [][3]string{
		{flow, "    within: 5wd\n", "    within: 5wd\n    clock: \"off\"\n"},
		{proc, "  - id: drawing\n", "  - id: plan\n    title: {vi: Sơ đồ, en: Plan}\n    because: {vi: Cần, en: Needed}\n    law: Luật Chợ\n  - id: drawing\n"},
	} {
		new := revised(t, edit[0], edit[1], edit[2])
		there, back := Compare(old, new), Compare(new, old)
		if len(there) != 1 || len(back) != 1 {
			t.Fatalf("%d and %d differences", len(there), len(back))
		}
		a, b := there[0], back[0]
		if a.Path != b.Path || a.Kind != Added || b.Kind != Removed || a.Before != b.After || a.After != b.Before {
			t.Errorf("there %+v, back %+v", a, b)
		}
	}
}

// Every rule of the comparison is reached by some path, and a reason stands
// where one is owed.
func TestChangeRules(t *testing.T) {
	for name, rules := range map[string][]changeRule{"procedure": procedureRules, "workflow": workflowRules, "elements": elementRules} {
		for i, r := range rules {
			path := strings.ReplaceAll(strings.ReplaceAll(r.at, "**", "x.y"), "*", "x")
			if got := ruleOf(path, rules); got != &rules[i] && !strings.Contains(r.at, "*") {
				t.Errorf("%s: %s is never reached", name, r.at)
			}
			grave := r.by != nil || r.on != nil
			for _, c := range []Compatibility{r.added, r.removed, r.changed} {
				grave = grave || c == NeedsPlan || c == Forbidden
			}
			if grave != (r.because.VI != "" && r.because.EN != "") {
				t.Errorf("%s: %s: because is %+v", name, r.at, r.because)
			}
		}
	}
}
