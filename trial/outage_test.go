package trial

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
)

// residenceAlone is one shipped service with what it opens, as a tree that stands alone; edit changes a file's text.
func residenceAlone(t *testing.T, edit func(name, text string) string) fstest.MapFS {
	t.Helper()
	tree := fstest.MapFS{}
	for _, dir := range []string{"common", "consent", "permanent-residence"} {
		err := fs.WalkDir(procedures.FS, dir, func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			text, err := fs.ReadFile(procedures.FS, name)
			tree[name] = &fstest.MapFile{Data: []byte(edit(name, string(text)))}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

func outagesOf(t *testing.T, tree fs.FS) []*Outage {
	t.Helper()
	load := func() (*procedures.Catalogue, error) {
		c, findings := procedures.LoadToPlay(tree)
		for _, f := range findings {
			if !f.Warning {
				return nil, fmt.Errorf("%s", f)
			}
		}
		return c, nil
	}
	server, err := stage.Connect(t.Context(), pgtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	tr, err := New(t.Context(), server, 1, load)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	all, err := tr.Outages(t.Context(), func(id procedures.ID) bool { return id == "permanent-residence" })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Whichever registry is out of reach, the journey ends, what the citizen types in its
// place is told as unverified, and papers stand for what it would have proved.
func TestOutages(t *testing.T) {
	t.Parallel()
	all := outagesOf(t, residenceAlone(t, func(_, text string) string { return text }))
	if len(all) < 2 {
		t.Fatalf("%d journeys", len(all))
	}
	typed := 0
	for _, o := range all {
		if o.Problem != "" || o.Outcome == "" {
			t.Errorf("without %s: %+v", o.Registry, o)
		}
		if typed += o.Typed; o.Typed > len(o.Unverified) {
			t.Errorf("without %s: %d typed, unverified %v", o.Registry, o.Typed, o.Unverified)
		}
	}
}

// withRule is the service with one more rule of its form.
func withRule(t *testing.T, rule string) []*Outage {
	t.Helper()
	return outagesOf(t, residenceAlone(t, func(name, text string) string {
		if name != "permanent-residence/form.schema.json" {
			return text
		}
		edited := strings.Replace(text, `"x-rules": [`, `"x-rules": [{"id": "land-must-answer", "rule": "`+rule+`", "at": ["/dwelling/title"], "severity": "error", "vi": "Hãy thử lại sau", "en": "Try later", "law": "x"},`, 1)
		if edited == text {
			t.Fatal("the form has no rules")
		}
		return edited
	}))
}

// The drill can fail: a rule that takes silence for an answer keeps the filing
// from coming through.
func TestOutageIsFound(t *testing.T) {
	t.Parallel()
	for _, o := range withRule(t, "subjects.dwelling.address != null") {
		if found := strings.Contains(o.Problem, "land-must-answer"); found != (o.Registry == "land") || o.Held {
			t.Errorf("without %s: %q, held %t", o.Registry, o.Problem, o.Held)
		}
	}
}

// A rule that asks whether the registry answers holds the filing until it does.
func TestOutageHoldsTheFiling(t *testing.T) {
	t.Parallel()
	for _, o := range withRule(t, "sources.holdings != 'unavailable'") {
		if o.Problem != "" || o.Outcome == "" || o.Held != (o.Registry == "land") {
			t.Errorf("without %s: %q, ended %q, held %t", o.Registry, o.Problem, o.Outcome, o.Held)
		}
	}
}
