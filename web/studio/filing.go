package studio

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// partKey is the parameter that says which part of the form is open.
const partKey = "phan"

// checkPart is the last part: check and file.
const checkPart = "kiem-tra"

// specimen is the paper that a preview hands in: a PDF without a page.
var specimen = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")

// filingView is the form as the citizen fills it in, one part at a time.
type filingView struct {
	Lang     string
	Whose    *ui.Field // whom it is for, where that is still to be said
	Parts    []ui.Task
	Heading  string
	Progress string
	Intro    string
	Found    []ui.Row // what registries answer
	Fields   []ui.Field
	Form     ui.FormView
	Button   string
	Check    *checkView
}

// checkView is the page before filing.
type checkView struct {
	Groups   []rowsOf
	Terms    []ui.Row
	Papers   *ui.Field // those that can be handed in as a specimen
	Lacking  []ui.Problem
	Warnings []ui.Problem
}

type rowsOf struct {
	Title string
	Rows  []ui.Row
}

// filing lays the citizen's form out. typed and problems are those of a part
// that is shown again.
func (t *studio) filing(r *http.Request, f ui.Frame, k *walk, typed url.Values, problems []forms.Problem) (*filingView, error) {
	lang := f.Lang
	v := &filingView{Lang: lang, Form: ui.FormView{CSRF: f.CSRF}, Button: ui.T(lang, "Tiếp tục", "Continue")}
	if k.people != nil && k.subject == "" && len(k.people) > 1 && len(k.moments) == 0 {
		v.Whose = whose(k.people, lang)
		v.Form.Action = t.walkLink(k, "cho-ai", nil)
		return v, nil
	}
	d, err := k.stage.Cases().Draft(r.Context(), k.applicant, k.draft)
	if err != nil {
		return nil, err
	}
	open := or(r.FormValue(partKey), resume(d))
	n, at := 0, 0
	for i := range d.State.Sections {
		s := &d.State.Sections[i]
		if !shown(s) {
			continue
		}
		n++
		task := ui.Task{Title: s.Section.Title.In(lang), Href: t.walkLink(k, "", url.Values{hatKey: {applicantHat}, partKey: {s.Section.Name}}), Tag: partTag(d, s, lang)}
		v.Parts = append(v.Parts, task)
		if s.Section.Name == open {
			at = n
			t.part(v, k, s, typed, problems)
		}
	}
	v.Parts = append(v.Parts, ui.Task{Title: ui.T(lang, "Kiểm tra và nộp", "Check and file"), Href: t.walkLink(k, "", url.Values{hatKey: {applicantHat}, partKey: {checkPart}}), Tag: ui.Tag{Text: ui.T(lang, "cuối cùng", "last")}})
	if at > 0 {
		v.Progress = ui.T(lang, "Phần ", "Part ") + strconv.Itoa(at) + ui.T(lang, " trên ", " of ") + strconv.Itoa(n+1)
		return v, nil
	}
	return v, t.check(r.Context(), v, k, problems)
}

// shown tells whether a part has anything to read or to answer.
func shown(s *forms.SectionState) bool { return len(s.Answers) > 0 }

// resume is the first part with a question that was not answered yet.
func resume(d *cases.Draft) string {
	for _, s := range d.State.Sections {
		if !slices.Contains(d.Done, s.Section.Pointer) && slices.ContainsFunc(s.Answers, func(a forms.Answer) bool { return a.Asked }) {
			return s.Section.Name
		}
	}
	return checkPart
}

// partTag says how much of a part is asked and how much is filled.
func partTag(d *cases.Draft, s *forms.SectionState, lang string) ui.Tag {
	asked := 0
	for _, a := range s.Answers {
		if a.Asked {
			asked++
		}
	}
	switch {
	case asked == 0:
		return ui.Tag{Text: ui.T(lang, "điền sẵn cả", "all filled"), Tone: ui.Success}
	case slices.Contains(d.Done, s.Section.Pointer):
		return ui.Tag{Text: ui.T(lang, "đã khai", "answered"), Tone: ui.Success}
	}
	return ui.Tag{Text: strconv.Itoa(asked) + ui.T(lang, " câu phải hỏi", plural(asked, " question")), Tone: ui.Info}
}

// part shows the questions of one section, and what registries answer.
func (t *studio) part(v *filingView, k *walk, s *forms.SectionState, typed url.Values, problems []forms.Problem) {
	v.Heading, v.Intro = s.Section.Title.In(v.Lang), s.Section.Description.In(v.Lang)
	opt := ui.FieldOptions{Lang: v.Lang, Typed: typed, Problems: problems, Units: t.Agencies.Units()}
	for _, a := range s.Answers {
		if a.Asked {
			v.Fields = append(v.Fields, ui.FieldOf(a, opt))
			continue
		}
		v.Found = append(v.Found, ui.RowOf(a, t.rowOptions(k, v.Lang)))
	}
	v.Form.Action = t.walkLink(k, "tra-loi", nil)
	v.Form.Hidden = []ui.Hidden{{Name: partKey, Value: s.Section.Name}, {Name: hatKey, Value: applicantHat}}
}

