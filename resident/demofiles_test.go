package resident

import (
	"strings"
	"testing"
	"testing/fstest"
)

const demoBase = `since: "2015-06-01"
people:
  - {number: "001196000101", name: Nguyễn Thị An, sex: female, born: "1996-04-12", homePlace: {province: "01", commune: "00070", line: ""}}
households:
  - id: 101
    address: {province: "01", commune: "00070", line: 25 phố Hàng Bông}
    members: [{number: "001196000101", relation: head}]
`

// Files add people and households to the population; a fault is told with its
// file, and nobody is read in part.
func TestReadDemo(t *testing.T) {
	const person = `{number: "001090000901", name: Trần Bình, sex: male, born: "1990-07-03", homePlace: {province: "01", commune: "00004", line: ""}`
	for _, tt := range []struct{ name, text, want string }{
		{"sound", "people:\n  - " + person + `, mother: "001196000101", restricted: true, card: {issued: "2020-01-01"}}` + "\nhouseholds:\n  - {id: 901, address: {province: \"01\", commune: \"00004\", line: x}, members: [{number: \"001090000901\", relation: head}]}\n", ""},
		{"an unknown key", "people:\n  - " + person + ", shoe: 42}\n", "[2:"},
		{"twice", "people:\n  - " + strings.Replace(person, "001090000901", "001196000101", 1) + "}\n", "001196000101 stands in demo.yaml already"},
		{"not their number", "people:\n  - " + strings.Replace(person, "1990-07-03", "2001-07-03", 1) + "}\n", "001090000901 Trần Bình: the number says male, born 1990"},
		{"half a note", "people:\n  - " + person + `, note: {vi: "x"}}` + "\n", "needs vi and en"},
		{"an unknown mother", "people:\n  - " + person + `, mother: "001168000999"}` + "\n", "demo-a.yaml: 001090000901 Trần Bình names 001168000999"},
		{"half a marriage", "people:\n  - " + person + `, spouse: "001196000101"}` + "\n", "who is not married to them"},
		{"a household twice", "households:\n  - {id: 101, address: {province: \"01\", commune: \"00004\", line: x}, members: [{number: \"001196000101\", relation: head}]}\n", "household 101 stands in demo.yaml already"},
		{"two homes", "households:\n  - {id: 102, address: {province: \"01\", commune: \"00004\", line: x}, members: [{number: \"001196000101\", relation: head}]}\n", "member of the households 101 and 102"},
		{"nobody's home", "households:\n  - {id: 102, address: {province: \"01\", commune: \"00004\", line: x}}\n", "household 102 has no members"},
	} {
		f, err := readDemo(fstest.MapFS{"data/demo.yaml": {Data: []byte(demoBase)}, "data/demo-a.yaml": {Data: []byte(tt.text)}})
		switch {
		case tt.want == "" && (err != nil || len(f.People) != 2 || len(f.Households) != 2 || f.Households[1].Since != "2015-06-01"):
			t.Errorf("%s: got %v, %v", tt.name, f, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "demo-a.yaml")):
			t.Errorf("%s: got %v, want %q in demo-a.yaml", tt.name, err, tt.want)
		}
	}
}
