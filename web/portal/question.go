package portal

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// The inputs of a question page besides the questions.
const (
	sealName  = "seen"  // of the answers that the page showed
	shownName = "shown" // the names of the questions that the page showed, with blanks between
	actName   = "act"   // the button pressed
	actExit   = "exit"  // save and leave
	actMine   = "mine"  // on the page of differences: write over the other answer
)

// autosaveHeader marks what the script sends while somebody types; the answer
// to it brings the seal of what is kept now.
const (
	autosaveHeader = "X-Autosave"
	sealHeader     = "X-Seen"
)

// questionView is a page with questions, or with what registries found.
type questionView struct {
	Lang     string
	Progress string
	Heading  string // empty: the one question is the heading
	Intro    string
	Problems []ui.Problem
	Fresh    []ui.Link // to questions that the answers just given brought up
	Rows     []ui.Row
	Fields   []ui.Field
	Form     ui.FormView
	Saved    string
	Silent   []string
	Retry    string
	Continue string
	Leave    string // value of the button that saves and leaves
}

// page finds the page of the request on the way. A question that has no page,
// because a registry filled it and it may be changed, gets one of its own. ok is
// false when nothing is asked there now.
func (o *opened) page(section, question string) (step, bool) {
	path := section
	if question != "" {
		path += "/" + question
	}
	if i := o.index(path); i >= 0 && o.Steps[i].Section != nil {
		return o.Steps[i], true
	}
	at := forms.Pointer("/" + path)
	for _, s := range o.Draft.State.Sections {
		if s.Section.Name != section {
			continue
		}
		if a := o.Draft.State.Answer(at); a != nil && !locked(a) {
			return step{Path: path, Part: s.Section.Title, At: at, Section: s.Section, Asked: []forms.Answer{*a}}, true
		}
		if question == "" { // one page a question: lead to the first
			for _, one := range o.Steps {
				if one.Section == s.Section {
					return one, true
				}
			}
		}
	}
	return step{}, false
}

// pageOf opens the draft and finds the page, or sends the browser to where it
// has to go instead.
func (p *portal) pageOf(w http.ResponseWriter, r *http.Request) (*opened, step, error) {
	o, err := p.open(w, r)
	if err != nil {
		return nil, step{}, err
	}
	section, question := chi.URLParam(r, "section"), chi.URLParam(r, "question")
	s, ok := o.page(section, question)
	if ok {
		return o, s, nil
	}
	if a := o.Draft.State.Answer(forms.Pointer("/" + section + "/" + question)); a != nil && locked(a) {
		return nil, s, elsewhere(w, r, o.change(contestStep+section+"/"+question, o.From))
	}
	return nil, s, elsewhere(w, r, o.link(o.resume()))
}

// showQuestion asks one question or the questions of a section.
func (p *portal) showQuestion(w http.ResponseWriter, r *http.Request) error {
	o, s, err := p.pageOf(w, r)
	if err != nil {
		return settled(err)
	}
	warnings := slices.DeleteFunc(slices.Clone(o.Problems), func(p forms.Problem) bool { return !p.Warning })
	return p.ask(w, r, http.StatusOK, o, s, nil, warnings)
}

// ask draws the page: with what was typed and what is wrong with it, when it is
// drawn again.
func (p *portal) ask(w http.ResponseWriter, r *http.Request, status int, o *opened, s step, typed url.Values, problems []forms.Problem) error {
	var (
		alone = len(s.Asked) == 1 && len(s.Found) == 0
		opt   = ui.FieldOptions{Lang: o.Lang, Heading: alone, Typed: typed, Problems: problems, Units: p.Agencies.Units()}
		title = s.Section.Title.In(o.Lang)
		v     = questionView{Lang: o.Lang, Progress: o.progress(s.Path), Continue: o.t("Tiếp tục", "Continue"), Leave: actExit,
			Saved: ui.Clock(o.Draft.SavedAt), Retry: o.link("lay-lai") + "?tu=" + s.Path}
	)
	for _, a := range s.Asked {
		f := ui.FieldOf(a, opt)
		if a.Unverified && len(v.Silent) == 0 {
			v.Silent = p.silent(o)
		}
		if slices.ContainsFunc(s.Fresh, func(fresh forms.Answer) bool { return fresh.Field == a.Field }) {
			v.Fresh = append(v.Fresh, ui.Link{Text: a.Field.Title.In(o.Lang), Href: "#" + f.Anchor()})
		}
		v.Fields = append(v.Fields, f)
	}
	for _, a := range s.Found {
		v.Rows = append(v.Rows, p.row(o, a, s.Path))
	}
	v.Problems = append(ui.Problems(v.Fields), p.elsewhereProblems(o, s, problems)...)
	if alone {
		title = s.Asked[0].Field.Title.In(o.Lang)
	} else {
		v.Heading, v.Intro = title, s.Section.Description.In(o.Lang)
		if len(s.Asked) == 0 && v.Intro == "" {
			v.Intro = o.t("Theo câu trả lời của Ông/Bà, chúng tôi đã lấy những thông tin dưới đây.", "From your answers we have fetched what stands below.")
		}
	}
	f := p.frame(r, o, title, s.Path)
	f.Error = len(v.Problems) > 0
	path := o.change(s.Path, o.From)
	v.Form = ui.FormView{Action: path, CSRF: f.CSRF, Warn: true, Hidden: []ui.Hidden{{Name: sealName, Value: seal(s.Asked)}, {Name: shownName, Value: strings.Join(s.names(), " ")}}}
	if len(s.Asked) > 0 {
		v.Form.Autosave = path
	}
	return p.Render(w, r, status, questionPage(f, v))
}

