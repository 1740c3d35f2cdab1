package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The format is what --format says, else what the file's ending asks for, else Mermaid.
func TestGraphFormats(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		args []string
		file string
		want string // part of what is written
	}{
		{nil, "", "stateDiagram-v2"},
		{[]string{"--format", "svg"}, "", "<svg "},
		{[]string{"--format", "scxml", "--lang", "en"}, "", `hoso:title="Awaiting the fee"`},
		{[]string{"--format", "xstate"}, "", `"initial": "Filing"`},
		{nil, "stall.svg", "Chờ nộp phí"},
		{[]string{"--lang", "en"}, "stall.svg", "Awaiting the fee"},
		{nil, "stall.mmd", "stateDiagram-v2"},
		{nil, "stall.scxml", "<scxml "},
		{nil, "stall.json", `"id": "stall"`},
		{[]string{"--format", "mermaid"}, "stall.txt", "stateDiagram-v2"},
	} {
		args := append([]string{"stall", "--procedures", soundFolders}, tt.args...)
		if tt.file != "" {
			args = append(args, "-o", filepath.Join(dir, tt.file))
		}
		out, err := run(t, graphCommand(), args...)
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		if tt.file != "" {
			written, err := os.ReadFile(filepath.Join(dir, tt.file))
			if err != nil || out != "" {
				t.Errorf("%v: printed %q, file: %v", args, out, err)
			}
			out = string(written)
		}
		if !strings.Contains(out, tt.want) {
			t.Errorf("%v: lacks %q in\n%.300s", args, tt.want, out)
		}
	}
}

// What cannot be drawn is an error that says what to do, and leaves a file that is
// there as it was.
func TestGraphRefusals(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "procedures")
	if err := os.CopyFS(broken, os.DirFS(soundFolders)); err != nil {
		t.Fatal(err)
	}
	flow := filepath.Join(broken, "stall", "workflow.yaml")
	text, err := os.ReadFile(flow)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(flow, bytes.Replace(text, []byte("to: opinions,"), []byte("to: opinion,"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	before := filepath.Join(t.TempDir(), "stall.svg")
	if err := os.WriteFile(before, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"stall", "--procedures", soundFolders, "--format", "png"}, "svg, mermaid, scxml, xstate"},
		{[]string{"stall", "--procedures", soundFolders, "--lang", "fr"}, "vi or en"},
		{[]string{"--procedures", soundFolders}, "accepts 1 arg"},
		{[]string{"shop", "--procedures", soundFolders}, "hoso check"},
		{[]string{"stall", "--procedures", broken}, "hoso check"},
		{[]string{"stall", "--procedures", filepath.Join(broken, "nothing")}, "--procedures"},
	} {
		if _, err := run(t, graphCommand(), append(tt.args, "-o", before)...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %q", tt.args, err, tt.want)
		}
	}
	if now, err := os.ReadFile(before); err != nil || string(now) != "mine" {
		t.Errorf("the file is now %q, %v", now, err)
	}
	if _, err := run(t, graphCommand(), "stall", "--procedures", soundFolders, "-o", filepath.Join(broken, "no", "such", "x.svg")); err == nil {
		t.Error("a file in a folder that does not exist is written")
	}
}
