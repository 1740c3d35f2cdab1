package ui

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

func title(vi, en string) workflow.Text { return workflow.Text{VI: vi, EN: en} }

func choices(values ...string) (out []forms.Choice) {
	for _, v := range values {
		out = append(out, forms.Choice{Value: v, Title: title("Chọn "+v, "Choose "+v)})
	}
	return out
}

// questions are one of each kind.
func questions() []*forms.Field {
	child := []*forms.Field{
		{Name: "fullName", Pointer: "/fullName", Title: title("Tên", "Name"), Type: "string", Widget: forms.TextWidget, Required: true},
		{Name: "birthDate", Pointer: "/birthDate", Title: title("Ngày sinh", "Date of birth"), Type: "string", Format: "date", Widget: forms.DateWidget},
		{Name: "sex", Pointer: "/sex", Title: title("Giới tính", "Sex"), Type: "string", Widget: forms.RadiosWidget, Enum: choices("male", "female")},
	}
	list := []*forms.Field{
		{Name: "fullName", Title: title("Họ tên", "Full name"), Type: "string", Widget: forms.TextWidget, Required: true},
		{Name: "number", Title: title("Số định danh", "Personal number"), Type: "string", Widget: forms.TextWidget, PersonalNumber: true},
		{Name: "phone", Title: title("Điện thoại", "Telephone"), Type: "string", Format: "phone", Widget: forms.TextWidget},
		{Name: "note", Title: title("Ghi chú", "Note"), Type: "string", Widget: forms.TextareaWidget},
		{Name: "fee", Title: title("Số tiền", "Amount"), Type: "integer", Widget: forms.NumberWidget, Money: true},
		{Name: "area", Title: title("Diện tích", "Floor area"), Type: "number", Widget: forms.NumberWidget},
		{Name: "birthDate", Title: title("Ngày sinh", "Date of birth"), Type: "string", Format: "date", Widget: forms.DateWidget},
		{Name: "twins", Title: title("Sinh đôi?", "A twin?"), Type: "boolean", Widget: forms.YesNoWidget},
		{Name: "mode", Title: title("Cách", "Way"), Type: "string", Widget: forms.RadiosWidget, Enum: choices("join", "new")},
		{Name: "ethnicity", Title: title("Dân tộc", "Ethnicity"), Type: "string", Widget: forms.SelectWidget, Enum: choices("kinh", "tay")},
		{Name: "papers", Title: title("Giấy tờ", "Papers"), Type: "array", Widget: forms.ChecksWidget, Enum: choices("a", "b", "c")},
		{Name: "home", Title: title("Nơi ở", "Home"), Type: "object", Widget: forms.AddressWidget},
		{Name: "children", Title: title("Con", "Children"), Type: "array", Widget: forms.GroupWidget, Items: child, MaxItems: 3},
	}
	for _, q := range list {
		q.Pointer = forms.Pointer("/s/" + q.Name)
	}
	return list
}

