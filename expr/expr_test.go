package expr

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	textType = &Type{Kind: String}
	intType  = &Type{Kind: Int}
	boolType = &Type{Kind: Bool}
	dynType  = &Type{Kind: Dyn}
	anyMap   = &Type{Kind: Map, Elem: dynType}
	home     = &Type{Kind: Object, Name: "address", Fields: map[string]*Type{"province": textType, "commune": textType, "line": textType}}
)

// variables are a small procedure's.
func variables() map[string]*Type {
	owner := &Type{Kind: Object, Name: "owner", Fields: map[string]*Type{"number": textType, "status": textType, "address": home}}
	return map[string]*Type{
		"form": {Kind: Object, Name: "form", Fields: map[string]*Type{
			"household": {Kind: Object, Name: "form.household", Fields: map[string]*Type{"mode": textType, "headNumber": textType, "alone": boolType,
				"children": {Kind: List, Elem: textType}, "count": intType}},
			"dwelling": {Kind: Object, Name: "form.dwelling", Fields: map[string]*Type{"address": home, "area": {Kind: Number}}}}},
		"subjects": {Kind: Object, Name: "subjects", Fields: map[string]*Type{
			"mover": {Kind: Object, Name: "person", Fields: map[string]*Type{"number": textType, "birthDate": textType, "digitalCitizen": boolType, "permanentAddress": home}},
			"land":  {Kind: Object, Name: "dwelling", Fields: map[string]*Type{"owners": {Kind: List, Elem: owner}}}}},
		"case":  {Kind: Object, Name: "case", Fields: map[string]*Type{"fee": intType, "visits": {Kind: Map, Elem: intType}}},
		"input": anyMap, "today": textType, "variant": textType,
	}
}

// facts are values for them. What is not answered is missing, empty or null.
func facts() map[string]any {
	line := map[string]any{"province": "01", "commune": "00004", "line": "12 phố Hàng Bài"}
	return map[string]any{
		"form": map[string]any{
			"household": map[string]any{"mode": "join", "headNumber": "", "children": []any{}, "count": float64(3)},
			"dwelling":  map[string]any{"address": line, "area": 25}},
		"subjects": map[string]any{
			"mover": map[string]any{"number": "001196000101", "birthDate": "1996-03-27", "digitalCitizen": nil,
				"permanentAddress": map[string]any{"province": "", "line": nil}},
			"land": map[string]any{"owners": []any{
				map[string]any{"number": "1", "status": "minor"}, map[string]any{"number": "2", "status": ""}, map[string]any{"number": "3"}}}},
		"case":  map[string]any{"fee": 10000, "visits": map[string]int{"intake.accept": 2}},
		"input": map[string]any{"note": "", "items": []string{"a", "b"}, "paid": 20000.0, "rate": 0.5, "big": json.Number("9007199254740993"), "address": map[string]any{"province": "01", "commune": "00004", "line": "12 phố Hàng Bài", "room": ""}},
		"today": "2026-11-24",
	}
}

