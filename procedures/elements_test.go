package procedures

import (
	"strings"
	"testing"
	"testing/fstest"
)

// boats is a file of the elements folder: a registry with one kind, and a kind of a registry of the common file.
const boats = `registries:
  boats: {title: {vi: Cơ sở dữ liệu tàu thuyền, en: Boats database}}
kinds:
  boat:
    registry: boats
    key: {vi: Số hiệu, en: Number}
    elements:
      owner: {type: string, authoritative: true, title: {vi: Chủ tàu, en: Owner of the boat}}
  mooring:
    registry: land
    key: {vi: Mã bến, en: Berth}
    elements:
      depth: {type: number}
`

// A tree's catalogue of elements is the common file and all of the folder: a kind
// may belong to a registry of another file, and names stand once over all of them.
func TestElementFiles(t *testing.T) {
	for _, tt := range []struct {
		name, file, text string
		want             []string // "file:line: part of the message"; none: sound
	}{
		{"added", "boats", boats, nil},
		{"a kind twice", "boats", "kinds:\n  parcel:\n    registry: land\n    key: {vi: K, en: K}\n    elements: {x: {type: int}}\n",
			[]string{`common/elements/boats.yaml:2: kind "parcel" stands in common/elements.yaml:`}},
		{"a registry twice", "boats", "registries:\n  land: {title: {vi: Đất, en: Land}}\n", []string{`common/elements/boats.yaml:2: registry "land" stands in common/elements.yaml:`}},
		{"no such registry", "boats", "kinds:\n  boat:\n    registry: lands\n    key: {vi: K, en: K}\n    elements: {x: {type: int}}\n",
			[]string{`common/elements/boats.yaml:3: there is no registry "lands"`}},
		{"a wrong key", "boats", "kind: {}\n", []string{`common/elements/boats.yaml:1: unknown key "kind"`}},
		{"nothing", "boats", "", []string{`common/elements/boats.yaml:1: the file is empty`}},
	} {
		tree := sound(t)
		tree["common/elements/"+tt.file+".yaml"] = &fstest.MapFile{Data: []byte(tt.text)}
		c, findings := LoadOn(tree, testDay)
		var got []string
		for _, f := range findings {
			got = append(got, f.String())
		}
		if len(got) != len(tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
			continue
		}
		for i, w := range tt.want {
			at, message, _ := strings.Cut(w, ": ")
			if !strings.HasPrefix(got[i], at) || !strings.Contains(got[i], message) {
				t.Errorf("%s: got %s, want %s", tt.name, got[i], w)
			}
		}
		if tt.want == nil && (c.Elements.Registry("boat") != "boats" || c.Elements.Registry("mooring") != "land" || c.Elements.Registry("parcel") != "land") {
			t.Errorf("%s: kinds are %v", tt.name, c.Elements.Order)
		}
	}
}

// A version covers the files of the elements folder that it rests on and no
// others: a new registry leaves the versions of all who do not use it as they are.
func TestVersionCoversElementsItUses(t *testing.T) {
	before, _ := LoadOn(sound(t), testDay)
	was, _ := before.On("stall", testDay)
	tree := sound(t)
	tree["common/elements/boats.yaml"] = &fstest.MapFile{Data: []byte(boats)}
	c, _ := LoadOn(tree, testDay)
	if p, _ := c.On("stall", testDay); p.Hash != was.Hash {
		t.Error("a registry that it does not use gave it another version")
	}
	src := string(tree["stall/procedure.yaml"].Data)
	used := strings.Replace(src, "subjects:\n", "subjects:\n  berth: {kind: mooring, key: session.personalNumber, basis: self}\n", 1)
	if used == src {
		t.Fatal("the sound folder has no subjects")
	}
	tree["stall/procedure.yaml"] = &fstest.MapFile{Data: []byte(used)}
	c, _ = LoadOn(tree, testDay)
	p, _ := c.On("stall", testDay)
	files := c.Files(p.Hash)
	if files["common/elements/boats.yaml"] != boats {
		t.Errorf("the files of a version that reads a mooring are %v", keysOf(files))
	}
	if _, err := LoadFiles(files, p.Hash); err != nil {
		t.Error("it does not load from its own files:", err)
	}
}
