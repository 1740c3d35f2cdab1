package expr_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/vietnamese"
)

func eval(t testing.TB, source string, vars map[string]any) any {
	t.Helper()
	text, dyn := &expr.Type{Kind: expr.String}, &expr.Type{Kind: expr.Dyn}
	e, err := expr.NewEnv(map[string]*expr.Type{"a": dyn, "b": dyn, "s": text, "n": {Kind: expr.Int}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Compile(source, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.Eval(vars)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A term of months ends on the day of the same number, or on the last day of a
// month that lacks it: Civil Code 91/2015/QH13, Article 148(3).
func TestDates(t *testing.T) {
	for _, tt := range []struct {
		source string
		want   any
	}{
		{"age('2020-11-24', '2026-11-23')", int64(5)},
		{"age('2020-11-24', '2026-11-24')", int64(6)},
		{"age('2020-02-29', '2026-02-27')", int64(5)}, // born on a leap day:
		{"age('2020-02-29', '2026-02-28')", int64(6)}, // the last day of February counts
		{"age('2020-02-29', '2028-02-28')", int64(7)},
		{"age('2020-02-29', '2028-02-29')", int64(8)},
		{"age('2020-02-28', '2028-02-28')", int64(8)},
		{"age('2026-11-24', '2026-11-24')", int64(0)},
		{"age('2026-11-25', '2026-11-24')", int64(0)},
		{"months('2026-01-31', '2026-02-27')", int64(0)},
		{"months('2026-01-31', '2026-02-28')", int64(1)},
		{"months('2026-01-31', '2026-03-30')", int64(1)},
		{"months('2026-01-31', '2026-03-31')", int64(2)},
		{"months('2026-03-31', '2026-01-31')", int64(-2)},
		{"months('2025-12-15', '2026-12-14')", int64(11)},
		{"days('2026-02-28', '2026-03-01')", int64(1)},
		{"days('2028-02-28', '2028-03-01')", int64(2)},
		{"days('2026-03-01', '2026-02-28')", int64(-1)},
		{"plusDays('2026-12-31', 1)", "2027-01-01"},
		{"plusDays('2028-03-01', -1)", "2028-02-29"},
		{"plusMonths('2026-01-31', 1)", "2026-02-28"},
		{"plusMonths('2027-11-30', 3)", "2028-02-29"},
		{"plusMonths('2026-03-31', -1)", "2026-02-28"},
		{"plusMonths('2026-05-10', -17)", "2024-12-10"},
	} {
		if got := eval(t, tt.source, nil); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.source, got, tt.want)
		}
	}
}

// n months are completed on the day that plusMonths names, and not a day before.
func TestMonthsAndPlusMonthsAgree(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		from := time.Date(1900, 1, rapid.IntRange(1, 70_000).Draw(r, "day"), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		n := rapid.Int64Range(1, 1500).Draw(r, "n")
		vars := map[string]any{"s": from, "n": n}
		if got := eval(t, "months(s, plusMonths(s, n))", vars); got != n {
			r.Fatalf("months to %s + %d: got %v", from, n, got)
		}
		if got := eval(t, "months(s, plusDays(plusMonths(s, n), -1))", vars); got != n-1 {
			r.Fatalf("months to the day before %s + %d: got %v", from, n, got)
		}
		if got := eval(t, "age(s, plusMonths(s, n))", vars); got != n/12 {
			r.Fatalf("age of %s after %d months: got %v", from, n, got)
		}
	})
}

// Rules fold names as the resident registry does.
func TestFoldAgreesWithRegistry(t *testing.T) {
	for text, want := range map[string]string{
		"Đặng  Thị Ơn ":           "dang thi on",
		"H’Hen Niê":               "h’hen nie",
		"NGUYỄN THỊ HÒA":          "nguyen thi hoa",
		"Nguye\u0302\u0303n \tĐo": "nguyen do",
	} {
		if got := eval(t, "fold(s)", map[string]any{"s": text}); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.String().Draw(r, "text")
		got := eval(t, "fold(s)", map[string]any{"s": text})
		if got == nil {
			got = ""
		}
		if want := vietnamese.Fold(text); got != want {
			r.Fatalf("%q: got %q, want %q", text, got, want)
		}
	})
}

// Two addresses are the same when their codes are and their free lines say the
// same words. One that is not known is not the same as any.
func TestSameAddress(t *testing.T) {
	address := func(commune, line string) map[string]any {
		return map[string]any{"province": "01", "commune": commune, "line": line}
	}
	home := address("00004", "12 phố Hàng Bông")
	for _, tt := range []struct {
		a, b any
		want bool
	}{
		{home, home, true},
		{home, address("00004", "12, Phố Hàng  Bông."), true},
		{home, address("00004", "12 PHO HANG BONG"), true}, // written without diacritics
		{home, address("00004", "12 phố Hàng Bóng"), false},
		{address("00004", "3 Hoà Mã"), address("00004", "3 Hòa Mã"), true},
		{home, address("00004", "12/3 phố Hàng Bông"), false},
		{home, address("00007", "12 phố Hàng Bông"), false},
		{home, map[string]any{"province": "02", "commune": "00004", "line": "12 phố Hàng Bông"}, false},
		{home, nil, false},
		{nil, nil, false},
		{home, map[string]any{}, false},
		{address("00004", ""), address("00004", ""), false},
		{home, map[string]string{"province": "01", "commune": "00004", "line": "12 phố Hàng Bông"}, true},
	} {
		vars := map[string]any{"a": tt.a, "b": tt.b}
		if got := eval(t, "sameAddress(a, b)", vars); got != tt.want {
			t.Errorf("%v, %v: got %v, want %v", tt.a, tt.b, got, tt.want)
		}
		if got := eval(t, "sameAddress(b, a)", vars); got != tt.want {
			t.Errorf("exchanged %v, %v: got %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func ExampleProgram_Bool() {
	text := &expr.Type{Kind: expr.String}
	env, err := expr.NewEnv(map[string]*expr.Type{"today": text, "mover": {Kind: expr.Object, Fields: map[string]*expr.Type{"birthDate": text}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	child, err := env.Compile("age(mover.birthDate, today) < 6", &expr.Type{Kind: expr.Bool})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(child.Refs)
	fmt.Println(child.Bool(map[string]any{"today": "2026-11-24", "mover": map[string]any{"birthDate": "2021-01-05"}}))
	fmt.Println(child.Bool(map[string]any{"today": "2026-11-24"}))
	// Output:
	// [mover.birthDate today]
	// true <nil>
	// false evaluate "age(mover.birthDate, today) < 6": age: birth is absent
}
