package main

import (
	"os"
	"strings"
	"testing"
)

// Without --procedures an author means the folder that they are at work in: one
// that is called procedures, or the current one if it holds any.
func TestAuthorsFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	told := func(dir string) string {
		var out strings.Builder
		sayCarried(&out, dir)
		return out.String()
	}
	if got := authorsFolder(); got != "" {
		t.Errorf("an empty folder: %q", got)
	}
	if got := told(""); !strings.Contains(got, "those that the program carries") {
		t.Errorf("in an empty folder nobody is told what is taken: %q", got)
	}
	if got := told("elsewhere"); got != "" {
		t.Errorf("with a folder that was named: %q", got)
	}
	if _, err := startProcedure("permit", "", "."); err != nil {
		t.Fatal(err)
	}
	if got := authorsFolder(); got != "." {
		t.Errorf("a folder with a procedure: %q", got)
	}
	if got := told(""); got != "" {
		t.Errorf("in a folder with a procedure: %q", got)
	}
	if err := os.CopyFS("procedures/permit", os.DirFS("permit")); err != nil {
		t.Fatal(err)
	}
	if got := authorsFolder(); got != "procedures" {
		t.Errorf("a folder with procedures/: %q", got)
	}
}

// In development every service brings its scenarios along: the sandbox tells from
// them what to try, and as whom. With an author's folder beside them it is the same.
func TestDraftDefinitionsHaveScenarios(t *testing.T) {
	dir := t.TempDir()
	if _, err := startProcedure("permit", "", dir); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"", dir} {
		c, err := draftDefinitions(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range c.Services() {
			if len(p.Scenarios) == 0 {
				t.Errorf("folder %q: %s has no scenarios", folder, p.ID)
			}
		}
	}
}
