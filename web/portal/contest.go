package portal

import (
	"errors"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// contestStep is in front of the question whose value is said to be wrong.
const contestStep = "chua-dung/"

// The inputs of the page besides the value itself.
const (
	reasonName   = "contest-reason"
	evidenceName = "contest-evidence"
	actWithdraw  = "withdraw"
)

// reasonAt is where a problem with the reason stands.
const reasonAt forms.Pointer = "/" + reasonName

// contestView is the page on which a registry's value is contested.
type contestView struct {
	Lang      string
	Problems  []ui.Problem
	Present   []ui.Row
	Fields    []ui.Field
	Form      ui.FormView
	Contested bool
	Registry  string
}

// contested opens the draft and the locked answer that the path names.
func (p *portal) contested(w http.ResponseWriter, r *http.Request) (*opened, *forms.Answer, error) {
	o, err := p.open(w, r)
	if err != nil {
		return nil, nil, err
	}
	name := chi.URLParam(r, "section") + "/" + chi.URLParam(r, "question")
	a := o.Draft.State.Answer(forms.Pointer("/" + name))
	switch {
	case a == nil:
		return nil, nil, elsewhere(w, r, o.link(o.resume()))
	case !locked(a):
		return nil, nil, elsewhere(w, r, o.change(name, o.From))
	}
	if o.From == "" {
		o.From = knownStep
	}
	return o, a, nil
}

func (p *portal) showContest(w http.ResponseWriter, r *http.Request) error {
	o, a, err := p.contested(w, r)
	if err != nil {
		return settled(err)
	}
	return p.askContest(w, r, http.StatusOK, o, a, nil)
}

// askContest draws the page; problems are those of what was sent.
func (p *portal) askContest(w http.ResponseWriter, r *http.Request, status int, o *opened, a *forms.Answer, problems []forms.Problem) error {
	var (
		right    = *a // the question as if nothing had filled it
		reason   string
		existing *cases.File
	)
	right.Value, right.Filled, right.Source, right.Unverified, right.Contest = nil, nil, nil, false, nil
	if a.Contest != nil {
		right.Value, reason = a.Contest.Value, a.Contest.Reason
		existing = fileOf(o.Draft.Files, a.Contest.Evidence)
	}
	opt := ui.FieldOptions{Lang: o.Lang, Problems: problems, Units: p.Agencies.Units()}
	if r.Method == http.MethodPost {
		opt.Typed, reason = r.PostForm, r.PostForm.Get(reasonName)
	}
	value := ui.FieldOf(right, opt)
	value.Label, value.Optional = o.t("Giá trị đúng: ", "The right value: ")+value.Label, false
	value.Why, value.WhyLaw, value.Autocomplete = "", "", ""
	why := ui.Field{Lang: o.Lang, Name: reasonName, Kind: forms.TextareaWidget, Rows: 3, Value: reason, Label: o.t("Vì sao Ông/Bà biết giá trị đúng", "How you know the right value"),
		Hint: o.t("Ví dụ: theo giấy khai sinh, theo quyết định cải chính ngày 12/03/2026.", "For example: by the birth certificate, by a decision of correction of 12/03/2026.")}
	evidence := ui.Field{Lang: o.Lang, Name: evidenceName, Kind: ui.FileWidget, Optional: true, Accept: ".pdf,.jpg,.jpeg,.png", Label: o.t("Giấy tờ chứng minh", "Proof"),
		Hint: o.t("Một tệp PDF, JPG hoặc PNG, không quá 10 MB.", "One PDF, JPG or PNG file of at most 10 MB.")}
	if existing != nil {
		evidence.Files = []ui.File{o.fileRow(*existing)}
	}
	for _, problem := range problems {
		switch text := ui.T(o.Lang, problem.VI, problem.EN); problem.At {
		case "/attachments/" + cases.Evidence:
			evidence.Error = text
		case reasonAt:
			why.Error = text
		}
	}
	shown := *a
	if a.Filled != nil {
		shown.Value = a.Filled.Value
	}
	shown.Contest = nil
	f := p.frame(r, o, o.t("Báo giá trị chưa đúng: ", "Report a wrong value: ")+a.Field.Title.In(o.Lang), "")
	v := contestView{Lang: o.Lang, Present: []ui.Row{ui.RowOf(shown, p.rowOptions(o.Lang))}, Fields: []ui.Field{value, why, evidence}, Contested: a.Contest != nil,
		Registry: p.registry(a.Source.Registry, o.Lang),
		Form:     ui.FormView{Action: o.change(contestStep+string(a.Field.Pointer)[1:], o.From), CSRF: f.CSRF, Multipart: true, Warn: true}}
	v.Problems = ui.Problems(v.Fields)
	f.Error = len(v.Problems) > 0
	return p.Render(w, r, status, contestPage(f, v))
}

// contest keeps the citizen's word, or takes it back.
func (p *portal) contest(w http.ResponseWriter, r *http.Request) error {
	o, a, err := p.contested(w, r)
	if err != nil {
		return settled(err)
	}
	ctx, actor, at := r.Context(), site.Actor(r), a.Field.Pointer
	if r.PostForm.Get(actName) == actWithdraw {
		if _, err := p.Cases.Contest(ctx, actor, o.Draft.ID, 0, at, nil); err != nil {
			return err
		}
		if a.Contest != nil {
			if err := p.dropEvidence(r, o, a.Contest.Evidence); err != nil {
				return err
			}
		}
		return site.See(w, r, o.link(o.From))
	}
	c, problems, err := p.readContest(r, o, a)
	if err != nil {
		return err
	}
	if len(problems) == 0 {
		_, err = p.Cases.Contest(ctx, actor, o.Draft.ID, 0, at, c)
		if wrong, ok := errors.AsType[*cases.InvalidError](err); ok {
			problems, err = wrong.Problems, nil
			if a.Contest == nil || a.Contest.Evidence != c.Evidence {
				err = p.dropEvidence(r, o, c.Evidence) // it is sent again with the corrected page
			}
		}
	}
	switch {
	case err != nil:
		return err
	case len(problems) > 0:
		return p.askContest(w, r, http.StatusUnprocessableEntity, o, a, problems)
	}
	if a.Contest != nil && a.Contest.Evidence != c.Evidence {
		if err := p.dropEvidence(r, o, a.Contest.Evidence); err != nil {
			return err
		}
	}
	return site.See(w, r, o.link(o.From))
}

// readContest reads the page; the evidence is kept first, so that the contest
// can name it.
func (p *portal) readContest(r *http.Request, o *opened, a *forms.Answer) (*forms.Contest, []forms.Problem, error) {
	q, typed := a.Field, r.PostForm
	section := &forms.Section{Name: chi.URLParam(r, "section"), OnePerPage: true, Fields: []*forms.Field{q}}
	answers, problems := o.Draft.Procedure.Form.Parse(section, typed)
	c := &forms.Contest{Value: answers[q.Name], Reason: strings.TrimSpace(typed.Get(reasonName))}
	if c.Value == nil && len(problems) == 0 {
		problems = append(problems, forms.Problem{At: q.Pointer, Rule: "contest", VI: "Nhập giá trị đúng", EN: "Enter the right value"})
	}
	if c.Reason == "" {
		problems = append(problems, forms.Problem{At: reasonAt, Rule: "required", VI: "Cho biết vì sao Ông/Bà biết giá trị đúng", EN: "Say how you know the right value"})
	}
	if a.Contest != nil {
		c.Evidence = a.Contest.Evidence
	}
	if len(problems) > 0 {
		return c, problems, nil
	}
	files := filesOf(r, evidenceName)
	if len(files) == 0 {
		return c, nil, nil
	}
	f, wrong, err := p.keep(r, o, cases.Evidence, files[0])
	if f != nil {
		c.Evidence = f.ID.String()
	}
	return c, wrong, err
}

// dropEvidence takes a paper out that no contest names any more.
func (p *portal) dropEvidence(r *http.Request, o *opened, file string) error {
	id, err := uuid.Parse(file)
	if err != nil {
		return nil
	}
	return p.Cases.RemoveFile(r.Context(), site.Actor(r), o.Draft.ID, id)
}

// filesOf are the files that an input sent.
func filesOf(r *http.Request, name string) []*multipart.FileHeader {
	if r.MultipartForm == nil {
		return nil
	}
	var out []*multipart.FileHeader
	for _, h := range r.MultipartForm.File[name] {
		if h.Filename != "" {
			out = append(out, h)
		}
	}
	return out
}

func fileOf(files []cases.File, id string) *cases.File {
	for i := range files {
		if files[i].ID.String() == id {
			return &files[i]
		}
	}
	return nil
}
