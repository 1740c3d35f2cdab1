package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// amendView is the page on which one section, or one paper, is corrected.
type amendView struct {
	Lang     string
	Problems []ui.Problem
	About    string
	Asked    []cases.AskedItem // the officer's words that this page answers
	Fields   []ui.Field
	Form     ui.FormView
	Remove   []ui.File // uploaded papers with the button that takes them back
	List     string
}

// openAnswers are the questions of a section that the request lets the reader change.
func (v *viewed) openAnswers(section string) []forms.Answer {
	var out []forms.Answer
	for _, it := range v.amended.Items {
		for _, a := range it.Answers {
			if sectionOf(a.Field.Pointer) == section && !slices.ContainsFunc(out, func(b forms.Answer) bool { return b.Field == a.Field }) {
				out = append(out, a)
			}
		}
	}
	return out
}

// showAmend shows the open questions of a section.
func (p *portal) showAmend(w http.ResponseWriter, r *http.Request) error {
	v, err := p.viewAsked(r)
	if err != nil {
		return err
	}
	return p.drawAmend(w, r, v, http.StatusOK, nil, nil)
}

func (p *portal) drawAmend(w http.ResponseWriter, r *http.Request, v *viewed, status int, typed url.Values, problems []forms.Problem) error {
	section := chi.URLParam(r, "section")
	open := v.openAnswers(section)
	if len(open) == 0 {
		return cases.ErrNotFound
	}
	f := p.caseFrame(r, v)
	f.Title, f.Back, f.Error = v.sectionTitle(section), v.link("bo-sung"), len(problems) > 0
	out := amendView{Lang: v.Lang, About: v.about(), List: v.link("bo-sung"), Form: ui.FormView{CSRF: f.CSRF, Warn: true, Action: v.link("bo-sung/khai/" + section)}}
	for _, it := range v.amended.Items {
		if slices.ContainsFunc(it.Answers, func(a forms.Answer) bool { return sectionOf(a.Field.Pointer) == section }) {
			out.Asked = append(out.Asked, it.AskedItem)
		}
	}
	for _, a := range open {
		out.Fields = append(out.Fields, ui.FieldOf(a, ui.FieldOptions{Lang: v.Lang, Typed: typed, Problems: problems, Units: p.Agencies.Units()}))
	}
	out.Problems = ui.Problems(out.Fields)
	return p.Render(w, r, status, amendPage(f, out))
}

// amend keeps the corrected answers of a section. They are kept with their
// problems too, and not sent.
func (p *portal) amend(w http.ResponseWriter, r *http.Request) error {
	v, err := p.viewAsked(r)
	if err != nil {
		return err
	}
	name := chi.URLParam(r, "section")
	open := v.openAnswers(name)
	if len(open) == 0 {
		return cases.ErrNotFound
	}
	if ui.Redraws(r.PostForm) {
		return p.drawAmend(w, r, v, http.StatusOK, r.PostForm, nil)
	}
	i := slices.IndexFunc(v.Procedure.Form.Sections, func(s *forms.Section) bool { return s.Name == name })
	parsed, problems := v.Procedure.Form.Parse(v.Procedure.Form.Sections[i], r.PostForm)
	answers := map[string]any{}
	for _, a := range open {
		if val, ok := parsed[a.Field.Name]; ok {
			answers[a.Field.Name] = val
		}
	}
	found, err := p.Cases.Amend(r.Context(), v.me, v.Code, map[string]any{name: answers})
	if err != nil {
		return err
	}
	if problems = append(problems, found...); len(problems) > 0 {
		return p.drawAmend(w, r, v, http.StatusUnprocessableEntity, r.PostForm, problems)
	}
	// An answer may bring another question with it; then the page is shown once more.
	if v, err = p.viewAsked(r); err != nil {
		return err
	}
	for _, a := range v.openAnswers(name) {
		if !slices.ContainsFunc(open, func(b forms.Answer) bool { return b.Field == a.Field }) && a.Value == nil && a.Field.Required {
			return site.See(w, r, v.link("bo-sung/khai/"+name))
		}
	}
	return site.See(w, r, v.link("bo-sung"))
}

// asksPaper are the asked items that an attachment answers.
func (v *viewed) asksPaper(id string) []cases.AskedItem {
	var out []cases.AskedItem
	for _, it := range v.amended.Items {
		if slices.Contains(it.Attachments, id) || slices.Contains(it.Others, id) {
			out = append(out, it.AskedItem)
		}
	}
	return out
}

