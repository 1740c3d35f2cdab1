package expr_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/expr"
)

// figuresEnv has a list of each kind that may be summed, and nothing in `none`.
func figuresEnv(t testing.TB) *expr.Env {
	t.Helper()
	whole, broken := &expr.Type{Kind: expr.Int}, &expr.Type{Kind: expr.Number}
	item := &expr.Type{Kind: expr.Object, Name: "item", Fields: map[string]*expr.Type{"amount": whole, "name": {Kind: expr.String}}}
	e, err := expr.NewEnv(map[string]*expr.Type{
		"whole": {Kind: expr.List, Elem: whole}, "broken": {Kind: expr.List, Elem: broken}, "any": {Kind: expr.Dyn},
		"items": {Kind: expr.List, Elem: item}, "none": {Kind: expr.List, Elem: broken}, "n": whole, "d": {Kind: expr.String}, "x": broken})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var figures = map[string]any{
	"whole": []any{3, 1, 2}, "broken": []any{1.5, 2, 0.25}, "any": []any{1, 2.5}, "n": 5, "x": 12.5, "d": "2028-02-10",
	"items": []any{map[string]any{"amount": 10, "name": "b"}, map[string]any{"amount": 20, "name": "a"}},
}

// The functions over numbers and lists give what their names say; an absent
// list is an empty one.
func TestFigures(t *testing.T) {
	for _, tt := range []struct {
		source string
		want   any
	}{
		{"sum(whole)", int64(6)},
		{"sum(broken)", 3.75},
		{"sum(any)", 3.5},
		{"sum([1, 2, 3])", int64(6)},
		{"sum([1, 2.5])", 3.5},
		{"sum(none) * 2.0", 0.0},
		{"sum(items.map(i, i.amount)) + 1", int64(31)},
		{"sum(range(n).map(i, nth([100, 70, 60, 50, 40], least(i, 4))))", int64(320)},
		{"sum(range(7).map(i, nth([100, 70, 60, 50, 40], least(i, 4))))", int64(400)},
		{"least(n, 3)", int64(3)},
		{"most(n, 3)", int64(5)},
		{"least('2026-01-02', d)", "2026-01-02"},
		{"most(x, 3.0)", 12.5},
		{"floor(x)", int64(12)},
		{"ceil(x)", int64(13)},
		{"round(x)", int64(13)},
		{"round(-x)", int64(-13)},
		{"ceil(double(n) / 2.0)", int64(3)},
		{"year(d) * 10000 + month(d) * 100 + day(d)", int64(20280210)},
		{"plusWorkingDays('2026-11-26', 1)", "2026-11-27"},
		{"plusWorkingDays('2026-11-27', 1)", "2026-11-30"}, // over a weekend
		{"plusWorkingDays('2026-11-28', 1)", "2026-11-30"}, // from within it
		{"plusWorkingDays('2026-11-28', 0)", "2026-11-30"},
		{"plusWorkingDays('2026-11-27', 0)", "2026-11-27"},
		{"plusWorkingDays('2026-11-30', -1)", "2026-11-27"},
		{"plusWorkingDays('2026-12-31', 2)", "2027-01-05"}, // over New Year's Day and a weekend
		{"plusWorkingDays('2020-01-01', 1)", nil},          // the calendar does not reach there
		{"plusWorkingDays(nth(['2026-11-26'], 1), 1)", nil},
		{"monthEnd(d)", "2028-02-29"},
		{"monthEnd('2026-12-01')", "2026-12-31"},
		{"join(['a', 'b'], ', ')", "a, b"},
		{"join(items.map(i, i.name), '-')", "b-a"},
		{"join(whole, '+')", "3+1+2"},
		{"join(none, ', ')", ""},
		{"sort(whole)", []any{int64(1), int64(2), int64(3)}},
		{"sort(items.map(i, i.name))", []any{"a", "b"}},
		{"nth(whole, 0)", int64(3)},
		{"nth(whole, 3)", nil},
		{"nth(whole, -1)", nil},
		{"nth(none, 0)", nil},
		{"range(0) == null", true},
		{"nth(sort(broken), 0)", 0.25},
	} {
		p, err := figuresEnv(t).Compile(tt.source, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.source, err)
			continue
		}
		got, err := p.Eval(figures)
		if err != nil {
			t.Errorf("%s: %v", tt.source, err)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.source, d)
		}
	}
}

// What cannot be calculated is refused, at compiling or when it is evaluated:
// never another number.
func TestFiguresRefuse(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{"floor(n)", "floor"},
		{"sum(['a'])", "sum"},
		{"least(n, 'a')", "least"},
		{"range(101)", "101 is more than 100"},
		{"sum([1, nth(whole, 9)])", "not a number"},
		{"least(n, nth(whole, 9))", "b is absent"},
		{"year('2026-13-01')", "not a date"},
		{"round(x * 1e300)", "too large"},
		{"sum([9223372036854775807, 1])", "too large"},
	} {
		p, err := figuresEnv(t).Compile(tt.source, nil)
		if err == nil {
			_, err = p.Eval(figures)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.source, err, tt.want)
		}
	}
}
