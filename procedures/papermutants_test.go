package procedures

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// A paperText is where an attachment stands in the text of procedure.yaml.
type paperText struct {
	*Attachment
	from, to int // its lines
}

func papersIn(t testing.TB, p *Procedure, text string) []paperText {
	t.Helper()
	root, found := parseTree([]byte(text), "procedure")
	if len(found) > 0 {
		t.Fatal(found)
	}
	var out []paperText
	list := root.get("attachments")
	for i, n := range list.list() {
		from := strings.LastIndexByte(text[:offsetOf(text, n.line, n.col)], '\n') + 1
		to := len(text)
		for at := from + strings.IndexByte(text[from:], '\n') + 1; at < len(text); at += strings.IndexByte(text[at:], '\n') + 1 {
			if !strings.HasPrefix(text[at:], "    ") {
				to = at
				break
			}
		}
		out = append(out, paperText{p.Attachments[i], from, to})
	}
	return out
}

var (
	whenLine     = regexp.MustCompile(`(?m)^    when: .*\n`)
	replacedLine = regexp.MustCompile(`(?m)^    replaced-by: .*\n`)
	becauseLine  = regexp.MustCompile(`(?m)^    because: `)
	isSilent     = regexp.MustCompile(`sources\.(\w+) != 'fetched'|!\(sources\.(\w+) in \['fetched', 'empty'\]\)|sources\.(\w+) in \['unavailable', 'stale'\]`)
)

func waiver(until string) string {
	return "    waiver: {law: \"Luật thử, Điều 1\", until: " + until + "}\n    because: "
}

// demanded are the ways in which an author would demand the paper although a
// registry proves the same; legal are those that the law allows.
func (a paperText) demanded(text string) (wrong, legal map[string]string) {
	own := text[a.from:a.to]
	when := func(condition string) string {
		return whenLine.ReplaceAllLiteralString(own, fmt.Sprintf("    when: %q\n", condition))
	}
	always := whenLine.ReplaceAllString(own, "")
	return map[string]string{
			"by no registry replaced":    replacedLine.ReplaceAllString(own, ""),
			"always":                     always,
			"when the registry answered": when(isSilent.ReplaceAllString(a.When.Source, "sources.$1$2$3 == 'fetched'")),
			"whatever was answered":      when(isSilent.ReplaceAllString(a.When.Source, "sources.$1$2$3 != 'unknown'")),
			"when it is silent or not":   when("(" + a.When.Source + ") || " + isSilent.ReplaceAllString(isSilent.FindString(a.When.Source), "sources.$1$2$3 == 'fetched'")),
			"under a waiver that ended":  becauseLine.ReplaceAllString(always, waiver("2026-11-23")),
		}, map[string]string{
			"under a waiver in force":         becauseLine.ReplaceAllString(always, waiver("2026-11-24")),
			"while the registry is not there": when(isSilent.ReplaceAllString(a.When.Source, "sources.$1$2$3 == 'unavailable'")),
		}
}

// asked is the form in which the questions that a paper's condition reads are
// asked whatever the registry says: a paper that rests on a question which is
// asked only while the registry is silent stays closed, whatever else its
// condition says.
func (a paperText) asked(p *Procedure, form string) string {
	for _, ref := range a.When.Refs {
		at, ok := strings.CutPrefix(ref, "form.")
		if !ok {
			continue
		}
		q := p.Form.Field(forms.Pointer("/" + strings.ReplaceAll(at, ".", "/")))
		if q != nil && q.When != nil && strings.Contains(q.When.Source, "sources.") {
			form = strings.ReplaceAll(form, fmt.Sprintf(`"x-when": %q`, q.When.Source), `"x-when": "true"`)
		}
	}
	return form
}

// Whatever way an author demands a paper that a registry replaces, the check
// refuses it; under a waiver in force, and while the registry is silent, it may
// be demanded.
func TestPaperMutants(t *testing.T) {
	tree, c := shipped(t)
	all, dead, papers := 0, 0, 0
	for _, p := range c.All() {
		file, form := string(p.ID)+"/"+procedureFile, string(p.ID)+"/"+formFile
		text := string(tree[file].Data)
		n, killed, legal, pass := 0, 0, 0, 0
		for _, a := range papersIn(t, p, text) {
			if a.ReplacedBy == "" {
				continue
			}
			if papers++; testing.Short() && papers%12 > 0 {
				continue // with the race detector; each mutant is its own load
			}
			refused := func(how, paper string) bool {
				mutant := with(tree, file, text[:a.from]+paper+text[a.to:])
				if how == "whatever was answered" || how == "when the registry answered" {
					mutant = with(mutant, form, a.asked(p, string(tree[form].Data)))
				}
				_, found := load(mutant, testDay, map[ID]bool{p.ID: true}, everything)
				return slices.ContainsFunc(found, func(f workflow.Finding) bool {
					return f.Code == "PAPER" && f.File == file && strings.Contains(f.Message, a.ID)
				})
			}
			wrong, allowed := a.demanded(text)
			for how, paper := range wrong {
				n++
				if refused(how, paper) {
					killed++
				} else {
					t.Errorf("%s: the paper %s, demanded %s, is not refused", p.ID, a.ID, how)
				}
			}
			for how, paper := range allowed {
				legal++
				if refused(how, paper) {
					t.Errorf("%s: the paper %s, demanded %s, is refused, and the rule allows it", p.ID, a.ID, how)
				} else {
					pass++
				}
			}
		}
		if n > 0 {
			t.Logf("paper mutants of %s: %d of %d killed; %d of %d legal ones pass", p.ID, killed, n, pass, legal)
		}
		all, dead = all+n, dead+killed
	}
	t.Logf("paper mutants: %d of %d killed", dead, all)
	if all < 36 && !testing.Short() {
		t.Errorf("only %d mutants", all)
	}
}
