package expr

import (
	"strings"
	"testing"
)

// What an expression takes for granted is found where it is read, and a guard
// before it is believed.
func TestUnguarded(t *testing.T) {
	e := sampleEnv(t)
	sure := func(path string) bool { return path == "today" || path == "case.fee" }
	for _, tt := range []struct {
		source string
		at     string // begins where the mistake stands; empty: none
	}{
		{"case.fee > 0", ""},
		{"form.household.count > 0", "form.household.count"},
		{"form.household.count != null && form.household.count > 0", ""},
		{"has(form.household.count) && form.household.count > 0", ""},
		{"form.household.count == null || form.household.count > 0", ""},
		{"form.household.count == null && form.household.count > 0", "form.household.count > 0"},
		{"form.household.count != null || form.household.count > 0", "form.household.count > 0"},
		{"form.household.count > 0 && form.household.count < 9", "form.household.count > 0"},
		{"!(form.household.count == null) && form.household.count > 0", ""},
		{"form.household.mode == 'join' || form.household.count == null || form.household.count > 0", ""},
		{"form.household.count == 4 ? form.household.count > 3 : false", ""},
		{"form.household.count == null ? false : form.household.count > 3", ""},
		{"form.household.count in [1, 2] && form.household.count > 1", ""},
		{"form.household.alone", "form.household.alone"},
		{"form.household.alone == true", ""},
		{"!form.household.alone", "form.household.alone"},
		{"form.household.mode.startsWith('j')", "form.household.mode"},
		{"form.household.mode == '' && form.household.mode.startsWith('j')", "form.household.mode.starts"},
		{"form.household.mode != '' && form.household.mode.startsWith('j')", ""},
		{"age(subjects.mover.birthDate, today) < 6", "subjects.mover.birthDate"},
		{"subjects.mover.birthDate != null && age(subjects.mover.birthDate, today) < 6", ""},
		{"{'a': 1}[form.household.mode] == 1", "form.household.mode"},
		{"form.household.mode != null && {'a': 1}[form.household.mode] == 1", ""},
		{"subjects.land.owners.exists(o, o.number == form.household.mode)", ""},
		{"subjects.land.owners.exists(o, o.number > '1')", "o.number >"},
		{"subjects.land.owners.exists(o, o.number != null && o.number > '1')", ""},
		{"size(form.household.children) > 2", ""},
		{"subjects.land.owners[0].number != null && subjects.land.owners[0].number > '1'", ""},
		{"subjects.land.owners[0].number != null && subjects.land.owners[1].number > '1'", "[1].number"},
		{"sameAddress(form.dwelling.address, null)", ""},
		{"(form.household.count == null ? 0 : form.household.count) + 1 > 2", ""},
		{"(form.household.mode == 'join' ? form.household.count : 0) + 1 > 2", "? form.household.count"},
		{"form.household.headNumber == subjects.mover.number && form.household.headNumber > '0'", "form.household.headNumber > "},
	} {
		p, err := e.Compile(tt.source, boolType)
		if err != nil {
			t.Fatal(tt.source, err)
		}
		found := p.Unguarded(sure)
		if after := p.Follows(true, sure); tt.source == "has(form.household.count) && form.household.count > 0" && !after["form.household.count"] {
			t.Errorf("%s: true, and its own path may be absent", tt.source)
		}
		switch {
		case tt.at == "" && found != nil:
			t.Errorf("%s: %v", tt.source, found)
		case tt.at != "" && found == nil:
			t.Errorf("%s: nothing is found", tt.source)
		case tt.at != "" && (found.Kind != Loose || !strings.HasPrefix(string([]rune(tt.source)[found.Column-1:]), tt.at)):
			t.Errorf("%s: found at column %d", tt.source, found.Column)
		}
	}
}
