package forms

import (
	"encoding/json"
	"strings"
	"testing"
)

func foundChild(change map[string]any) Context {
	ctx := sampleContext()
	child := map[string]any{"fullName": "Trần An", "birthDate": "2026-11-01", "first": true}
	for k, v := range change {
		child[k] = v
	}
	ctx.Answers = map[string]any{"household": map[string]any{"mode": "found"}, "child": child}
	return ctx
}

// Each wrong answer has one problem that says what to do and names the question.
func TestValidate(t *testing.T) {
	f := sample(t)
	for _, tt := range []struct {
		name   string
		change map[string]any
		at     Pointer
		rule   string
		vi     string
	}{
		{"missing", map[string]any{"birthDate": nil}, "/child/birthDate", "required", "Nhập ngày sinh của cháu"},
		{"empty is missing", map[string]any{"fullName": "  "}, "/child/fullName", "required", "Nhập tên của cháu"},
		{"missing choice", map[string]any{"first": nil}, "/child/first", "required", "Chọn con đầu lòng"},
		{"wrong type", map[string]any{"income": "much"}, "/child/income", "type", "Nhập lại thu nhập"},
		{"no date", map[string]any{"birthDate": "2026-02-30"}, "/child/birthDate", "format", "Nhập ngày sinh của cháu là một ngày có thật, ví dụ 27 3 2026"},
		{"outside the range", map[string]any{"weight": 12.0}, "/child/weight", "range", "Nhập cân nặng từ 0,3 đến 9"},
		{"below the range", map[string]any{"income": int64(-1)}, "/child/income", "range", "Nhập thu nhập từ 0"},
		{"no choice", map[string]any{"sex": "other"}, "/child/sex", "enum", "Chọn giới tính trong danh sách"},
		{"e-mail", map[string]any{"email": "lan@"}, "/child/email", "format", "Nhập thư điện tử đầy đủ, ví dụ lan@example.vn"},
		{"too long", map[string]any{"note": strings.Repeat("ă", 501)}, "/child/note", "length", "Rút gọn ghi chú còn nhiều nhất 500 ký tự"},
		{"too many", map[string]any{"witnesses": []any{map[string]any{"fullName": "A"}, map[string]any{"fullName": "B"}, map[string]any{"fullName": "C"}}}, "/child/witnesses", "length", "Giữ lại nhiều nhất 2 mục ở người làm chứng"},
		{"within a group", map[string]any{"witnesses": []any{map[string]any{"birthDate": "1990-01-01"}}}, "/child/witnesses/0/fullName", "required", "Nhập họ và tên (mục 1)"},
		{"rule", map[string]any{"birthDate": "2026-12-01"}, "/child/birthDate", "born-by-today", "Nhập ngày sinh không sau hôm nay"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := f.Validate(foundChild(tt.change))
			var errs []Problem
			for _, p := range problems {
				if !p.Warning {
					errs = append(errs, p)
				}
			}
			if len(errs) != 1 || errs[0].At != tt.at || errs[0].Rule != tt.rule || errs[0].VI != tt.vi || errs[0].EN == "" {
				t.Errorf("got %+v, want %s %s %q", errs, tt.at, tt.rule, tt.vi)
			}
		})
	}
}

// A complete application has no problem; a warning does not block.
func TestValidateGood(t *testing.T) {
	f := sample(t)
	if _, problems := f.Validate(sampleContext()); len(problems) > 0 {
		t.Errorf("join: got %+v, want none", problems)
	}
	_, problems := f.Validate(foundChild(nil))
	if len(problems) != 1 || !problems[0].Warning || problems[0].Rule != "far-away" {
		t.Errorf("found: got %+v, want one warning", problems)
	}
}

