package trial

import (
	"slices"
	"testing"
)

// Every number of a table is once another one, and every value once computed
// wrongly; a row that no story reads is left alone.
func TestFigureMutants(t *testing.T) {
	t.Parallel()
	root, err := parse([]byte(`tables:
  wage: {rows: [{from: 2026-07-01, value: 2530000}]}
  plan: {rows: [{from: 2026-01-01, value: {end: 2026-06-30, days: 9, share: [100, 0.5]}}]}
values:
  month: {is: tables.wage * 45 / 1000, as: money}
  late: {is: case.filedOn > tables.plan.end, as: yes-no}
`))
	if err != nil {
		t.Fatal(err)
	}
	m := &mutator{procedure: "p", file: procedureFile, root: root}
	m.figures()
	var got []string
	for _, x := range m.out {
		got = append(got, x.change)
	}
	want := []string{
		"tables.wage row 1: 2783000 instead of 2530000", "tables.plan row 1: 10 instead of 9", "tables.plan row 1: 110 instead of 100", "tables.plan row 1: 0.55 instead of 0.5",
		"values.month: (tables.wage * 45 / 1000) + 1", "values.month: tables.wage + 45 / 1000", "values.month: tables.wage * 46 / 1000", "values.month: tables.wage * 45 / 1001",
		"values.late: !(case.filedOn > tables.plan.end)", "values.late: case.filedOn >= tables.plan.end",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	by := map[point][]Story{{"p", "tables.wage row 1"}: {{}}}
	if !m.out[0].seen(by) || m.out[1].seen(by) || !m.out[0].asSeen || m.out[4].asSeen {
		t.Error("rows are told from those that a story reads")
	}
}
