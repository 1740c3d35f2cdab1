package forms

import (
	"encoding/json"
	"strings"
	"testing"
)

// The sample asks nothing that a registry holds, but for one waiver.
func TestOnceOnlySample(t *testing.T) {
	found, n := OnceOnly(sample(t), &Elements{person}, sampleSubjects, "2026-11-24")
	if len(found) > 0 {
		t.Errorf("got %v, want none", found)
	}
	if want := (Counts{Fields: 20, Filled: 6, Asked: 14, Waived: 1}); n != want {
		t.Errorf("counts: got %+v, want %+v", n, want)
	}
}

// A waiver ends with its last day.
func TestWaiverEnds(t *testing.T) {
	f := sample(t)
	for today, want := range map[string]int{"2027-03-01": 0, "2027-03-02": 1} {
		if found, _ := OnceOnly(f, &Elements{person}, sampleSubjects, today); len(found) != want {
			t.Errorf("%s: got %v, want %d findings", today, found, want)
		}
	}
}

// Every filled question that is turned into an asked one is rejected.
func TestEveryMutantIsRejected(t *testing.T) {
	mutants := 0
	for _, s := range sample(t).Sections {
		for _, q := range s.Fields {
			if q.Fill == "" {
				continue
			}
			mutants++
			var doc map[string]any
			if err := json.Unmarshal(sampleSchema(t), &doc); err != nil {
				t.Fatal(err)
			}
			at := doc["properties"].(map[string]any)[s.Name].(map[string]any)["properties"].(map[string]any)[q.Name].(map[string]any)
			delete(at, "x-fill")
			at["x-asked"] = map[string]any{"because": map[string]any{"vi": "Hỏi", "en": "Ask"}}
			b, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			f, _ := Compile(source(b))
			found, n := OnceOnly(f, &Elements{person}, sampleSubjects, "2026-11-24")
			if n.HeldButAsked != 1 || len(found) != 1 || found[0].Path != string(q.Pointer) {
				t.Errorf("%s asked: got %v, want one finding there", q.Pointer, found)
			}
		}
	}
	if mutants != 6 {
		t.Errorf("mutants: got %d, want 6", mutants)
	}
}

// A subject whose key is only asked for later, or is this very answer, cannot answer.
func TestKeyKnownByThen(t *testing.T) {
	f := sample(t)
	head := f.Field("/household/headNumber")
	for _, tt := range []struct {
		name, of string
		keys     []string
		want     int
	}{
		{"its own answer", "head", []string{"form.household.headNumber"}, 0},
		{"an earlier answer", "head", []string{"form.household.mode"}, 1},
		{"a later answer", "head", []string{"form.child.email"}, 0},
		{"a filled answer", "head", []string{"form.applicant.cardNumber"}, 1},
		{"a subject in a circle", "head", []string{"subjects.head.spouseNumber"}, 0},
		{"another subject", "head", []string{"subjects.applicant.spouseNumber"}, 1},
		{"nobody named: the applicant answers", "", []string{"form.household.headNumber"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			of := head.Of
			defer func() { head.Of = of }()
			head.Of = tt.of
			subjects := append([]SubjectDecl{}, sampleSubjects...)
			subjects[2].KeyRefs = tt.keys
			found, _ := OnceOnly(f, &Elements{person}, subjects, "2026-11-24")
			n := 0
			for _, x := range found {
				if x.Path == "/household/headNumber" && strings.Contains(x.Message, "asks") {
					n++
				}
			}
			if n != tt.want {
				t.Errorf("got %v, want %d about the number of the head", found, tt.want)
			}
		})
	}
}
