package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Nothing about a service stands in Go code outside tests: no string of it, and
// no comment, names a procedure.
func TestNoProcedureInGo(t *testing.T) {
	entries, err := os.ReadDir("../../procedures")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join("../../procedures", e.Name(), "procedure.yaml")); err == nil && strings.Contains(e.Name(), "-") { // consent is a word too
			ids = append(ids, regexp.QuoteMeta(e.Name()))
		}
	}
	if len(ids) == 0 {
		t.Fatal("there are no procedures")
	}
	named := regexp.MustCompile(`\b(` + strings.Join(ids, "|") + `)\b`)
	if !named.MatchString("procedures.ID(\"" + strings.ReplaceAll(ids[0], `\`, "") + "\")") {
		t.Error("the search finds nothing")
	}
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "../.." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		if _, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly); err != nil {
			return nil // being written
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(text), "\n") {
			if m := named.FindString(line); m != "" {
				t.Errorf("%s:%d names %s", strings.TrimPrefix(path, "../../"), i+1, m)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
