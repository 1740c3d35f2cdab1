package sandbox_test

import (
	"slices"
	"testing"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/sandbox"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// The registries of the sandbox answer every kind of the catalogue of elements and
// do whatever a definition asks for.
func TestSandboxHasWhatDefinitionsRestOn(t *testing.T) {
	d, err := world.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	c, _ := procedures.LoadToRun(procedures.FS)
	for _, lack := range sandbox.Lacks(c, d) {
		t.Error(lack)
	}
}

// A kind that nobody answers and an operation that nobody offers are told.
func TestLacks(t *testing.T) {
	d, err := world.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	c, _ := procedures.LoadToRun(procedures.FS)
	c.Elements.Order = append(c.Elements.Order, "ghost")
	c.Elements.Kinds["ghost"] = &procedures.Kind{Name: "ghost", Registry: "land"}
	p, _ := c.Get("camera-fine-payment")
	p.Messages["book"].Operation = "mark-lost"
	lacks := sandbox.Lacks(c, d)
	for _, want := range []string{"registry land answers no ghost", "camera-fine-payment, message book: registry fines does no mark-lost"} {
		if !slices.Contains(lacks, want) {
			t.Errorf("%q is not among %q", want, lacks)
		}
	}
}
