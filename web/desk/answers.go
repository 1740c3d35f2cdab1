package desk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/ui"
)

// answersView is the main part of a case: its answers by section, and what the
// officer has to judge of each.
type answersView struct {
	Problems []ui.Problem
	Notes    []ui.Link // what to look at: contested, changed, unverified
	Said     []ui.Row  // what officers wrote on the way
	Children *ui.Table // linked cases with their answers; nil: there is none
	Sections []sectionView
	Rest     []checkView  // checks of no section: papers alone
	Form     *ui.FormView // nil: there is nothing to judge now
	Next     []ui.ButtonView
	Judged   string // "3 trên 5 mục đã đánh giá"; empty: there are no items
}

// sectionView is a section of the form as filed.
type sectionView struct {
	ID     string
	Title  string
	Rows   []ui.Row
	Checks []checkView
}

func (d *desk) answers(f ui.Frame, c *cases.Case, a agency.Actor, typed verdicts, from string) answersView {
	lang := f.Lang
	var v answersView
	checks := d.checks(c, typed, lang, from)
	placed := map[string]bool{}
	v.Said = d.notes(c, lang)
	if len(c.Children) > 0 {
		t := d.childrenTable(c, a, lang, from)
		v.Children = &t
	}
	for _, s := range c.Form.Sections {
		sec := sectionView{ID: "phan-" + s.Section.Name, Title: s.Section.Title.In(lang)}
		for _, answer := range s.Answers {
			row, note := d.row(c, answer, lang, from)
			sec.Rows = append(sec.Rows, row)
			if note != "" {
				v.Notes = append(v.Notes, ui.Link{Text: row.Label + ": " + note, Href: "#" + sec.ID})
			}
		}
		v.Sections = append(v.Sections, sec)
	}
	for _, check := range checks {
		if i := lastSection(c, check.At); i >= 0 {
			v.Sections[i].Checks = append(v.Sections[i].Checks, check)
			placed[check.ID] = true
		}
	}
	for _, check := range checks {
		if !placed[check.ID] {
			v.Rest = append(v.Rest, check)
		}
	}
	if len(checks) > 0 {
		done := 0
		for _, j := range c.Checklist {
			if j.Verdict != "" {
				done++
			}
		}
		v.Judged = ui.T(lang, fmt.Sprintf("%d trên %d mục đã đánh giá", done, len(checks)), fmt.Sprintf("%d of %d items judged", done, len(checks)))
		v.Problems = typed.problems(checks, lang)
	}
	if len(checks) > 0 && judgedHere(c) && mayWork(c, a) {
		form := token(f, pathOf(c.Code, "/danh-gia", ""), from)
		form.Warn = true
		v.Form, v.Next = &form, afterJudging(c, lang)
	}
	return v
}

// notes are what officers wrote when they acted, the last first.
func (d *desk) notes(c *cases.Case, lang string) []ui.Row {
	var out []ui.Row
	for _, e := range slices.Backward(c.Events) {
		if e.ActorKind != agency.Officer {
			continue
		}
		said := []string{e.Input.Findings, e.Input.Note}
		said = slices.DeleteFunc(said, func(s string) bool { return s == "" })
		if len(said) > 0 {
			out = append(out, ui.Row{Label: e.Title.In(lang), Lines: said, Source: e.ActorName + " · " + ui.DateTime(e.At, lang)})
		}
	}
	return out
}

// lastSection is the last section that one of the places lies in; -1: none.
func lastSection(c *cases.Case, at []forms.Pointer) int {
	last := -1
	for i, s := range c.Form.Sections {
		if slices.ContainsFunc(at, func(p forms.Pointer) bool {
			return p == s.Section.Pointer || strings.HasPrefix(string(p), string(s.Section.Pointer)+"/")
		}) {
			last = i
		}
	}
	return last
}

// row is an answer with its source and what is odd about it; note says the
// oddity in a word, empty when there is none.
func (d *desk) row(c *cases.Case, a forms.Answer, lang, from string) (row ui.Row, note string) {
	row = ui.RowOf(a, d.rowOptions(lang))
	row.Tag, row.Note = ui.Tag{}, ""
	units := d.Agencies.AddressText(lang)
	if a.Contest != nil {
		note = ui.T(lang, "người nộp báo dữ liệu gốc chưa đúng", "the applicant says that the register is wrong")
		row.Tag = ui.Tag{Text: ui.T(lang, "Hai giá trị khác nhau", "Two values"), Tone: ui.Warning}
		row.Body = contested(d.contest(c, a, lang, from))
		row.Source = ""
	} else if a.Filled == nil && a.Source != nil && a.Source.Value != nil && a.Value != nil {
		if known := a.Field.Print(a.Source.Value, lang, units); known != row.Value {
			note = ui.T(lang, "khác với dữ liệu gốc", "differs from the register")
			row.Tag = ui.Tag{Text: ui.T(lang, "Khác dữ liệu gốc", "Differs from the register"), Tone: ui.Warning}
			row.Note = d.registryName(lang)(a.Source.Registry) + ": " + known
		}
	} else if a.Unverified {
		note = ui.T(lang, "chưa đối chiếu được", "not checked against a register")
		row.Tag = ui.Tag{Text: ui.T(lang, "Chưa đối chiếu", "Not checked"), Tone: ui.Warning}
		row.Note = ui.T(lang, "Cơ sở dữ liệu chưa trả lời khi nộp; chỉ theo lời khai.", "The register did not answer at filing; this is the applicant's word.")
	}
	if old, changed := c.Changed[a.Field.Pointer]; changed {
		note = ui.T(lang, "đổi sau khi nộp", "changed after filing")
		row.Tag = ui.Tag{Text: ui.T(lang, "Đổi sau khi nộp", "Changed after filing"), Tone: ui.Warning}
		if row.Old = a.Field.Print(old, lang, units); row.Old == "" {
			row.Old = ui.T(lang, "(để trống)", "(left empty)")
		}
	}
	return row, note
}

// contestView is a value on which the register and the applicant differ.
type contestView struct {
	Lang     string
	Table    ui.Table
	Reason   string
	Evidence *ui.Link
}

func (d *desk) contest(c *cases.Case, a forms.Answer, lang, from string) contestView {
	units := d.Agencies.AddressText(lang)
	register, source := "", ""
	if a.Filled != nil {
		register, source = a.Field.Print(a.Filled.Value, lang, units), ui.SourceLine(*a.Filled, d.rowOptions(lang))
	}
	v := contestView{Lang: lang, Reason: a.Contest.Reason, Table: ui.Table{Lang: lang, Quiet: true,
		Caption: ui.T(lang, "Hai giá trị của mục ", "Two values of ") + a.Field.Title.In(lang),
		Columns: []ui.Column{{Title: ui.T(lang, "Cơ sở dữ liệu ghi", "The register holds")}, {Title: ui.T(lang, "Người nộp khai", "The applicant says")}},
		Rows:    []ui.TableRow{{Cells: []ui.Cell{{Text: register, Sub: source}, {Text: a.Field.Print(a.Contest.Value, lang, units)}}}}}}
	for _, file := range c.Files {
		if file.ID.String() == a.Contest.Evidence {
			v.Evidence = &ui.Link{Text: ui.T(lang, "Giấy tờ chứng minh: ", "Evidence: ") + file.Name, Href: filePath(c.Code, file)}
		}
	}
	return v
}
