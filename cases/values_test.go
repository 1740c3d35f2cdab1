package cases

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/procedures"
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

// A case goes to another version only where its values come out the same.
func TestProspectComparesValues(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.examined()
	for _, tt := range []struct{ old, new, because string }{
		{"small: 800", "small: 850", ""}, // of days before this filing
		{"small: 900", "small: 950", "Rent of a day would be 2.850\u00a0đ, it was 2.700\u00a0đ"},
		{"? 0 : values.rent * tables.fairs", "? 0 : values.rent * tables.fairs + 1", "Rent of a month"},
		{"  monthly: {title", "  more: {title: {vi: Thêm, en: More}, is: values.rent + 1, as: money, show: true}\n  monthly: {title", ""},
	} {
		tree := withSupplement(t)
		f := tree["stall/procedure.yaml"]
		if bytes.Count(f.Data, []byte(tt.old)) != 1 {
			t.Fatalf("%q does not stand once", tt.old)
		}
		f.Data = bytes.Replace(f.Data, []byte(tt.old), []byte(tt.new), 1)
		catalogue, _ := procedures.Load(tree)
		to, ok := catalogue.Get("stall")
		if !ok {
			t.Fatal("the new version does not load")
		}
		p, err := o.prospect(t.Context(), o.now1(c.ID), to)
		o.ok(err)
		var said []string
		for _, b := range p.because {
			said = append(said, b.EN)
		}
		if all := strings.Join(said, "; "); tt.because == "" && p.standing == Blocked || tt.because != "" && !strings.Contains(all, "another result: "+tt.because) {
			t.Errorf("%s: %s, because %q", tt.new, p.standing, all)
		}
	}
}
