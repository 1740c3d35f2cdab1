package sandbox_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/sandbox"
)

// The description of each registry covers its kinds and operations, its
// references lead somewhere, and what the registry answers fits it.
func TestOpenAPI(t *testing.T) {
	c := shipped.Procedures()
	s, err := sandbox.Start(t.Context(), sandbox.Config{HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
		Definitions: func() *procedures.Catalogue { return c }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, base := range s.Addresses().Registries {
		var doc map[string]any
		getJSON(t, base+"/openapi.json", &doc)
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
		for _, part := range strings.Split(string(text), `"$ref":"#/components/schemas/`)[1:] {
			if to, _, _ := strings.Cut(part, `"`); schemas[to] == nil {
				t.Errorf("%s: there is no schema %s", name, to)
			}
		}
		for _, kind := range s.World.Kinds(name) {
			if schemas[kind] == nil {
				t.Errorf("%s: %s is not described", name, kind)
			}
		}
		for _, op := range s.World.Operations(name) {
			if doc["paths"].(map[string]any)["/operations/"+op] == nil {
				t.Errorf("%s: %s is not described", name, op)
			}
		}
		res, err := http.Get(base + "/?lang=en")
		if err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("%s: its page answers %v, %v", name, res, err)
		}
		res.Body.Close()
	}

	compiler := jsonschema.NewCompiler()
	var doc map[string]any
	getJSON(t, s.Addresses().Registries["land"]+"/openapi.json", &doc)
	if doc["info"].(map[string]any)["title"] != c.Elements.Registries["land"].EN {
		t.Errorf("land is called %v", doc["info"])
	}
	text, _ := json.Marshal(doc)
	if err := compiler.AddResource("land.json", strings.NewReader(string(text))); err != nil {
		t.Fatal(err)
	}
	schema := compiler.MustCompile("land.json#/components/schemas/dwelling")
	r, err := connect(t, s, "land").Fetch(t.Context(), registry.Request{Kind: "dwelling", Key: "01/00004/12 phố Lê Lợi", Purpose: purpose})
	if err != nil || r.Values == nil {
		t.Fatal(r, err)
	}
	plain, _ := json.Marshal(r.Values)
	var values map[string]any
	if err := json.Unmarshal(plain, &values); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(values); err != nil {
		t.Errorf("the record does not fit: %v", err)
	}
	values["owners"] = "nobody"
	if schema.Validate(values) == nil {
		t.Error("a record with a wrong value fits too")
	}
}
