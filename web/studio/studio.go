// Package studio is the author's side of the site: the library of procedures
// with what is proved about each, the report of one, and a preview in which an
// author walks a case through the real engine before anybody else meets it.
//
// A preview lives in a database of its own that goes when the preview ends;
// nothing of it is in the live tables. What is right about a definition is
// decided by the packages procedures, forms and workflow, how a story is played
// by package stage; the studio shows it.
package studio

import (
	"context"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// Config says what the studio works on. Tree is required.
type Config struct {
	// Tree holds the folders of the definitions. Where it changes on disk, the
	// pages show what stands there now.
	Tree fs.FS
	// Prefix stands before the files' names, as the author knows them: procedures.
	Prefix string
	// Folder is the tree on disk, into which a walked preview is written as a
	// scenario; empty: it is only shown.
	Folder string
	// Stage makes one more database for previews, apart from the live one; nil:
	// there are no previews.
	Stage func(context.Context) (*stage.Database, error)
}

// studio holds the handlers of the author's pages.
type studio struct {
	*site.Site
	cfg      Config
	library  *library
	previews *previews
	trials   trials
}

// Routes puts the author's pages on r. Officers with the role of an author get
// in; for everybody else the pages do not exist.
func Routes(r chi.Router, s *site.Site, cfg Config) {
	t := &studio{Site: s, cfg: cfg, library: &library{tree: cfg.Tree}, previews: newPreviews(cfg.Stage, s.Now)}
	r.Group(func(r chi.Router) {
		r.Use(s.Identity.Require(2), t.authors)
		r.Get(site.StudioPath, s.Handle(t.showLibrary))
		r.Get(site.StudioPath+"/{procedure}", s.Handle(t.showReport))
		r.Get(site.StudioPath+"/{procedure}/"+comparePage, s.Handle(t.showCompare))
		r.Get(site.StudioPath+"/{procedure}/"+publishPage, s.Handle(t.askPublish))
		r.Post(site.StudioPath+"/{procedure}/"+publishPage, s.Handle(t.publish))
		r.Get(site.StudioPath+"/{procedure}/"+diagramPage, s.Handle(t.diagram))
		if cfg.Stage != nil {
			r.Post(site.StudioPath+"/{procedure}/"+trialPage, s.Handle(t.runTrial))
			t.previewRoutes(r)
		}
	})
}

// authors lets only people through who write definitions. To others, citizens
// above all, the pages are not there.
func (t *studio) authors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := identity.From(r.Context()); p == nil || !p.Writes() {
			t.Fail(w, r, errNotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// link is an address of the studio below a procedure's own.
func link(id procedures.ID, page string) string {
	p := site.StudioPath + "/" + url.PathEscape(string(id))
	if page != "" {
		p += "/" + page
	}
	return p
}

// frame is the frame of a page; a POST that draws one leads the language switch
// to back.
func (t *studio) frame(r *http.Request, title, back string) ui.Frame {
	f := t.Frame(r, title)
	f.Dense, f.Back = true, back
	if r.Method != http.MethodGet {
		f.Path = back
	}
	return f
}

// registryName is a registry in words.
func (t *studio) registryName(c *procedures.Catalogue, lang string) func(string) string {
	return func(name string) string {
		if c != nil && c.Elements != nil {
			if text, ok := c.Elements.Registries[name]; ok {
				return text.In(lang)
			}
		}
		return name
	}
}

// agencyName is an agency in words.
func (t *studio) agencyName(id agency.ID, lang string) string {
	if a, ok := t.Agencies.Agency(id); ok {
		return a.Name(lang)
	}
	return string(id)
}
