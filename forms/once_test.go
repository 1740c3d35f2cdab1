package forms

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

// The sample asks nothing that a registry holds, but for one waiver.
func TestOnceOnlySample(t *testing.T) {
	proof := sample(t).Proof(sampleProving())
	if len(proof.Findings) > 0 {
		t.Errorf("got %v, want none", proof.Findings)
	}
	if want := (Counts{Fields: 20, Filled: 6, Asked: 14, Waived: 1}); proof.Counts != want {
		t.Errorf("counts: got %+v, want %+v", proof.Counts, want)
	}
}

// A waiver ends with its last day.
func TestWaiverEnds(t *testing.T) {
	f := sample(t)
	for today, want := range map[string]int{"2027-03-01": 0, "2027-03-02": 1} {
		in := sampleProving()
		in.Today = today
		if found := f.Proof(in).Findings; len(found) != want {
			t.Errorf("%s: got %v, want %d findings", today, found, want)
		}
	}
}

// A waiver that allows nothing is said to be needless.
func TestNeedlessWaiver(t *testing.T) {
	f := sample(t)
	q := f.Field("/child/sex")
	q.Waiver = &Waiver{Law: "Điều 9", Until: "2027-03-01"}
	found := f.Proof(sampleProving()).Findings
	if len(found) != 1 || !found[0].Warning || !strings.Contains(found[0].Message, "allows nothing") {
		t.Errorf("got %v, want a warning that the waiver allows nothing", found)
	}
}

// edited is the sample with one question changed, and its questions by name.
func edited(t *testing.T, section, question string, change func(q map[string]any)) *Form {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(sampleSchema(t), &doc); err != nil {
		t.Fatal(err)
	}
	questions := doc["properties"].(map[string]any)[section].(map[string]any)["properties"].(map[string]any)
	if questions[question] == nil {
		questions[question] = map[string]any{}
	}
	change(questions[question].(map[string]any))
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	f, found := Compile(source(b))
	if f == nil {
		t.Fatal(found)
	}
	return f
}

var citizenKnows = map[string]any{"because": map[string]any{"vi": "Hỏi", "en": "Ask"}}

// at are the findings about one question.
func at(proof Proof, p Pointer) (out []workflow.Finding) {
	for _, f := range proof.Findings {
		if f.Path == string(p) {
			out = append(out, f)
		}
	}
	return out
}

// A subject answers only what is asked after its key can be known, whichever of
// the key's cases applies; and only where the question is shown by then.
func TestKeyKnownByThen(t *testing.T) {
	for _, tt := range []struct {
		name, of, key, when string
		want                bool
	}{
		{"its own answer", "head", "form.household.headNumber", "", false},
		{"an earlier answer", "head", "form.household.mode", "", true},
		{"a later answer", "head", "form.child.email", "", false},
		{"a filled answer", "head", "form.applicant.cardNumber", "", true},
		{"a subject in a circle", "head", "subjects.head.spouseNumber", "", false},
		{"another subject", "head", "subjects.applicant.spouseNumber", "", true},
		{"no key at all", "head", "''", "", false},
		{"nobody named: the applicant answers", "", "form.household.headNumber", "", true},
		{"a case of the key that is known", "head", "form.household.mode == 'join' ? session.personalNumber : form.child.email", "form.household.mode == 'join'", true},
		{"the case in which it is not", "head", "form.household.mode == 'found' ? session.personalNumber : form.child.email", "form.household.mode == 'join'", false},
		{"a case that a later answer decides", "head", "form.child.first == true ? session.personalNumber : ''", "form.household.mode == 'join'", false},
		{"a case for who has not said otherwise yet", "head", "form.child.first == true ? '' : session.personalNumber", "form.household.mode == 'join'", true},
		{"shown only while the registry is silent", "head", "session.personalNumber", "sources.head != 'fetched'", false},
		{"shown only where the registry has no value", "head", "session.personalNumber", "subjects.head.number == null", false},
		{"shown only while another registry is silent", "head", "session.personalNumber", "sources.children != 'fetched'", true},
		{"keyed by a record that is not read where it is shown", "head", "subjects.applicant.spouseNumber", "sources.applicant == 'unavailable'", false},
		{"keyed by a source that is unknown by then", "head", "sources.late == 'fetched' ? session.personalNumber : ''", "", false},
		{"keyed by a source that is not unknown at the end", "head", "sources.late == 'unknown' ? session.personalNumber : ''", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := sample(t)
			q := f.Field("/household/headNumber")
			q.Of = tt.of
			if tt.when != "" {
				q.When = program(tt.when, boolType)
			}
			in := sampleProving()
			in.Subjects = append(append([]SubjectDecl{}, sampleSubjects[:2]...), SubjectDecl{"late", "other", key("form.child.email")}, SubjectDecl{"head", "person", key(tt.key)})
			found := at(f.Proof(in), "/household/headNumber")
			if (len(found) > 0) != tt.want {
				t.Errorf("got %v, want a finding: %v", found, tt.want)
			}
		})
	}
}

