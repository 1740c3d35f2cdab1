package forms

import (
	"os"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

var person = map[string]Element{
	"person.number":              {Type: "string", Authoritative: true, Registry: "resident"},
	"person.fullName":            {Type: "string", Authoritative: true, Registry: "resident"},
	"person.birthDate":           {Type: "date", Authoritative: true, Registry: "resident"},
	"person.sex":                 {Type: "string", Authoritative: true, Registry: "resident"},
	"person.phone":               {Type: "string", Registry: "resident"},
	"person.email":               {Type: "string", Registry: "resident"},
	"person.permanentAddress":    {Type: "address", Authoritative: true, Registry: "resident"},
	"person.identityCard":        {Type: "object", Authoritative: true, Registry: "resident"},
	"person.identityCard.number": {Type: "string", Authoritative: true, Registry: "resident"},
	"children.list":              {Type: "list", Authoritative: true, Registry: "resident"},
}

var sampleSubjects = []SubjectDecl{
	{"applicant", "person", key("session.personalNumber")},
	{"children", "children", key("session.personalNumber")},
	{"head", "person", key("form.household.headNumber")},
}

// key compiles the key of a subject.
func key(source string) *expr.Program { return program(source, &expr.Type{Kind: expr.String}) }

func program(source string, want *expr.Type) *expr.Program {
	env, err := sampleEnv(&expr.Type{Kind: expr.Map, Elem: &expr.Type{Kind: expr.Dyn}})
	if err != nil {
		panic(err)
	}
	p, err := env.Compile(source, want)
	if err != nil {
		panic(err)
	}
	return p
}

// sampleProving is the ground that the sample is proved on.
func sampleProving() Proving {
	return Proving{Elements: &Elements{person}, Subjects: sampleSubjects, Today: "2026-11-24"}
}

func sampleEnv(form *expr.Type) (*expr.Env, error) {
	str := &expr.Type{Kind: expr.String}
	dyn := &expr.Type{Kind: expr.Dyn}
	any := &expr.Type{Kind: expr.Map, Elem: dyn}
	item := &expr.Type{Kind: expr.Object, Name: "child", Fields: map[string]*expr.Type{"number": str, "fullName": str, "birthDate": str}}
	return expr.NewEnv(map[string]*expr.Type{
		"form": form, "session": any, "sources": any, "today": str, "variant": str, "case": any, "input": any,
		"subjects": {Kind: expr.Object, Name: "subjects", Fields: map[string]*expr.Type{"applicant": any, "head": any,
			"children": {Kind: expr.Object, Name: "children", Fields: map[string]*expr.Type{"list": {Kind: expr.List, Elem: item}}}}},
	})
}

func source(schema []byte) Source {
	return Source{File: "sample.schema.json", Schema: schema, Common: os.DirFS("testdata"), Elements: &Elements{person}, Subjects: sampleSubjects, Env: sampleEnv}
}

func sampleSchema(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/sample.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sample(t testing.TB) *Form {
	t.Helper()
	f, found := Compile(source(sampleSchema(t)))
	for _, x := range found {
		t.Error(x)
	}
	if f == nil || t.Failed() {
		t.FailNow()
	}
	return f
}

var home = map[string]any{"province": "01", "commune": "00004", "line": "12 phố Hàng Bài"}

// sampleContext is a complete application to join a household.
func sampleContext() Context {
	read := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	record := func(v any) Record {
		return Record{Registry: "resident", Version: "7", State: "fetched", AsOf: read.AddDate(0, -1, 0), FetchedAt: read, Values: v}
	}
	return Context{
		Session: map[string]any{"personalNumber": "001196000101", "level": int64(2)},
		Today:   "2026-11-24",
		Answers: map[string]any{"household": map[string]any{"mode": "join", "headNumber": "001190000202"}},
		Records: map[string]Record{
			"applicant": record(map[string]any{"number": "001196000101", "fullName": "Nguyễn Thị Lan", "birthDate": "1996-03-27", "phone": "0912345678",
				"permanentAddress": home, "identityCard": map[string]any{"number": "001196000101"}}),
			"children": record([]any{map[string]any{"number": "001224000303", "fullName": "Nguyễn An", "birthDate": "2024-01-02"}}),
			"head":     record(map[string]any{"number": "001190000202", "fullName": "Trần Văn Hùng"}),
		},
		CheckUnit: func(province, commune string) bool { return province == "01" && commune == "00004" },
	}
}

func codes(found []workflow.Finding) (out []string) {
	for _, f := range found {
		out = append(out, f.Code)
	}
	return out
}
