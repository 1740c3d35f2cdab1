package portal

import (
	"errors"
	"net/http"
	"unicode"
	"unicode/utf8"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// digestName is the input with the digest of everything the check page shows.
const digestName = "digest"

// checkView is the last page before filing.
type checkView struct {
	Lang     string
	Progress string
	Problems []ui.Problem // what keeps the case from being filed
	Next     string       // where the first of them is put right
	Warnings []ui.Problem
	Groups   []knownGroup
	Papers   []ui.Row
	Terms    []ui.Row // agency, fee, term, due date
	Subject  string   // of whom it is, when it is somebody else
	Form     ui.FormView
	File     string // text of the button
}

// showCheck shows everything that will be filed.
func (p *portal) showCheck(w http.ResponseWriter, r *http.Request) error {
	o, err := p.open(w, r)
	if err != nil {
		return settled(err)
	}
	return p.check(w, r, http.StatusOK, o, nil)
}

// check draws the page. refused are the problems with which filing came back.
func (p *portal) check(w http.ResponseWriter, r *http.Request, status int, o *opened, refused []forms.Problem) error {
	o.From = ""
	review, err := p.Cases.Review(r.Context(), site.Actor(r), o.Draft.ID)
	if err != nil {
		return err
	}
	if o, err = p.lay(w, r, review.Draft); err != nil {
		return settled(err)
	}
	d := o.Draft
	v := checkView{Lang: o.Lang, Progress: o.progress(checkStep), Groups: p.answered(o), Papers: p.papers(o), Terms: p.terms(o, review),
		File: o.t("Nộp hồ sơ ", "File: ") + lowerFirst(d.Procedure.Official.In(o.Lang))}
	problems := refused
	if problems == nil {
		problems = lacking(o, review)
	}
	for _, problem := range problems {
		one := ui.Problem{Text: ui.T(o.Lang, problem.VI, problem.EN), Href: o.change(o.pathTo(problem.At), checkStep)}
		if problem.At == "" {
			one.Href = ""
		}
		if problem.Warning {
			v.Warnings = append(v.Warnings, one)
			continue
		}
		v.Problems = append(v.Problems, one)
		if v.Next == "" {
			v.Next = one.Href
		}
	}
	if v.Next == "" {
		v.Next = o.link(o.resume())
	}
	f := p.frame(r, o, o.t("Kiểm tra trước khi nộp hồ sơ", "Check before you file"), checkStep)
	f.Error = len(refused) > 0
	if status != http.StatusOK {
		f.Path = o.link(checkStep)
	}
	v.Form = ui.FormView{Action: o.link("nop"), CSRF: f.CSRF, Hidden: []ui.Hidden{{Name: digestName, Value: review.Digest}}}
	return p.Render(w, r, status, checkPage(f, v))
}

// lacking are the problems of a review, and the papers that are missing.
func lacking(o *opened, review *cases.Review) []forms.Problem {
	problems := review.Problems
	if at, stop := o.Draft.State.Stop(); stop != nil && len(problems) == 0 {
		problems = append(problems, forms.Problem{At: at.Field.Pointer, VI: stop.Text.VI, EN: stop.Text.EN})
	}
	for _, m := range review.Missing {
		problems = append(problems, forms.Problem{At: forms.Pointer("/attachments/" + m.ID), VI: "Nộp " + lowerFirst(m.Title.VI), EN: "Add: " + lowerFirst(m.Title.EN)})
	}
	return problems
}

// answered are all sections as they will be filed.
func (p *portal) answered(o *opened) []knownGroup {
	var groups []knownGroup
	for _, s := range o.Draft.State.Sections {
		g := knownGroup{Title: s.Section.Title.In(o.Lang)}
		for _, a := range s.Answers {
			g.Rows = append(g.Rows, p.row(o, a, checkStep))
		}
		groups = append(groups, g)
	}
	return groups
}

// papers are the files, by the paper that they are.
func (p *portal) papers(o *opened) []ui.Row {
	var rows []ui.Row
	add := func(id, title string, action *ui.Link) {
		var files []ui.File
		for _, f := range o.Draft.Files {
			if f.Attachment == id {
				files = append(files, o.fileRow(f))
			}
		}
		row := ui.Row{Label: title, Body: plainFiles(files), Action: action}
		if len(files) == 0 {
			row.Body, row.Value = nil, o.t("Chưa có tệp", "No file yet")
			if action == nil {
				return
			}
		}
		rows = append(rows, row)
	}
	for _, at := range o.Papers {
		add(at.ID, at.Title.In(o.Lang), &ui.Link{Text: o.t("Thay đổi", "Change"), Href: o.change(paperStep+at.ID, checkStep)})
	}
	add(cases.Evidence, o.t("Giấy tờ chứng minh giá trị chưa đúng", "Proof that a value is wrong"), nil)
	return rows
}

// terms are what the case costs, who decides it and until when.
func (p *portal) terms(o *opened, review *cases.Review) []ui.Row {
	var rows []ui.Row
	if review.Receiving.ID != "" {
		rows = append(rows, ui.Row{Label: o.t("Nơi tiếp nhận", "Received by"), Value: review.Receiving.Name(o.Lang)})
	}
	if v := o.Draft.Procedure.Variant(o.Draft.Variant); v != nil && review.Digest != "" {
		rows = append(rows, ui.Row{Label: o.t("Trường hợp", "Legal case"), Value: v.Title.In(o.Lang), Source: v.Law})
	}
	rows = append(rows, valueRows(review.Values, o.Lang)...)
	if review.Digest != "" {
		fee := ui.Row{Label: o.t("Số tiền phải nộp", "To pay"), Value: ui.Money(review.Fee)}
		if review.Fee == 0 {
			fee.Value = o.t("Không phải nộp tiền", "Nothing")
		} else {
			fee.Note = o.t("Nộp trực tuyến sau khi gửi hồ sơ", "Paid online after filing")
		}
		if row := review.FeeRow; row != nil {
			fee.Lines, fee.Source = []string{fee.Value, row.Title.In(o.Lang)}, row.Law
		}
		rows = append(rows, fee)
	}
	if l := review.Limit; l != nil {
		rows = append(rows, ui.Row{Label: o.t("Thời hạn giải quyết", "Legal term"), Source: l.Law,
			Lines: []string{termWords(l.Limit, o.Lang), l.Title.In(o.Lang)}})
	}
	if !review.DueIfToday.IsZero() {
		var lines []string
		for _, line := range review.Because {
			lines = append(lines, ui.T(o.Lang, line.VI, line.EN))
		}
		rows = append(rows, ui.Row{Label: o.t("Trả kết quả nếu hồ sơ được tiếp nhận hôm nay", "Result if accepted today"),
			Body: ui.DueView(o.Lang, ui.Due{Date: lastDay(review.DueIfToday), Lines: lines})})
	}
	return rows
}

// valueRows are the values that people are shown, with what they come to.
func valueRows(values []procedures.Result, lang string) []ui.Row {
	var rows []ui.Row
	for _, v := range values {
		if words := v.Print(lang); v.Show && words != "" {
			rows = append(rows, ui.Row{Label: v.Title.In(lang), Value: words})
		}
	}
	return rows
}

// file files what the citizen saw.
func (p *portal) file(w http.ResponseWriter, r *http.Request) error {
	actor, id, lang := site.Actor(r), draftID(r), site.Lang(r)
	c, err := p.Cases.FileDraft(r.Context(), actor, id, r.PostForm.Get(digestName))
	if err == nil {
		return site.See(w, r, caseLink(c.Code, "da-nop"))
	}
	if errors.Is(err, cases.ErrNotFound) {
		return settled(p.gone(w, r))
	}
	if low, ok := errors.AsType[*cases.LevelError](err); ok {
		return site.See(w, r, p.Identity.SignInPath(low.Need, draftPath(id, checkStep)))
	}
	if changed, ok := errors.AsType[*cases.ConflictError](err); ok {
		f := p.Frame(r, ui.T(lang, "Hồ sơ đã thay đổi", "The draft has changed"))
		f.Path = draftPath(id, checkStep)
		return p.Render(w, r, http.StatusConflict, draftChangedPage(f, changed.Changes, draftPath(id, checkStep)))
	}
	if _, waits := errors.AsType[*cases.WaitingError](err); waits {
		return site.See(w, r, draftPath(id, waitingStep))
	}
	if twice, ok := errors.AsType[*cases.DuplicateError](err); ok {
		f := p.Frame(r, ui.T(lang, "Hồ sơ này đã được nộp", "This case has been filed already"))
		f.Path = draftPath(id, checkStep)
		return p.Render(w, r, http.StatusConflict, duplicatePage(f, string(twice.Code), draftPath(id, "xoa")))
	}
	if wrong, ok := errors.AsType[*cases.InvalidError](err); ok {
		o, err := p.open(w, r)
		if err != nil {
			return settled(err)
		}
		return p.check(w, r, http.StatusUnprocessableEntity, o, wrong.Problems)
	}
	return err
}

// lowerFirst puts a title into a sentence; names in capitals stay.
func lowerFirst(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	if unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[n:]
}
