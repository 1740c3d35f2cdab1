package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/procedures"
)

// --sarif has every obligation as a rule, and a finding as a result at its
// place, with its way as a flow.
func TestCheckSARIF(t *testing.T) {
	dir := copyOf(t)
	change(t, filepath.Join(dir, "stall", "workflow.yaml"), "before: [entering, moving, repair]", "before: [entering, moving]")
	out, err := run(t, checkCommand(), "--procedures", dir, "--sarif")
	if err == nil || !strings.Contains(err.Error(), "mistake") {
		t.Errorf("error %v", err)
	}
	var log sarifLog
	if err := json.Unmarshal([]byte(out), &log); err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("%v\n%s", err, out)
	}
	r := log.Runs[0]
	if len(r.Tool.Driver.Rules) != len(procedures.Obligations()) || r.ColumnKind != "unicodeCodePoints" {
		t.Errorf("%d rules, columns in %s", len(r.Tool.Driver.Rules), r.ColumnKind)
	}
	if len(r.Results) == 0 {
		t.Fatal("no results")
	}
	got := r.Results[0]
	if got.RuleID != "NORETURN" || r.Tool.Driver.Rules[got.RuleIndex].ID != "NORETURN" || got.Level != "error" {
		t.Errorf("result %+v", got)
	}
	at := got.Locations[0].Physical
	if want := filepath.ToSlash(filepath.Join(dir, "stall", "workflow.yaml")); at.Artifact.URI != want || at.Region.StartLine < 2 || at.Region.StartColumn != 3 {
		t.Errorf("at %+v", at)
	}
	if way := got.CodeFlows[0].ThreadFlows[0].Locations; len(way) < 2 || way[len(way)-1].Location.Message.Text != "entering: 4h → repair" {
		t.Errorf("way %+v", way)
	}
	if _, err := run(t, checkCommand(), "--procedures", dir, "--sarif", "--json"); err == nil {
		t.Error("two formats at once are no error")
	}
}

// A sound tree is an empty list of results, not an absent one.
func TestCheckSARIFSound(t *testing.T) {
	out, err := run(t, checkCommand(), "--procedures", soundFolders, "--sarif")
	if err != nil || !strings.Contains(out, `"results": []`) {
		t.Errorf("%v\n%s", err, out)
	}
}
