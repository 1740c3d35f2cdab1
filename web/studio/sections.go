package studio

import (
	"strconv"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// reporter writes the sections of one report.
type reporter struct {
	*studio
	shelf *shelf
	id    procedures.ID
	p     *procedures.Procedure // nil: it could not be read
	lang  string
	csrf  string
}

func (s *reporter) t(vi, en string) string { return ui.T(s.lang, vi, en) }

// section begins a section with what is wrong in it.
func (s *reporter) section(id, title string) sectionView {
	found := s.shelf.of(s.id, id)
	v := sectionView{ID: id, Title: title, Findings: s.findingViews(found, s.lang), Tag: ui.Tag{Text: s.t("đạt", "holds"), Tone: ui.Success}}
	switch wrong := len(mistakes(found)); {
	case wrong > 0:
		v.Tag = ui.Tag{Text: strconv.Itoa(wrong) + s.t(" lỗi", plural(wrong, " mistake")), Tone: ui.Danger}
	case len(found) > 0:
		v.Tag = ui.Tag{Text: strconv.Itoa(len(found)) + s.t(" lưu ý", plural(len(found), " warning")), Tone: ui.Warning}
	case s.p == nil:
		v.Tag = ui.Tag{Text: s.t("chưa xét được", "not looked at"), Tone: ui.Neutral}
	}
	return v
}

// sound tells whether the section may say what holds.
func (v sectionView) sound() bool { return v.Tag.Tone == ui.Success || v.Tag.Tone == ui.Warning }

func mistakes(found []workflow.Finding) []workflow.Finding {
	var out []workflow.Finding
	for _, f := range found {
		if !f.Warning {
			out = append(out, f)
		}
	}
	return out
}

func (s *reporter) schema() sectionView {
	v := s.section(schemaSection, s.t("Cấu trúc tệp", "Schema"))
	if v.sound() {
		v.Proved = []string{s.t("Mọi khoá đều có trong lược đồ và đều được thi hành; mọi tên được nhắc tới đều tồn tại.",
			"Every key is known and executed; every name that is mentioned exists.")}
	}
	return v
}

// once is the once-only proof, question by question.
func (s *reporter) once() sectionView {
	v := s.section(onceSection, s.t("Chỉ khai một lần", "Once-only proof"))
	proof := s.shelf.catalogue.Proof(s.p)
	if proof == nil {
		return v
	}
	if v.sound() && !s.p.Internal {
		v.Proved = append(v.Proved, s.t(
			strconv.Itoa(proof.Counts.Fields)+" câu hỏi: "+strconv.Itoa(proof.Counts.Filled)+" điền sẵn, "+strconv.Itoa(proof.Counts.Asked)+" phải hỏi và đều có lý do; không câu nào hỏi điều cơ sở dữ liệu đã có.",
			strconv.Itoa(proof.Counts.Fields)+" questions: "+strconv.Itoa(proof.Counts.Filled)+" filled, "+strconv.Itoa(proof.Counts.Asked)+" asked, each with a reason; none asks what a registry holds."))
	}
	name := s.registryName(s.shelf.catalogue, s.lang)
	table := ui.Table{Lang: s.lang, Caption: s.t("Câu trả lời lấy từ đâu", "Where each answer comes from"), Columns: []ui.Column{
		{Title: s.t("Câu hỏi", "Question")}, {Title: s.t("Nguồn", "Source")}, {Title: s.t("Vì sao hỏi", "Why it is asked")}}}
	for _, row := range proof.Rows {
		source := ui.Cell{Tag: ui.Tag{Text: s.t("phải hỏi", "asked")}}
		if row.Filled {
			source = ui.Cell{Text: name(row.Registry), Sub: row.Subject + " · " + row.Element}
		}
		why := ui.Cell{Text: row.Because.In(s.lang), Sub: row.Law}
		if row.Waived != "" {
			why.Sub += s.t(" · miễn đến ", " · waived until ") + ui.ISODate(row.Waived)
		}
		table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: row.Title.In(s.lang), Sub: string(row.At)}, source, why}})
	}
	v.Tables = append(v.Tables, table)
	if papers := s.papers(); len(papers.Rows) > 0 {
		v.Tables = append(v.Tables, papers)
	}
	return v
}

func (s *reporter) papers() ui.Table {
	name := s.registryName(s.shelf.catalogue, s.lang)
	table := ui.Table{Lang: s.lang, Caption: s.t("Giấy tờ", "Papers"), Columns: []ui.Column{
		{Title: s.t("Giấy tờ", "Paper")}, {Title: s.t("Được thay bằng", "Replaced by")}, {Title: s.t("Khi nào phải nộp", "Asked when")}}}
	for _, a := range s.p.Attachments {
		by := ui.Cell{Text: s.t("không có", "nothing")}
		if a.ReplacedBy != "" {
			by = ui.Cell{Text: name(a.ReplacedBy), Sub: s.t("chỉ hỏi khi nơi này không trả lời", "asked only while it does not answer")}
		}
		when := ui.Cell{Text: s.t("luôn luôn", "always"), Sub: a.Law}
		if a.When != nil {
			when.Body, when.Text = code(a.When.Source), ""
		}
		table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: a.Title.In(s.lang), Sub: a.ID}, by, when}})
	}
	return table
}

// texts says whether each text is there in both languages.
func (s *reporter) texts() sectionView {
	v := s.section(textsSection, s.t("Lời văn tiếng Việt và tiếng Anh", "Texts in Vietnamese and English"))
	if v.sound() {
		v.Proved = []string{s.t("Mọi lời văn đều có đủ tiếng Việt và tiếng Anh.", "Every text is there in Vietnamese and in English.")}
	}
	return v
}

// stories are the scenarios that the folder brings along.
func (s *reporter) stories() sectionView {
	v := s.section(storiesSection, s.t("Tình huống thử", "Scenarios"))
	if s.p == nil {
		return v
	}
	table := ui.Table{Lang: s.lang, Caption: s.t("Các tình huống", "The scenarios"), Columns: []ui.Column{
		{Title: s.t("Tình huống", "Scenario")}, {Title: s.t("Nộp lúc", "Filed at")}, {Title: s.t("Số bước", "Steps"), Number: true}, {Title: s.t("Kết cục", "Ends")}}}
	for _, one := range s.p.Scenarios {
		end := string(one.Ends.Outcome)
		if end == "" && len(one.Expect.Problems) > 0 {
			end = s.t("không nộp được: ", "not filed: ") + strings.Join(one.Expect.Problems, ", ")
		}
		table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: one.Title.In(s.lang), Sub: one.ID}, {Text: ui.DateTime(one.At, s.lang)}, {Text: strconv.Itoa(len(one.Steps))}, {Text: end}}})
	}
	if n := len(table.Rows); n > 0 {
		v.Proved = []string{s.t(strconv.Itoa(n)+" tình huống; mọi tên trong đó đều tồn tại.", strconv.Itoa(n)+plural(n, " scenario")+"; all that they name exists.")}
		v.Tables = []ui.Table{table}
	}
	v.Coverage = s.coverage(s.csrf)
	return v
}
