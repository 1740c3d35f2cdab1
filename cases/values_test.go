package cases

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Citizen and officer see the values of a case, and they are the same.
func TestCaseShowsValues(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.examined()
	want := map[string]string{"rent": "2.700\u00a0đ", "monthly": "21.600\u00a0đ"}
	for _, seen := range []*Case{o.get(lan, c.Code), o.get(hand70, c.Code)} {
		got := map[string]string{}
		for _, v := range seen.Values {
			got[v.Name] = v.Print("vi")
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	// The day of filing counts, however long the case lasts.
	o.pass(400 * 24 * 3600e9)
	if seen := o.get(hand70, c.Code); len(seen.Values) != 2 || seen.Values[1].Print("vi") != want["monthly"] {
		t.Errorf("a year later: %v", seen.Values)
	}
}
