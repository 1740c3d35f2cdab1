package anchor

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

// lines are those of all files of a folder, in their order.
func lines(t *testing.T, dir string) (out [][]byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = slices.AppendSeq(out, bytes.Lines(text))
	}
	return out
}

// A copy gets each anchor and each stamp once, a stamp that comes late too, and
// what a crash cut is written again. What stands there is never touched.
func TestExport(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.New(t), filepath.Join(t.TempDir(), "copies")
	c := &clerk{}
	a := quick(t, db, Config{Authority: c, Dir: dir})
	export := func(want int) {
		t.Helper()
		if n, err := a.Export(t.Context()); err != nil || n != want {
			t.Errorf("%d lines, %v; want %d", n, err, want)
		}
	}
	export(0)
	a.must(t)
	export(1)
	a.must(t)
	if _, err := a.Stamp(t.Context()); err != nil {
		t.Fatal(err)
	}
	export(3)
	export(0)
	before := lines(t, dir)
	file, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(file) != 1 {
		t.Fatalf("files %v, %v", file, err)
	}
	f, err := os.OpenFile(file[0], os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"anchor":{"n":3,"at":"20`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	a.must(t)
	export(1)
	after := lines(t, dir)
	if len(before) != 4 || len(after) != 6 || !slices.EqualFunc(before, after[:4], bytes.Equal) || !bytes.HasPrefix(after[5], []byte(`{"anchor":{"n":3,"at":"20`)) || !bytes.HasSuffix(after[5], []byte("}}\n")) {
		t.Errorf("before %q\nafter %q", before, after)
	}
	var upto int64
	if err := db.QueryRow(t.Context(), "SELECT max(n) FROM anchor_exports WHERE place = $1", a.cfg.Place).Scan(&upto); err != nil || upto != 3 {
		t.Errorf("the database tells of %d, %v; want 3", upto, err)
	}
}
