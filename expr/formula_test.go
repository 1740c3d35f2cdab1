package expr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/logic"
)

func condition(t *testing.T, source string) *logic.Formula {
	t.Helper()
	p, err := sampleEnv(t).Compile(source, boolType)
	if err != nil {
		t.Fatal(err)
	}
	return p.Formula()
}

// Conditions that cannot hold together are seen to, however they are written.
func TestFormula(t *testing.T) {
	for _, tt := range []struct {
		a, b     string
		together bool
	}{
		{"form.household.mode == 'join'", "form.household.mode != 'join'", false},
		{"form.household.mode == 'join'", `!("join" == form.household.mode)`, false},
		{"form.household.mode == 'join'", "form.household.mode in ['new', 'other']", false},
		{"form.household.mode == 'join'", "form.household.mode in ['new', 'join']", true},
		{"form.household.mode == 'join'", "form.household.mode == null", false},
		{"has(form.household.mode)", "form.household.mode == ''", false},
		{"form.household.mode == 'join'", "!has(form.household.mode)", false},
		{"form.household.mode == 'join'", "form.household.headNumber == 'join'", true},
		{"form.household.alone == true", "form.household.alone != true", false},
		{"form.household.alone", "!form.household.alone", false},
		{"age(subjects.mover.birthDate, today) < 6", "age(subjects.mover.birthDate, today) >= 6", false},
		{"age(subjects.mover.birthDate, today) < 6", "16 <= age( subjects.mover.birthDate,today )", false},
		{"age(subjects.mover.birthDate, today) < 16", "age(subjects.mover.birthDate, today) >= 6", true},
		{"today >= '2026-08-15'", "today < '2026-01-01'", false},
		{"size(subjects.land.owners) == 1", "size(subjects.land.owners) > 1", false},
		{"subjects.land.owners.exists(o, o.status == 'dead')", "!subjects.land.owners.exists(o, o.status == 'dead')", false},
		{"subjects.land.owners.exists(o, o.status == 'dead')", "!subjects.land.owners.exists(o, o.status == 'minor')", true},
		{"subjects.mover.number == form.household.headNumber", "form.household.headNumber != subjects.mover.number", false},
		{"sameAddress(form.dwelling.address, subjects.mover.permanentAddress)", "!sameAddress(form.dwelling.address, subjects.mover.permanentAddress)", false},
		{"form.household.alone == true ? variant == 'a' : variant == 'b'", "variant == 'c'", false},
		{"form.household.alone == true ? variant == 'a' : variant == 'b'", "form.household.alone == true && variant == 'b'", false},
		{"(form.household.mode == 'join') == (variant == 'a')", "form.household.mode == 'join' && variant != 'a'", false},
		{"form.household.mode in [form.household.headNumber, 'new']", "form.household.mode == 'new'", true},
		{"'a' in form.household.children", "!('a' in form.household.children)", false},
		{"case.fee > -5", "case.fee <= -5", false},
	} {
		a, b := condition(t, tt.a), condition(t, tt.b)
		if got := logic.Possible(logic.And(a, b)); got != tt.together {
			t.Errorf("%s && %s: got %v, want %v", tt.a, tt.b, got, tt.together)
		}
		if !logic.Possible(a) || !logic.Possible(b) {
			t.Errorf("%s or %s alone is taken for impossible", tt.a, tt.b)
		}
	}
}

// A formula that excludes a world is never true in it: what the machine would
// evaluate to true is possible, with its values fixed.
func TestFormulaErrsOnOneSide(t *testing.T) {
	for _, source := range []string{
		"form.household.mode == 'join' && !form.household.alone", "form.household.count >= 3 || form.household.alone",
		"form.household.headNumber == null ? form.household.mode != null : form.household.mode == 'new'",
		"form.household.mode in ['join', 'new'] == (form.household.headNumber == null)", "form.household.mode < 'k'",
	} {
		p, err := sampleEnv(t).Compile(source, boolType)
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range []any{nil, "join", "new", "x"} {
			for _, alone := range []any{nil, true, false} {
				for _, head := range []any{nil, "1"} {
					for _, count := range []any{nil, 2, 3, 4} {
						world := map[string]any{"mode": mode, "alone": alone, "headNumber": head, "count": count}
						is, err := p.Bool(map[string]any{"form": map[string]any{"household": world}})
						at := []*logic.Formula{p.Formula()}
						for name, v := range world {
							if n, ok := v.(int); ok {
								v = float64(n)
							}
							at = append(at, logic.Equals("form.household."+name, v))
						}
						if err == nil && is != logic.Possible(logic.And(at...)) {
							t.Errorf("%s is %v in %v, and possible: %v", source, is, world, !is)
						}
					}
				}
			}
		}
	}
}

// The cases of a value come with their conditions and what each reads.
func TestBranches(t *testing.T) {
	p, err := sampleEnv(t).Compile("form.household.mode == 'new' ? '' : form.household.mode == 'join' ? form.household.headNumber + ':' + subjects.mover.number : subjects.land.owners[0].number", textType)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range p.Branches() {
		got = append(got, fmt.Sprintf("%s joined=%v empty=%v new=%v", strings.Join(b.Refs, "+"), b.Joined, b.Empty,
			logic.Possible(logic.And(b.When, logic.Equals("form.household.mode", "new")))))
	}
	want := []string{" joined=true empty=true new=true", "form.household.headNumber+subjects.mover.number joined=true empty=false new=false",
		"subjects.land.owners joined=false empty=false new=false"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
