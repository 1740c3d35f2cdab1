package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A block is a fenced block of a page of docs/authors. What follows the fence
// says what it is: a file ("yaml stall/workflow.yaml"), keys to put into one
// ("yaml add stall/procedure.yaml") or to replace there ("yaml replace FILE", an
// empty key goes), lines to change in one ("diff FILE"), or commands with the
// lines that they print among others ("console").
type block struct {
	line    int    // of the fence
	section string // the heading above it
	kind    string
	file    string
	body    string
}

// guideBlocks reads the blocks of a page.
func guideBlocks(t *testing.T, page string) []block {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs/authors", page))
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	var open *block
	section := ""
	for i, line := range strings.Split(string(text), "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open != nil:
			out, open = append(out, *open), nil
		case fence:
			kind, file := info, ""
			if j := strings.LastIndex(info, " "); j >= 0 {
				kind, file = info[:j], info[j+1:]
			}
			open = &block{line: i + 1, section: section, kind: kind, file: file}
		case open != nil:
			open.body += line + "\n"
		case strings.HasPrefix(line, "## "):
			section = line[3:]
		}
	}
	return out
}

// An author is somebody who follows a page in a folder that was empty, with
// nothing but the program.
type author struct {
	t    *testing.T
	page string
	dir  string
	env  []string
	at   block // that is being followed
}

// asProgram in the environment makes the test binary be the program.
const asProgram = "HOSO_TEST_AS_PROGRAM"

// TestMain lets the test binary stand for the program, which spares building it a second time.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program makes a folder for PATH with the command hoso in it.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := "#!/bin/sh\n" + asProgram + "=1 exec '" + self + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "hoso"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// newAuthor follows a page; database is the address for the commands that need one.
func newAuthor(t *testing.T, page, database string) *author {
	t.Helper()
	env := append(os.Environ(), "PATH="+program(t)+":"+os.Getenv("PATH"), "DATABASE_URL="+database, "NO_COLOR=1")
	return &author{t: t, page: page, dir: t.TempDir(), env: env}
}

func (a *author) fail(format string, args ...any) {
	a.t.Helper()
	a.t.Fatalf("docs/authors/%s:%d: "+format, append([]any{a.page, a.at.line}, args...)...)
}

// follow does what a block says.
func (a *author) follow(b block) {
	a.t.Helper()
	a.at = b
	file := filepath.Join(a.dir, filepath.FromSlash(b.file))
	switch {
	case b.kind == "console":
		a.commands(b.body)
		return
	case b.kind == "diff":
		a.write(file, a.changed(a.read(file), b.body))
	case strings.HasSuffix(b.kind, " add"):
		a.write(file, added(a.read(file), b.body))
	case strings.HasSuffix(b.kind, " replace"):
		a.write(file, replaced(a.read(file), b.body))
	case b.kind == "yaml" || b.kind == "json":
		a.write(file, b.body)
	default:
		a.fail("nobody knows what to do with a block of kind %q", b.kind)
	}
}

func (a *author) read(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		a.fail("%v", err)
	}
	return string(text)
}

func (a *author) write(file, text string) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		a.fail("%v", err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		a.fail("%v", err)
	}
}

// changed replaces the lines marked - by those marked +.
func (a *author) changed(text, diff string) string {
	var old, new string
	for line := range strings.Lines(diff) {
		switch line[0] {
		case '-':
			old += line[1:]
		case '+':
			new += line[1:]
		default:
			a.fail("a line is marked neither - nor +: %s", line)
		}
	}
	if strings.Count(text, old) != 1 {
		a.fail("what is to be changed stands %d times in the file", strings.Count(text, old))
	}
	return strings.Replace(text, old, new, 1)
}

// commands runs what stands behind $, and looks for the lines below it in what
// is printed, in that order. A command fails if, and only if, the page shows a
// line that begins with "hoso:".
func (a *author) commands(body string) {
	a.t.Helper()
	for _, part := range strings.Split("\n"+body, "\n$ ")[1:] {
		command, rest, _ := strings.Cut(part, "\n")
		cmd := exec.CommandContext(a.t.Context(), "bash", "-c", command)
		cmd.Dir, cmd.Env = a.dir, a.env
		out, err := cmd.CombinedOutput()
		if refused := strings.Contains("\n"+rest, "\nhoso:"); refused != (err != nil) {
			a.fail("%s: %v\n%s", command, err, out)
		}
		a.shows(command, string(out), rest)
	}
}

