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

// sections are the parts of a report by the groups of obligations.
var sections = map[string]string{
	procedures.GroupFiles: schemaSection, procedures.GroupForm: schemaSection, procedures.GroupExpr: schemaSection, procedures.GroupData: schemaSection,
	procedures.GroupOnce: onceSection, procedures.GroupTables: tablesSection, procedures.GroupVersions: storiesSection,
	procedures.GroupGraph: workflowSection, procedures.GroupPeople: workflowSection, procedures.GroupEffects: workflowSection, procedures.GroupChildren: workflowSection,
}

// sectionOf says under which heading a finding stands.
func sectionOf(f workflow.Finding) string {
	o, _ := procedures.ObligationOf(f.Code)
	section := sections[o.Group]
	switch {
	case f.Code == "TEMPLATE" || section == schemaSection && missingText(f):
		return textsSection
	case section != "":
		return section
	case path.Base(f.File) == "workflow.yaml":
		return workflowSection
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
	Rule    string // the obligation that is broken, in one sentence
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
		if o, ok := procedures.ObligationOf(f.Code); ok {
			v.Rule = o.Rule.In(lang)
		}
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

// obligations are what has to be proved in a section, and whether it is.
func (s *reporter) obligations(section string) ui.Table {
	table := ui.Table{Lang: s.lang, Caption: s.t("Các nghĩa vụ chứng minh", "What has to be proved"), Columns: []ui.Column{{Title: s.t("Mã", "Code")}, {Title: s.t("Nghĩa vụ", "Obligation")}, {Title: s.t("Kết quả", "Result")}}}
	unread := slices.ContainsFunc(s.shelf.findings[s.id], func(f workflow.Finding) bool { return !f.Warning && sectionOf(f) == schemaSection })
	for _, o := range procedures.Obligations() {
		if sections[o.Group] != section {
			continue
		}
		broken := slices.ContainsFunc(s.shelf.findings[s.id], func(f workflow.Finding) bool { return f.Code == o.Code })
		tag := ui.Tag{Text: s.t("đạt", "holds"), Tone: ui.Success}
		switch {
		case broken && o.Hint:
			tag = ui.Tag{Text: s.t("lưu ý", "warning"), Tone: ui.Warning}
		case broken:
			tag = ui.Tag{Text: s.t("chưa đạt", "broken"), Tone: ui.Danger}
		case s.p == nil || unread:
			tag = ui.Tag{Text: s.t("chưa xét được", "not looked at")}
		}
		table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: o.Code}, {Text: o.Rule.In(s.lang)}, {Tag: tag}}})
	}
	return table
}
