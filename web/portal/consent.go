package portal

import (
	"errors"
	"net/http"
	"slices"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/ui"
)

// consentView is the question of another case to the reader (C18).
type consentView struct {
	Lang     string
	Title    string
	Lines    []string
	Until    string
	Words    []string // the request, as its paper has it
	Sections []rowsOf // what of the other case the reader may see
	Paper    *ui.Link
	Answers  []caseAction
	After    string
	Law      []string
	Readers  string // path
}

// showConsent shows who asks for what, and the ways to answer.
func (p *portal) showConsent(w http.ResponseWriter, r *http.Request, v *viewed) error {
	out := consentView{Lang: v.Lang, Title: v.Procedure.Name.In(v.Lang), Sections: answered(v.sections(), v.t("Không cung cấp", "Not provided")), After: v.Procedure.Afterwards.In(v.Lang), Readers: v.link("ai-da-xem"),
		Lines: []string{v.t("Mã ", "Code ") + string(v.Code) + v.t(" · gửi đến ngày ", " · sent on ") + ui.Date(v.FiledAt)}}
	words, err := p.Cases.Request(r.Context(), v.me, v.Code, v.Lang)
	switch {
	case errors.Is(err, cases.ErrNotFound):
		out.Words = []string{v.Procedure.Summary.In(v.Lang)}
	case err != nil:
		return err
	default:
		out.Words = words.Body
	}
	if !v.Until.IsZero() {
		out.Until = v.t("Đề nghị trả lời trước hết ngày ", "Please answer by the end of ") + lastDay(v.Until) + "."
	}
	for _, d := range v.Documents {
		if d.Kind == "receipt" {
			out.Paper = &ui.Link{Text: d.Title.In(v.Lang) + " (PDF)", Href: v.link("giay-to/" + d.ID.String())}
		}
	}
	f := p.caseFrame(r, v)
	for _, a := range v.answers() {
		out.Answers = append(out.Answers, v.action(a, f.CSRF))
	}
	for _, law := range v.Procedure.Law {
		out.Law = append(out.Law, law.Act+": "+law.Note.In(v.Lang))
	}
	return p.Render(w, r, http.StatusOK, consentPage(f, out))
}

// answered leaves out what the other case does not say.
func answered(sections []rowsOf, nothing string) []rowsOf {
	for i := range sections {
		sections[i].Rows = slices.DeleteFunc(sections[i].Rows, func(r ui.Row) bool { return r.Value == nothing })
	}
	return slices.DeleteFunc(sections, func(s rowsOf) bool { return len(s.Rows) == 0 })
}
