package procedures

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// words is a set of names.
type words map[string]bool

// differ compares what a decoder knows with what a schema describes.
func differ(decoder, schema words) []string {
	var out []string
	for _, w := range slices.Sorted(maps.Keys(decoder)) {
		if !schema[w] {
			out = append(out, w+" is read, but not in the schema")
		}
	}
	for _, w := range slices.Sorted(maps.Keys(schema)) {
		if !decoder[w] {
			out = append(out, w+" is in the schema, but read by nobody")
		}
	}
	return out
}

// keysBelow lists the keys right below a path of a schema.
func keysBelow(raw any, path string) words {
	out := words{}
	for _, k := range keywords(raw) {
		if rest, ok := strings.CutPrefix(k.path, path); ok && path == "" || ok && strings.HasPrefix(rest, ".") {
			if rest = strings.TrimPrefix(rest, "."); !strings.ContainsAny(rest, ".[$") {
				out[rest] = true
			}
		}
	}
	return out
}

// The structs that package workflow decodes workflow.yaml into, and where the
// schema describes them.
var flowStructs = map[string]string{
	"machineSource": "", "roleSource": "roles.*", "clockSource": "clock", "extendSource": "extend", "withdrawSource": "withdraw",
	"stateSource": "$state", "joinSource": "$state.join", "transitionSource": "$transition", "childSource": "$child", "agencySource": "$child.agency",
}

// tagged reads the YAML keys of the structs of a Go file.
func tagged(t *testing.T, file string) map[string]words {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]words{}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		body, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		for _, field := range body.Fields.List {
			if field.Tag == nil {
				continue
			}
			tag, _ := strconv.Unquote(field.Tag.Value)
			if key := reflect.StructTag(tag).Get("yaml"); key != "" {
				if out[spec.Name.Name] == nil {
					out[spec.Name.Name] = words{}
				}
				out[spec.Name.Name][key] = true
			}
		}
		return true
	})
	return out
}

// The keys of workflow.yaml are those that package workflow decodes, place by
// place, and the effects are those that the loader can follow.
func TestWorkflowKeysAreThoseOfItsDecoder(t *testing.T) {
	raw, structs := shapes()[workflowShape].raw, tagged(t, "../workflow/source.go")
	for name, keys := range structs {
		path, ok := flowStructs[name]
		if !ok {
			t.Errorf("no place in the schema is known for %s", name)
			continue
		}
		for _, complaint := range differ(keys, keysBelow(raw, path)) {
			t.Errorf("%s: %s", name, complaint)
		}
		less := maps.Clone(keys)
		delete(less, slices.Sorted(maps.Keys(keys))[0])
		if len(differ(less, keysBelow(raw, path))) != 1 {
			t.Errorf("a %s that lacks a key passes", name)
		}
	}
	if len(structs) != len(flowStructs) {
		t.Errorf("%d structs are decoded, %d are known", len(structs), len(flowStructs))
	}
	effects := words{"issue-result": true}
	for e := range effectSections {
		effects[e] = true
	}
	for _, complaint := range differ(effects, keysBelow(raw, "$effect")) {
		t.Error(complaint)
	}
}

// namesPassed lists the names in quotes that the Go files of a folder pass to a
// function, from argument number `from` on.
func namesPassed(t *testing.T, dir string, function map[string]int) map[string][][]string {
	t.Helper()
	out := map[string][][]string{}
	files, err := fs.Glob(os.DirFS(dir), "*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(dir, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), dir+"/"+name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			from, ok := function[method.Sel.Name]
			if !ok || len(call.Args) <= from {
				return true
			}
			var names []string
			for _, a := range call.Args[from:] {
				if lit, ok := a.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					s, _ := strconv.Unquote(lit.Value)
					names = append(names, s)
				}
			}
			out[method.Sel.Name] = append(out[method.Sel.Name], names)
			return true
		})
	}
	return out
}

// Every x- keyword that package forms knows is in the schema, and the reverse;
// so are the keys inside of each.
func TestFormKeywordsAreThoseOfForms(t *testing.T) {
	raw := shapes()[formShape].raw
	known, inside := words{}, map[string]words{}
	pattern := regexp.MustCompile(`^x-[a-z]+$`)
	passed := namesPassed(t, "../forms", map[string]int{"get": 0, "str": 1, "program": 1, "keys": 4})
	for _, names := range append(append(passed["get"], passed["str"]...), passed["program"]...) {
		for _, name := range names {
			if pattern.MatchString(name) {
				known[name] = true
			}
		}
	}
	for _, names := range passed["keys"] {
		if len(names) > 1 && names[0] != "x-stop." {
			inside[names[0]] = words{}
			for _, key := range names[1:] {
				inside[names[0]][key] = true
			}
		}
	}
	described := keysBelow(raw, "$question")
	for name := range described {
		if !strings.HasPrefix(name, "x-") {
			delete(described, name)
		}
	}
	for _, complaint := range differ(known, described) {
		t.Error(complaint)
	}
	for name, path := range map[string]string{"x-asked": "x-asked", "x-waiver": "x-waiver", "x-choices": "x-choices", "x-rules": "x-rules[]", "x-text": "x-text", "x-text.en": "x-text.en"} {
		if inside[name] == nil {
			t.Errorf("package forms does not look into %s", name)
		}
		for _, complaint := range differ(inside[name], keysBelow(raw, "$question."+path)) {
			t.Errorf("%s: %s", name, complaint)
		}
	}
	delete(known, "x-waiver")
	if got := differ(known, described); len(got) != 1 || !strings.HasPrefix(got[0], "x-waiver") {
		t.Errorf("forms without x-waiver: %v", got)
	}
}

// Whatever key the loader asks for, some schema describes; and those of
// elements.yaml are asked for.
func TestWhatIsReadIsDescribed(t *testing.T) {
	described := words{}
	for _, s := range shapes() {
		for _, k := range keywords(s.raw) {
			described[k.path[strings.LastIndex(k.path, ".")+1:]] = true
		}
	}
	read := words{}
	for _, names := range namesPassed(t, ".", map[string]int{"get": 0, "entry": 0})["get"] {
		for _, name := range names {
			read[name] = true
		}
	}
	for name := range read {
		if !described[name] {
			t.Errorf("the loader reads %q, which no schema describes", name)
		}
	}
	if len(read) < 50 {
		t.Errorf("only %d keys found in the loader", len(read))
	}
	for _, k := range keywords(shapes()[elementsShape].raw) {
		if name := k.path[strings.LastIndex(k.path, ".")+1:]; !read[name] {
			t.Errorf("%s of elements.yaml is read by nobody", k.path)
		}
	}
}
