package procedures

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// put writes the files of a tree below dir.
func put(t *testing.T, dir string, tree fstest.MapFS) {
	t.Helper()
	for name, f := range tree {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func idsOf(list []*Procedure) (out []ID) {
	for _, p := range list {
		out = append(out, p.ID)
	}
	return out
}

// as is a shipped folder under another name.
func as(t *testing.T, id, name string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	entries, err := fs.ReadDir(FS, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		src, _ := fs.ReadFile(FS, id+"/"+e.Name())
		out[name+"/"+e.Name()] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(src), "id: "+id, "id: "+name))}
	}
	return out
}

// A folder without shared files of its own lies over the binary's procedures;
// one with them stands alone; what is no procedure is left alone.
func TestOpen(t *testing.T) {
	shipped, _ := Load(FS)
	over := t.TempDir()
	put(t, over, as(t, "consent", "opinion-of-neighbour"))
	put(t, over, fstest.MapFS{"notes/todo.txt": {}, "notes/x.yaml": {Data: []byte("a: 1")}, ".git/x.yaml": {Data: []byte("a: 1")}})
	tree, err := Open(over)
	if err != nil || Whole(tree) {
		t.Fatalf("whole %v, %v", Whole(tree), err)
	}
	c, found := Load(tree)
	for _, f := range found {
		if !f.Warning && OfFolder(f) != "opinion-of-neighbour" { // no other opens it, which is a finding
			t.Error(f)
		}
	}
	want := append(idsOf(shipped.All()), "opinion-of-neighbour")
	slices.Sort(want)
	if d := cmp.Diff(want, idsOf(c.All())); d != "" {
		t.Error(d)
	}

	alone := t.TempDir()
	put(t, alone, sound(t))
	tree, err = Open(alone)
	if err != nil || !Whole(tree) {
		t.Fatalf("whole %v, %v", Whole(tree), err)
	}
	c, _ = LoadOn(tree, testDay)
	if got := idsOf(c.All()); slices.Contains(got, "consent") || !slices.Contains(got, "stall") {
		t.Errorf("a whole tree holds %v", got)
	}

	if _, err := Open(filepath.Join(over, "opinion-of-neighbour")); err == nil || !strings.Contains(err.Error(), "one procedure") {
		t.Errorf("a procedure's own folder: %v", err)
	}
	if _, err := Open(filepath.Join(over, "none")); err == nil {
		t.Error("a folder that is not there opens")
	}
}

// A folder of the same name as a shipped one takes its place, whole; a shared file likewise.
func TestOverlayReplaces(t *testing.T) {
	over := t.TempDir()
	put(t, over, as(t, "consent", "consent"))
	tree, err := Open(over)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Load(tree)
	shipped, _ := Load(FS)
	p, _ := c.Get("consent")
	q, _ := shipped.Get("consent")
	if p.Hash != q.Hash {
		t.Error("the same files are another version")
	}
	put(t, over, fstest.MapFS{"common/person.json": {Data: []byte(`{}`)}})
	if src, err := fs.ReadFile(tree, "common/person.json"); err != nil || string(src) != "{}" {
		t.Errorf("the shared file reads %q, %v", src, err)
	}
	if _, err := fs.ReadFile(tree, "common/address.json"); err != nil {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(over, "consent", formFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := fs.ReadFile(tree, "consent/"+formFile); err == nil {
		t.Error("a file that the folder lacks comes from the binary's folder of that name")
	}
}

// Each shipped version loads again from its files alone, and another's files do not pass for it.
func TestLoadFiles(t *testing.T) {
	c, _ := Load(FS)
	for _, p := range c.All() {
		q, err := LoadFiles(c.Files(p.Hash), p.Hash)
		if err != nil || q.ID != p.ID || len(q.programs()) != len(p.programs()) {
			t.Errorf("%s: %v", p.ID, err)
		}
	}
	p, _ := c.Get("consent")
	if _, err := LoadFiles(c.Files(p.Hash), "1234"); err == nil {
		t.Error("files load as a version that they are not")
	}
	files := map[string]string{}
	for name, text := range c.Files(p.Hash) {
		files[name] = text
	}
	files["consent/workflow.yaml"] += "\nunknown: true\n"
	if _, err := LoadFiles(files, hashOf(files)); err == nil {
		t.Error("a version with a key that is not understood loads")
	}
}
