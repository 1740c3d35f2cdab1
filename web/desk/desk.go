// Package desk is the officer's side of the site: the day's figures, the queue,
// a case with its answers beside the registers, and the pages on which an
// officer judges, asks for a supplement and decides.
//
// A page shows what package cases lets its reader see and offers the actions
// that the procedure's machine allows; nothing about a procedure stands here.
// What an action does, and who may take it, is decided by package cases.
package desk

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// desk holds the handlers of the officer's pages.
type desk struct {
	*site.Site
	measured *measurements // how good the resident records are
}

// casePath is where the pages of cases stand.
const casePath = site.DeskPath + "/ho-so/"

// Routes puts the officer's pages on r. Officers alone get in, signed in at level 2.
func Routes(r chi.Router, s *site.Site) {
	d := &desk{s, &measurements{of: map[string]measured{}, now: s.Now}}
	r.Group(func(r chi.Router) {
		r.Use(s.Identity.Require(2, agency.Officer))
		r.Get(site.DeskPath, s.Handle(d.home))
		r.Get(site.QueuePath, s.Handle(d.queue))
		r.Get(site.QueuePath+"/{procedure}", s.Handle(d.queue))
		r.Get(listFilePath, s.Handle(d.export))
		r.Get(listFilePath+"/{procedure}", s.Handle(d.export))
		r.Get(site.SearchPath, s.Handle(d.search))
		r.Get(site.QualityPath, s.Handle(d.quality))
		r.Get(site.QualityPath+"/{rule}", s.Handle(d.examples))
		r.Post(site.QualityPath+"/{rule}", s.Handle(d.examples))
		r.Route(site.TroublesPath, func(r chi.Router) {
			r.Get("/", s.Handle(d.troubles))
			r.Get("/{incident}", s.Handle(d.incident))
			r.Get("/{incident}/{verb}", s.Handle(d.askSettle))
			r.Post("/{incident}/{verb}", s.Handle(d.settle))
			r.Get("/"+peerKey+"/{peer}/{verb}", s.Handle(d.askSettle))
			r.Post("/"+peerKey+"/{peer}/{verb}", s.Handle(d.settle))
		})
		r.Route(casePath+"{code}", func(r chi.Router) {
			r.Get("/", s.Handle(d.showCase))
			r.Get("/tep", s.Handle(d.showFiles))
			r.Get("/lich-su", s.Handle(d.showHistory))
			r.Get("/lien-quan", s.Handle(d.showRelated))
			r.Get("/so-goc", s.Handle(d.compare))
			r.Get("/tep/{file}", s.Handle(d.file))
			r.Get("/giay-to/{document}", s.Handle(d.document))
			r.Post("/danh-gia", s.Handle(d.judge))
			r.Post("/nhan", s.Handle(d.take))
			r.Get("/tra-lai", s.Handle(d.askRelease))
			r.Post("/tra-lai", s.Handle(d.release))
			r.Get("/viec/{event}", s.Handle(d.askAct))
			r.Post("/viec/{event}", s.Handle(d.act))
		})
	})
}

// listKey is the parameter that carries the list from which a case was opened.
const listKey = "tu"

// pathOf is the address of a case's page; from is the list that it was opened
// from, empty when there is none.
func pathOf(code cases.Code, page, from string) string {
	p := casePath + url.PathEscape(string(code)) + page
	if from != "" {
		p += "?" + url.Values{listKey: {from}}.Encode()
	}
	return p
}

// with adds a parameter to an address of ours.
func with(path, key, value string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	q := u.Query()
	q.Set(key, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// codeOf is the case that a request names.
func codeOf(r *http.Request) cases.Code { return cases.Code(chi.URLParam(r, "code")) }

// fromOf is the list that the request came from; empty when there is none, or
// when it is no list of ours.
func fromOf(r *http.Request) string {
	if _, ok := parseList(r.FormValue(listKey)); !ok {
		return ""
	}
	return r.FormValue(listKey)
}

// frame is the frame of a page that belongs to the list.
func (d *desk) frame(r *http.Request, title string) ui.Frame {
	f := d.Frame(r, title)
	f.Path = r.URL.RequestURI()
	if r.Method != http.MethodGet { // the language switch cannot post again
		f.Path = site.DeskPath
		if code := codeOf(r); code != "" {
			f.Path = pathOf(code, "", fromOf(r))
		}
	}
	return f
}

// token is a form of the session's with its hidden inputs.
func token(f ui.Frame, action, from string) ui.FormView {
	v := ui.FormView{Action: action, CSRF: f.CSRF}
	if from != "" {
		v.Hidden = append(v.Hidden, ui.Hidden{Name: listKey, Value: from})
	}
	return v
}

// agencyName is an agency in words.
func (d *desk) agencyName(id agency.ID, lang string) string {
	if a, ok := d.Agencies.Agency(id); ok {
		return a.Name(lang)
	}
	return string(id)
}

// registryName is a registry in words.
func (d *desk) registryName(lang string) func(string) string {
	return func(name string) string {
		if t, ok := d.Procedures.Elements.Registries[name]; ok {
			return t.In(lang)
		}
		return name
	}
}

// rowOptions say how answers are written.
func (d *desk) rowOptions(lang string) ui.RowOptions {
	return ui.RowOptions{Lang: lang, Units: d.Agencies.Units(), Registry: d.registryName(lang)}
}

// uuidOf reads an identifier of the address; one that is none names nothing.
func uuidOf(r *http.Request, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(chi.URLParam(r, name))
	if err != nil {
		return uuid.Nil, cases.ErrNotFound
	}
	return id, nil
}
