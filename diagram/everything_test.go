package diagram

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// everything is a procedure whose workflow says all that one can say.
func everything(t testing.TB) *procedures.Procedure {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", "everything.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	env, err := expr.NewEnv(map[string]*expr.Type{
		"form": {Kind: expr.Object, Name: "form", Fields: map[string]*expr.Type{"big": {Kind: expr.Bool}, "size": {Kind: expr.Int}}},
		"case": {Kind: expr.Object, Name: "case", Fields: map[string]*expr.Type{"fee": {Kind: expr.Int}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, found := workflow.Parse(src, "everything.yaml", env)
	if m != nil && len(found) == 0 {
		found = workflow.Check(m, workflow.CheckOptions{})
	}
	for _, f := range found {
		if !f.Warning {
			t.Fatal(f)
		}
	}
	return &procedures.Procedure{ID: "everything", Version: 3, Internal: true, Name: workflow.Text{VI: "Mọi thứ", EN: "Everything"}, Machine: m}
}

// shipped are the procedures in the binary that have a machine.
func shipped(t testing.TB) []*procedures.Procedure {
	t.Helper()
	c, _ := procedures.LoadToRun(procedures.FS)
	out := slices.DeleteFunc(slices.Clone(c.All()), func(p *procedures.Procedure) bool { return p.Machine == nil || len(p.Machine.States) == 0 })
	if len(out) == 0 {
		t.Fatal("no procedure can be read")
	}
	return out
}

// all are the procedures over which the tests go.
func all(t testing.TB) []*procedures.Procedure { return append(shipped(t), everything(t)) }