func sampleEnv(t testing.TB) *Env {
	t.Helper()
	e, err := NewEnv(variables())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Every value that is not there reads the same, wherever it is missing.
func TestEval(t *testing.T) {
	e := sampleEnv(t)
	for _, tt := range []struct {
		source string
		want   any
	}{
		{"form.household.mode", "join"},
		{"form.household.headNumber", nil},               // empty text
		{"form.household.children", nil},                 // empty list
		{"form.household.alone", nil},                    // no such entry
		{"subjects.mover.digitalCitizen", nil},           // null
		{"subjects.mover.permanentAddress", nil},         // an object of empty parts
		{"subjects.mover.permanentAddress.line", nil},    // within it
		{"subjects.land.owners[2].address.commune", nil}, // within what is not there
		{"variant", nil},                                 // no such variable
		{"input.note", nil},                              // in what nobody declared
		{"input.no.such.thing", nil},                     // deep in it
		{"case.visits['intake.grant']", nil},             // a key that is not there
		{"has(form.household.mode)", true},
		{"has(form.household.headNumber)", false},
		{"has(form.household.children)", false},
		{"has(subjects.mover.permanentAddress.line)", false},
		{"has(input.note) || has(input.no.such)", false},
		{"has(variant)", false},
		{"has(case.visits['intake.accept'])", true},
		{"form.household.headNumber == null", true},
		{"null != form.household.mode", true},
		{"form.household.headNumber == ''", true}, // a written empty text is empty too
		{"'' == form.household.headNumber", true},
		{"form.household.children == []", true},
		{"form.household.headNumber == form.household.mode", false},
		{"subjects.mover.digitalCitizen == true", false},
		{"subjects.mover.digitalCitizen == false", false},
		{"form.household.headNumber in ['x']", false},
		{"'x' in form.household.children", false},
		{"size(form.household.children)", int64(0)},
		{"form.household.children.exists(c, true)", false},
		{"form.household.children.all(c, false)", true},
		{"subjects.land.owners.filter(o, o.number == '9') == null", true},
		{"form.household.alone == null ? 'unknown' : 'known'", "unknown"},
		{"case.fee > 0 ? null : 'free'", nil},
		{"case.fee", int64(10000)},
		{"form.household.count + 1", int64(4)}, // JSON's numbers are whole where they are declared so
		{"form.dwelling.area / 2.0", 12.5},
		{"form.dwelling.area >= 8.0 * double(form.household.count)", true},
		{"form.dwelling.area > 20", true},
		{"input.paid + 1", int64(20001)},
		{"input.rate", 0.5},
		{"input.items", []any{"a", "b"}},
		{"'b' in input.items && !('c' in input.items)", true},
		{"variant in [form.household.mode, form.household.headNumber] && '' in [variant]", true},
		{"input.items == ['a', 'b'] && input.items != ['b', 'a']", true},
		{"input.items[1]", "b"},
		{"input[form.household.mode]", nil},
		{"input['no' + 'te']", nil},
		{"'note' in input || 'rate' in input", true},
		{"'note' in input", false},
		{"case.visits['intake.accept'] >= 2", true},
		{"input.big", int64(9007199254740993)},
		{"subjects.land.owners.filter(o, !(o.status in ['minor', 'dead'])).map(o, o.number)", []any{"2", "3"}},
		{"(subjects.land.owners.filter(o, o.number == '9').map(o, o.number) + [''])[0]", ""},
		{"subjects.land.owners[0]", map[string]any{"number": "1", "status": "minor"}},
		{"{'a': form.household.mode}", map[string]any{"a": "join"}},
		{"form.dwelling.address == input.address", true}, // empty parts do not count
		{"form.dwelling.address == subjects.mover.permanentAddress", false},
		{"form.household.mode.startsWith('jo') && 'oi' in ['oi'] && form.household.mode.contains('oi')", true},
		{"string(case.fee) + ' đ'", "10000 đ"},
		{"int('12') + int(3.9)", int64(15)},
	} {
		p, err := e.Compile(tt.source, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.source, err)
			continue
		}
		got, err := p.Eval(facts())
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, want - got +\n%s", tt.source, err, diff)
		}
	}
}

// What cannot be evaluated is an error that says why; it is never false.
func TestEvalErrors(t *testing.T) {
	e := sampleEnv(t)
	for _, tt := range []struct{ source, reason string }{
		{"form.household.alone", "the condition is absent"},
		{"!form.household.alone", "absent"},
		{"form.household.alone && true", "absent"},
		{"form.household.alone ? true : false", "absent"},
		{"form.household.headNumber < 'x'", "absent"},
		{"'x' >= form.household.headNumber", "absent"},
		{"form.household.headNumber + 'x' == 'x'", "absent"},
		{"case.visits['none'] + 1 > 1", "absent"},
		{"input.none > 3", "absent"},
		{"form.household.headNumber.startsWith('x')", "absent"},
		{"age(form.household.headNumber, today) > 3", "age: birth is absent"},
		{"age('27/03/1996', today) > 3", `"27/03/1996" is not a date`},
		{"age('2026-02-30', today) > 3", "is not a date"},
		{"age(today, input.paid) > 3", "a whole number is not a date"},
		{"plusDays(today, 999999999) > ''", "too far away"},
		{"plusDays(today, -2000000) > ''", "too far away"},
		{"subjects.land.owners[7].number == '1'", "index"},
		{"case.fee / 0 == 1", "division by zero"},
		{"9223372036854775807 + case.fee > 0", "overflow"},
		{"input.items", "a list, where a condition is needed"},
		{"sameAddress(input.items, form.dwelling.address)", "a list is not an address"},
	} {
		p, err := e.Compile(tt.source, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.source, err)
			continue
		}
		got, err := p.Bool(facts())
		if err == nil || got || !strings.Contains(err.Error(), tt.reason) || !strings.Contains(err.Error(), "evaluate \"") {
			t.Errorf("%s: got %v, %v; want %q", tt.source, got, err, tt.reason)
		}
	}
}