func (t *studio) rowOptions(k *walk, lang string) ui.RowOptions {
	return ui.RowOptions{Lang: lang, Units: t.Agencies.Units(), Registry: t.registryName(k.catalogue, lang)}
}

// answer keeps the answers of one part and goes on.
func (t *studio) answer(w http.ResponseWriter, r *http.Request, k *walk) error {
	i := slices.IndexFunc(k.procedure.Form.Sections, func(s *forms.Section) bool { return s.Name == r.PostFormValue(partKey) })
	if i < 0 || k.filed() {
		return site.See(w, r, t.back(k, applicantHat))
	}
	section := k.procedure.Form.Sections[i]
	if ui.Redraws(r.PostForm) {
		return t.draw(w, r, k, drawn{Typed: r.PostForm})
	}
	answers, unread := k.procedure.Form.Parse(section, r.PostForm)
	_, problems, err := k.stage.Cases().SaveSection(r.Context(), k.applicant, k.draft, 0, section.Pointer, answers, len(unread) == 0)
	if err != nil {
		return err
	}
	problems = append(unread, problems...)
	if slices.ContainsFunc(problems, func(p forms.Problem) bool { return !p.Warning && p.Rule != "stop" }) {
		return t.draw(w, r, k, drawn{Status: http.StatusUnprocessableEntity, Typed: r.PostForm, Problems: problems})
	}
	return site.See(w, r, t.back(k, applicantHat))
}

// check shows everything that will be filed.
func (t *studio) check(ctx context.Context, v *filingView, k *walk, refused []forms.Problem) error {
	review, err := k.stage.Cases().Review(ctx, k.applicant, k.draft)
	if err != nil {
		return err
	}
	c := &checkView{Terms: terms(review, v.Lang)}
	v.Heading, v.Check, v.Button = ui.T(v.Lang, "Kiểm tra trước khi nộp hồ sơ", "Check before you file"), c, ui.T(v.Lang, "Nộp hồ sơ", "File the case")
	v.Form.Action = t.walkLink(k, "nop", nil)
	v.Form.Hidden = []ui.Hidden{{Name: hatKey, Value: applicantHat}, {Name: partKey, Value: checkPart}}
	for _, s := range review.Draft.State.Sections {
		g := rowsOf{Title: s.Section.Title.In(v.Lang)}
		for _, a := range s.Answers {
			g.Rows = append(g.Rows, ui.RowOf(a, t.rowOptions(k, v.Lang)))
		}
		if len(g.Rows) > 0 {
			c.Groups = append(c.Groups, g)
		}
	}
	papers, err := review.Draft.Papers()
	if err == nil && len(papers) > 0 {
		f := ui.Field{Lang: v.Lang, Kind: forms.ChecksWidget, Name: "paper", Label: ui.T(v.Lang, "Nộp một tệp mẫu cho giấy tờ nào?", "For which papers do you hand in a specimen?"), Optional: true,
			Hint: ui.T(v.Lang, "Giấy tờ mà cơ sở dữ liệu đã chứng minh thì không có ở đây.", "Papers that a registry proves are not asked for.")}
		for _, p := range papers {
			f.Options = append(f.Options, ui.Option{Value: p.ID, Text: p.Title.In(v.Lang), Detail: p.Because.In(v.Lang)})
			if !p.Optional {
				f.Values = append(f.Values, p.ID)
			}
		}
		c.Papers = &f
	}
	problems := refused
	if problems == nil {
		problems = review.Problems
		if at, stop := review.Draft.State.Stop(); stop != nil && len(problems) == 0 {
			problems = append(problems, forms.Problem{At: at.Field.Pointer, VI: stop.Text.VI, EN: stop.Text.EN})
		}
	}
	for _, p := range problems {
		one := ui.Problem{Text: ui.T(v.Lang, p.VI, p.EN)}
		if section, _, _ := strings.Cut(strings.TrimPrefix(string(p.At), "/"), "/"); section != "" && section != "attachments" {
			one.Href = t.walkLink(k, "", url.Values{hatKey: {applicantHat}, partKey: {section}})
		}
		if p.Warning {
			c.Warnings = append(c.Warnings, one)
		} else {
			c.Lacking = append(c.Lacking, one)
		}
	}
	return nil
}

// terms are what the case costs, who decides it and until when.
func terms(review *cases.Review, lang string) []ui.Row {
	var rows []ui.Row
	p := review.Draft.Procedure
	if v := p.Variant(review.Draft.Variant); v != nil {
		rows = append(rows, ui.Row{Label: ui.T(lang, "Trường hợp", "Variant"), Value: v.Title.In(lang), Source: v.Law})
	}
	if review.Receiving.ID != "" {
		rows = append(rows, ui.Row{Label: ui.T(lang, "Nơi tiếp nhận", "Received by"), Value: review.Receiving.Name(lang)})
	}
	if row := review.FeeRow; row != nil {
		rows = append(rows, ui.Row{Label: ui.T(lang, "Số tiền phải nộp", "To pay"), Lines: []string{ui.Money(review.Fee), row.Title.In(lang)}, Source: row.Law})
	}
	if l := review.Limit; l != nil {
		rows = append(rows, ui.Row{Label: ui.T(lang, "Thời hạn giải quyết", "Legal term"), Lines: []string{delay(l.Limit, lang), l.Title.In(lang)}, Source: l.Law})
	}
	return rows
}

