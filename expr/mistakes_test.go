package expr

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// A mistake is found at its place, counted in characters, and the words say what
// to do.
func TestMistakes(t *testing.T) {
	e := sampleEnv(t)
	for _, tt := range []struct {
		source string
		want   *Type
		column int
		reason string
	}{
		{"", nil, 1, "there is no expression"},
		{"today ==", nil, 9, "the expression breaks off: something is missing at its end"},
		{"(today", nil, 7, "the expression breaks off: something is missing at its end"},
		{"today == 'x", nil, 10, "a quoted text is not closed"},
		{"today $ 1", nil, 7, "the sign '$' means nothing in an expression"},
		{"today 1", nil, 7, "'1' cannot stand here"},
		{"'é' == form.household.mod", nil, 23, "form.household has no mod; did you mean mode?"},
		{"today == '' ||\n form.dwelling.xyzxyz == 1", nil, 31, "form.dwelling has no xyzxyz; there are address, area"},
		{"subjects.land.owners.exists(o, o.nmber == '1')", nil, 34, "owner has no nmber; did you mean number?"},
		{"tody == '1'", nil, 1, "there is no variable tody; did you mean today?"},
		{"today == '' || agee(today, today) > 1", nil, 16, "there is no function agee; did you mean age?"},
		{"today.matches('[0-9]')", nil, 7, "there is no function matches"},
		{"timestamp(today) > now()", nil, 1, "an expression has no clock"},
		{"today == 1", nil, 7, "== does not take a text and a whole number"},
		{"case.fee > today", nil, 10, "> does not take a whole number and a text"},
		{"form.dwelling.area * case.fee", nil, 20, "* does not take a number and a whole number"},
		{"age(today) > 1", nil, 1, "age(birth, on) does not take a text"},
		{"age(today, case.fee) > 1", nil, 1, "age(birth, on) does not take a text and a whole number"},
		{"today.x == '1'", nil, 7, "a text has no fields"},
		{"today && true", nil, 1, "this is a text, where a condition is needed"},
		{"today.exists(c, true)", nil, 1, "a text cannot be iterated over: a list is needed"},
		{"sameAddress(today, form.dwelling.address)", nil, 13, "a text is not an address"},
		{"sameAddress(form.dwelling.address, form.household)", nil, 40, "the object form.household is not an address"},
		{"form.household{mode: 'x'} == null", nil, 15, "objects cannot be made in an expression"},
		{"1u == 1u", nil, 1, "write texts as 'text'"},
		{"has(true)", nil, 5, "has() asks for a path"},
		{"form.household.mode", boolType, 1, "the result is a text, where a condition is needed"},
		{"null", boolType, 1, "the result is null, where a condition is needed"},
		{"case.fee > 1", intType, 1, "the result is a condition, where a whole number is needed"},
		{"form.dwelling.area", intType, 1, "the result is a number, where a whole number is needed"},
		{"form.household", &Type{Kind: List}, 1, "the result is the object form.household, where a list is needed"},
		{"form.household.children.exists(c, subjects.land.owners.exists(o, o.number == c))", nil, 56, "an iteration cannot stand within another one"},
		{"subjects.land.owners.map(o, form.household.children.filter(c, c == o.number))", nil, 53, "an iteration cannot stand within another one"},
		{strings.Repeat("(", 70) + "1" + strings.Repeat(")", 70), nil, 1, "the expression has more than 60 brackets within brackets"},
		{"today == '" + strings.Repeat("x", 4000) + "'", nil, 1, "the expression is longer than 4000 characters"},
	} {
		p, err := e.Compile(tt.source, tt.want)
		found, ok := errors.AsType[*Error](err)
		if !ok {
			t.Errorf("%s: got %v, %v", tt.source, p, err)
			continue
		}
		if found.Column != tt.column || !strings.HasPrefix(found.Reason, tt.reason) || found.Source != tt.source {
			t.Errorf("%.60s: got column %d, %q; want %d, %q", tt.source, found.Column, found.Reason, tt.column, tt.reason)
		}
	}
}

// What is wanted is what comes: null and unknown kinds are decided when it runs.
func TestWanted(t *testing.T) {
	e := sampleEnv(t)
	for _, tt := range []struct {
		source string
		want   Kind
	}{
		{"case.fee", Int}, {"case.fee", Number}, {"form.dwelling.area", Number}, {"today", String}, {"null", String},
		{"today == null", Bool}, {"input.x", Bool}, {"input.x", Int}, {"form.household.children", List}, {"[]", List},
		{"form.dwelling.address", Object}, {"form.dwelling.address", Map}, {"{'a': 1}", Object}, {"case.fee", Dyn}, {"form", Dyn},
	} {
		if _, err := e.Compile(tt.source, &Type{Kind: tt.want}); err != nil {
			t.Errorf("%s as %s: %v", tt.source, tt.want, err)
		}
	}
}

// Cost is bounded in advance by what lists and texts usually hold, and at run
// time by what they do hold. Chains of iterations pass.
func TestCost(t *testing.T) {
	e := sampleEnv(t)
	chain := "(subjects.land.owners.filter(o, !(o.number in [today, variant]) && !(o.status in ['minor', 'incapacitated', 'missing', 'dead'])).map(o, o.number) + ['', ''])[1]"
	if _, err := e.Compile(chain, nil); err != nil {
		t.Error(err)
	}
	filters := strings.Repeat(".filter(o, o.number == variant && o.status == variant && o.number == today)", 12)
	_, err := e.Compile("subjects.land.owners"+filters+" == null", boolType)
	if found, ok := errors.AsType[*Error](err); !ok || !strings.Contains(found.Reason, "steps, 10000 are allowed") {
		t.Errorf("got %v, want a refusal of its cost", err)
	}
	p, err := e.Compile("subjects.land.owners.exists(o, o.number == 'x' || o.status == 'y')", boolType)
	if err != nil {
		t.Fatal(err)
	}
	many := make([]any, 5000)
	for i := range many {
		many[i] = map[string]any{"number": fmt.Sprint(i), "status": "z"}
	}
	vars := func(n int) map[string]any {
		return map[string]any{"subjects": map[string]any{"land": map[string]any{"owners": many[:n]}}}
	}
	if found, err := p.Bool(vars(100)); err != nil || found {
		t.Errorf("100 owners: got %v, %v", found, err)
	}
	if found, err := p.Bool(vars(5000)); err == nil || found || !strings.Contains(err.Error(), "cost limit") {
		t.Errorf("5000 owners: got %v, %v; want the cost limit", found, err)
	}
}

// A type that contains itself cannot be declared.
func TestNewEnvRefuses(t *testing.T) {
	self := &Type{Kind: Object, Fields: map[string]*Type{}}
	self.Fields["parent"] = self
	for _, tt := range []struct {
		vars map[string]*Type
		want string
	}{
		{map[string]*Type{"x": self}, "contains itself"},
		{map[string]*Type{"x": {Kind: "date"}}, `x has no known kind: "date"`},
	} {
		if _, err := NewEnv(tt.vars); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}
