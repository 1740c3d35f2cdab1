package procedures

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/hoso-gov/hoso/workflow"
)

// The schemas describe each kind of file for editors. The loader holds every
// file against its schema first, so that the two cannot drift apart.
//
//go:embed schema/*.schema.json
var schemas embed.FS

// The schemas, by file name without ending.
const (
	procedureShape = "procedure"
	workflowShape  = "workflow"
	scenariosShape = "scenarios"
	elementsShape  = "elements"
	formShape      = "form-keywords"
	migrateShape   = "migrate"
)

type shape struct {
	schema *jsonschema.Schema
	raw    any // the schema as data: remedies quote it
}

var shapes = sync.OnceValue(func() map[string]shape {
	out := map[string]shape{}
	for _, name := range []string{procedureShape, workflowShape, scenariosShape, elementsShape, formShape, migrateShape} {
		src, err := schemas.ReadFile("schema/" + name + ".schema.json")
		if err != nil {
			panic(err) // the file is embedded
		}
		var raw any
		if err := json.Unmarshal(src, &raw); err != nil {
			panic(fmt.Errorf("schema %s: %w", name, err))
		}
		c := jsonschema.NewCompiler()
		c.LoadURL = func(u string) (io.ReadCloser, error) {
			return nil, fmt.Errorf("schema %s: %s is not embedded", name, u)
		}
		url := raw.(map[string]any)["$id"].(string)
		if err := c.AddResource(url, bytes.NewReader(src)); err != nil {
			panic(err)
		}
		out[name] = shape{schema: c.MustCompile(url), raw: raw}
	}
	return out
})

// checkShape holds a tree against one of the schemas.
func checkShape(n *node, name, file string) []workflow.Finding {
	s := shapes()[name]
	err := s.schema.Validate(n.plain())
	if err == nil {
		return nil
	}
	invalid, ok := err.(*jsonschema.ValidationError)
	if !ok {
		return []workflow.Finding{{Code: "SHAPE", File: file, Line: 1, Column: 1, Message: err.Error(), Remedy: "write the file as docs/definitions.md shows"}}
	}
	var out []workflow.Finding
	seen := map[string]bool{}
	eachLeaf(invalid, func(leaf *jsonschema.ValidationError) {
		for _, f := range s.explain(n, leaf) {
			f.File = file
			key := fmt.Sprint(f.Line, f.Column, f.Message)
			if !seen[key] {
				seen[key] = true
				out = append(out, f)
			}
		}
	})
	return out
}

func eachLeaf(e *jsonschema.ValidationError, visit func(*jsonschema.ValidationError)) {
	if len(e.Causes) == 0 {
		visit(e)
	}
	for _, c := range e.Causes {
		eachLeaf(c, visit)
	}
}

// explain turns one violation into findings: what is wrong at which place, and
// what the schema wants there.
func (s shape) explain(root *node, e *jsonschema.ValidationError) []workflow.Finding {
	at := root.at(e.InstanceLocation)
	found := workflow.Finding{Code: "SHAPE", Line: at.line, Column: at.col, Path: e.InstanceLocation, Message: e.Message}
	location := e.AbsoluteKeywordLocation
	if i := strings.Index(location, "#"); i >= 0 {
		location = location[i+1:]
	}
	parts := pointerParts(location)
	if len(parts) == 0 {
		return []workflow.Finding{found}
	}
	keyword := parts[len(parts)-1]
	owner, _ := dig(s.raw, parts[:len(parts)-1]).(map[string]any)
	name := lastKey(e.InstanceLocation)
	switch keyword {
	case "additionalProperties":
		return s.unknownKeys(at, owner, e.InstanceLocation)
	case "required":
		return s.missingKeys(at, owner, parts, e.InstanceLocation)
	case "type":
		found.Message = fmt.Sprintf("%s is %s", quoteName(name), kindOf(at))
		found.Remedy = "write " + typeWords(owner["type"]) + hint(owner)
		if texts, _ := owner["required"].([]any); len(texts) == 2 && texts[0] == "vi" {
			found.Code, found.Remedy = "TEXT", "write {vi: …, en: …}"
		}
	case "enum", "const":
		found.Message = fmt.Sprintf("%s is %s", quoteName(name), quoted(at))
		var known []string
		for _, v := range asList(owner["enum"]) {
			known = append(known, fmt.Sprint(v))
		}
		found.Remedy = didYouMean(at.str(), known)
		if c := closest(at.str(), known); c == "" {
			found.Remedy = "write one of " + strings.Join(known, ", ")
		}
	case "pattern":
		found.Message = fmt.Sprintf("%s is %s", quoteName(name), quoted(at))
		found.Remedy = "write " + patternWords(owner) + hint(owner)
		if key := root.keyNamed(e.InstanceLocation, owner); key != nil {
			found.Line, found.Column = key.line, key.col
		}
	case "minLength", "minItems", "minProperties":
		found.Message = fmt.Sprintf("%s is empty", quoteName(name))
		found.Remedy = "fill it, or leave the key out" + hint(owner)
	case "uniqueItems":
		found.Remedy = "keep each value once"
	default:
		if dig(s.raw, parts) == false {
			found.Code = "KEYS"
			found.Message = fmt.Sprintf("key %q does not belong here", name)
			found.Remedy = "remove it" + kindHint(root.at(parent(e.InstanceLocation)))
			if entry := root.at(parent(e.InstanceLocation)).entry(name); entry != nil {
				found.Line, found.Column = entry.line, entry.col
			}
			return []workflow.Finding{found}
		}
		found.Remedy = strings.TrimPrefix(hint(owner), ": ")
		if found.Remedy == "" {
			found.Remedy = "see docs/definitions.md"
		}
	}
	return []workflow.Finding{found}
}

