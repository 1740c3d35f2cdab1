package forms

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

func evaluate(t *testing.T, ctx Context) *State {
	t.Helper()
	s, err := sample(t).Evaluate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What registries hold is filled, with where it came from; the rest is asked.
func TestEvaluateFills(t *testing.T) {
	s := evaluate(t, sampleContext())
	asked := 0
	for _, section := range s.Sections {
		for _, a := range section.Answers {
			if a.Asked {
				asked++
			}
		}
	}
	if len(s.Filled) != 6 || asked != 3 {
		t.Errorf("got %d filled, %d asked, want 6, 3", len(s.Filled), asked)
	}
	name := s.Answer("/applicant/fullName")
	if f := name.Filled; f == nil || !f.Locked || f.Value != "Nguyễn Thị Lan" || f.Registry != "resident" || f.Version != "7" || f.State != Fetched || f.Element != "person.fullName" || f.AsOf.IsZero() {
		t.Errorf("fullName: got %+v, want it locked, with its source", f)
	}
	if s.Answer("/applicant/phone").Filled.Locked {
		t.Error("a phone number is the citizen's own: it must not be locked")
	}
	if got := s.Answer("/household/headName").Value; got != "Trần Văn Hùng" {
		t.Errorf("headName: got %v", got)
	}
	if got := s.Answer("/household/children").Choices; len(got) != 1 || got[0].Value != "001224000303" || got[0].Title.VI != "Nguyễn An" || got[0].Detail != "2024-01-02" {
		t.Errorf("children: got %+v", got)
	}
}

// Half an address is kept and asked for again; expressions see none, because
// they name all its parts.
func TestHalfAnAddress(t *testing.T) {
	ctx := sampleContext()
	ctx.Records = maps.Clone(ctx.Records)
	r := ctx.Records["applicant"]
	values := maps.Clone(r.Values.(map[string]any))
	delete(values, "permanentAddress")
	r.Values = values
	ctx.Records["applicant"] = r
	ctx.Answers = map[string]any{"applicant": map[string]any{"home": map[string]any{"province": "01", "line": "12 phố Lê Lợi"}}}
	s, problems := sample(t).Validate(ctx)
	if got, _ := s.Answer("/applicant/home").Value.(map[string]any); got["province"] != "01" {
		t.Errorf("what was typed is lost: %v", got)
	}
	if got := s.Values["applicant"].(map[string]any)["home"]; got != nil {
		t.Errorf("expressions see %v", got)
	}
	if !slices.ContainsFunc(problems, func(p Problem) bool { return p.At == "/applicant/home" && p.Rule == "required" }) {
		t.Errorf("the commune is not missed: %v", problems)
	}
}

// An answer of another type, as a program may send it, is refused at its
// question. Expressions do not see it: they are written for the type.
func TestAnswerOfAnotherType(t *testing.T) {
	for at, typed := range map[Pointer]any{
		"/household/mode":       7.0,
		"/household/children":   "001224000303",
		"/household/headNumber": []any{"001190000202"},
		"/child/first":          "yes",
		"/child/weight":         "3.2",
		"/child/income":         9.3e18,
		"/child/email":          map[string]any{},
		"/child/witnesses":      []any{"Trần Văn Hùng"},
	} {
		section, question, _ := strings.Cut(strings.TrimPrefix(string(at), "/"), "/")
		answers := map[string]any{"household": map[string]any{"mode": "join"}}
		if section == "child" {
			answers = map[string]any{"household": map[string]any{"mode": "found"}, "child": map[string]any{}}
		}
		answers[section].(map[string]any)[question] = typed
		ctx := sampleContext()
		ctx.Answers = answers
		s, problems := sample(t).Validate(ctx)
		if got, _ := s.Values[section].(map[string]any); got[question] != nil {
			t.Errorf("%s: expressions see %v", at, got[question])
		}
		if !slices.ContainsFunc(problems, func(p Problem) bool { return p.At == at }) {
			t.Errorf("%s: %v is not refused: %v", at, typed, problems)
		}
	}
}

// An answer to a question that is not shown does not exist.
func TestHiddenAnswersDoNotExist(t *testing.T) {
	ctx := sampleContext()
	ctx.Answers = map[string]any{"household": map[string]any{"mode": "found", "headNumber": "001190000202"}, "child": map[string]any{"fullName": "Trần An"}}
	s := evaluate(t, ctx)
	if s.Answer("/household/headNumber") != nil || s.Values["household"].(map[string]any)["headNumber"] != nil {
		t.Error("headNumber exists although nobody is joined")
	}
	if s.Answer("/child/fullName") == nil {
		t.Error("the section of the child is missing")
	}
	if s := evaluate(t, sampleContext()); s.Values["child"] != nil {
		t.Error("the section of the child exists")
	}
}

// A record that is not there turns its fields into questions.
func TestRegistryStates(t *testing.T) {
	for _, tt := range []struct {
		state      string
		want       FillState
		asked      bool
		unverified bool
	}{
		{"fetched", Fetched, false, false},
		{"stale", Stale, false, false},
		{"empty", Empty, true, true},
		{"unavailable", Unavailable, true, true},
		{"unknown", Unknown, true, false},
		{"silent", Unknown, true, true}, // its key would have come from one that is unavailable
	} {
		t.Run(tt.state, func(t *testing.T) {
			ctx := sampleContext()
			r := ctx.Records["applicant"]
			r.State = tt.state
			if tt.state == "silent" {
				r.State, r.Silent = "unknown", true
			}
			ctx.Records = maps.Clone(ctx.Records)
			ctx.Records["applicant"] = r
			a := evaluate(t, ctx).Answer("/applicant/fullName")
			if a.Source.State != tt.want || a.Asked != tt.asked || a.Unverified != tt.unverified || (a.Filled == nil) != tt.asked {
				t.Errorf("got state %s, asked %v, unverified %v, filled %v", a.Source.State, a.Asked, a.Unverified, a.Filled)
			}
		})
	}
}

// A value that our pages cannot show and send back is not locked.
func TestOnlyWhatSurvivesIsLocked(t *testing.T) {
	for name, change := range map[string]map[string]any{
		"half a date":         {"birthDate": "1996"},
		"a day that is none":  {"birthDate": "1996-02-30"},
		"a number":            {"birthDate": int64(1996)},
		"a commune of before": {"permanentAddress": map[string]any{"province": "01", "commune": "99999", "line": "1"}},
		"half an address":     {"permanentAddress": map[string]any{"province": "01"}},
		"a control character": {"fullName": "Lan\x01"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := sampleContext()
			r := ctx.Records["applicant"]
			values := maps.Clone(r.Values.(map[string]any))
			maps.Copy(values, change)
			r.Values = values
			ctx.Records["applicant"] = r
			s := evaluate(t, ctx)
			if len(s.Filled) != 5 {
				t.Errorf("filled: got %d, want 5", len(s.Filled))
			}
		})
	}
}