// An answer of another kind than was declared equals nothing and is fit for
// nothing; where an object or a list should be, nothing can be read from it.
func TestMistypedValues(t *testing.T) {
	e := sampleEnv(t)
	vars := facts()
	vars["form"] = map[string]any{"household": map[string]any{"mode": 1, "count": "many", "children": 2}, "dwelling": "x"}
	vars["case"] = "none"
	vars["today"] = struct{}{}
	for _, tt := range []struct {
		source string
		want   bool
		reason string
	}{
		{"form.household.mode == 'join'", false, ""},
		{"form.household.count == 3", false, ""},
		{"form.household.count > 3", false, "of another kind"},
		{"form.household.mode + 'x' == '1x'", false, "of another kind"},
		{"'x' in form.household.children", false, "form.household.children is not of the declared type list"},
		{"form.dwelling.area == 1.0", false, "form.dwelling is not of the declared type object"},
		{"case.fee == 1", false, "case is not of the declared type object"},
		{"today == '2026-11-24'", false, "today is not of the declared type string"},
	} {
		p, err := e.Compile(tt.source, boolType)
		if err != nil {
			t.Errorf("%s: %v", tt.source, err)
			continue
		}
		got, err := p.Bool(vars)
		if failed := err != nil; got != tt.want || failed != (tt.reason != "") || failed && !strings.Contains(err.Error(), tt.reason) {
			t.Errorf("%s: got %v, %v; want %v, %q", tt.source, got, err, tt.want, tt.reason)
		}
	}
}

// String is "" for an absent value, and an error for another kind.
func TestString(t *testing.T) {
	e := sampleEnv(t)
	for _, tt := range []struct {
		source, want string
		failed       bool
	}{
		{"form.household.mode", "join", false},
		{"form.household.headNumber", "", false},
		{"null", "", false},
		{"input.paid", "", true},
	} {
		p, err := e.Compile(tt.source, textType)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.String(facts()); got != tt.want || (err != nil) != tt.failed {
			t.Errorf("%s: got %q, %v; want %q", tt.source, got, err, tt.want)
		}
	}
}

// Refs are what is read from variables; names of iterations are none, and an
// index ends a path.
func TestRefs(t *testing.T) {
	e := sampleEnv(t)
	for _, tt := range []struct{ source, want string }{
		{"1 + 1 == 2", ""},
		{"form.household.mode == variant || form.household.mode == today", "form.household.mode today variant"},
		{"has(form.household.headNumber)", "form.household.headNumber"},
		{"subjects.land.owners.exists(o, o.number == subjects.mover.number)", "subjects.land.owners subjects.mover.number"},
		{"form.household.children.filter(form, form == today).map(c, c + variant)", "form.household.children today variant"},
		{"subjects.land.owners[0].number == input.list[case.fee].x", "case.fee input.list subjects.land.owners"},
		{"case.visits['intake.accept'] > 1", "case.visits"},
		{"[form.dwelling.area, 1.0][0] > 1.0 && {'a': input.note}.a == ''", "form.dwelling.area input.note"},
		{"age(subjects.mover.birthDate, today) < 6", "subjects.mover.birthDate today"},
		{"form.household.mode.startsWith(fold(variant))", "form.household.mode variant"},
		{"form == null", "form"},
	} {
		p, err := e.Compile(tt.source, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.source, err)
		} else if got := strings.Join(p.Refs, " "); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.source, got, tt.want)
		}
	}
}