func (s shape) unknownKeys(at *node, owner map[string]any, path string) []workflow.Finding {
	known, _ := owner["properties"].(map[string]any)
	var names, free []string
	for k, v := range known {
		if v == false {
			continue
		}
		names = append(names, k)
		if at.get(k) == nil {
			free = append(free, k)
		}
	}
	var out []workflow.Finding
	for _, e := range at.entries() {
		if _, ok := known[e.key]; ok {
			continue
		}
		remedy := "remove it"
		switch c := closest(e.key, names); {
		case c != "":
			remedy = "did you mean " + c + "?"
		case strings.Contains(e.key, " ") && e.value.kind == scalar && e.value.value == nil: // {en: Here, there}
			remedy = `put the text that has a comma in it into quotes: "…, ` + e.key + `"`
		case len(free) > 0:
			remedy += ", or " + didYouMean(e.key, free)
		}
		out = append(out, workflow.Finding{Code: "KEYS", Line: e.line, Column: e.col, Path: path + "/" + e.key,
			Message: fmt.Sprintf("unknown key %q", e.key), Remedy: remedy})
	}
	return out
}

// codeOfMissing names the obligations that a key fulfils by being there.
var codeOfMissing = map[string]string{"within": "DEADLINE", "owner": "TASKROLE", "after": "TIMEOUT", "competence": "ROUTE", "basis": "MINIMISE", "until": "WAIVER"}

func (s shape) missingKeys(at *node, owner map[string]any, parts []string, path string) []workflow.Finding {
	// The properties stand beside `required`, or above an if/then/else.
	props, _ := owner["properties"].(map[string]any)
	for up := parts[:len(parts)-1]; len(up) > 0; up = up[:len(up)-1] {
		above, _ := dig(s.raw, up[:len(up)-1]).(map[string]any)
		if wider, ok := above["properties"].(map[string]any); ok && len(wider) > len(props) {
			props = wider
			break
		}
	}
	var out []workflow.Finding
	for _, r := range asList(owner["required"]) {
		key := fmt.Sprint(r)
		if at.get(key) != nil {
			continue
		}
		f := workflow.Finding{Code: "KEYS", Line: at.line, Column: at.col, Path: path, Message: fmt.Sprintf("key %q is missing", key)}
		if name := lastKey(path); name != "" {
			f.Message = fmt.Sprintf("%q lacks key %q", name, key)
		}
		prop, _ := props[key].(map[string]any)
		f.Remedy = "write " + key + ": " + s.example(prop)
		f.Code = cmp.Or(codeOfMissing[key], f.Code)
		switch key {
		case "vi", "en":
			f.Code = "TEXT"
			f.Remedy = "write the text in both languages: {vi: …, en: …}"
		case "law":
			f.Code = "LAW"
			f.Remedy = `write law: "act, article"`
		}
		out = append(out, f)
	}
	return out
}

// example shows what a value of a schema looks like.
func (s shape) example(prop map[string]any) string {
	words := described(prop)
	if ref, ok := prop["$ref"].(string); ok {
		target, _ := dig(s.raw, pointerParts(strings.TrimPrefix(ref, "#"))).(map[string]any)
		if strings.HasSuffix(ref, "/text") {
			return strings.TrimSuffix("{vi: …, en: …}  # "+words, "  # ")
		}
		if words == "" {
			words = described(target)
		}
		prop = target
	}
	if values := asList(prop["enum"]); len(values) > 0 {
		var names []string
		for _, v := range values {
			names = append(names, fmt.Sprint(v))
		}
		return strings.Join(names, " | ")
	}
	if words == "" {
		return "…"
	}
	return "… (" + strings.TrimSuffix(words, ".") + ")"
}

// keyNamed returns the entry whose key, not whose value, breaks a pattern.
func (n *node) keyNamed(path string, owner map[string]any) *entry {
	if at := n.at(path); at != nil && at.kind == mapping {
		for _, e := range at.keys {
			if p, _ := owner["pattern"].(string); p != "" && !matches(p, e.key) {
				return e
			}
		}
	}
	return nil
}

func dig(v any, parts []string) any {
	for _, p := range parts {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

func parent(pointer string) string {
	if i := strings.LastIndex(pointer, "/"); i >= 0 {
		return pointer[:i]
	}
	return ""
}

func lastKey(pointer string) string {
	parts := pointerParts(pointer)
	for i := len(parts) - 1; i >= 0; i-- {
		if _, err := strconv.Atoi(parts[i]); err != nil {
			return parts[i]
		}
	}
	return ""
}
