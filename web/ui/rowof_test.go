package ui

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// A row says the value in words, where it is from and what is in doubt.
func TestRowOf(t *testing.T) {
	asOf := time.Date(2026, 3, 12, 9, 0, 0, 0, calendar.Hanoi)
	filled := forms.Filled{Registry: "resident", AsOf: asOf, State: forms.Fetched}
	stale := filled
	stale.State = forms.Stale
	q := map[string]*forms.Field{}
	for _, one := range questions() {
		q[one.Name] = one
	}
	name := func(registry string) string { return "Cơ sở dữ liệu quốc gia về dân cư" }
	changing := *q["fullName"]
	changing.Caveat = workflow.Text{VI: "Có thể đã đổi", EN: "May have changed"}
	const source = "Cơ sở dữ liệu quốc gia về dân cư · cập nhật 12/03/2026"
	for _, c := range []struct {
		name   string
		answer forms.Answer
		want   Row
	}{
		{"filled", forms.Answer{Field: q["fullName"], Value: "An", Filled: &filled}, Row{Label: "Họ tên", Value: "An", Source: source}},
		{"with a caveat", forms.Answer{Field: &changing, Value: "An", Filled: &filled}, Row{Label: "Họ tên", Value: "An", Source: source, Note: "Có thể đã đổi"}},
		{"with a caveat, of one's own", forms.Answer{Field: &changing, Value: "Bình"}, Row{Label: "Họ tên", Value: "Bình"}},
		{"kept copy", forms.Answer{Field: q["fullName"], Value: "An", Filled: &stale}, Row{Label: "Họ tên", Value: "An", Source: source + " · bản lưu, cơ sở dữ liệu chưa trả lời"}},
		{"number", forms.Answer{Field: q["number"], Value: "001196000101"}, Row{Label: "Số định danh", Value: "001196000101", Digits: true}},
		{"contested", forms.Answer{Field: q["birthDate"], Value: "1996-03-27", Filled: &filled, Contest: &forms.Contest{Value: "1996-03-28"}},
			Row{Label: "Ngày sinh", Value: "27/03/1996", Source: source, Tag: Tag{"Ông/bà báo chưa đúng", Warning}, Note: "Giá trị đúng theo ông/bà: 28/03/1996"}},
		{"unverified", forms.Answer{Field: q["fee"], Value: int64(20000), Unverified: true}, Row{Label: "Số tiền", Value: "20.000 đ", Note: "Chưa đối chiếu được với cơ sở dữ liệu"}},
		{"skipped", forms.Answer{Field: q["note"]}, Row{Label: "Ghi chú", Value: "Không cung cấp"}},
		{"address", forms.Answer{Field: q["home"], Value: map[string]any{"province": "01", "commune": "00070", "line": "12 phố Hàng Bông"}},
			Row{Label: "Nơi ở", Value: "12 phố Hàng Bông, phường Hoàn Kiếm, thành phố Hà Nội"}},
	} {
		got := RowOf(c.answer, RowOptions{Lang: "vi", Units: demoUnits(t), Registry: name})
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// The communes come by name, in the language of the page; an unknown province
// has none.
func TestUnits(t *testing.T) {
	units := demoUnits(t)
	h := Units(func() *agency.Units { return units })
	get := func(query string) (list []struct{ Code, Name string }) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", UnitsPath+query, nil))
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
			t.Fatalf("%s: %v in %q", query, err, w.Body)
		}
		return list
	}
	if got, want := len(get("?province=01&lang=vi")), len(units.Communes("01")); got != want || want == 0 {
		t.Errorf("%d communes, want %d", got, want)
	}
	found := map[string]string{}
	for _, lang := range []string{"vi", "en"} {
		for _, u := range get("?province=01&lang=" + lang) {
			if u.Code == "00070" {
				found[lang] = u.Name
			}
		}
	}
	if d := cmp.Diff(map[string]string{"vi": "Phường Hoàn Kiếm", "en": "Hoan Kiem Ward"}, found); d != "" {
		t.Error(d)
	}
	if got := get("?province=xx"); got == nil || len(got) != 0 {
		t.Errorf("an unknown province has %v, want an empty list", got)
	}
}