// showSupply shows the page of one paper.
func (p *portal) showSupply(w http.ResponseWriter, r *http.Request) error {
	v, err := p.viewAsked(r)
	if err != nil {
		return err
	}
	return p.drawSupply(w, r, v, http.StatusOK, "")
}

func (p *portal) drawSupply(w http.ResponseWriter, r *http.Request, v *viewed, status int, problem string) error {
	id := chi.URLParam(r, "attachment")
	a, asked := v.attachment(id), v.asksPaper(id)
	if a == nil || len(asked) == 0 {
		return cases.ErrNotFound
	}
	f := p.caseFrame(r, v)
	f.Title, f.Back, f.Error = a.Title.In(v.Lang), v.link("bo-sung"), problem != ""
	formats, most := a.Formats, a.MaxMB
	if len(formats) == 0 {
		formats = []string{"pdf", "jpg", "png"}
	}
	if most == 0 {
		most = 10
	}
	field := ui.Field{Lang: v.Lang, Kind: ui.FileWidget, Name: "file", Label: v.t("Chọn tệp", "Choose files"), Multiple: true, Error: problem, Accept: "." + strings.Join(formats, ",."),
		Hint: v.t("Dạng ", "Type ") + strings.ToUpper(strings.Join(formats, ", ")) + v.t(", mỗi tệp không quá ", ", each of at most ") + ui.Count(int64(most)) + " MB. " +
			v.t("Chụp đủ bốn góc, chữ rõ.", "All four corners, readable.")}
	for _, file := range v.amended.Files {
		if file.Attachment == id {
			field.Files = append(field.Files, ui.File{Name: file.Name, Size: ui.Size(int64(file.Size), v.Lang), State: ui.Tag{Text: v.t("Sẵn sàng", "Ready"), Tone: ui.Success},
				Href: v.link("tep/" + file.ID.String()), Remove: file.ID.String()})
		}
	}
	out := amendView{Lang: v.Lang, About: v.about(), Asked: asked, Fields: []ui.Field{field}, List: v.link("bo-sung"),
		Form: ui.FormView{CSRF: f.CSRF, Multipart: true, Action: v.link("bo-sung/giay-to/" + id)}}
	out.Problems = ui.Problems(out.Fields)
	return p.Render(w, r, status, amendPage(f, out))
}

// supply takes the files of one paper, or takes one back. The same file sent
// twice is kept once.
func (p *portal) supply(w http.ResponseWriter, r *http.Request) error {
	v, err := p.viewAsked(r)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "attachment")
	if len(v.asksPaper(id)) == 0 {
		return cases.ErrNotFound
	}
	if gone := r.PostFormValue("remove"); gone != "" {
		file, err := uuid.Parse(gone)
		if err != nil {
			return cases.ErrNotFound
		}
		if err := p.Cases.RemoveCaseFile(r.Context(), v.me, v.Code, file); err != nil {
			return err
		}
		return site.See(w, r, v.link("bo-sung/giay-to/"+id))
	}
	sent, err := sentFiles(r, "file")
	if err != nil {
		return err
	}
	if len(sent) == 0 && !slices.ContainsFunc(v.amended.Files, func(f cases.File) bool { return f.Attachment == id }) {
		return p.drawSupply(w, r, v, http.StatusUnprocessableEntity, v.t("Chọn ít nhất một tệp", "Choose at least one file"))
	}
	for _, one := range sent {
		if slices.ContainsFunc(v.amended.Files, func(f cases.File) bool { return f.Attachment == id && f.SHA256 == one.sum() }) {
			continue
		}
		_, err := p.Cases.AddCaseFile(r.Context(), v.me, v.Code, id, one.Name, one.Content)
		if invalid, ok := errors.AsType[*cases.InvalidError](err); ok {
			if v, err = p.viewAsked(r); err != nil { // the files before it are kept
				return err
			}
			problem := invalid.Problems[0]
			return p.drawSupply(w, r, v, http.StatusUnprocessableEntity, one.Name+": "+ui.T(v.Lang, problem.VI, problem.EN))
		}
		if err != nil {
			return err
		}
	}
	return site.See(w, r, v.link("bo-sung"))
}

// sentFile is a file of a request.
type sentFile struct {
	Name    string
	Content []byte
}

// sentFiles reads the files of an input; none when the input was left empty.
func sentFiles(r *http.Request, name string) ([]sentFile, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	var out []sentFile
	for _, h := range r.MultipartForm.File[name] {
		f, err := h.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		out = append(out, sentFile{h.Filename, content})
	}
	return out, nil
}

// sum is the file's fingerprint, as a case keeps it.
func (f sentFile) sum() string {
	s := sha256.Sum256(f.Content)
	return hex.EncodeToString(s[:])
}
