package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/procedures"
)

// Without --from, in an empty folder, there is a sound procedure with stories,
// and an editor finds the schemas of all of its files.
func TestNewInAnEmptyFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	out, err := run(t, newCommand(), "stall-permit")
	if err != nil {
		t.Fatal(err, out)
	}
	tree, err := procedures.Open(".")
	if err != nil {
		t.Fatal(err)
	}
	c, findings := procedures.Load(tree)
	for _, f := range findings {
		if procedures.OfFolder(f) == "stall-permit" {
			t.Error(f)
		}
	}
	p, ok := c.Get("stall-permit")
	if !ok || len(p.Scenarios) < 3 {
		t.Fatalf("stall-permit has %d stories", len(p.Scenarios))
	}
	if _, ok := c.Get("permanent-residence"); !ok {
		t.Error("the procedures of the binary do not stand beside it")
	}
	var settings struct {
		YAML map[string]string `json:"yaml.schemas"`
		JSON []struct {
			URL       string   `json:"url"`
			FileMatch []string `json:"fileMatch"`
		} `json:"json.schemas"`
	}
	text, err := os.ReadFile(".vscode/settings.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &settings); err != nil {
		t.Fatal(err)
	}
	mapped := map[string]bool{}
	for schema, files := range settings.YAML {
		if _, err := os.Stat(schema); err != nil {
			t.Error(err)
		}
		mapped[filepath.Base(files)] = true
	}
	for _, j := range settings.JSON {
		if _, err := os.Stat(j.URL); err != nil {
			t.Error(err)
		}
		for _, files := range j.FileMatch {
			mapped[filepath.Base(files)] = true
		}
	}
	for _, name := range []string{"procedure.yaml", "workflow.yaml", "scenarios.yaml", "form.schema.json"} {
		if _, err := os.Stat(filepath.Join("stall-permit", name)); err != nil || !mapped[name] {
			t.Errorf("%s: %v, mapped %v", name, err, mapped[name])
		}
	}
	if _, err := os.Stat("schema/common/elements.yaml"); err != nil {
		t.Error("the author cannot read what registries hold:", err)
	}
}

// The settings of this repository are those that every author gets.
func TestEditorSettings(t *testing.T) {
	var here, made map[string]any
	text, err := os.ReadFile("../../.vscode/settings.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &here); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(editorSettings("procedures"), &made); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(here, made) {
		t.Errorf(".vscode/settings.json is\n%s\nwant\n%s", text, editorSettings("procedures"))
	}
}

// What is there already is never touched, and a refusal says why in both languages.
func TestNewRefuses(t *testing.T) {
	dir := copyOf(t)
	before := snapshot(t, dir)
	for _, bad := range []struct{ args, en, vi string }{
		{"stall", "is there already", "hãy chọn tên khác"},
		{"stall --from opinion", "is there already", "đã có"},
		{"Kiosk", "not a name", "không dùng làm tên"},
		{"common", "not a name", "không dùng làm tên"},
		{"schema", "not a name", "không dùng làm tên"},
		{"shop --from nothing", "no procedure", "không có thủ tục"},
		{"shop --from ../stall", "no procedure", "không có thủ tục"},
	} {
		_, err := run(t, newCommand(), append(strings.Fields(bad.args), "--procedures", dir)...)
		if err == nil || !strings.Contains(err.Error(), bad.en) || !strings.Contains(err.Error(), bad.vi) {
			t.Errorf("hoso new %s: %v, want %q and %q", bad.args, err, bad.en, bad.vi)
		}
	}
	if after := snapshot(t, dir); !reflect.DeepEqual(before, after) {
		t.Error("a refusal changed the folder")
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("letter.txt", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, newCommand(), "shop"); err == nil || !strings.Contains(err.Error(), "empty folder") {
		t.Errorf("in a folder with other things: %v", err)
	}
}

// snapshot reads every file of a folder.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		out[name] = string(bytes.TrimSpace(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A tree that stands alone gets what a copy from the binary needs and it lacks:
// the procedures that are opened, and the shared questions.
func TestNewCompletesATreeThatStandsAlone(t *testing.T) {
	dir := copyOf(t)
	if out, err := run(t, newCommand(), "temporary-residence", "--from", "permanent-residence", "--procedures", dir); err != nil {
		t.Fatal(err, out)
	}
	for _, name := range []string{"temporary-residence/form.schema.json", "consent/workflow.yaml", "common/address.json", "common/household.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, "consent", "procedure.yaml")); err != nil || !strings.Contains(string(text), "\nid: consent\n") {
		t.Errorf("the procedure that is opened has another id: %v", err)
	}
	person, err := os.ReadFile(filepath.Join(dir, "common", "person.json"))
	own, ownErr := os.ReadFile(filepath.Join(soundFolders, "common", "person.json"))
	if err != nil || ownErr != nil || !bytes.Equal(person, own) {
		t.Error("a shared file of the author was replaced")
	}
}
