package procedures

import (
	"strings"
	"testing"
	"testing/fstest"
)

// The folders that the binary carries have no mistakes.
func TestShipped(t *testing.T) {
	_, found := Load(FS)
	for _, f := range found {
		if !f.Warning {
			t.Error(f)
		}
	}
}

// A version is its content: what a procedure does not use leaves its name
// alone, as do line ends and tests; everything it uses changes it.
func TestHash(t *testing.T) {
	base := stall(t).Hash
	for _, tt := range []struct {
		name, file, old, new string
		same                 bool
	}{
		{"line ends", "stall/procedure.yaml", "\n", "\r\n", true},
		{"a test", "stall/scenarios.yaml", "Sạp nhỏ", "Sạp bé", true},
		{"another procedure", "opinion/procedure.yaml", "Ý kiến", "Hỏi ý kiến", true},
		{"a fee", "stall/procedure.yaml", "20000", "20001", false},
		{"a shared question", "common/person.json", "Họ tên", "Họ và tên", false},
		{"the elements", "common/elements.yaml", "Diện tích", "Diện tích đất", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := sound(t)
			tree[tt.file] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(tree[tt.file].Data), tt.old, tt.new))}
			c, _ := LoadOn(tree, testDay)
			if p, ok := c.Get("stall"); !ok || (p.Hash == base) != tt.same {
				t.Errorf("same is %v, want %v", !tt.same, tt.same)
			}
		})
	}
}

// The files of a version load as the same version again, alone in the world.
func TestFilesLoadAgain(t *testing.T) {
	c, _ := LoadOn(sound(t), testDay)
	for _, p := range c.All() {
		tree := fstest.MapFS{}
		for path, text := range c.Files(p.Hash) {
			tree[path] = &fstest.MapFile{Data: []byte(text)}
		}
		again, _ := LoadOn(tree, testDay)
		q, ok := again.ByHash(p.Hash)
		if !ok || q.ID != p.ID || q.Machine == nil || q.Form == nil || len(q.programs()) != len(p.programs()) {
			t.Errorf("%s does not load again", p.ID)
		}
	}
}

// Nothing read at run time may be missing: a faulty folder still has findings, never a panic.
func FuzzLoad(f *testing.F) {
	for _, file := range []string{proc, flow, form, story, elems} {
		f.Add(file, 10, "}")
		f.Add(file, 200, "\n- {")
		f.Add(file, 400, ": &a [")
	}
	f.Fuzz(func(t *testing.T, file string, at int, insert string) {
		tree := sound(t)
		old, ok := tree[file]
		if !ok || at < 0 || at > len(old.Data) {
			return
		}
		tree[file] = &fstest.MapFile{Data: []byte(string(old.Data[:at]) + insert + string(old.Data[at:]))}
		_, found := LoadOn(tree, testDay)
		for _, x := range found {
			if x.File == "" || x.Message == "" || x.Remedy == "" {
				t.Errorf("a finding without place or remedy: %+v", x)
			}
		}
	})
}