// elsewhereProblems are those that stand beside no question of the page: of a
// value that a registry found, or between several answers.
func (p *portal) elsewhereProblems(o *opened, s step, problems []forms.Problem) []ui.Problem {
	var out []ui.Problem
	for _, problem := range problems {
		beside := slices.ContainsFunc(s.Asked, func(a forms.Answer) bool { return covers(a.Field.Pointer, problem.At) })
		if problem.Warning || beside {
			continue
		}
		one := ui.Problem{Text: ui.T(o.Lang, problem.VI, problem.EN)}
		if problem.At != "" && problem.At != s.At {
			one.Href = o.change(o.pathTo(problem.At), s.Path)
		}
		out = append(out, one)
	}
	return out
}

// saveQuestion keeps the answers and goes on, or draws the page again.
func (p *portal) saveQuestion(w http.ResponseWriter, r *http.Request) error {
	o, s, err := p.pageOf(w, r)
	if err != nil {
		return settled(err)
	}
	typed := r.PostForm
	if ui.Redraws(typed) {
		return p.ask(w, r, http.StatusOK, o, s, typed, nil)
	}
	auto := r.Header.Get(autosaveHeader) != ""
	answers, unread := s.parse(o.Draft.Procedure.Form, typed)
	for range 5 {
		if !o.same(s, typed, answers) {
			return p.differ(w, r, o, s, answers, auto)
		}
		pass := !auto && typed.Get(actName) != actExit && len(unread) == 0
		d, problems, err := p.Cases.SaveSection(r.Context(), site.Actor(r), o.Draft.ID, o.Draft.Revision, s.At, answers, pass)
		if isConflict(err) { // somebody was faster: look again at what stands there
			if o, s, err = p.pageOf(w, r); err != nil {
				return settled(err)
			}
			continue
		}
		if err != nil {
			return err
		}
		from := o.From
		if o, err = p.lay(w, r, d); err != nil {
			return settled(err)
		}
		o.From = from
		return p.saved(w, r, o, s, append(unread, s.other(problems, unread)...))
	}
	return fmt.Errorf("save %s of draft %s: %w", s.Path, o.Draft.ID, &cases.ConflictError{})
}

// saved goes where the button leads, once the answers are kept.
func (p *portal) saved(w http.ResponseWriter, r *http.Request, o *opened, s step, problems []forms.Problem) error {
	now, found := o.page(s.Section.Name, strings.TrimPrefix(strings.TrimPrefix(s.Path, s.Section.Name), "/"))
	now.Fresh = now.fresh(r.PostForm, problems)
	switch {
	case r.Header.Get(autosaveHeader) != "":
		w.Header().Set(sealHeader, seal(now.Asked))
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		_, err := fmt.Fprint(w, ui.Clock(o.Draft.SavedAt))
		return err
	case r.PostForm.Get(actName) == actExit:
		return site.See(w, r, casesPath)
	case len(now.Fresh) > 0:
		return p.ask(w, r, http.StatusOK, o, now, nil, nil)
	case slices.ContainsFunc(problems, func(p forms.Problem) bool { return !p.Warning && p.Rule != "stop" }):
		if !found {
			now = s
		}
		return p.ask(w, r, http.StatusUnprocessableEntity, o, now, r.PostForm, problems)
	}
	return site.See(w, r, o.onward(o.after(s.Path, o.From)))
}

// names are those of the questions on the page.
func (s step) names() []string {
	var out []string
	for _, a := range s.Asked {
		out = append(out, a.Field.Name)
	}
	return out
}

// fresh are the questions that the sent page did not show, when nothing is wrong
// with what it showed: that they have no answer yet is nobody's mistake.
func (s step) fresh(typed url.Values, problems []forms.Problem) []forms.Answer {
	if !typed.Has(shownName) {
		return nil
	}
	shown := strings.Fields(typed.Get(shownName))
	out := slices.DeleteFunc(slices.Clone(s.Asked), func(a forms.Answer) bool { return slices.Contains(shown, a.Field.Name) })
	for _, p := range problems {
		owed := p.Rule == "required" && slices.ContainsFunc(out, func(a forms.Answer) bool { return covers(a.Field.Pointer, p.At) })
		if !p.Warning && !owed {
			return nil
		}
	}
	return out
}

// onward is the address of the next page; on the way back to a page it keeps it in mind.
func (o *opened) onward(page string) string {
	if page == o.From || page == stopStep {
		return o.link(page)
	}
	return o.change(page, o.From)
}

// parse reads the questions of the page, and no other of the section.
func (s *step) parse(form *forms.Form, typed url.Values) (map[string]any, []forms.Problem) {
	all, unread := form.Parse(s.Section, typed)
	answers := map[string]any{}
	for _, a := range s.Asked {
		if v, sent := all[a.Field.Name]; sent {
			answers[a.Field.Name] = v
		}
	}
	unread = slices.DeleteFunc(unread, func(p forms.Problem) bool {
		return !slices.ContainsFunc(s.Asked, func(a forms.Answer) bool { return covers(a.Field.Pointer, p.At) })
	})
	return answers, unread
}

// other leaves out problems of questions that could not be read: one a question.
func (s *step) other(problems, unread []forms.Problem) []forms.Problem {
	return slices.DeleteFunc(slices.Clone(problems), func(p forms.Problem) bool {
		return slices.ContainsFunc(unread, func(u forms.Problem) bool {
			return p.At == u.At || strings.HasPrefix(string(u.At), string(p.At)+"/") && p.At != s.Section.Pointer
		})
	})
}
