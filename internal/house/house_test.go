package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/hoso-gov/hoso/"

// floors are the packages from the ground up: one imports only what stands on a
// floor below its own. Packages of one floor do not know each other.
var floors = [][]string{
	{"vietnamese", "migrations", "calendar", "payment", "notice", "document", "registry/signed", "registry", "sandbox/data", "sandbox/store", "audit/tsa", "logic", "diagram/layered"},
	{"expr", "agency", "audit", "audit/anchor", "audit/check", "postgres", "registry/exchange", "message"},
	{"workflow", "sandbox/world/ruled"},
	{"forms", "identity", "resident", "sandbox/page", "sandbox/world"},
	{"procedures", "resident/population", "resident/grants", "resident/quality", "resident/intake"},
	{"cases", "diagram"},
	{"jobs", "doctor", "archive"},
	{"stage"},
	{"trial"},
	{"web/ui"},
	{"web/site"},
	{"web/portal", "web/desk", "web/api", "web/studio"},
	{"web"},
	{"cmd/hoso"},
}

// Some packages of the lower floors stand on one another.
var within = map[string][]string{
	"payment": {"registry/signed"},
}

// pure packages do no input or output: they decide.
var pure = map[string][]string{
	"calendar": {"net", "database/sql", "os/exec", "github.com/jackc/pgx/v5"},
	"logic":    {"net", "os", "database/sql", "github.com/jackc/pgx/v5"},
	"expr":     {"net", "os", "database/sql", "github.com/jackc/pgx/v5"},
	"workflow": {"net", "os", "database/sql", "github.com/jackc/pgx/v5"},
	"forms":    {"net", "os", "database/sql", "github.com/jackc/pgx/v5"},
	"diagram":  {"net", "os", "database/sql", "github.com/jackc/pgx/v5"},
}

// never are imports that would turn the house round, each with its reason.
var never = []struct{ in, imports, because string }{
	{"cases", "github.com/riverqueue/river", "jobs implements cases.Outbox"},
	{"cases", module + "jobs", "jobs works off what cases schedules"},
	{"web/portal", module + "jobs", "pages change cases, what follows is the workers' affair"},
	{"web/desk", module + "jobs", "pages change cases, what follows is the workers' affair"},
	{"resident", module + "procedures", "the resident database does not know procedures"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("go list: %v: %s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	pkgs := map[string][]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs[strings.TrimPrefix(p.ImportPath, module)] = p.Imports
	}
}

func floorOf(name string) int {
	return slices.IndexFunc(floors, func(f []string) bool { return slices.Contains(f, name) })
}

// Arrows run downward, and every package has its floor.
func TestImportsRunDownward(t *testing.T) {
	pkgs := list(t)
	for name, imports := range pkgs {
		at := floorOf(name)
		if at < 0 {
			if !strings.HasPrefix(name, "sandbox") && !strings.HasPrefix(name, "cmd/") && !strings.HasPrefix(name, "internal/") && !strings.HasPrefix(name, "web/ui/") && name != "e2e" {
				t.Errorf("package %s has no floor: give it one in this test", name)
			}
			continue
		}
		for _, path := range imports {
			other, ours := strings.CutPrefix(path, module)
			if !ours || slices.Contains(within[name], other) {
				continue
			}
			if to := floorOf(other); to >= at {
				t.Errorf("%s imports %s, which does not stand below it", name, other)
			} else if to < 0 && name != "cmd/hoso" && !strings.HasPrefix(other, "internal/") {
				t.Errorf("%s imports %s, which is no part of the house", name, other)
			}
		}
	}
}

// The packages that decide do no input or output, and the named imports never appear.
func TestForbiddenImports(t *testing.T) {
	pkgs := list(t)
	for name, forbidden := range pure {
		for _, path := range pkgs[name] {
			if slices.Contains(forbidden, path) {
				t.Errorf("%s imports %s: it decides, it does not read or store", name, path)
			}
		}
	}
	for _, n := range never {
		if slices.Contains(pkgs[n.in], n.imports) {
			t.Errorf("%s imports %s: %s", n.in, n.imports, n.because)
		}
	}
}

// The test can fail: a package that imports upward is found.
func TestFloorsAreOrdered(t *testing.T) {
	if floorOf("workflow") >= floorOf("cases") || floorOf("cases") >= floorOf("jobs") || floorOf("jobs") >= floorOf("web") {
		t.Error("the floors are out of order")
	}
}
