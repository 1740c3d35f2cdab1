package procedures

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// shipped is a copy of the definitions, and what they load to.
func shipped(t testing.TB) (fstest.MapFS, *Catalogue) {
	t.Helper()
	tree := fstest.MapFS{}
	err := fs.WalkDir(FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(FS, path)
		tree[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c, found := LoadOn(tree, testDay)
	for _, f := range found {
		if f.Code == "ONCE" || f.Code == "PAPER" || f.Code == "BUNDLE" {
			t.Fatal(f)
		}
	}
	return tree, c
}

// with is the tree with one file changed; the others are shared.
func with(tree fstest.MapFS, file, text string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, f := range tree {
		out[name] = f
	}
	out[file] = &fstest.MapFile{Data: []byte(text)}
	return out
}

// A written question is where one stands in the text of a form.
type written struct {
	id       ID
	field    *forms.Field
	from, to int // of its object in the text
}

// filledIn are the filled questions of a form, in the order of the text.
func filledIn(t testing.TB, p *Procedure, text string) []written {
	t.Helper()
	root, found := parseTree([]byte(text), "form")
	if len(found) > 0 {
		t.Fatal(found)
	}
	var out []written
	for _, s := range p.Form.Sections {
		for _, q := range s.Fields {
			if q.Fill == "" {
				continue
			}
			n := root.get("properties").get(s.Name).get("properties").get(q.Name)
			from := offsetOf(text, n.line, n.col)
			out = append(out, written{p.ID, q, from, endOf(t, text, from)})
		}
	}
	return out
}

func offsetOf(text string, line, col int) int {
	at := 0
	for range line - 1 {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	for range col - 1 {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// endOf is the end of the JSON object that begins at from.
func endOf(t testing.TB, text string, from int) int {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text[from:]))
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		t.Fatalf("no object at %d: %v", from, err)
	}
	return from + int(d.InputOffset())
}

func textOf(name string) *regexp.Regexp {
	return regexp.MustCompile(`,\s*"` + name + `": *"(?:[^"\\]|\\.)*"|"` + name + `": *"(?:[^"\\]|\\.)*",\s*`)
}

var fillOf, elementOf, whenOf = textOf("x-fill"), textOf("x-element"), textOf("x-when")

// asked is the question as an author would write it who did not know that a
// registry holds the datum.
func (w written) asked(text string, named bool, more string) string {
	object := fillOf.ReplaceAllString(text[w.from:w.to], "")
	if named {
		object = elementOf.ReplaceAllString(object, "")
		more += fmt.Sprintf(`, "x-element": %q`, w.field.Element)
	}
	return strings.TrimSuffix(object, "}") + more + `, "x-asked": {"because": {"vi": "Hỏi Ông/Bà", "en": "We ask you"}}}`
}

// keyBefore tells whether a question before this one, of the same record, is the
// key by which the registry finds it.
func (w written) keyBefore(questions []written, elements *Elements) bool {
	kind, _, _ := strings.Cut(w.field.Element, ".")
	subject, _, _ := strings.Cut(w.field.Fill, ".")
	key := elements.Kinds[kind].Key
	return slices.ContainsFunc(questions, func(q written) bool {
		of, _, _ := strings.Cut(q.field.Fill, ".")
		return q.from < w.from && of == subject && elements.Forms().ByName[q.field.Element].Title == key
	})
}

// added are the questions put behind the filled one, by what becomes of them.
func (w written) added(text string) (killed, survive map[string]string) {
	subject, _, _ := strings.Cut(w.field.Fill, ".")
	when := fmt.Sprintf("sources.%s != 'fetched'", subject)
	if w.field.When != nil {
		when = "(" + w.field.When.Source + ") && " + when
	}
	silent := whenOf.ReplaceAllString(text[w.from:w.to], "")
	quiet := written{w.id, w.field, 0, len(silent)}
	title, _ := json.Marshal(w.field.Title.VI)
	english, _ := json.Marshal(w.field.Title.EN)
	condition := ""
	if w.field.When != nil {
		condition = fmt.Sprintf(`, "x-when": %q`, w.field.When.Source)
	}
	survive = map[string]string{"Waived": w.asked(text, true, `, "x-waiver": {"law": "Luật thử, Điều 1", "until": "2026-11-24"}`)}
	if w.field.When == nil || !strings.Contains(w.field.When.Source, "sources.") { // else it is never shown while the registry is silent
		survive["Silent"] = quiet.asked(silent, true, fmt.Sprintf(`, "x-of": %q, "x-when": %q`, subject, when))
	}
	return map[string]string{
		"Again": w.asked(text, true, ""),
		"Same": fmt.Sprintf(`{"type": "string", "maxLength": 200, "title": %s, "x-text": {"en": {"title": %s}}%s, "x-asked": {"because": {"vi": "Hỏi Ông/Bà", "en": "We ask you"}}}`,
			title, english, condition),
		"Ended": w.asked(text, true, `, "x-waiver": {"law": "Luật thử, Điều 1", "until": "2026-11-23"}`),
	}, survive
}

// onceAt tells whether a question is refused because a registry holds the datum.
// That it is asked twice, as many of a batch are, is another reason.
func onceAt(found []workflow.Finding, file string, at forms.Pointer) bool {
	return slices.ContainsFunc(found, func(f workflow.Finding) bool {
		return f.Code == "ONCE" && !f.Warning && f.File == file && strings.Contains(f.Message, "known by then") && (f.Path == string(at) || strings.HasPrefix(f.Path, string(at)+"/"))
	})
}

// Whatever way an author asks what is filled today, the check refuses it: asked
// in its place; asked a second time behind it, or at the end of the form; under
// its title without x-element; under a waiver that has ended. What the law
// allows passes: asked while the registry is silent, or under a waiver in force.
func TestOnceOnlyMutants(t *testing.T) {
	tree, c := shipped(t)
	all, dead := 0, 0
	for _, p := range c.All() {
		file := string(p.ID) + "/" + formFile
		text := string(tree[file].Data)
		n, killed, legal, pass := 0, 0, 0, 0
		must := func(found []workflow.Finding, at forms.Pointer, how string) {
			n++
			if onceAt(found, file, at) {
				killed++
			} else {
				t.Errorf("%s: %s %s is not refused", p.ID, at, how)
			}
		}
		questions := filledIn(t, p, text)
		for i, w := range questions {
			if testing.Short() && i%25 > 0 {
				continue // with the race detector; each is its own load
			}
			ways := map[string]string{"asked": w.asked(text, false, ""), "asked by its element": w.asked(text, true, "")}
			if ways["asked"] == ways["asked by its element"] {
				delete(ways, "asked")
			}
			for how, object := range ways {
				_, found := load(with(tree, file, text[:w.from]+object+text[w.to:]), testDay, map[ID]bool{p.ID: true}, everything)
				must(found, w.field.Pointer, how)
			}
		}
		// What is added changes nothing of what is known: all of it in one form.
		mutant, end := text, ""
		for _, w := range slices.Backward(questions) {
			killed, survive := w.added(text)
			var behind strings.Builder
			for _, list := range []map[string]string{killed, survive} {
				for how, object := range list {
					fmt.Fprintf(&behind, ", %q: %s", w.field.Name+how, object)
				}
			}
			end += fmt.Sprintf(", %q: %s", fmt.Sprintf("question%d", w.from), whenOf.ReplaceAllString(w.asked(text, true, ""), ""))
			mutant = mutant[:w.to] + behind.String() + mutant[w.to:]
		}
		if len(questions) == 0 {
			continue
		}
		mutant = appendSection(t, mutant, `{"type": "object", "title": "Phần thêm", "x-text": {"en": {"title": "More"}}, "additionalProperties": false, "properties": {`+strings.TrimPrefix(end, ", ")+"}}")
		_, found := load(with(tree, file, mutant), testDay, map[ID]bool{p.ID: true}, everything)
		for _, w := range questions {
			must(found, forms.Pointer(fmt.Sprintf("/more/question%d", w.from)), "asked at the end: "+string(w.field.Pointer))
			refused, allowed := w.added(text)
			for how := range refused {
				must(found, w.field.Pointer+forms.Pointer(how), "added")
			}
			for how, object := range allowed {
				legal++
				at := w.field.Pointer + forms.Pointer(how)
				refused := onceAt(found, file, at)
				if refused { // by a key that another of the added ones asks for, or by itself
					_, alone := load(with(tree, file, text[:w.to]+fmt.Sprintf(", %q: %s", w.field.Name+how, object)+text[w.to:]), testDay, map[ID]bool{p.ID: true}, everything)
					refused = onceAt(alone, file, at)
				}
				if refused && w.keyBefore(questions, c.Elements) {
					legal-- // while the record is silent the form asks for its key, by which the registry could be read
					continue
				}
				if refused {
					t.Errorf("%s: %s is refused, and the rule allows it", p.ID, at)
				} else {
					pass++
				}
			}
		}
		t.Logf("once-only mutants of %s: %d of %d killed; %d of %d legal ones pass", p.ID, killed, n, pass, legal)
		all, dead = all+n, dead+killed
	}
	t.Logf("once-only mutants: %d of %d killed", dead, all)
	if all < 400 && !testing.Short() {
		t.Errorf("only %d mutants", all)
	}
}

// appendSection puts a section behind the last one.
func appendSection(t testing.TB, text, section string) string {
	t.Helper()
	root, found := parseTree([]byte(text), "form")
	if len(found) > 0 {
		t.Fatal(found)
	}
	sections := root.get("properties").entries()
	last := sections[len(sections)-1].value
	at := endOf(t, text, offsetOf(text, last.line, last.col))
	return text[:at] + `, "more": ` + section + text[at:]
}
