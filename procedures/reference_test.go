package procedures

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the pages that are written from the schemas")

// A reference writes docs/authors/reference.md from the schemas: one table a
// file, one for each part that stands in several places, and what registries hold.
type reference struct {
	bytes.Buffer
	root *node // of the schema, in the order written
}

// pages are the files in the order in which an author meets them.
var pages = []struct{ shape, title string }{
	{procedureShape, "procedure.yaml"}, {formShape, "form.schema.json"}, {workflowShape, "workflow.yaml"}, {scenariosShape, "scenarios.yaml"},
	{"migrate", "migrate.yaml"}, {elementsShape, "common/elements.yaml"},
}

func (r *reference) print(format string, args ...any) { fmt.Fprintf(&r.Buffer, format, args...) }

// both is a description, the Vietnamese after the English.
func both(n *node) (en, vi string) {
	en, vi, _ = strings.Cut(n.get("description").str(), "\n")
	return en, vi
}

func cell(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s) }

func (r *reference) file(title string) {
	en, vi := both(r.root)
	r.print("\n## %s\n\n%s\n*%s*\n\n", title, en, vi)
	r.table(r.root)
	for _, d := range r.root.get("$defs").entries() {
		if !r.compound(d.value) || d.key == "text" {
			continue
		}
		en, vi := both(d.value)
		r.print("\n### %s: %s\n\n", title, d.key)
		if en != "" {
			r.print("%s\n*%s*\n\n", en, vi)
		}
		r.table(d.value)
	}
}

// compound tells whether a definition has keys of its own.
func (r *reference) compound(n *node) bool {
	for n != nil {
		if n.get("properties") != nil {
			return true
		}
		if e := n.get("else"); e.get("properties") != nil {
			return true
		}
		if next := n.get("items"); next != nil {
			n = next
		} else {
			n = n.get("additionalProperties")
		}
	}
	return false
}

func (r *reference) table(n *node) {
	r.print("| key | needed | value | meaning | nghĩa |\n|---|---|---|---|---|\n")
	r.rows(n, "")
}

// rows prints the keys of a mapping, of the items of a list, or of what stands
// under names that the author chooses.
func (r *reference) rows(n *node, prefix string) {
	if items := n.get("items"); items != nil && n.get("properties") == nil {
		n = items
	}
	if free := n.get("additionalProperties"); free != nil && free.kind == mapping && n.get("properties") == nil {
		r.rows(free, prefix+"NAME.")
		return
	}
	for _, branch := range []*node{n, n.get("else")} {
		needed := branch.get("required").strs()
		for _, p := range branch.get("properties").entries() {
			if p.value.kind != mapping {
				continue // false: does not belong here
			}
			en, vi := both(p.value)
			mark := ""
			if slices.Contains(needed, p.key) {
				mark = "yes"
			} else if n == r.root && slices.Contains(n.get("then").get("required").strs(), p.key) {
				mark = "of a service"
			}
			r.print("| `%s%s` | %s | %s | %s | %s |\n", prefix, p.key, mark, cell(r.value(p.value)), cell(en), cell(vi))
			switch {
			case p.value.get("$ref") != nil:
			case p.value.get("items").get("properties") != nil:
				r.rows(p.value.get("items"), prefix+p.key+"[].")
			case p.value.get("additionalProperties").get("properties") != nil:
				r.rows(p.value.get("additionalProperties"), prefix+p.key+".NAME.")
			default:
				r.rows(p.value, prefix+p.key+".")
			}
		}
	}
}

// value says in words what may be written.
func (r *reference) value(n *node) string {
	if ref := n.get("$ref").str(); ref != "" {
		name := ref[strings.LastIndex(ref, "/")+1:]
		target := r.root.get("$defs").get(name)
		switch {
		case name == "text" || name == "template":
			return "`{vi: …, en: …}`"
		case r.compound(target):
			return name + " (below)"
		}
		return r.value(target)
	}
	if values := n.get("enum").strs(); len(values) > 0 {
		return "`" + strings.Join(values, "`, `") + "`"
	}
	if items := n.get("items"); items != nil && !r.compound(items) && n.get("additionalProperties") == nil {
		return "list of " + r.value(items)
	}
	if p := n.get("pattern").str(); p != "" {
		return patternWords(map[string]any{"pattern": p})
	}
	if n == r.root.get("$defs").get("cel") {
		return "CEL"
	}
	if free := n.get("additionalProperties"); free.get("$ref") != nil {
		return "`NAME: …`, each " + r.value(free)
	}
	var names []string
	for _, t := range n.get("type").strs() {
		names = append(names, map[string]string{"object": "mapping", "array": "list", "string": "text", "integer": "whole number", "number": "number", "boolean": "`true`, `false`"}[t])
	}
	return strings.Join(names, " or ")
}

// held prints what the registries hold.
func (r *reference) held(e *Elements) {
	r.print("\n## What the registries hold\n\nThe kinds (loại bản ghi) of `subjects`, and the data that `x-fill` and expressions may take from a record: with `owner: {kind: person, …}`,\n`owner.fullName` in a form and `subjects.owner.fullName` in an expression. A locked datum is filled in and cannot be changed, only contested.\n")
	for _, name := range e.Order {
		k := e.Kinds[name]
		many := ""
		if k.List {
			many = " One key leads to a list: `subjects.NAME.list`."
		}
		r.print("\n### %s: %s (%s)\n\nRegistry: %s (%s). Key: %s (%s).%s\n\n| datum | type | locked | meaning | nghĩa |\n|---|---|---|---|---|\n", name, k.Title.EN, k.Title.VI,
			e.Registries[k.Registry].EN, e.Registries[k.Registry].VI, k.Key.EN, k.Key.VI, many)
		r.elements(k.Elements, "")
	}
}

func (r *reference) elements(list []*Element, prefix string) {
	for _, e := range list {
		locked := ""
		if e.Authoritative {
			locked = "yes"
		}
		r.print("| `%s%s` | %s | %s | %s | %s |\n", prefix, e.Name, e.Type, locked, cell(e.Title.EN), cell(e.Title.VI))
		r.elements(e.Elements, prefix+e.Name+".")
	}
}

// docs/authors/reference.md says what the schemas say: it is written from them.
func TestReference(t *testing.T) {
	r := &reference{}
	r.print("# Reference\n\nEvery key of every file, in English and Vietnamese. Written from the schemas that `hoso check` and your editor use: do not change it by hand, run\n`go test ./procedures -run TestReference -update`. A key that does not stand here does not exist.\n\nCEL is the language of expressions: [definitions](../definitions.md#expressions). `NAME` is a name that you choose; `[]` is each item of a list.\n")
	for _, p := range pages {
		src, err := schemas.ReadFile("schema/" + p.shape + ".schema.json")
		if err != nil {
			continue // another page will say so
		}
		root, findings := parseTree(src, p.shape)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		r.root = root
		r.file(p.title)
	}
	c, _ := LoadOn(FS, testDay)
	r.held(c.Elements)
	const page = "../docs/authors/reference.md"
	if *update {
		if err := os.WriteFile(page, r.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(got, r.Bytes()) {
		t.Errorf("%s is not what the schemas say (%v): run go test ./procedures -run TestReference -update", page, err)
	}
	for name := range shapes() {
		for _, k := range keywords(shapes()[name].raw) {
			if key := k.path[strings.LastIndexAny(k.path, ".$")+1:]; !strings.Contains(r.String(), key+"` |") {
				t.Errorf("%s: %s is not on the page", name, k.path)
			}
		}
	}
}
