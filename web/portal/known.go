package portal

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// knownView is the page of what the state knows already.
type knownView struct {
	Lang     string
	Progress string
	About    string // the procedure, and for whom
	Groups   []knownGroup
	Silent   []string
	Retry    string
	Form     ui.FormView
}

type knownGroup struct {
	Title string
	Rows  []ui.Row
}

// showKnown is the first page of a draft: what need not be asked.
func (p *portal) showKnown(w http.ResponseWriter, r *http.Request) error {
	o, err := p.open(w, r)
	if err != nil {
		return settled(err)
	}
	d := o.Draft
	l := &layout{draft: d, known: atHand(d.Procedure)}
	v := knownView{Lang: o.Lang, Progress: o.progress(knownStep), About: d.Procedure.Name.In(o.Lang), Silent: p.silent(o), Retry: o.link("lay-lai"),
		Form: ui.FormView{CSRF: p.Frame(r, "").CSRF, Action: o.change(knownStep, o.From)}}
	for _, s := range d.State.Sections {
		g := knownGroup{Title: s.Section.Title.In(o.Lang)}
		for _, a := range s.Answers {
			if l.early(&a) {
				g.Rows = append(g.Rows, p.knownRow(o, a))
			}
		}
		if len(g.Rows) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	if len(v.Groups) == 0 {
		return site.See(w, r, o.link(o.after(knownStep, "")))
	}
	title := o.t("Thông tin chúng tôi đã có về Ông/Bà", "What we already know about you")
	return p.Render(w, r, http.StatusOK, knownPage(p.frame(r, o, title, knownStep), v))
}

// knownRow is an answer on that page: one that could not be fetched says so, and
// a personal number is covered until it is opened.
func (p *portal) knownRow(o *opened, a forms.Answer) ui.Row {
	if a.Asked {
		return ui.Row{Label: a.Field.Title.In(o.Lang), Value: o.t("Chưa lấy được – Ông/Bà sẽ khai ở bước sau", "Could not be fetched – you will be asked later"),
			Source: p.registry(a.Source.Registry, o.Lang)}
	}
	row := p.row(o, a, knownStep)
	if row.Digits && a.Field.PersonalNumber {
		row.Body = covered(o.Lang, row.Value)
	}
	return row
}

// covered shows the last digits of a number, and all of them on request.
func covered(lang, number string) templ.Component {
	if len(number) < 4 {
		return ui.Digits(number)
	}
	return coveredNumber(lang, number[len(number)-4:], number)
}

// passKnown goes on to the first question.
func (p *portal) passKnown(w http.ResponseWriter, r *http.Request) error {
	o, err := p.open(w, r)
	if err != nil {
		return settled(err)
	}
	// Saved without an answer: from now on the draft resumes behind this page.
	if len(o.Draft.State.Sections) > 0 && o.Draft.Revision == 1 {
		d, _, err := p.Cases.SaveSection(r.Context(), site.Actor(r), o.Draft.ID, 0, o.Draft.State.Sections[0].Section.Pointer, nil, true)
		if err != nil {
			return err
		}
		from := o.From
		if o, err = p.lay(w, r, d); err != nil {
			return settled(err)
		}
		o.From = from
	}
	return site.See(w, r, o.link(o.after(knownStep, o.From)))
}

// isConflict tells whether a draft changed between reading and writing.
func isConflict(err error) bool { _, ok := errors.AsType[*cases.ConflictError](err); return ok }