// file hands the papers in and files the case.
func (t *studio) file(w http.ResponseWriter, r *http.Request, k *walk) error {
	if k.filed() {
		return site.See(w, r, t.back(k, applicantHat))
	}
	ctx, engine := r.Context(), k.stage.Cases()
	d, err := engine.Draft(ctx, k.applicant, k.draft)
	if err != nil {
		return err
	}
	for _, id := range r.PostForm["paper"] {
		if id == "" || slices.ContainsFunc(d.Files, func(f cases.File) bool { return f.Attachment == id }) {
			continue
		}
		if _, err := engine.AddFile(ctx, k.applicant, k.draft, id, id+".pdf", specimen); err != nil {
			return err
		}
	}
	review, err := engine.Review(ctx, k.applicant, k.draft)
	if err != nil {
		return err
	}
	c, err := engine.FileDraft(ctx, k.applicant, k.draft, review.Digest)
	if invalid, ok := errors.AsType[*cases.InvalidError](err); ok {
		k.filedAs(review, nil, invalid.Problems)
		return t.draw(w, r, k, drawn{Status: http.StatusUnprocessableEntity, Problems: invalid.Problems})
	}
	if err != nil {
		return err
	}
	k.id0 = c.ID
	if err := k.stage.Settle(ctx); err != nil {
		return err
	}
	if c, err = k.stage.Case(ctx, k.id0); err != nil {
		return err
	}
	k.filedAs(review, c, nil)
	if err := k.note(ctx, workflow.Text{VI: "Nộp hồ sơ", EN: "Files the case"}, k.applicant.Name); err != nil {
		return err
	}
	return site.See(w, r, t.back(k, applicantHat))
}

// filedAs writes the filing down as the story's beginning; c is nil when it was
// refused, with problems.
func (k *walk) filedAs(review *cases.Review, c *cases.Case, problems []forms.Problem) {
	s, d := &k.story, review.Draft
	s.At, s.Applicant, s.For = k.stage.Now(), k.applicant.ID, k.subject
	s.Answers, s.Attachments, s.Steps = answersOf(d.Answers), nil, nil
	for _, f := range d.Files {
		if !slices.Contains(s.Attachments, f.Attachment) {
			s.Attachments = append(s.Attachments, f.Attachment)
		}
	}
	if silent := k.stage.Silent(); !slices.Equal(silent, s.silent) {
		given := map[string]any{}
		for kind, v := range s.Given {
			given[kind] = v
		}
		given["unavailable"] = anys(silent)
		s.Given, s.silent = given, silent
	}
	asked := 0
	var filled []string
	for _, section := range d.State.Sections {
		for _, a := range section.Answers {
			if a.Asked {
				asked++
			}
			if _, ok := d.State.Filled[a.Field.Pointer]; ok {
				filled = append(filled, string(a.Field.Pointer))
			}
		}
	}
	s.Expect = pairs{}.with("filled", filled).with("asked", asked)
	k.refused = c == nil
	if c == nil {
		var rules []string
		for _, p := range problems {
			rules = append(rules, p.Rule)
		}
		slices.Sort(rules)
		s.Expect = s.Expect.with("problems", slices.Compact(rules))
		return
	}
	s.Expect = s.Expect.with("fee", review.Fee).with("variant", d.Variant).with("state", string(c.State))
}

// answersOf are the answers that a citizen gave, without those that were emptied.
func answersOf(all map[string]any) map[string]any {
	out := map[string]any{}
	for section, v := range all {
		m, _ := v.(map[string]any)
		kept := map[string]any{}
		for name, answer := range m {
			if answer != nil && answer != "" {
				kept[name] = answer
			}
		}
		if len(kept) > 0 {
			out[section] = kept
		}
	}
	return stage.Plain(out)
}

// whose asks whom the case is for.
func whose(people []cases.PersonRef, lang string) *ui.Field {
	f := &ui.Field{Lang: lang, Name: "subject", Kind: forms.RadiosWidget, Label: ui.T(lang, "Hồ sơ này cho ai?", "Who is this for?"), Value: people[0].Number}
	for _, p := range people {
		f.Options = append(f.Options, ui.Option{Value: p.Number, Text: p.Name, Detail: ui.ISODate(p.Birth)})
	}
	return f
}

// chooseSubject opens the form for the person that was chosen.
func (t *studio) chooseSubject(w http.ResponseWriter, r *http.Request, k *walk) error {
	number := r.PostFormValue("subject")
	if len(k.moments) == 0 && slices.ContainsFunc(k.people, func(p cases.PersonRef) bool { return p.Number == number }) {
		if number == k.applicant.ID {
			number = ""
		}
		if err := k.draftOf(r.Context(), number, nil); err != nil {
			return err
		}
	}
	return site.See(w, r, t.back(k, applicantHat))
}
