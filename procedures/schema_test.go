package procedures

import (
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// A keyword is a key that a schema describes. Its path names the definition it
// stands in ("$transition.to"), a list by [], a free name by *.
type keyword struct {
	path   string
	schema map[string]any
}

// keywords lists the keys of a schema in the order of their paths. Those of
// if, then and else are conditions on keys described elsewhere.
func keywords(raw any) []keyword {
	var out []keyword
	var walk func(v map[string]any, path string)
	walk = func(v map[string]any, path string) {
		below := func(key, end string) {
			if s, ok := v[key].(map[string]any); ok {
				walk(s, path+end)
			}
		}
		props, _ := v["properties"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(props)) {
			if s, ok := props[name].(map[string]any); ok {
				at := strings.TrimPrefix(path+"."+name, ".")
				out = append(out, keyword{at, s})
				walk(s, at)
			}
		}
		below("items", "[]")
		below("additionalProperties", ".*")
		below("then", "")
		below("else", "")
	}
	root := raw.(map[string]any)
	walk(root, "")
	defs, _ := root["$defs"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(defs)) {
		walk(defs[name].(map[string]any), "$"+name)
	}
	return out
}

// silent lists the keys that do not say in both languages what they are.
func silent(raw any) []string {
	var out []string
	for _, k := range keywords(raw) {
		words, _ := k.schema["description"].(string)
		en, vi, both := strings.Cut(words, "\n")
		if !both || strings.TrimSpace(en) == "" || strings.TrimSpace(vi) == "" || strings.Contains(vi, "\n") || en == vi {
			out = append(out, k.path)
		}
	}
	return out
}

// Every key of every file is described in English and in Vietnamese: editors
// show "description", and nothing else, to everybody, so it holds one line of each.
func TestKeysAreDescribedInBothLanguages(t *testing.T) {
	for name, s := range shapes() {
		for _, path := range silent(s.raw) {
			t.Errorf("%s: %s is not described in two lines, English and Vietnamese", name, path)
		}
	}
	twin := twinOf(t, procedureShape)
	dig(twin, []string{"properties", "who"}).(map[string]any)["description"] = "Who can apply."
	if got := silent(twin); !slices.Equal(got, []string{"who"}) {
		t.Errorf("of a twin without Vietnamese: %v, want [who]", got)
	}
}

// VS Code's JSON shows the description of what a $ref leads to, not the one
// that stands beside it, so what forms refer to has none.
func TestFormDescriptionsAreNotHidden(t *testing.T) {
	for name, d := range dig(shapes()[formShape].raw, []string{"$defs"}).(map[string]any) {
		if d.(map[string]any)["description"] != nil {
			t.Errorf("$defs/%s hides the descriptions of the keys that refer to it", name)
		}
	}
}

func twinOf(t *testing.T, name string) any {
	t.Helper()
	text, err := json.Marshal(shapes()[name].raw)
	if err != nil {
		t.Fatal(err)
	}
	var twin any
	if err := json.Unmarshal(text, &twin); err != nil {
		t.Fatal(err)
	}
	return twin
}

// A use tells what became of the keys of a file: whether a definition has them,
// and whether the loader asked for them.
type use struct{ present, read map[string]bool }

func (u use) walk(raw any, n *node, v map[string]any, path string) {
	if n == nil || v == nil {
		return
	}
	if ref, ok := v["$ref"].(string); ok {
		parts := pointerParts(strings.TrimPrefix(ref, "#"))
		target, _ := dig(raw, parts).(map[string]any)
		u.walk(raw, n, target, "$"+parts[len(parts)-1])
	}
	for _, branch := range []string{"then", "else"} {
		b, _ := v[branch].(map[string]any)
		u.walk(raw, n, b, path)
	}
	props, _ := v["properties"].(map[string]any)
	free, _ := v["additionalProperties"].(map[string]any)
	for _, e := range n.entries() {
		if s, ok := props[e.key].(map[string]any); ok {
			at := strings.TrimPrefix(path+"."+e.key, ".")
			u.present[at] = true
			u.read[at] = u.read[at] || e.read
			u.walk(raw, e.value, s, at)
		} else if free != nil {
			u.walk(raw, e.value, free, path+".*")
		}
	}
	items, _ := v["items"].(map[string]any)
	for _, i := range n.list() {
		u.walk(raw, i, items, path+"[]")
	}
}

// unread lists the keys of a schema that the loader did not ask for while it
// read the trees, and those that no tree has.
func unread(raw any, trees []*node) []string {
	u := use{map[string]bool{}, map[string]bool{}}
	for _, n := range trees {
		u.walk(raw, n, raw.(map[string]any), "")
	}
	var out []string
	for _, k := range keywords(raw) {
		switch {
		case !u.present[k.path]:
			out = append(out, k.path+" stands in no definition")
		case !u.read[k.path]:
			out = append(out, k.path+" is read by nobody")
		}
	}
	return out
}

// A key that nothing executes does not exist: over all definitions that there
// are, the loader asks for every key of its schemas. (workflow.yaml and the
// forms have decoders of their own: the tests below.)
func TestEveryKeyIsRead(t *testing.T) {
	trees := map[string][]*node{}
	for _, tree := range []fs.FS{FS, everyKey(t)} {
		l := &loader{fsys: tree, today: testDay, deep: everything, folders: map[ID]*folder{}}
		l.elements, _ = loadElements(tree)
		l.read()
		l.compile()
		l.cross()
		for _, f := range l.folders {
			trees[procedureShape] = append(trees[procedureShape], f.procedure)
			trees[scenariosShape] = append(trees[scenariosShape], f.scenarios)
		}
	}
	for name, list := range trees {
		for _, complaint := range unread(shapes()[name].raw, list) {
			t.Errorf("%s: %s", name, complaint)
		}
		twin, where, root := twinOf(t, name), []string{"properties"}, list[0]
		if name == scenariosShape {
			where = []string{"items", "properties"}
			root = list[slices.IndexFunc(list, func(n *node) bool { return n != nil })].items[0]
		}
		dig(twin, where).(map[string]any)["colour"] = map[string]any{"type": "string"}
		root.keys = append(root.keys, &entry{key: "colour", value: &node{value: "red"}})
		if got := unread(twin, list); len(got) != 1 || !strings.HasSuffix(got[0], "colour is read by nobody") {
			t.Errorf("%s with a key that nobody reads: %v", name, got)
		}
	}
}

// everyKey is the sound folders with the keys that no shipped definition needs.
func everyKey(t *testing.T) fstest.MapFS {
	tree := sound(t)
	for _, c := range []struct{ file, old, new string }{
		{proc, "  - id: drawing\n", "  - id: drawing\n    formats: [pdf]\n    max-mb: 5\n    waiver: {law: Luật Chợ, until: 2027-01-31}\n"},
		{proc, "id: stall\n", "id: stall\nvalid: {from: 2020-01-01, until: 2999-12-31}\n"},
		{proc, "{limit: 7wd,", "{limit: 7wd, from: 2020-01-01, until: 2999-12-31,"},
		{story, "expect: {state: opinions}", "expect: {state: opinions, fee: 0, notices: [hello], messages: []}"},
		{story, "- id: small-stall\n", "- id: small-stall\n  given: {silent: [resident]}\n"},
		{story, "input: {grounds: [no-place]}}", "input: {grounds: [no-place]}, expect: {refused: state}}"},
	} {
		text := string(tree[c.file].Data)
		if strings.Count(text, c.old) != 1 {
			t.Fatalf("%q stands %d times in %s", c.old, strings.Count(text, c.old), c.file)
		}
		tree[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, c.old, c.new, 1))}
	}
	return tree
}

// The life events that a definition may name are those that the catalogue lists.
func TestGroupsAreTheSchemas(t *testing.T) {
	var listed, allowed []string
	for _, g := range Groups {
		listed = append(listed, g.ID)
		if g.Title.VI == "" || g.Title.EN == "" {
			t.Errorf("%s has no title", g.ID)
		}
	}
	for _, v := range asList(dig(shapes()[procedureShape].raw, []string{"properties", "group", "enum"})) {
		allowed = append(allowed, v.(string))
	}
	slices.Sort(listed)
	slices.Sort(allowed)
	if !slices.Equal(listed, allowed) {
		t.Errorf("the catalogue lists %v, the schema allows %v", listed, allowed)
	}
}
