package studio

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// The sections of a report, in its order.
const (
	schemaSection   = "schema"
	onceSection     = "once"
	workflowSection = "workflow"
	textsSection    = "texts"
	tablesSection   = "tables"
	storiesSection  = "stories"
)

// sectionOf says under which heading a finding stands: by what it is about, and
// for the rest by its file.
func sectionOf(f workflow.Finding) string {
	switch f.Code {
	case "YAML", "JSON", "FILE", "KEYS", "SHAPE", "NAME", "SCHEMA":
		if missingText(f) {
			return textsSection
		}
		return schemaSection
	case "ONCE", "FILL", "PAPER", "SUBJECT", "PURPOSE", "ELEMENT", "MINIMISE":
		return onceSection
	case "TEXT", "TEXTS", "TEMPLATE":
		return textsSection
	case "TOTAL", "DATES", "LIMIT", "FEE", "COMPETENCE", "VARIANT", "GROUND", "BUDGET", "LAW":
		return tablesSection
	case "SCENARIO", "TESTS", "COVERAGE":
		return storiesSection
	}
	switch path.Base(f.File) {
	case "workflow.yaml":
		return workflowSection
	case "scenarios.yaml":
		return storiesSection
	}
	return schemaSection
}

// missingText tells whether a text lacks one of its languages.
func missingText(f workflow.Finding) bool {
	return strings.Contains(f.Message, "vi is missing") || strings.Contains(f.Message, "en is missing")
}

// findingView is one thing that is wrong, with where and what to write instead.
type findingView struct {
	Tag     ui.Tag
	Code    string
	Place   string // file:line:column
	Message string
	Remedy  string
	Lines   []sourceLine
	Trace   []string
}

// sourceLine is a line of the file around the place.
type sourceLine struct {
	Number string
	Text   string
	Here   bool
}

// aroundLines is how many lines stand before and behind the one that is meant.
const aroundLines = 1

// findingViews are the findings as the command line prints them, with the lines
// of the file beside.
func (t *studio) findingViews(found []workflow.Finding, lang string) []findingView {
	out := make([]findingView, 0, len(found))
	for _, f := range found {
		v := findingView{Tag: ui.Tag{Text: ui.T(lang, "Lỗi", "Mistake"), Tone: ui.Danger}, Code: f.Code, Message: f.Message, Remedy: f.Remedy, Trace: f.Trace,
			Place: path.Join(t.cfg.Prefix, f.File)}
		if f.Warning {
			v.Tag = ui.Tag{Text: ui.T(lang, "Lưu ý", "Warning"), Tone: ui.Warning}
		}
		if f.Line > 0 {
			v.Place += ":" + strconv.Itoa(f.Line)
			if f.Column > 0 {
				v.Place += ":" + strconv.Itoa(f.Column)
			}
			v.Lines = t.source(f.File, f.Line)
		}
		out = append(out, v)
	}
	return out
}

// source are the lines of a file around one of them; none when it cannot be read.
func (t *studio) source(file string, line int) []sourceLine {
	text, err := fs.ReadFile(t.cfg.Tree, file)
	if err != nil {
		return nil
	}
	all := strings.Split(string(text), "\n")
	var out []sourceLine
	for n := max(1, line-aroundLines); n <= min(len(all), line+aroundLines); n++ {
		out = append(out, sourceLine{Number: strconv.Itoa(n), Text: strings.TrimRight(all[n-1], " \r"), Here: n == line})
	}
	return out
}

// of are the findings of one section, mistakes first.
func (s *shelf) of(id procedures.ID, section string) []workflow.Finding {
	var out []workflow.Finding
	for _, f := range s.findings[id] {
		if sectionOf(f) == section {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b workflow.Finding) int {
		switch {
		case a.Warning == b.Warning:
			return 0
		case a.Warning:
			return 1
		}
		return -1
	})
	return out
}