// Problems of the household: the lock, the number, the rule over it, the stop.
func TestValidateHousehold(t *testing.T) {
	f := sample(t)
	for _, tt := range []struct {
		name    string
		answers map[string]any
		at      Pointer
		rule    string
	}{
		{"locked value changed", map[string]any{"applicant": map[string]any{"fullName": "Lan"}}, "/applicant/fullName", "locked"},
		{"11 digits", map[string]any{"household": map[string]any{"mode": "join", "headNumber": "00119000020"}}, "/household/headNumber", "format"},
		{"one's own number", map[string]any{"household": map[string]any{"mode": "join", "headNumber": "001196000101"}}, "/household/headNumber", "head-is-another"},
		{"the journey ends", map[string]any{"household": map[string]any{"mode": "abroad"}}, "/household/mode", "stop"},
		{"a child of others", map[string]any{"household": map[string]any{"mode": "join", "headNumber": "001190000202", "children": []any{"001224000999"}}}, "/household/children", "enum"},
		{"nothing chosen", map[string]any{"household": map[string]any{}}, "/household/mode", "required"},
		{"an own phone number, badly", map[string]any{"applicant": map[string]any{"phone": "12"}}, "/applicant/phone", "format"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := sampleContext()
			for k, v := range tt.answers {
				ctx.Answers[k] = v
			}
			_, problems := f.Validate(ctx)
			if len(problems) != 1 || problems[0].At != tt.at || problems[0].Rule != tt.rule {
				t.Errorf("got %+v, want %s %s", problems, tt.at, tt.rule)
			}
			section := Pointer(tt.at[:strings.LastIndexByte(string(tt.at), '/')])
			if _, own := f.ValidateSection(ctx, section); len(own) != 1 {
				t.Errorf("in its section: got %+v, want one", own)
			}
			if _, other := f.ValidateSection(ctx, "/child"); len(other) != 0 {
				t.Errorf("in another section: got %+v, want none", other)
			}
		})
	}
}

// No text blames, or shows a code.
func TestMessagesSayWhatToDo(t *testing.T) {
	f := sample(t)
	ctx := sampleContext()
	ctx.Records = nil
	ctx.Answers = map[string]any{"household": map[string]any{"mode": 1, "children": 2}, "applicant": map[string]any{"home": map[string]any{"province": "01"}, "phone": "x"}}
	_, problems := f.Validate(ctx)
	if len(problems) < 6 {
		t.Fatalf("got %d problems, want at least 6", len(problems))
	}
	for _, p := range problems {
		if strings.Contains(p.VI, "không hợp lệ") || strings.Contains(p.EN, "invalid") || strings.Contains(p.VI+p.EN, "{") || strings.Contains(p.VI, "lại ông/bà") {
			t.Errorf("%s: %q, %q", p.At, p.VI, p.EN)
		}
	}
}

// What the JSON Schema alone knows is the last word.
func TestSchemaHasTheLastWord(t *testing.T) {
	schema := strings.Replace(string(sampleSchema(t)), `"income": {"type": "integer",`, `"income": {"type": "integer", "multipleOf": 1000,`, 1)
	f, found := Compile(source([]byte(schema)))
	if len(found) > 0 {
		t.Fatal(found)
	}
	_, problems := f.Validate(foundChild(map[string]any{"income": int64(1500)}))
	if len(problems) == 0 || problems[0].At != "/child/income" || problems[0].Rule != "schema" {
		t.Errorf("got %+v, want a problem of the schema at the income", problems)
	}
}

// Any answers end in problems.
func FuzzValidate(f *testing.F) {
	form := sample(f)
	f.Add([]byte(`{"household": {"mode": "found", "children": [1, null]}, "child": {"witnesses": [[], {"fullName": 1}], "income": 1e99}}`))
	f.Add([]byte(`{"applicant": [], "household": {"mode": "join", "headNumber": "x"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var answers map[string]any
		if json.Unmarshal(b, &answers) != nil {
			return
		}
		ctx := sampleContext()
		ctx.Answers = answers
		s, _ := form.Validate(ctx)
		Digest(s)
	})
}
