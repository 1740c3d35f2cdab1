package agency

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

func demoList(t *testing.T) *Units {
	t.Helper()
	u, err := DemoUnits()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// The binary carries all 34 provinces, each with communes, and stays small.
// Source of the number: Resolution 202/2025/QH15.
func TestDemoUnits(t *testing.T) {
	u := demoList(t)
	if got := len(u.Provinces()); got != 34 {
		t.Errorf("provinces: got %d, want 34", got)
	}
	total := 0
	for _, p := range u.Provinces() {
		n := len(u.Communes(p.Code))
		if total += n + 1; n < 3 {
			t.Errorf("%s has %d communes, want at least 3", p.Title("en"), n)
		}
	}
	if total > 450 || len(u.Communes("01")) != 126 || len(u.Communes("79")) != 168 {
		t.Errorf("units: got %d, of Hà Nội %d, of Hồ Chí Minh %d; want at most 450, 126, 168", total, len(u.Communes("01")), len(u.Communes("79")))
	}
}

// A code is looked up at its own level.
func TestUnitsByCode(t *testing.T) {
	u := demoList(t)
	want := Unit{"00070", Commune, "Phường", "Hoàn Kiếm", "Hoan Kiem", "01"}
	if got, ok := u.Commune("00070"); !ok || got != want {
		t.Errorf("commune 00070: got %+v, %t; want %+v", got, ok, want)
	}
	if _, ok := u.Province("00070"); ok {
		t.Error("a commune was found among the provinces")
	}
	if _, ok := u.Commune("01"); ok {
		t.Error("a province was found among the communes")
	}
	if _, ok := u.Commune("99999"); ok {
		t.Error("an unknown code was found")
	}
}

// Names are found as people type them: without marks, in either composition,
// with the kind before them, or by code.
func TestSearch(t *testing.T) {
	u := demoList(t)
	for _, c := range []struct{ text, first string }{
		{"hoan kiem", "00070"},
		{"HOÀN KIẾM", "00070"},
		{norm.NFD.String("Hoàn Kiếm"), "00070"},
		{"phường hoàn kiếm", "00070"},
		{"  kiem   hoan ", "00070"},
		{"tan dinh", "26737"},
		{"Tân Đinh", "26737"},
		{"da nang", "48"},
		{"đà nẵng", "48"},
		{"00004", "00004"},
		{"ho chi minh", "79"},
		{"hoan ki", "00070"},
	} {
		t.Run(c.text, func(t *testing.T) {
			got := u.Search(c.text)
			if len(got) == 0 || got[0].Code != c.first {
				t.Errorf("got %v, want %s first", got, c.first)
			}
		})
	}
	for _, text := range []string{"", "  ", "!?", "atlantis"} {
		if got := u.Search(text); got != nil {
			t.Errorf("search %q: got %v, want nothing", text, got)
		}
	}
	if got := u.Search("phuong"); len(got) != found || !slices.ContainsFunc(got, func(u Unit) bool { return u.Kind == "Phường" }) {
		t.Errorf("search phuong: got %d units, want %d wards", len(got), found)
	}
}

// An address reads as Vietnamese and as English write it; what is not known
// stays as it was given.
func TestAddressInWords(t *testing.T) {
	u := demoList(t)
	at := func(province, commune, line string) map[string]any {
		return map[string]any{"province": province, "commune": commune, "line": line}
	}
	for _, c := range []struct {
		name   string
		in     any
		vi, en string
	}{
		{"whole", at("01", "00070", "12 phố Hàng Bông"), "12 phố Hàng Bông, phường Hoàn Kiếm, thành phố Hà Nội", "12 phố Hàng Bông, Hoan Kiem Ward, Hanoi City"},
		{"typed", Address{"22", "06994", ""}, "đặc khu Vân Đồn, tỉnh Quảng Ninh", "Van Don Special Zone, Quang Ninh Province"},
		{"province only", map[string]any{"province": "04"}, "tỉnh Cao Bằng", "Cao Bang Province"},
		{"unknown commune", at("01", "99999", "1"), "1, 99999, thành phố Hà Nội", "1, 99999, Hanoi City"},
		{"nothing", map[string]any{}, "", ""},
		{"not an address", 12, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff([]string{c.vi, c.en}, []string{u.Text(c.in, "vi"), u.Text(c.in, "en")}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := u.AddressText("en")(at("01", "00004", "")); got != "Ba Dinh Ward, Hanoi City" {
		t.Errorf("AddressText: got %q", got)
	}
}
