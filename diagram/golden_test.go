package diagram

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Each notation of the procedure that says everything is as it was; with -update
// it is written anew, and read in the difference. A second writing gives the same bytes.
func TestGolden(t *testing.T) {
	p := everything(t)
	for _, tt := range []struct {
		format Format
		lang   string
		file   string
	}{
		{FormatSVG, "vi", "everything.svg"}, {FormatMermaid, "vi", "everything.mmd"}, {FormatSCXML, "en", "everything.scxml"}, {FormatXState, "en", "everything.json"},
	} {
		t.Run(string(tt.format), func(t *testing.T) {
			got, again := written(t, p, tt.format, tt.lang), written(t, everything(t), tt.format, tt.lang)
			if !bytes.Equal(got, again) {
				t.Error("the same procedure gives other bytes the second time")
			}
			file := filepath.Join("testdata", "golden", tt.file)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), string(got)); d != "" {
				t.Errorf("-want +got (rewrite with -update):\n%s", d)
			}
		})
	}
}

func written(t testing.TB, p *procedures.Procedure, f Format, lang string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, p, f, lang); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A workflow that leads nowhere is refused in every notation, and so is a notation
// that does not exist.
func TestBrokenWorkflows(t *testing.T) {
	for what, damage := range map[string]func(*workflow.Machine){
		"a target without a state":     func(m *workflow.Machine) { m.States["approve"].Actions["return"][0].To = "nowhere" },
		"a join without a state":       func(m *workflow.Machine) { m.States["again"].Join.Late = "nowhere" },
		"a withdrawal without a state": func(m *workflow.Machine) { m.Withdraw.To = "nowhere" },
		"sub-cases without a join":     func(m *workflow.Machine) { m.States["again"].Join = nil },
		"no beginning":                 func(m *workflow.Machine) { m.File = nil },
		"no state":                     func(m *workflow.Machine) { m.States, m.Order = nil, nil },
	} {
		for _, f := range Formats {
			p := everything(t)
			damage(p.Machine)
			if err := Write(&bytes.Buffer{}, p, f, "vi"); !errors.Is(err, ErrBroken) {
				t.Errorf("%s, as %s: got %v, want ErrBroken", what, f, err)
			}
		}
	}
	if err := Write(&bytes.Buffer{}, everything(t), "png", "vi"); err == nil {
		t.Error("png is written")
	}
}
