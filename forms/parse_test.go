package forms

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// People write as they do; the answers are typed.
func TestParse(t *testing.T) {
	f := sample(t)
	for _, tt := range []struct{ name, section, sent, field, problem string }{
		{"date", "/child", "birthDate-day=7&birthDate-month=3&birthDate-year=2026", `2026-03-07`, ""},
		{"date in one", "/child", "birthDate=7/3/2026", `2026-03-07`, ""},
		{"iso date", "/child", "birthDate=2026-03-07", `2026-03-07`, ""},
		{"no such day", "/child", "birthDate-day=30&birthDate-month=2&birthDate-year=2026", "", "Nhập ngày sinh của cháu là một ngày có thật, ví dụ 27 3 2026"},
		{"month missing", "/child", "birthDate-day=30&birthDate-month=&birthDate-year=2026", "", "Nhập tháng ở ngày sinh của cháu"},
		{"money", "/child", "income=1.234.567 đ", `1234567`, ""},
		{"money with spaces", "/child", "income=1 234 567", `1234567`, ""},
		{"money in words", "/child", "income=ba trăm", "", "Nhập thu nhập bằng chữ số, ví dụ 1.500"},
		{"half a đồng", "/child", "income=1,5", "", "Nhập thu nhập bằng chữ số, ví dụ 1.500"},
		{"decimal comma", "/child", "weight=3,25", `3.25`, ""},
		{"comma before three digits", "/child", "weight=3,125", `3.125`, ""},
		{"thousands and a fraction", "/child", "weight=1.234,5", `1234.5`, ""},
		{"decimal point", "/child", "weight=3.2", `3.2`, ""},
		{"yes", "/child", "first=yes", `true`, ""},
		{"no", "/child", "first=no", `false`, ""},
		{"number with spaces", "/household", "headNumber=001 190 000 202", `001190000202`, ""},
		{"phone", "/applicant", "phone=%2B84 912.345.678", `0912345678`, ""},
		{"hard space", "/child", "fullName=%C2%A0Trần%C2%A0An ", `Trần An`, ""},
		{"text kept over lines", "/child", "note=a%0D%0Ab", "a\nb", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			values, err := url.ParseQuery(tt.sent)
			if err != nil {
				t.Fatal(err)
			}
			answers, problems := f.Parse(f.section(Pointer(tt.section)), values)
			if tt.problem != "" {
				if len(problems) != 1 || problems[0].VI != tt.problem || problems[0].Typed == "" {
					t.Errorf("got %+v, want %q with what was typed", problems, tt.problem)
				}
				return
			}
			name, _, _ := strings.Cut(tt.sent, "=")
			name, _, _ = strings.Cut(name, "-")
			if got := printPlain(answers[name]); got != tt.field || len(problems) > 0 {
				t.Errorf("got %q, %v, want %q", got, problems, tt.field)
			}
		})
	}
}

// Addresses, groups and check boxes become objects and lists; emptied answers become nil.
func TestParseComposite(t *testing.T) {
	f := sample(t)
	values, _ := url.ParseQuery("home-province=01&home-commune=00004&home-line= 12 phố Huế &phone=")
	got, _ := f.Parse(f.Sections[0], values)
	want := map[string]any{"phone": nil, "home": map[string]any{"province": "01", "commune": "00004", "line": "12 phố Huế"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	values, _ = url.ParseQuery("children=a&children=b&children=a&children=")
	got, _ = f.Parse(f.Sections[1], values)
	if d := cmp.Diff(map[string]any{"children": []any{"a", "b"}}, got); d != "" {
		t.Error(d)
	}
	values, _ = url.ParseQuery("witnesses-2-fullName=B&witnesses-0-fullName=A&witnesses-0-birthDate-day=1&witnesses-0-birthDate-month=2&witnesses-0-birthDate-year=1990&witnesses-1-fullName=")
	got, _ = f.Parse(f.Sections[2], values)
	want = map[string]any{"witnesses": []any{map[string]any{"fullName": "A", "birthDate": "1990-02-01"}, map[string]any{"fullName": "B"}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// What is put into the page comes back as it was.
func TestInputsAndParseAreInverse(t *testing.T) {
	f := sample(t)
	for at, value := range map[Pointer]any{
		"/child/birthDate": "2026-03-07", "/child/income": int64(1234567), "/child/weight": 3.125, "/child/first": false,
		"/applicant/home": home, "/household/headNumber": "001190000202", "/household/children": []any{"a", "b"},
		"/child/witnesses": []any{map[string]any{"fullName": "A", "birthDate": "1990-12-31"}, map[string]any{"fullName": "B"}},
	} {
		q := f.Field(at)
		got, p := q.parse(q.Inputs(value, q.Name), q.Name)
		if d := cmp.Diff(value, got); d != "" || p != nil {
			t.Errorf("%s: %v %s", at, p, d)
		}
	}
}

// Values are shown as people write them.
func TestPrint(t *testing.T) {
	f := sample(t)
	units := func(a map[string]any) string { return a["line"].(string) + ", phường Cửa Nam" }
	for _, tt := range []struct {
		at     Pointer
		value  any
		vi, en string
	}{
		{"/child/birthDate", "2026-03-07", "07/03/2026", "07/03/2026"},
		{"/child/income", int64(1234567), "1.234.567 đ", "1.234.567 đ"},
		{"/child/income", float64(500), "500 đ", "500 đ"},
		{"/child/weight", 3.25, "3,25", "3,25"},
		{"/child/first", true, "Có", "Yes"},
		{"/child/sex", "female", "Nữ", "Female"},
		{"/household/headNumber", "001190000202", "001 190 000 202", "001 190 000 202"},
		{"/applicant/home", home, "12 phố Hàng Bài, phường Cửa Nam", "12 phố Hàng Bài, phường Cửa Nam"},
		{"/child/witnesses", []any{map[string]any{"fullName": "A", "birthDate": "1990-12-31"}, map[string]any{"fullName": "B"}}, "A, 31/12/1990; B", "A, 31/12/1990; B"},
		{"/child/note", nil, "", ""},
	} {
		q := f.Field(tt.at)
		if vi, en := q.Print(tt.value, "vi", units), q.Print(tt.value, "en", units); vi != tt.vi || en != tt.en {
			t.Errorf("%s: got %q, %q, want %q, %q", tt.at, vi, en, tt.vi, tt.en)
		}
	}
	s, err := f.Evaluate(Context{Records: sampleContext().Records, Session: sampleContext().Session,
		Answers: map[string]any{"household": map[string]any{"mode": "join", "children": []any{"001224000303"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Answer("/household/children").Print("vi", units); got != "Nguyễn An" {
		t.Errorf("a choice from a record: got %q, want its label", got)
	}
}

// Any values end in answers or problems, and answers can be validated.
func FuzzParse(f *testing.F) {
	form := sample(f)
	f.Add("birthDate-day=7&birthDate-month=x&witnesses-0-fullName=A&witnesses-0-birthDate-day=\xff&income=-9999999999999999999")
	f.Add("children=%00&home-line=%0a&first=perhaps&weight=NaN&weight=1e400&mode=found")
	f.Fuzz(func(t *testing.T, body string) {
		values, _ := url.ParseQuery(body)
		ctx := sampleContext()
		for _, s := range form.Sections {
			ctx.Answers[s.Name], _ = form.Parse(s, values)
		}
		state, _ := form.Validate(ctx)
		for _, s := range state.Sections {
			for _, a := range s.Answers {
				a.Print("vi", nil)
				a.Field.Inputs(a.Value, a.Field.Name)
			}
		}
		Digest(state)
	})
}
