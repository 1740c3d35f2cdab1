package procedures

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// The README's table of services says what the definitions and their proof say.
// It is written anew by: go test ./procedures -run TestServicesTable -update.
func TestServicesTable(t *testing.T) {
	t.Parallel()
	c, _ := LoadOn(FS, testDay)
	var b strings.Builder
	b.WriteString("| service | variants | fields filled / asked | papers replaced / left | states | scenarios |\n|---|---|---|---|---|---|\n")
	scenarios := 0
	for _, p := range c.Services() {
		proof := c.Proof(p)
		if proof == nil {
			t.Fatalf("%s has no proof", p.ID)
		}
		replaced := 0
		for _, a := range p.Attachments {
			if a.ReplacedBy != "" {
				replaced++
			}
		}
		fmt.Fprintf(&b, "| [%s](procedures/%s) %s | %d | %d / %d | %d / %d | %d | %d |\n", p.Name.EN, p.ID, p.Code, max(1, len(p.Variants)), proof.Counts.Filled, proof.Counts.Asked,
			replaced, len(p.Attachments)-replaced, len(p.Machine.States), len(p.Scenarios))
		scenarios += len(p.Scenarios)
	}
	fmt.Fprintf(&b, "\n%d services, %d scenarios.\n", len(c.Services()), scenarios)

	const file, from, to = "../README.md", "<!-- services: written by go test ./procedures -run TestServicesTable -update -->\n", "<!-- /services -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := bytes.Cut(text, []byte(from))
	_, after, ok2 := bytes.Cut(rest, []byte(to))
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table: %q to %q", file, from, to)
	}
	want := bytes.Join([][]byte{before, []byte(from + b.String() + to), after}, nil)
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(text, want) {
		t.Errorf("%s is not what the definitions say: run go test ./procedures -run TestServicesTable -update", file)
	}
}
