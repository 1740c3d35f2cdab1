package procedures

import (
	"strings"
	"testing"
)

// A filing with its parts asks everything once. Each mutant of a part asks again
// what the case asks, fills, gives, or what another part puts out.
func TestBundleMutants(t *testing.T) {
	tree, _ := shipped(t)
	why := `"x-asked": {"because": {"vi": "Hỏi Ông/Bà", "en": "We ask you"}}`
	added := func(name, more string) string {
		return `"properties": {"` + name + `": {"type": "string", "maxLength": 40, "title": "Câu hỏi thêm", "x-text": {"en": {"title": "One more"}}, ` + more + why + `}, `
	}
	for _, tt := range []struct {
		name, part, old, new string
		want                 string // part of the message; "" for what is legal
	}{
		{"asked above too", "child-residence", `"with": {`, `"with": {` + why + `, `, "birth-interlinked has at /home/with"},
		{"asked above too, in another part", "child-health-card", `"delivery": {`, `"delivery": {` + why + `, `, "birth-interlinked has at /insurance/delivery"},
		{"filled above, by its element", "child-residence", `"properties": {
        "number": {"$ref": "../common/person.json#/$defs/number", "x-fill": "child.number"}`, added("mail", `"x-element": "person.email", `) + `
        "number": {"$ref": "../common/person.json#/$defs/number", "x-fill": "child.number"}`, "birth-interlinked has at /applicant/email"},
		{"given by that name", "child-health-card", `"properties": {
        "number": {"$ref": "../common/person.json#/$defs/number", "x-fill": "child.number"}`, added("mother", "") + `
        "number": {"$ref": "../common/person.json#/$defs/number", "x-fill": "child.number"}`, "given as mother"},
		{"put out by another part", "child-health-card", `"properties": {
        "number": {"$ref": "../common/person.json#/$defs/number", "x-fill": "child.number"}`, added("childNumber", "") + `
        "number": {"$ref": "../common/person.json#/$defs/number", "x-fill": "child.number"}`, "birth-registration-part puts out as childNumber"},
		{"known to nobody", "child-health-card", `"properties": {
        "number": {"$ref": "../common/person.json#/$defs/number", "x-fill": "child.number"}`, added("allergy", "") + `
        "number": {"$ref": "../common/person.json#/$defs/number", "x-fill": "child.number"}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := tt.part + "/" + formFile
			text := string(tree[file].Data)
			if strings.Count(text, tt.old) != 1 {
				t.Fatalf("%q stands %d times", tt.old, strings.Count(text, tt.old))
			}
			_, found := load(with(tree, file, strings.Replace(text, tt.old, tt.new, 1)), testDay, map[ID]bool{"birth-interlinked": true, "birth-registration-part": true, "child-residence": true, "child-health-card": true}, everything)
			var got []string
			for _, f := range found {
				if f.Code == "BUNDLE" {
					got = append(got, f.Message)
				}
			}
			if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)) {
				t.Errorf("got %q, want one with %q", got, tt.want)
			}
		})
	}
}
