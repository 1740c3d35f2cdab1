package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

// useDatabase gives the commands of a test a fresh database.
func useDatabase(t *testing.T) string {
	t.Helper()
	url := pgtest.URL(t)
	t.Setenv("DATABASE_URL", url)
	return url
}

// Without a database a command says in one sentence what to set.
func TestNoDatabase(t *testing.T) {
	t.Setenv("DATABASE_URL", "")
	t.Chdir(t.TempDir()) // where no `hoso dev` has run
	for _, c := range []func() (string, error){
		func() (string, error) { return run(t, residentsCommand(), "generate", "10") },
		func() (string, error) { return run(t, auditCommand(), "verify") },
	} {
		if out, err := c(); err == nil || !strings.Contains(err.Error(), "DATABASE_URL") || out != "" {
			t.Errorf("got %v and %q", err, out)
		}
	}
}

// People are added in the units that come with the program when the database has none.
func TestResidentsGenerate(t *testing.T) {
	useDatabase(t)
	out, err := run(t, residentsCommand(), "generate", "120", "--json")
	var r generated
	if err != nil || json.Unmarshal([]byte(out), &r) != nil || r.People != 120 || r.Households == 0 || r.Rate <= 0 {
		t.Fatalf("got %q, %v", out, err)
	}
	out, err = run(t, residentsCommand(), "generate", "1", "--seed", "9")
	if err != nil || !strings.HasPrefix(out, "1 person in 1 household in ") || !strings.HasSuffix(out, " a second\n") {
		t.Errorf("got %q, %v", out, err)
	}
	for _, wrong := range []string{"0", "-3", "many", "1.5"} {
		if _, err := run(t, residentsCommand(), "generate", "--", wrong); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("generate %s: %v", wrong, err)
		}
	}
}

// A file of units is imported whole, or not at all with every fault by its line.
func TestUnitsImport(t *testing.T) {
	useDatabase(t)
	file := filepath.Join(t.TempDir(), "units.csv")
	write := func(rows string) {
		if err := os.WriteFile(file, []byte("code,level,kind,name_vi,name_en,province_code\n"+rows), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("01,province,Thành phố,Hà Nội,Hanoi,\n00004,commune,Phường,Ba Đình,Ba Dinh,01\n")
	if out, err := run(t, unitsCommand(), "import", file); err != nil || out != "2 units, with their agencies\n" {
		t.Errorf("got %q, %v", out, err)
	}
	write("01,province,Thành phố,Hà Nội,Hanoi,\n0004,commune,Phường,Ba Đình,Ba Dinh,01\n00008,commune,Thị trấn,Ngọc Hà,Ngoc Ha,99\n")
	out, err := run(t, unitsCommand(), "import", file)
	if err == nil || err.Error() != "nothing was imported: 3 faults" {
		t.Errorf("the faulty file: %v", err)
	}
	for _, want := range []string{file + ":3: code \"0004\"", file + ":4: a commune cannot be of kind", file + ":4: province_code \"99\""} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q in\n%s", want, out)
		}
	}
	out, err = run(t, unitsCommand(), "import", file, "--json")
	var r unitsImported
	if err == nil || json.Unmarshal([]byte(out), &r) != nil || r.Units != 0 || len(r.Faults) != 3 || r.Faults[0].Line != 3 {
		t.Errorf("got %q, %v", out, err)
	}
	if _, err := run(t, unitsCommand(), "import", file+".missing"); err == nil || !strings.Contains(err.Error(), "units.csv.missing") {
		t.Errorf("a missing file: %v", err)
	}
}

// An agency takes over from another, once and not in a circle.
func TestUnitsMerge(t *testing.T) {
	useDatabase(t)
	file := filepath.Join(t.TempDir(), "units.csv")
	text := "code,level,kind,name_vi,name_en,province_code\n01,province,Thành phố,Hà Nội,Hanoi,\n00004,commune,Phường,Ba Đình,Ba Dinh,01\n00070,commune,Phường,Hoàn Kiếm,Hoan Kiem,01\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, unitsCommand(), "import", file); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, unitsCommand(), "merge", "CA-00004", "CA-00070", "--from", "2027-01-01"); err != nil || out != "CA-00070 does the work of CA-00004 from 2027-01-01 on\n" {
		t.Errorf("got %q, %v", out, err)
	}
	for name, args := range map[string][]string{
		"back":     {"merge", "CA-00070", "CA-00004", "--from", "2027-02-01"},
		"unknown":  {"merge", "CA-99999", "CA-00004", "--from", "2027-02-01"},
		"no day":   {"merge", "UB-00004", "UB-00070", "--from", "soon"},
		"no flag":  {"merge", "UB-00004", "UB-00070"},
		"itself":   {"merge", "UB-00004", "UB-00004", "--from", "2027-02-01"},
		"too late": {"merge", "UB-00004", "UB-00070", "--from", "2020-01-01"},
	} {
		if out, err := run(t, unitsCommand(), args...); err == nil || out != "" {
			t.Errorf("%s: got %q, %v; want an error", name, out, err)
		}
	}
}
