package portal

import (
	"net/http"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// The inputs of the page that asks whom a case is for.
const (
	subjectName = "subject"
	chosenName  = "chosen" // the page was shown
)

// startView asks whom the case is for, or says so when only one person can be meant.
type startView struct {
	Lang     string
	Name     string // of the procedure
	Field    *ui.Field
	Only     string // the one person; empty: several
	Problems []ui.Problem
	Form     ui.FormView
}

// showWhose is the page behind signing in: whom is the case for?
func (p *portal) showWhose(w http.ResponseWriter, r *http.Request) error {
	proc, err := p.service(r)
	if err != nil {
		return err
	}
	if site.Actor(r).Level < proc.Level {
		return site.See(w, r, p.Identity.SignInPath(proc.Level, r.URL.RequestURI()))
	}
	people, err := p.Cases.Subjects(r.Context(), site.Actor(r), proc)
	if err != nil {
		return err
	}
	return p.askWhose(w, r, http.StatusOK, proc, people)
}

func (p *portal) askWhose(w http.ResponseWriter, r *http.Request, status int, proc *procedures.Procedure, people []cases.PersonRef) error {
	lang := site.Lang(r)
	title := ui.T(lang, "Hồ sơ này cho ai?", "Who is this for?")
	path := proceduresPath + "/" + string(proc.ID)
	v := startView{Lang: lang, Name: proc.Name.In(lang), Form: ui.FormView{Action: path + "/bat-dau", Hidden: []ui.Hidden{{Name: chosenName, Value: "1"}}}}
	if len(people) == 1 {
		title = ui.T(lang, "Bắt đầu hồ sơ", "Start your case")
		v.Only = people[0].Name
		v.Form.Hidden = append(v.Form.Hidden, ui.Hidden{Name: subjectName, Value: people[0].Number})
	} else {
		v.Field = &ui.Field{Lang: lang, Name: subjectName, Kind: "radios", Heading: true, Label: title, Value: r.PostForm.Get(subjectName),
			Hint: ui.T(lang, "Ông/Bà nộp được cho mình và cho con dưới 18 tuổi theo cơ sở dữ liệu.", "You can file for yourself and for your children under 18 that the register names.")}
		for _, person := range people {
			v.Field.Options = append(v.Field.Options, personOption(person, lang))
		}
		if status != http.StatusOK {
			v.Field.Error = ui.T(lang, "Chọn người được giải quyết hồ sơ", "Choose whom the case is for")
		}
		v.Problems = ui.Problems([]ui.Field{*v.Field})
	}
	f := p.Frame(r, title)
	f.Back, f.Path, f.Error = path, path+"/cho-ai", status != http.StatusOK
	v.Form.CSRF = f.CSRF
	return p.Render(w, r, status, startPage(f, v))
}

func personOption(person cases.PersonRef, lang string) ui.Option {
	if person.Relation == "self" {
		return ui.Option{Value: person.Number, Text: ui.T(lang, "Cho tôi", "For me"), Detail: person.Name}
	}
	return ui.Option{Value: person.Number, Text: ui.T(lang, "Cho con tôi: ", "For my child: ") + person.Name,
		Detail: ui.T(lang, "Sinh ngày ", "Born on ") + ui.ISODate(person.Birth)}
}

// start opens a draft. Without a choice it asks, unless only one person can be meant.
func (p *portal) start(w http.ResponseWriter, r *http.Request) error {
	proc, err := p.service(r)
	if err != nil {
		return err
	}
	actor, subject := site.Actor(r), r.PostForm.Get(subjectName)
	if actor.Level < proc.Level {
		return site.See(w, r, p.Identity.SignInPath(proc.Level, proceduresPath+"/"+string(proc.ID)+"/cho-ai"))
	}
	if subject == "" {
		people, err := p.Cases.Subjects(r.Context(), actor, proc)
		switch {
		case err != nil:
			return err
		case len(people) == 1:
			subject = people[0].Number
		case r.PostForm.Has(chosenName):
			return p.askWhose(w, r, http.StatusUnprocessableEntity, proc, people)
		default:
			return site.See(w, r, proceduresPath+"/"+string(proc.ID)+"/cho-ai")
		}
	}
	d, err := p.Cases.StartDraft(r.Context(), actor, proc.ID, subject)
	if err != nil {
		return err
	}
	return site.See(w, r, draftPath(d.ID, ""))
}
