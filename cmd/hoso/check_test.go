package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/procedures"
)

const soundFolders = "../../procedures/testdata/sound"

// run executes a command and returns what it printed.
func run(t *testing.T, c *cobra.Command, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	c.SilenceErrors = true
	err := c.Execute()
	return out.String(), err
}

// copyOf copies the sound folders to a place where a test may change them.
func copyOf(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(soundFolders)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func change(t *testing.T, file, old, new string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%s lacks %q: %v", file, old, err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A sound folder is proved, with figures; a mistake is an error with its place and remedy.
func TestCheck(t *testing.T) {
	dir := copyOf(t)
	out, err := run(t, checkCommand(), "--procedures", dir)
	if err != nil {
		t.Fatal(err, out)
	}
	for _, want := range []string{"stall  Mở sạp hàng", "✓ once only: 3 questions, 1 filled, 2 asked", "✓ papers: 2, of which 1", "2 procedures, no mistakes"} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Error("colours where no terminal is")
	}
	change(t, filepath.Join(dir, "stall", "procedure.yaml"), "ministry:", "minsitry:")
	out, err = run(t, checkCommand(), "--procedures", dir, "stall")
	if err == nil || !strings.Contains(err.Error(), "mistake") {
		t.Errorf("error %v", err)
	}
	if want := filepath.Join(dir, "stall", "procedure.yaml") + ":11:1: KEYS unknown key \"minsitry\" — did you mean ministry?"; !strings.Contains(out, want) {
		t.Errorf("lacks %q in\n%s", want, out)
	}
	if want := "      Every key is known"; !strings.Contains(out, want) {
		t.Errorf("lacks the rule in\n%s", out)
	}
	if out, _ = run(t, checkCommand(), "--procedures", dir, "--lang", "vi", "stall"); !strings.Contains(out, "      Mọi khóa đều được biết") {
		t.Errorf("lacks the rule in Vietnamese in\n%s", out)
	}
	if strings.Contains(out, "opinion") {
		t.Error("prints a procedure that nobody asked for")
	}
	if _, err := run(t, checkCommand(), "--procedures", dir, "stal"); err == nil {
		t.Error("an unknown procedure is not an error")
	}
}

// --json is an array with the figures of the once-only proof.
func TestCheckJSON(t *testing.T) {
	dir := copyOf(t)
	change(t, filepath.Join(dir, "stall", "procedure.yaml"), "'fetched'\n    because", "'fetched' || 1 == 1\n    because")
	out, err := run(t, checkCommand(), "--procedures", dir, "--json", "stall")
	if err == nil {
		t.Error("a paper that a registry replaces is asked for without an error")
	}
	var got []map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got) != 1 {
		t.Fatalf("%v\n%s", err, out)
	}
	for key, want := range map[string]any{"id": "stall", "fields": 3.0, "filled": 1.0, "asked": 2.0, "papers": 2.0, "papers_replaced": 1.0, "held_but_asked": 0.0} {
		if got[0][key] != want {
			t.Errorf("%s is %v, want %v", key, got[0][key], want)
		}
	}
	variants, _ := json.Marshal(got[0]["variants"])
	if want := `[{"asked":2,"filled":1,"id":"small","papers":2,"papers_replaced":1},{"asked":2,"filled":1,"id":"big","papers":2,"papers_replaced":1}]`; string(variants) != want {
		t.Errorf("variants: got %s, want %s", variants, want)
	}
	for _, key := range []string{"states", "transitions"} {
		if _, ok := got[0][key].(float64); !ok {
			t.Errorf("lacks %s", key)
		}
	}
	proved := got[0]["obligations"].(map[string]any)
	for _, o := range procedures.Obligations() {
		if ok, there := proved[o.Code]; there == o.Hint || !o.Hint && ok != (o.Code != "PAPER") {
			t.Errorf("obligation %s: %v", o.Code, ok)
		}
	}
	finding := got[0]["findings"].([]any)[0].(map[string]any)
	if finding["code"] != "PAPER" || finding["line"] == 0.0 || finding["remedy"] == "" || finding["rule"].(map[string]any)["vi"] == "" {
		t.Errorf("finding %v", finding)
	}
}

// A new folder is a copy under its own name that checks as the old one does.
func TestNew(t *testing.T) {
	dir := copyOf(t)
	change(t, filepath.Join(dir, "stall", "procedure.yaml"), "version: 1", "version: 7 # a note")
	if out, err := run(t, newCommand(), "kiosk", "--from", "stall", "--procedures", dir); err != nil {
		t.Fatal(err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "kiosk", "procedure.yaml"))
	if err != nil || !strings.HasPrefix(string(text), "id: kiosk\nversion: 1 # a note\n") {
		t.Errorf("%v %.60q", err, text)
	}
	if out, err := run(t, checkCommand(), "--procedures", dir); err != nil {
		t.Error(err, out)
	}
	for _, bad := range [][]string{{"kiosk", "--from", "stall"}, {"Kiosk", "--from", "stall"}, {"shop", "--from", "nothing"}, {"common", "--from", "stall"}} {
		if _, err := run(t, newCommand(), append(bad, "--procedures", dir)...); err == nil {
			t.Errorf("hoso new %v is not an error", bad)
		}
	}
}