// A question is held against each variant in which it is shown.
func TestVariants(t *testing.T) {
	f := sample(t)
	f.Field("/household/headNumber").When = nil
	condition := func(s string) *expr.Program { return program(s, boolType) }
	in := sampleProving()
	in.Variants = []VariantDecl{{"joins", condition("form.household.mode == 'join'")}, {"first-child", condition("form.child.first == true")}, {"founds", nil}}
	in.Subjects = append(append([]SubjectDecl{}, sampleSubjects[:2]...), SubjectDecl{"head", "person", key("form.household.mode == 'found' ? session.personalNumber : ''")})
	found := at(f.Proof(in), "/household/headNumber")
	if len(found) != 1 || !strings.HasSuffix(found[0].Message, "known by then, in first-child, founds") {
		t.Fatalf("got %v, want a finding in first-child and founds", found)
	}
	// It comes with a case that shows it.
	want := []string{"form.household.mode == 'found'", "sources.head == 'fetched'", "variant == 'first-child'"}
	if !slices.Equal(found[0].Trace, want) {
		t.Errorf("example: got %q, want %q", found[0].Trace, want)
	}
	proof := sample(t).Proof(in)
	got := map[string]VariantCounts{}
	for _, v := range proof.Variants {
		got[v.ID] = v
	}
	// The child's section is shown only to who founds a household.
	if j, c := got["joins"], got["founds"]; j.Asked != 3 || j.Filled != 6 || c.Asked != 13 || c.Filled != 5 {
		t.Errorf("counts: got %+v", proof.Variants)
	}
}

// A question that has the name of what is known says which datum it is.
func TestRecognised(t *testing.T) {
	for _, tt := range []struct {
		name  string
		title string
		more  map[string]any
		want  string
	}{
		{"the title of a filled question", "Số thẻ căn cước", nil, "person.identityCard.number"},
		{"in other capitals, with a mark", "số thẻ  CĂN CƯỚC?", nil, "person.identityCard.number"},
		{"other words", "Số của thẻ", nil, ""},
		{"it says whom it is about", "Số thẻ căn cước", map[string]any{"x-element": "person.identityCard.number", "x-of": "newborn"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := edited(t, "household", "card", func(q map[string]any) {
				q["type"], q["maxLength"], q["title"], q["x-asked"] = "string", 20, tt.title, citizenKnows
				q["x-text"] = map[string]any{"en": map[string]any{"title": "Card"}}
				for k, v := range tt.more {
					q[k] = v
				}
			})
			found := at(f.Proof(sampleProving()), "/household/card")
			if (tt.want == "") != (len(found) == 0) || tt.want != "" && !strings.Contains(found[0].Message, tt.want) {
				t.Errorf("got %v, want %q", found, tt.want)
			}
		})
	}
}

// A question that is filled from a record whose key it is itself cannot be.
func TestFillNeedsItself(t *testing.T) {
	in := sampleProving()
	in.Subjects = []SubjectDecl{{"applicant", "person", key("form.applicant.cardNumber")}, sampleSubjects[1], sampleSubjects[2]}
	found := at(sample(t).Proof(in), "/applicant/cardNumber")
	if len(found) != 1 || !strings.Contains(found[0].Message, "needs this very answer") {
		t.Errorf("got %v", found)
	}
}

// A datum is asked once of each subject, wherever both questions can be shown.
func TestTwice(t *testing.T) {
	for _, tt := range []struct {
		name, of, when string
		want           bool
	}{
		{"of the same subject", "newborn", "form.household.mode == 'found'", true},
		{"of another subject", "twin", "form.household.mode == 'found'", false},
		{"in the other case", "newborn", "form.household.mode == 'join'", false},
	} {
		f := sample(t)
		q := f.Field("/child/note")
		q.Element, q.Of, q.When = "person.sex", tt.of, program(tt.when, boolType)
		found := at(f.Proof(sampleProving()), "/child/note")
		if (len(found) > 0) != tt.want || tt.want && !strings.Contains(found[0].Message, "it is asked at /child/sex") {
			t.Errorf("%s: got %v", tt.name, found)
		}
	}
}
