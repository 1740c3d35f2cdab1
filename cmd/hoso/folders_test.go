package main

import (
	"os"
	"testing"
)

// Without --procedures an author means the folder that they are at work in: one
// that is called procedures, or the current one if it holds any.
func TestAuthorsFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	if got := authorsFolder(); got != "" {
		t.Errorf("an empty folder: %q", got)
	}
	if _, err := startProcedure("permit", "", "."); err != nil {
		t.Fatal(err)
	}
	if got := authorsFolder(); got != "." {
		t.Errorf("a folder with a procedure: %q", got)
	}
	if err := os.CopyFS("procedures/permit", os.DirFS("permit")); err != nil {
		t.Fatal(err)
	}
	if got := authorsFolder(); got != "procedures" {
		t.Errorf("a folder with procedures/: %q", got)
	}
}
