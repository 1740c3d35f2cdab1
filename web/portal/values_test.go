package portal

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// Only what is meant for people is shown to them, and nothing that is absent.
func TestValueRows(t *testing.T) {
	value := func(name string, as procedures.ValueKind, show bool) *procedures.Value {
		return &procedures.Value{Name: name, Title: workflow.Text{VI: "Mức " + name, EN: "The " + name}, As: as, Show: show}
	}
	rows := valueRows([]procedures.Result{
		{Value: value("monthly", procedures.MoneyValue, true), Is: int64(113850)},
		{Value: value("hidden", procedures.MoneyValue, false), Is: int64(1)},
		{Value: value("until", procedures.DateValue, true), Is: "2026-12-02"},
		{Value: value("absent", procedures.TextValue, true)},
	}, "en")
	want := []ui.Row{{Label: "The monthly", Value: "113.850\u00a0đ"}, {Label: "The until", Value: "02/12/2026"}}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
}