func demoUnits(t testing.TB) *agency.Units {
	t.Helper()
	u, err := agency.DemoUnits()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func drawn(t testing.TB, a forms.Answer, o FieldOptions) url.Values {
	t.Helper()
	return submitted(draw(t, Control(FieldOf(a, o))))
}

// What a question shows is what it sends back: an answer that nobody touches
// comes out of Parse as it went in, in both languages.
func TestAnswersComeBack(t *testing.T) {
	answers := map[string]any{
		"fullName": `Nguyễn "Thị" <An>`, "number": "001196000101", "phone": "0912345678", "note": "dòng 1\n\ndòng 2", "fee": int64(1234567), "area": 24.5,
		"birthDate": "1996-03-07", "twins": false, "mode": "new", "ethnicity": "tay", "papers": []any{"a", "c"},
		"home":     map[string]any{"province": "01", "commune": "00070", "line": "12 phố Hàng Bông"},
		"children": []any{map[string]any{"fullName": "Minh", "birthDate": "2026-11-01", "sex": "male"}, map[string]any{"fullName": "Lan", "sex": "female"}},
	}
	for _, lang := range []string{"vi", "en"} {
		for _, value := range []bool{true, false} {
			for _, q := range questions() {
				want := any(nil)
				if value {
					want = answers[q.Name]
				}
				a := forms.Answer{Field: q, Value: want, Choices: q.Enum, Widget: q.Widget, Asked: true}
				sent := drawn(t, a, FieldOptions{Lang: lang, Units: demoUnits(t)})
				got, problems := new(forms.Form).Parse(&forms.Section{Fields: []*forms.Field{q}, OnePerPage: true}, sent)
				if len(problems) > 0 {
					t.Errorf("%s: %v", q.Name, problems)
				}
				// Radios without a choice send nothing, so that the question counts as not asked.
				if q.Widget != forms.RadiosWidget && q.Widget != forms.YesNoWidget {
					if _, ok := got[q.Name]; !ok {
						t.Errorf("%s was not sent", q.Name)
					}
				}
				if d := cmp.Diff(want, got[q.Name]); d != "" {
					t.Errorf("%s (-want +got):\n%s", q.Name, d)
				}
			}
		}
	}
}

// What was typed and could not be read stands in the page again.
func TestTypedIsKept(t *testing.T) {
	typed := url.Values{"fee": {"hai mươi"}, "birthDate-day": {"31"}, "birthDate-month": {"2"}, "birthDate-year": {"2026"},
		"children-0-fullName": {"Minh"}, "children-0-birthDate-day": {"x"}}
	for _, q := range questions() {
		sent := drawn(t, forms.Answer{Field: q, Choices: q.Enum, Widget: q.Widget}, FieldOptions{Lang: "vi", Typed: typed})
		for key, values := range typed {
			if key == q.Name || strings.HasPrefix(key, q.Name+"-") {
				if sent.Get(key) != values[0] {
					t.Errorf("%s: got %q, want %q", key, sent.Get(key), values[0])
				}
			}
		}
	}
}

// A problem stands beside its question and in the summary in the same words, and
// the summary leads to an input that names it.
func TestProblemsStandTwice(t *testing.T) {
	var problems []forms.Problem
	for _, q := range questions() {
		problems = append(problems, forms.Problem{At: q.Pointer, VI: "Sửa " + q.Name, EN: "Correct " + q.Name})
	}
	problems = append(problems, forms.Problem{At: "/s/children/1/fullName", VI: "Nhập tên của con thứ 2", EN: "Enter the name of child 2"},
		forms.Problem{At: "/s/fee", VI: "Khoản này thường nhỏ hơn", EN: "This is mostly less", Warning: true})
	typed := url.Values{"children-0-fullName": {"Minh"}, "children-1-fullName": {""}, "children-4-fullName": {" "}, "children-4-birthDate-day": {"3"}}
	var fields []Field
	for _, q := range questions() {
		fields = append(fields, FieldOf(forms.Answer{Field: q, Choices: q.Enum, Widget: q.Widget}, FieldOptions{Lang: "en", Typed: typed, Problems: problems}))
	}
	root := draw(t, Controls(fields))
	list := Problems(fields)
	if got, want := len(list), len(questions())+1; got != want {
		t.Fatalf("%d problems in the summary, want %d: %v", got, want, list)
	}
	for _, p := range list {
		input := byID(root, strings.TrimPrefix(p.Href, "#"))
		if input == nil {
			t.Errorf("%s leads nowhere", p.Href)
			continue
		}
		described := attr(input, "aria-describedby")
		for n := input; described == "" && n != nil; n = n.Parent {
			described = attr(n, "aria-describedby")
		}
		found := false
		for id := range strings.FieldsSeq(described) {
			if e := byID(root, id); e != nil && text(e) == "Error: "+p.Text {
				found = true
			}
		}
		if !found {
			t.Errorf("%s is not described by %q", p.Href, p.Text)
		}
	}
	// Entry 1 is empty and dropped by Parse, so the second child is entry 4.
	if last := list[len(list)-1]; last.Href != "#children-4-fullName" {
		t.Errorf("the problem of the second child leads to %s", last.Href)
	}
	if fields[4].Warning == "" {
		t.Error("the warning is not beside its question")
	}
}

// The buttons of a group add an empty entry and take one away; nothing else
// that was typed changes.
func TestGroupButtons(t *testing.T) {
	q := questions()[12]
	typed := func(more ...string) url.Values {
		v := url.Values{"children-0-fullName": {"Minh"}, "children-1-fullName": {"Lan"}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	for _, c := range []struct {
		name  string
		typed url.Values
		want  []string
		add   bool
	}{
		{"nothing pressed", typed(), []string{"children-0-fullName=Minh", "children-1-fullName=Lan"}, true},
		{"add", typed("add", "children"), []string{"children-0-fullName=Minh", "children-1-fullName=Lan", "children-2-fullName="}, false},
		{"add of another group", typed("add", "cars"), []string{"children-0-fullName=Minh", "children-1-fullName=Lan"}, true},
		{"add beyond the last", typed("children-2-fullName", "Hà", "add", "children"), []string{"children-0-fullName=Minh", "children-1-fullName=Lan", "children-2-fullName=Hà"}, false},
		{"remove", typed("remove", "children-0"), []string{"children-1-fullName=Lan"}, true},
		{"none left", url.Values{"children-0-fullName": {"Minh"}, "remove": {"children-0"}}, []string{"children-1-fullName="}, true},
	} {
		f := FieldOf(forms.Answer{Field: q, Widget: q.Widget}, FieldOptions{Lang: "vi", Typed: c.typed})
		var got []string
		for _, item := range f.Items {
			got = append(got, item.Fields[0].Name+"="+item.Fields[0].Value)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if f.CanAdd != c.add {
			t.Errorf("%s: may add %v, want %v", c.name, f.CanAdd, c.add)
		}
	}
}

// Choices that no record gave are typed, one a line.
func TestChoicesThatNoRecordGave(t *testing.T) {
	q := questions()[10]
	a := forms.Answer{Field: q, Value: []any{"một", "hai"}, Widget: forms.TextareaWidget}
	got, _ := new(forms.Form).Parse(&forms.Section{Fields: []*forms.Field{q}}, drawn(t, a, FieldOptions{Lang: "vi"}))
	if d := cmp.Diff(map[string]any{"papers": []any{"một", "hai"}}, got); d != "" {
		t.Error(d)
	}
}

func TestRedraws(t *testing.T) {
	for key, want := range map[string]bool{"add": true, "remove": true, "units": true, "fullName": false} {
		if got := Redraws(url.Values{key: {"x"}}); got != want {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
}
