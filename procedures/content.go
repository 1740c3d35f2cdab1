package procedures

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

var commonRef = regexp.MustCompile(`"\$ref"\s*:\s*"([^"#]*\.json)(#[^"]*)?"`)

// content collects what a version is made of: the files of its folder but its
// tests and its plan for older cases, the shared definitions that its form refers to (and what those refer
// to), and of the catalogue of elements what stands in the common file and in those that it rests on. Line ends are \n.
func (l *loader) content(f *folder) map[string]string {
	out := map[string]string{}
	take := func(name string) (string, bool) {
		src, err := fs.ReadFile(l.fsys, name)
		if err != nil {
			return "", false
		}
		text := strings.ReplaceAll(string(src), "\r\n", "\n")
		out[name] = text
		return text, true
	}
	take(elementsFile)
	entries, _ := fs.ReadDir(l.fsys, string(f.id))
	var follow []string
	for _, e := range entries {
		ext := path.Ext(e.Name())
		if e.IsDir() || e.Name() == scenariosFile || e.Name() == migrateFile || ext != ".yaml" && ext != ".json" {
			continue
		}
		name := f.file(e.Name())
		if _, ok := take(name); ok && ext == ".json" {
			follow = append(follow, name)
		}
	}
	for len(follow) > 0 {
		name := follow[0]
		follow = follow[1:]
		for _, m := range commonRef.FindAllStringSubmatch(out[name], -1) {
			target := path.Join(path.Dir(name), m[1])
			if _, seen := out[target]; seen {
				continue
			}
			if _, ok := take(target); ok {
				follow = append(follow, target)
			}
		}
	}
	roots := []*node{f.procedure, f.workflow}
	for name, text := range out {
		if path.Ext(name) == ".json" {
			root, _ := parseTree([]byte(text), name)
			roots = append(roots, root)
		}
	}
	for name := range l.elements.needed(roots) {
		take(name)
	}
	return out
}

// hashOf names a version: SHA-256, in hex, over its files as JSON, an object
// from path to text with its keys in order.
func hashOf(files map[string]string) Hash {
	canonical, err := json.Marshal(files)
	if err != nil {
		panic(err) // strings marshal
	}
	sum := sha256.Sum256(canonical)
	return Hash(hex.EncodeToString(sum[:]))
}
