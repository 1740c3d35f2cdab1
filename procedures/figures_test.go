package procedures

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// stallWith is the procedure stall of the sound folder with its tables and
// values replaced by others.
func stallWith(t *testing.T, tables, values string) *Procedure {
	t.Helper()
	tree := sound(t)
	text := string(tree[proc].Data)
	i, j := strings.Index(text, "tables:\n"), strings.Index(text, "variants:\n")
	tree[proc] = &fstest.MapFile{Data: []byte(text[:i] + tables + values + text[j:])}
	c, found := LoadOn(tree, testDay)
	for _, f := range found {
		if !f.Warning && f.Code != "TESTS" {
			t.Fatal(f)
		}
	}
	p, _ := c.Get("stall")
	return p
}

const wages = `tables:
  wage:
    title: {vi: Mức lương, en: Wage}
    rows:
      - {from: 2026-07-01, value: 2530000, law: "Nghị định 161/2026/NĐ-CP"}
      - {from: 2024-07-01, until: 2026-06-30, value: 2340000, law: "Nghị định 73/2024/NĐ-CP"}
  ladder:
    title: {vi: Bậc, en: Ladder}
    day: "form.stall.parcel == null ? '' : form.stall.parcel"
    rows: [{from: 2025-01-01, value: [100, 70, 60, 50, 40], law: "Điều 1"}]
  rates:
    title: {vi: Tỷ lệ, en: Rates}
    rows: [{from: 2024-07-01, value: {low: 1, high: 1.5}, law: "Điều 2"}]
`

const amounts = `values:
  month: {title: {vi: Một tháng, en: A month}, is: "tables.wage * 45 / 1000", as: money, show: true}
  all: {title: {vi: Cả hộ, en: All}, is: "tables.ladder == null ? 0 : sum(range(form.stall.size).map(i, values.month * nth(tables.ladder, least(i, 4)) / 100))", as: money}
  share: {title: {vi: Phần, en: Share}, is: "double(form.stall.size) * tables.rates.low + tables.rates.high", as: number}
  until: {title: {vi: Đến ngày, en: Until}, is: "plusMonths(case.filedOn, 1)", as: date, show: true}
  whose: {title: {vi: Của ai, en: Whose}, is: "form.stall.parcel == null ? '' : form.stall.parcel", as: text, show: true}
  big: {title: {vi: Lớn, en: Big}, is: form.stall.size > 4, as: yes-no, show: true}
  spare: {title: {vi: Để đọc, en: Read}, is: "values.big && values.share > 1.0 && values.all > 0 ? 1 : 2", as: number, show: true}
`

func vars(size int, parcel, filedOn string) map[string]any {
	return map[string]any{"form": map[string]any{"stall": map[string]any{"size": size, "parcel": parcel}}, "case": map[string]any{"filedOn": filedOn}}
}

// A table reads as of the day of filing, or of the day that it names; before its
// first row it reads null. A value is computed from those above it.
func TestFigures(t *testing.T) {
	p := stallWith(t, wages, amounts)
	for _, tt := range []struct {
		vars map[string]any
		want map[string]any
	}{
		{vars(6, "2025-06-01", "2026-11-02"), map[string]any{"month": int64(113850), "all": int64(113850 + 79695 + 68310 + 56925 + 45540 + 45540), "share": 7.5,
			"until": "2026-12-02", "whose": "2025-06-01", "big": true, "spare": int64(1)}},
		{vars(1, "2024-06-01", "2026-06-30"), map[string]any{"month": int64(105300), "all": int64(0), "share": 2.5, "until": "2026-07-30", "whose": "2024-06-01", "big": false, "spare": int64(2)}},
	} {
		list, err := p.Results(tt.vars, true)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]any{}
		for _, r := range list {
			got[r.Name] = r.Is
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Error(d)
		}
	}
	if shown, err := p.Results(vars(6, "", "2026-11-02"), false); err != nil || len(shown) != 5 {
		t.Errorf("%d are shown, %v", len(shown), err)
	}
	// A wage that is not known yet is not zero: what calculates with it is refused.
	if _, err := p.Results(vars(6, "", "2024-06-30"), true); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("before the first row: %v", err)
	}
	// Before filing the day is today.
	today := map[string]any{"today": "2026-11-24"}
	p.Compute(today)
	if wage, err := today["tables"].(*computed).Get("wage"); err != nil || wage != int64(2530000) {
		t.Errorf("a draft: %v, %v", wage, err)
	}
}

// What reads a value reads what the value reads: the answers, and the records.
func TestFiguresAreSeenThrough(t *testing.T) {
	p := stallWith(t, wages, amounts)
	e, err := p.Env.Compile("values.spare == 1", boolType)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"form.stall.size", "form.stall.parcel", "tables.wage", "values.big", "values.month"} {
		if !strings.Contains(strings.Join(e.Refs, " "), want) {
			t.Errorf("%s is not among %v", want, e.Refs)
		}
	}
}

// Results are written as people read them.
func TestResultPrint(t *testing.T) {
	for _, tt := range []struct {
		as     ValueKind
		is     any
		vi, en string
	}{
		{MoneyValue, int64(113850), "113.850\u00a0đ", "113.850\u00a0đ"},
		{MoneyValue, int64(900), "900\u00a0đ", "900\u00a0đ"},
		{NumberValue, 2.5, "2,5", "2.5"},
		{DateValue, "2026-12-02", "02/12/2026", "02/12/2026"},
		{YesNoValue, true, "Có", "Yes"},
		{MoneyValue, nil, "", ""},
	} {
		r := Result{Value: &Value{As: tt.as}, Is: tt.is}
		if vi, en := r.Print("vi"), r.Print("en"); vi != tt.vi || en != tt.en {
			t.Errorf("%v: %q, %q", tt.is, vi, en)
		}
	}
}

// A result of another kind than was declared is an error, not something else.
func TestValueKinds(t *testing.T) {
	for _, tt := range []struct {
		kind ValueKind
		is   any
		ok   bool
	}{
		{MoneyValue, int64(1), true}, {MoneyValue, 1.5, false}, {NumberValue, 1.5, true}, {NumberValue, "1", false}, {DateValue, "2026-02-30", false},
		{DateValue, "2026-02-28", true}, {DateValue, nil, true}, {TextValue, "a", true}, {TextValue, true, false}, {YesNoValue, true, true}, {YesNoValue, "yes", false},
	} {
		if _, err := tt.kind.checked(tt.is); (err == nil) != tt.ok {
			t.Errorf("%v as %s: %v", tt.is, tt.kind, err)
		}
	}
}