// A contested value counts as the citizen says, and both are carried.
func TestContest(t *testing.T) {
	ctx := sampleContext()
	ctx.Contests = map[Pointer]Contest{"/applicant/birthDate": {Value: "1996-03-28", Reason: "giấy khai sinh"}}
	f := sample(t)
	s, problems := f.Validate(ctx)
	a := s.Answer("/applicant/birthDate")
	if a.Value != "1996-03-28" || a.Filled.Value != "1996-03-27" || a.Filled.State != Contested || a.Contest == nil || len(problems) > 0 {
		t.Errorf("got value %v, filled %+v, problems %v", a.Value, a.Filled, problems)
	}
	if s.Values["applicant"].(map[string]any)["birthDate"] != "1996-03-28" {
		t.Error("guards do not see the citizen's value")
	}
	plain, _ := f.Evaluate(sampleContext())
	if Digest(plain) == Digest(s) {
		t.Error("the digest does not cover the contest")
	}
}

// A record read again is the same to sign; another value or source is not.
func TestDigest(t *testing.T) {
	want := Digest(evaluate(t, sampleContext()))
	for _, tt := range []struct {
		name   string
		change func(*Record)
		same   bool
	}{
		{"read again", func(r *Record) { r.FetchedAt = r.FetchedAt.AddDate(0, 0, 1) }, true},
		{"another version", func(r *Record) { r.Version = "8" }, false},
		{"another value", func(r *Record) {
			v := maps.Clone(r.Values.(map[string]any))
			v["phone"] = "0987654321"
			r.Values = v
		}, false},
	} {
		ctx := sampleContext()
		r := ctx.Records["applicant"]
		tt.change(&r)
		ctx.Records["applicant"] = r
		if got := Digest(evaluate(t, ctx)) == want; got != tt.same {
			t.Errorf("%s: same digest %v, want %v", tt.name, got, tt.same)
		}
	}
}

// Choices that no registry gives become a text.
func TestChoicesWithoutRegistry(t *testing.T) {
	ctx := sampleContext()
	ctx.Records["children"] = Record{State: "unavailable"}
	ctx.Answers["household"].(map[string]any)["children"] = []any{"Nguyễn An"}
	s, problems := sample(t).Validate(ctx)
	a := s.Answer("/household/children")
	if a.Widget != TextareaWidget || !a.Unverified || len(problems) > 0 {
		t.Errorf("got %s, unverified %v, problems %v", a.Widget, a.Unverified, problems)
	}
}

// Guards can ask for the state of every declared subject, read or not.
func TestSourcesOfAllSubjects(t *testing.T) {
	f, ctx := sample(t), sampleContext()
	delete(ctx.Records, "head")
	sources := f.vars(&ctx, nil)["sources"].(map[string]any)
	if sources["head"] != "unknown" || sources["applicant"] != "fetched" {
		t.Errorf("got %v, want head unknown, applicant fetched", sources)
	}
}

// A form with errors accepts nothing.
func TestBrokenFormRefuses(t *testing.T) {
	f, found := Compile(source([]byte(`{"properties": {"a": {"properties": {"q": {"type": "boolean"}}}}}`)))
	if len(found) == 0 {
		t.Fatal("want findings")
	}
	if _, err := f.Evaluate(Context{}); !errors.Is(err, ErrBroken) {
		t.Errorf("got %v, want ErrBroken", err)
	}
	if _, problems := f.Validate(Context{}); len(problems) != 1 || problems[0].Warning {
		t.Errorf("got %+v, want one problem", problems)
	}
}
