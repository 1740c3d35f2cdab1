package procedures

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const obligationsPage = "../docs/obligations.md"

// Every code that a package can report is an obligation, and each obligation is
// reported by some package.
func TestEveryCodeIsAnObligation(t *testing.T) {
	code := regexp.MustCompile(`"([A-Z]{2,})"`)
	reported := map[string]bool{}
	for _, dir := range []string{".", "../forms", "../workflow", "../expr"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(filepath.Base(name), "obligations") {
				continue
			}
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range code.FindAllStringSubmatch(string(src), -1) {
				reported[m[1]] = true
				if _, ok := ObligationOf(m[1]); !ok {
					t.Errorf("%s reports %s, which procedures/obligations*.go does not list", name, m[1])
				}
			}
		}
	}
	seen := map[string]bool{}
	for _, o := range Obligations() {
		if !reported[o.Code] {
			t.Errorf("nothing reports %s", o.Code)
		}
		if seen[o.Code] {
			t.Errorf("%s is listed twice", o.Code)
		}
		seen[o.Code] = true
		for _, text := range []string{o.Rule.VI, o.Rule.EN, o.Remedy.VI, o.Remedy.EN, o.Method, o.Group} {
			if strings.TrimSpace(text) == "" || strings.Contains(text, "|") && strings.Contains(text, " | ") {
				t.Errorf("%s lacks a text: %+v", o.Code, o)
			}
		}
		if !strings.HasSuffix(o.Rule.VI, ".") || !strings.HasSuffix(o.Rule.EN, ".") {
			t.Errorf("the rule of %s is no sentence", o.Code)
		}
	}
}

// docs/obligations.md says what the registry says. To write it anew:
//
//	go test ./procedures -run TestObligationsPage -update
func TestObligationsPage(t *testing.T) {
	want := ObligationsPage()
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" { // of reference_test.go
		if err := os.WriteFile(obligationsPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(obligationsPage)
	if err != nil || string(got) != want {
		t.Errorf("docs/obligations.md is not what the registry says (%v); write it with -update", err)
	}
}
