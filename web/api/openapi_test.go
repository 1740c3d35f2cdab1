package api_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

// description is the interface's own description, ready to hold answers against.
type description struct {
	raw     []byte
	doc     object
	schemas map[string]*jsonschema.Schema // by the pointer of the schema
	paths   []described
}

// described is one path of a description.
type described struct {
	template string
	pattern  *regexp.Regexp
	item     object
}

const ourselves = "openapi.json"

// describe fetches the description and compiles what it says of answers.
func describe(t testing.TB, base string) *description {
	t.Helper()
	res, err := http.Get(base + "/openapi.json")
	must(t, err)
	defer res.Body.Close()
	d := &description{schemas: map[string]*jsonschema.Schema{}}
	d.raw, err = io.ReadAll(res.Body)
	must(t, err)
	must(t, json.Unmarshal(d.raw, &d.doc))
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft2020 // of OpenAPI 3.1
	compiler.AssertFormat = true
	must(t, compiler.AddResource(ourselves, strings.NewReader(string(d.raw))))
	for path, item := range d.doc["paths"].(object) {
		p := described{template: path, item: item.(object),
			pattern: regexp.MustCompile("^" + regexp.MustCompile(`\\\{[^}]*\\\}`).ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$")}
		d.paths = append(d.paths, p)
		for method, op := range p.item {
			for status, r := range op.(object)["responses"].(object) {
				content, _ := r.(object)["content"].(object)
				for kind, media := range content {
					if media.(object)["schema"] == nil {
						continue
					}
					at := pointerTo("paths", path, method, "responses", status, "content", kind, "schema")
					d.schemas[at], err = compiler.Compile(ourselves + at)
					must(t, err)
				}
			}
		}
	}
	for name := range d.doc["components"].(object)["schemas"].(object) {
		_, err := compiler.Compile(ourselves + pointerTo("components", "schemas", name))
		must(t, err)
	}
	return d
}

func pointerTo(steps ...string) string {
	for i, s := range steps {
		steps[i] = strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(s)
	}
	return "#/" + strings.Join(steps, "/")
}

// hold fails the test when an answer is none of those that the description promises.
func (d *description) hold(t testing.TB, method, path string, a *answer) {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	for _, p := range d.paths {
		op, ok := p.item[strings.ToLower(method)].(object)
		if !ok || !p.pattern.MatchString(path) {
			continue
		}
		status := strconv.Itoa(a.status)
		r, ok := op["responses"].(object)[status].(object)
		if !ok {
			t.Errorf("%s %s answers %s, which is not described", method, p.template, status)
			return
		}
		kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
		content, _ := r["content"].(object)
		if _, ok := content[kind]; !ok {
			t.Errorf("%s %s answers %s as %s, which is not described", method, p.template, status, kind)
			return
		}
		if schema := d.schemas[pointerTo("paths", p.template, strings.ToLower(method), "responses", status, "content", kind, "schema")]; schema != nil && a.body != nil {
			if err := schema.Validate(map[string]any(a.body)); err != nil {
				t.Errorf("%s %s answers %s other than described: %#v", method, p.template, status, err)
			}
		}
		return
	}
}

// The description is OpenAPI 3.1: it names its version, its references lead to
// something, its schemas are JSON Schema 2020-12 (describe compiles them), and
// every operation has an id of its own, describes its parameters and says how
// it fails.
func TestDescription(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	doc := h.spec.doc
	if v, _ := doc["openapi"].(string); !strings.HasPrefix(v, "3.1.") {
		t.Errorf("it is OpenAPI %s", v)
	}
	info := doc["info"].(object)
	if info["title"] == "" || info["version"] == "" {
		t.Errorf("info is %v", info)
	}
	if servers := doc["servers"].([]any); servers[0].(object)["url"] != h.url {
		t.Errorf("it is served at %v, not at %s", servers, h.url)
	}
	for _, m := range regexp.MustCompile(`"\$ref":"#([^"]*)"`).FindAllStringSubmatch(string(h.spec.raw), -1) {
		if resolve(doc, m[1]) == nil {
			t.Errorf("the reference %s leads nowhere", m[1])
		}
	}
	ids := map[string]bool{}
	for _, p := range h.spec.paths {
		for method, op := range p.item {
			name, op := method+" "+p.template, op.(object)
			id, _ := op["operationId"].(string)
			if id == "" || ids[id] || op["summary"] == "" {
				t.Errorf("%s: operationId %q, summary %v", name, id, op["summary"])
			}
			ids[id] = true
			checkParameters(t, name, p.template, op)
			if len(op["security"].([]any)) == 0 {
				t.Errorf("%s does not say whether it needs a token", name)
			}
			for status, r := range op["responses"].(object) {
				failed := status >= "400"
				content, _ := r.(object)["content"].(object)
				if _, ok := content["application/problem+json"]; ok != failed {
					t.Errorf("%s answers %s as %v", name, status, content)
				}
			}
		}
	}
}

func checkParameters(t *testing.T, name, template string, op object) {
	t.Helper()
	var want, got []string
	for _, m := range regexp.MustCompile(`\{([^}]*)\}`).FindAllStringSubmatch(template, -1) {
		want = append(want, m[1])
	}
	params, _ := op["parameters"].([]any)
	for _, p := range params {
		p := p.(object)
		if p["in"] == "path" {
			got = append(got, p["name"].(string))
			if p["required"] != true {
				t.Errorf("%s: %v is not required", name, p["name"])
			}
		}
		if p["schema"] == nil {
			t.Errorf("%s: %v has no schema", name, p["name"])
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("%s has the parameters %v", name, got)
	}
}

func resolve(doc any, at string) any {
	for _, step := range strings.Split(strings.TrimPrefix(at, "/"), "/") {
		m, ok := doc.(object)
		if !ok {
			return nil
		}
		doc = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(step)]
	}
	return doc
}

// Every route of the interface is described, and everything described is a route.
func TestDescribesEveryRoute(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var routes, described []string
	must(t, chi.Walk(h.router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if !strings.HasPrefix(route, "/openapi") {
			routes = append(routes, fmt.Sprintf("%s %s", method, route))
		}
		return nil
	}))
	for _, p := range h.spec.paths {
		for method := range p.item {
			described = append(described, fmt.Sprintf("%s %s", strings.ToUpper(method), p.template))
		}
	}
	slices.Sort(routes)
	slices.Sort(described)
	if !slices.Equal(routes, described) {
		t.Errorf("routes\n%s\ndescribed\n%s", strings.Join(routes, "\n"), strings.Join(described, "\n"))
	}
	for _, call := range []string{"GET /procedures", "GET /procedures/{id}", "GET /procedures/{id}/form", "POST /cases", "GET /cases", "GET /cases/{code}",
		"POST /cases/{code}/events", "GET /worklist", "POST /cases/{code}/judgements", "POST /cases/{code}/files", "GET /cases/{code}/documents/{id}",
		"GET /cases/{code}/files/{id}", "GET /verify/{id}", "GET /me/papers", "GET /me/reads", "GET /statistics"} {
		if !slices.Contains(routes, call) {
			t.Errorf("there is no %s", call)
		}
	}
}

// compileAlone compiles a schema that refers to nothing outside of itself.
func compileAlone(t *testing.T, schema object) {
	t.Helper()
	raw, err := json.Marshal(schema)
	must(t, err)
	id, _ := schema["$id"].(string)
	compiler := jsonschema.NewCompiler()
	compiler.LoadURL = func(url string) (io.ReadCloser, error) { return nil, fmt.Errorf("%s is outside of the document", url) }
	must(t, compiler.AddResource(id, strings.NewReader(string(raw))))
	_, err = compiler.Compile(id)
	must(t, err)
}

func decoded(t *testing.T, content string) []byte {
	t.Helper()
	out, err := base64.StdEncoding.DecodeString(content)
	must(t, err)
	return out
}