func (a *author) shows(command, out, lines string) {
	a.t.Helper()
	left := out
	for line := range strings.Lines(lines) {
		want := strings.TrimSpace(line)
		i := strings.Index(left, want)
		if i < 0 {
			a.fail("%s does not print %q there; it prints\n%s", command, want, out)
		}
		left = left[i+len(want):]
	}
}

// A part is a key of a YAML mapping as it is written, with all below it.
type part struct{ key, text string }

var keyLine = regexp.MustCompile(`^( *)([A-Za-z][A-Za-z0-9-]*):`)

// partsOf splits a mapping that is indented by so many spaces; comments belong
// to the key below them. The first part may have no key.
func partsOf(text string, indent int) []part {
	out := []part{{}}
	pending := ""
	for line := range strings.Lines(text) {
		m := keyLine.FindStringSubmatch(line)
		comment := strings.HasPrefix(strings.TrimSpace(line), "#")
		switch {
		case m != nil && len(m[1]) == indent:
			out = append(out, part{m[2], pending + line})
			pending = ""
		case comment:
			pending += line
		default:
			out[len(out)-1].text += pending + line
			pending = ""
		}
	}
	out[len(out)-1].text += pending
	return out
}

// added puts the keys of a mapping into a file: a key that is there already
// gets what it lacks when both are mappings, else it is replaced.
func added(text, more string) string { return merged(text, more, 0) }

func merged(text, more string, indent int) string {
	have := partsOf(text, indent)
	for _, p := range partsOf(more, indent)[1:] {
		found := false
		for i, h := range have {
			if h.key != p.key {
				continue
			}
			found = true
			head, inner, _ := strings.Cut(h.text[strings.Index(h.text, p.key+":"):], "\n")
			_, innerMore, _ := strings.Cut(p.text[strings.Index(p.text, p.key+":"):], "\n")
			if indent == 0 && isMapping(inner) && isMapping(innerMore) {
				have[i].text = h.text[:strings.Index(h.text, p.key+":")] + head + "\n" + merged(inner, innerMore, 2)
			} else {
				have[i].text = p.text
			}
		}
		if !found {
			have = append(have, p)
		}
	}
	var out strings.Builder
	for _, p := range have {
		if s := out.String(); s != "" && !strings.HasSuffix(s, "\n") {
			out.WriteString("\n")
		}
		out.WriteString(p.text)
	}
	return out.String()
}

// replaced puts the keys of a mapping in the place of those of a file; one
// without a value takes the key away.
func replaced(text, more string) string {
	have := partsOf(text, 0)
	for _, p := range partsOf(more, 0)[1:] {
		if i := slices.IndexFunc(have, func(h part) bool { return h.key == p.key }); i >= 0 {
			have = slices.Delete(have, i, i+1)
		}
		if strings.TrimSpace(p.text) != p.key+":" {
			have = append(have, p)
		}
	}
	var out strings.Builder
	for _, p := range have {
		out.WriteString(p.text)
	}
	return out.String()
}

// isMapping tells whether the lines below a key are keys themselves.
func isMapping(inner string) bool {
	for line := range strings.Lines(inner) {
		if s := strings.TrimSpace(line); s != "" && !strings.HasPrefix(s, "#") {
			m := keyLine.FindStringSubmatch(line)
			return m != nil && len(m[1]) == 2
		}
	}
	return false
}

// Keys are added to what is there, and replace what cannot be added to.
func TestAdded(t *testing.T) {
	const have = "# top\nid: a\nlaw:\n  - {act: A}\nnotices:\n  x: {to: 1}\n  # about y\n  y:\n    to: 2\nend: {}\n"
	const more = "notices:\n  y: {to: 3}\n  z: {to: 4}\nlaw:\n  - {act: B}\nfees:\n  - {amount: 1}\n"
	const want = "# top\nid: a\nlaw:\n  - {act: B}\nnotices:\n  x: {to: 1}\n  y: {to: 3}\n  z: {to: 4}\nend: {}\nfees:\n  - {amount: 1}\n"
	if got := added(have, more); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := replaced(have, "law:\nnotices:\n  z: {to: 4}\n"), "# top\nid: a\nend: {}\nnotices:\n  z: {to: 4}\n"; got != want {
		t.Errorf("replaced: got\n%s\nwant\n%s", got, want)
	}
}

// What a page of the guide links to is there.
func TestGuideLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^):#]+)(#[^)]*)?\)`)
	pages, err := filepath.Glob("../../docs/authors/*.md")
	if err != nil || len(pages) < 5 {
		t.Fatal(pages, err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}
