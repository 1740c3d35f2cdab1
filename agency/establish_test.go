package agency

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// The kinds of agency that a definition may name are those that units are given,
// in both places where the schemas list them.
func TestSchemasListTheKinds(t *testing.T) {
	var want []string
	for _, p := range posts {
		want = append(want, string(p.kind))
	}
	slices.Sort(want)
	lists := 0
	for _, file := range []string{"procedure", "workflow"} {
		text, err := os.ReadFile("../procedures/schema/" + file + ".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		var schema any
		if err := json.Unmarshal(text, &schema); err != nil {
			t.Fatal(err)
		}
		for _, list := range enumsWith(schema, string(CommunePolice)) {
			lists++
			if slices.Sort(list); !slices.Equal(list, want) {
				t.Errorf("%s: the schema lists %v, agencies are of the kinds %v", file, list, want)
			}
		}
	}
	if lists != 2 {
		t.Errorf("%d lists of kinds found in the schemas, want 2", lists)
	}
}

// enumsWith finds the enumerations of a schema that have a value.
func enumsWith(schema any, value string) (out [][]string) {
	switch s := schema.(type) {
	case map[string]any:
		for key, v := range s {
			if key != "enum" {
				out = append(out, enumsWith(v, value)...)
				continue
			}
			var list []string
			for _, one := range v.([]any) {
				text, _ := one.(string)
				list = append(list, text)
			}
			if slices.Contains(list, value) {
				out = append(out, list)
			}
		}
	case []any:
		for _, v := range s {
			out = append(out, enumsWith(v, value)...)
		}
	}
	return out
}
