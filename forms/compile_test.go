package forms

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/expr"
)

// The sample uses every keyword and has nothing to find.
func TestCompileSample(t *testing.T) {
	f := sample(t)
	if got := len(f.Sections); got != 3 {
		t.Fatalf("sections: got %d, want 3", got)
	}
	var names []string
	for _, s := range f.Sections {
		names = append(names, s.Name)
	}
	if want := []string{"applicant", "household", "child"}; !slices.Equal(names, want) {
		t.Errorf("order: got %v, want %v", names, want)
	}
	phone, name := f.Field("/applicant/phone"), f.Field("/applicant/fullName")
	if phone.Authoritative || !name.Authoritative {
		t.Errorf("authoritative: got phone %v, name %v, want false, true", phone.Authoritative, name.Authoritative)
	}
	if got := f.Field("/household/headName").Title.EN; got != "Name of the head" {
		t.Errorf("keywords beside $ref override: got %q", got)
	}
	if got := f.Field("/child/witnesses/0/fullName").Widget; got != GroupWidget {
		t.Errorf("a pointer into a group finds the group: got %s", got)
	}
	typ := f.Type()
	if got := typ.Fields["child"].Fields["income"].Kind; got != expr.Int {
		t.Errorf("type of income: got %s, want int", got)
	}
	if got := typ.Fields["applicant"].Fields["home"].Fields["line"].Kind; got != expr.String {
		t.Errorf("type of an address line: got %s, want string", got)
	}
}

// Each mistake is found at its place, with a remedy.
func TestCompileFindings(t *testing.T) {
	const because = `"x-asked": {"because": {"vi": "a", "en": "b"}}`
	const text = `"title": "Tên", "x-text": {"en": {"title": "Name"}}`
	question := func(body string) string {
		return "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"object\", " + text + ", \"properties\": {\n  \"q\": {" + body + "}}}}}"
	}
	for _, tt := range []struct{ name, schema, code, remedy string }{
		{"broken", "{\"a\": \n  ,}", "JSON", "valid JSON"},
		{"no object", "[]", "FORM", "begin with"},
		{"doubled", `{"a": 1, "a": 2}`, "JSON", "valid JSON"},
		{"no sections", `{}`, "FORM", "properties"},
		{"unknown keyword", question(`"type": "boolean", "x-fil": "a.b", ` + text + `, ` + because), "KEYS", "x-fill"},
		{"neither filled nor asked", question(`"type": "boolean", ` + text), "FILL", "x-asked"},
		{"both", question(`"type": "string", "maxLength": 9, "x-fill": "applicant.fullName", "x-element": "person.fullName", ` + text + `, ` + because), "FILL", "keep"},
		{"no English", question(`"type": "boolean", "title": "Tên", ` + because), "TEXT", "x-text"},
		{"no title", question(`"type": "boolean", ` + because), "TEXT", "title"},
		{"no type", question(text + `, ` + because), "TYPE", "string"},
		{"no limit", question(`"type": "string", ` + text + `, ` + because), "BOUND", "maxLength"},
		{"unknown subject", question(`"type": "string", "maxLength": 9, "x-fill": "nobody.fullName", ` + text), "FILL", "subject"},
		{"unknown datum", question(`"type": "string", "maxLength": 9, "x-fill": "applicant.shoe", ` + text), "FILL", "elements.yaml"},
		{"other datum", question(`"type": "string", "maxLength": 9, "x-fill": "applicant.fullName", "x-element": "person.phone", ` + text), "FILL", "same datum"},
		{"other type", question(`"type": "boolean", "x-fill": "applicant.fullName", "x-element": "person.fullName", ` + text), "FILL", "type of the datum"},
		{"unknown element", question(`"type": "boolean", "x-element": "person.shoe", ` + text + `, ` + because), "ELEMENT", "elements.yaml"},
		{"enum without titles", question(`"type": "string", "enum": ["a"], "maxLength": 3, ` + text + `, ` + because), "ENUM", "oneOf"},
		{"stop of no choice", question(`"type": "string", "oneOf": [{"const": "a", ` + text + `}], "x-stop": {"b": {"vi": "x", "en": "y"}}, ` + text + `, ` + because), "STOP", "const"},
		{"bad ref", question(`"$ref": "../common/person.json#/$defs/shoe", ` + because), "REF", "definition"},
		{"ref to itself", question(`"$ref": "#/properties/a/properties/q", ` + because), "REF", "end"},
		{"bad widget", question(`"type": "boolean", "x-widget": "date", ` + text + `, ` + because), "WIDGET", "leave"},
		{"waiver without date", question(`"type": "boolean", "x-waiver": {"law": "x", "until": "soon"}, ` + text + `, ` + because), "WAIVER", "until"},
		{"reads a later answer", question(`"type": "boolean", "x-when": "form.a.q == true", ` + text + `, ` + because), "ORDER", "earlier"},
		{"broken expression", question(`"type": "boolean", "x-when": "form.a.", ` + text + `, ` + because), "CEL", "expression"},
		{"rule at nothing", strings.TrimSuffix(question(`"type": "boolean", `+text+`, `+because), "}") + `, "x-rules": [{"id": "r", "rule": "true", "at": ["/a/z"], "vi": "x", "en": "y"}]}`, "AT", "question"},
		{"schema of another kind", question(`"type": "boolean", "minItems": "x", ` + text + `, ` + because), "SCHEMA", "keyword"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, found := Compile(source([]byte(tt.schema)))
			i := slices.Index(codes(found), tt.code)
			if i < 0 {
				t.Fatalf("got %v, want %s", found, tt.code)
			}
			if f := found[i]; f.Line == 0 || f.Column == 0 || !strings.Contains(f.Remedy, tt.remedy) {
				t.Errorf("got %v, want a place and a remedy with %q", f, tt.remedy)
			}
		})
	}
}

// A finding stands at the line and column of what is wrong.
func TestFindingPosition(t *testing.T) {
	schema := bytes.Replace(sampleSchema(t), []byte(`"x-widget": "textarea"`), []byte(`"x-wodget": "textarea"`), 1)
	_, found := Compile(source(schema))
	if len(found) != 1 {
		t.Fatalf("got %v, want one finding", found)
	}
	at := bytes.Index(schema, []byte(`"x-wodget"`))
	line := 1 + bytes.Count(schema[:at], []byte("\n"))
	col := 1 + len([]rune(string(schema[bytes.LastIndexByte(schema[:at], '\n')+1:at])))
	if found[0].Line != line || found[0].Column != col {
		t.Errorf("got %d:%d, want %d:%d", found[0].Line, found[0].Column, line, col)
	}
}

// Any bytes end in a form or in findings.
func FuzzCompile(f *testing.F) {
	f.Add(sampleSchema(f))
	f.Add([]byte(`{"properties": {"a": {"properties": {"b": {"type": "array", "items": {"properties": {"c": 1}}}}}}, "x-rules": [{"at": 1}]}`))
	f.Add([]byte(`{"properties": {"a": {"properties": {"b": {"$ref": "#/properties/a", "oneOf": [1], "x-stop": {"a": 1}, "x-choices": {"from": 1}}}}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		form, found := Compile(source(b))
		if form == nil && len(found) == 0 {
			t.Fatal("neither form nor finding")
		}
		if form != nil {
			form.Proof(sampleProving())
			form.Validate(sampleContext())
		}
	})
}
