package forms

import (
	"fmt"
	"strings"
	"testing"
)

// fortyFields is a form with 40 questions, 20 filled, all with a condition or a rule.
func fortyFields(b *testing.B) (*Form, Context) {
	var filled, asked, rules []string
	answers := map[string]any{}
	for i := range 20 {
		filled = append(filled, fmt.Sprintf(`"f%d": {"$ref": "../common/person.json#/$defs/fullName", "x-fill": "applicant.fullName"}`, i))
		when := ""
		if i > 0 {
			when = fmt.Sprintf(`"x-when": "form.asked.a%d != ''",`, i-1)
		}
		asked = append(asked, fmt.Sprintf(`"a%d": {"type": "string", "maxLength": 50, "title": "Câu", "x-text": {"en": {"title": "Question"}}, %s "x-asked": {"because": {"vi": "Chỉ ông/bà biết", "en": "Only you know"}}}`, i, when))
		answers[fmt.Sprintf("a%d", i)] = "trả lời"
		rules = append(rules, fmt.Sprintf(`{"id": "r%d", "rule": "form.asked.a%d != form.filled.f%d", "at": ["/asked/a%d"], "vi": "Khác", "en": "Other"}`, i, i, i, i))
	}
	text := `"title": "Phần", "x-text": {"en": {"title": "Part"}}, "type": "object"`
	schema := `{"type": "object", "properties": {"filled": {` + text + `, "properties": {` + strings.Join(filled, ",") + `}}, "asked": {` + text + `, "properties": {` +
		strings.Join(asked, ",") + `}}}, "x-rules": [` + strings.Join(rules, ",") + `]}`
	f, found := Compile(source([]byte(schema)))
	if len(found) > 0 {
		b.Fatal(found)
	}
	ctx := sampleContext()
	ctx.Answers = map[string]any{"asked": answers}
	if _, problems := f.Validate(ctx); len(problems) > 0 {
		b.Fatal(problems)
	}
	return f, ctx
}

// BenchmarkValidate fills and checks 40 questions with 19 conditions and 20
// rules; the target is 1 ms. BenchmarkSchemaFloor is the JSON Schema alone.
func BenchmarkValidate(b *testing.B) {
	f, ctx := fortyFields(b)
	b.ReportAllocs()
	for b.Loop() {
		f.Validate(ctx)
	}
}

func BenchmarkSchemaFloor(b *testing.B) {
	f, ctx := fortyFields(b)
	s, err := f.Evaluate(ctx)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := f.schema.Validate(s.Values); err != nil {
			b.Fatal(err)
		}
	}
}
