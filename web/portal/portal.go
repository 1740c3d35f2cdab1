// Package portal is what a citizen sees: the catalogue, the way through a form
// up to filing, and one's own cases afterwards. Each handler reads the request,
// calls one method of package cases and draws a page; what is allowed is
// decided there.
package portal

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/web/site"
)

type portal struct {
	*site.Site
	figures figures
}

// Paths of the way to a case. Drafts go by their UUID, cases by their code, so
// that both can stand below one path.
const (
	proceduresPath = "/thu-tuc"
	casesPath      = "/ho-so"
	draftPattern   = casesPath + "/{draft:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}}"
)

// uploadSize bounds what one page with files may send, in bytes. What one file
// may have is less, see procedures.Attachment.
const uploadSize = 64 << 20

// Routes adds the citizen's pages to a router.
func Routes(r chi.Router, s *site.Site) {
	p := &portal{Site: s}
	// A draft is seen at the level that its procedure needs, see portal.open.
	signedIn := s.Identity.Require(1, agency.Citizen)

	r.Get("/", s.Handle(p.home))
	r.Get(proceduresPath, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusMovedPermanently) })
	r.Get(proceduresPath+"/{procedure}", s.Handle(p.procedure))
	r.With(signedIn).Get(proceduresPath+"/{procedure}/cho-ai", s.Handle(p.showWhose))
	r.With(signedIn).Post(proceduresPath+"/{procedure}/bat-dau", s.Handle(p.start))

	r.With(signedIn).Route(draftPattern, func(r chi.Router) {
		r.Get("/", s.Handle(p.goOn))
		r.Get("/da-co", s.Handle(p.showKnown))
		r.Post("/da-co", s.Handle(p.passKnown))
		r.Post("/lay-lai", s.Handle(p.askAgain))
		r.Get("/chua-dung/{section}/{question}", s.Handle(p.showContest))
		r.Post("/chua-dung/{section}/{question}", s.HandleUpload(uploadSize, p.contest))
		r.Get("/giay-to/{attachment}", s.Handle(p.showUpload))
		r.Post("/giay-to/{attachment}", s.HandleUpload(uploadSize, p.upload))
		r.Get("/tep/{file}", s.Handle(p.draftFile))
		r.Get("/dung-lai", s.Handle(p.showStop))
		r.Get("/kiem-tra", s.Handle(p.showCheck))
		r.Post("/nop", s.Handle(p.file))
		r.Get("/cho", s.Handle(p.showWaiting))
		r.Get("/xoa", s.Handle(p.showDiscard))
		r.Post("/xoa", s.Handle(p.discard))
		r.Get("/{section}", s.Handle(p.showQuestion))
		r.Post("/{section}", s.Handle(p.saveQuestion))
		r.Get("/{section}/{question}", s.Handle(p.showQuestion))
		r.Post("/{section}/{question}", s.Handle(p.saveQuestion))
	})
	r.With(signedIn).Get(casePattern+"/da-nop", s.Handle(p.confirmation))
	caseRoutes(r, p)
}
