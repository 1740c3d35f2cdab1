// Package site is what every page and every call stands on: handlers that
// return errors, the one place where an error gets its status and its words, the
// frame of whoever is signed in, and the token of forms. What a page shows
// belongs to the packages portal, desk and api; how it looks to package ui.
package site

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/ui"
)

// Site holds what handlers work with. All but Sandbox and Studio are required.
type Site struct {
	DB         *pgxpool.Pool // for what has no service of its own: the log of reads
	Cases      *cases.Service
	Procedures *procedures.Catalogue
	Agencies   *agency.Directory
	Identity   *identity.Identity
	Keys       *document.Keyring
	BaseURL    string // as browsers see it, without a slash at the end
	Sandbox    string // address of the sandbox's board in development; empty: production
	Studio     bool   // the pages of authors are served
	Now        func() time.Time
	Log        *slog.Logger
}

// maxBody bounds what a request without files may send. Uploads have their own bound.
const maxBody = 1 << 20

// Handle makes a handler of a function that returns its error. A request that
// changes something must carry the session's token.
func (s *Site) Handle(h func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return s.handle(maxBody, h)
}

// HandleUpload is Handle for requests with files, of at most size bytes in all.
func (s *Site) HandleUpload(size int64, h func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return s.handle(size, h)
}

func (s *Site) handle(size int64, h func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, size)
			if err := parse(r, size); err != nil {
				s.Fail(w, r, err)
				return
			}
			if p := identity.From(r.Context()); p != nil && !p.CheckCSRF(r.PostFormValue(ui.CSRFName)) {
				s.Fail(w, r, errToken)
				return
			}
		}
		if err := h(w, r); err != nil {
			s.Fail(w, r, err)
		}
	}
}

// inMemory is how much of an upload is kept in memory; the rest goes to disk.
const inMemory = 4 << 20

func parse(r *http.Request, size int64) error {
	if size <= maxBody {
		return r.ParseForm()
	}
	err := r.ParseMultipartForm(inMemory)
	if err == http.ErrNotMultipart {
		return r.ParseForm()
	}
	return err
}

// Actor is who makes the request; the zero Actor when nobody is signed in.
func Actor(r *http.Request) agency.Actor {
	if p := identity.From(r.Context()); p != nil {
		return p.Actor
	}
	return agency.Actor{}
}

// Lang is the language of the request.
func Lang(r *http.Request) string { return ui.Lang(r.Context()) }

// Frame is what surrounds a page for whoever is signed in.
func (s *Site) Frame(r *http.Request, title string) ui.Frame {
	lang := Lang(r)
	f := ui.Frame{Lang: lang, Title: title, Path: r.URL.RequestURI()}
	p := identity.From(r.Context())
	if p == nil {
		f.SignIn = s.Identity.SignInPath(2, r.URL.RequestURI())
		if r.Method != http.MethodGet {
			f.SignIn = s.Identity.SignInPath(2, "/")
		}
		return f
	}
	f.CSRF, f.SessionEnds = p.CSRF(), p.Expires
	f.Account = &ui.Account{Name: p.Name, SignOut: SignOutPath}
	if p.Kind == agency.Officer {
		f.Dense, f.Home = true, DeskPath
		f.Account.Role = s.seats(p.Actor, lang)
		f.Nav = s.officerNav(p.Actor, lang, r.URL.Path)
		if len(p.Agencies()) == 0 && len(f.Nav) > 0 { // an author who has no part in cases
			f.Home = f.Nav[0].Href
		}
		return f
	}
	f.Nav = ui.CitizenNav(lang, r.URL.Path)
	f.Account.Links = []ui.Link{{Text: ui.T(lang, "Hồ sơ của tôi", "My cases"), Href: "/ho-so"}, {Text: ui.T(lang, "Giấy tờ của tôi", "My papers"), Href: "/giay-to"}}
	return f
}

// Paths that several packages name.
const (
	SignInPath   = "/dang-nhap"
	CallbackPath = "/dang-nhap/xong"
	SignOutPath  = "/dang-xuat"
	DeskPath     = "/can-bo"
	QueuePath    = "/hang-doi"
	SearchPath   = "/tim-kiem"
	TroublesPath = "/can-bo/su-co"
	QualityPath  = "/can-bo/chat-luong"
	StudioPath   = "/bien-soan"
)

// officerNav are the main pages of an officer: the desk's for those who have a
// part in cases, the studio's for authors.
func (s *Site) officerNav(a agency.Actor, lang, path string) []ui.Link {
	var links []ui.Link
	if len(a.Agencies()) > 0 || !a.Writes() {
		links = append(links, ui.Link{Text: ui.T(lang, "Bàn làm việc", "Desk"), Href: DeskPath},
			ui.Link{Text: ui.T(lang, "Hàng đợi", "Queue"), Href: QueuePath},
			ui.Link{Text: ui.T(lang, "Tìm kiếm", "Search"), Href: SearchPath})
	}
	if slices.ContainsFunc(a.Seats, func(s agency.Seat) bool { return s.Role == agency.Operator }) {
		links = append(links, ui.Link{Text: ui.T(lang, "Vướng mắc kỹ thuật", "Technical troubles"), Href: TroublesPath})
	}
	if slices.ContainsFunc(a.Seats, func(s agency.Seat) bool { return s.Role == agency.Operator || s.Role == agency.Leader }) {
		links = append(links, ui.Link{Text: ui.T(lang, "Chất lượng dữ liệu", "Data quality"), Href: QualityPath})
	}
	if s.Studio && a.Writes() {
		links = append(links, ui.Link{Text: ui.T(lang, "Biên soạn thủ tục", "Procedure studio"), Href: StudioPath})
	}
	for i, l := range links {
		links[i].Current = l.Href == path || l.Href == StudioPath && strings.HasPrefix(path, StudioPath+"/")
	}
	return links
}

// seats says in words where an officer sits: the agency, and the role at it.
func (s *Site) seats(a agency.Actor, lang string) string {
	if len(a.Seats) == 0 {
		return ""
	}
	seat := a.Seats[0]
	at, ok := s.Agencies.Agency(seat.Agency)
	if !ok {
		return RoleName(seat.Role, lang)
	}
	return RoleName(seat.Role, lang) + " · " + at.Name(lang)
}

// RoleName is an officer's role in words.
func RoleName(role, lang string) string {
	switch role {
	case agency.Reception:
		return ui.T(lang, "Bộ phận một cửa", "Reception")
	case agency.Handler:
		return ui.T(lang, "Cán bộ thụ lý", "Handling officer")
	case agency.Approver:
		return ui.T(lang, "Lãnh đạo phê duyệt", "Approving officer")
	case agency.Leader:
		return ui.T(lang, "Lãnh đạo", "Leader")
	case agency.Operator:
		return ui.T(lang, "Quản trị hệ thống", "Operator")
	case agency.Author:
		return ui.T(lang, "Người soạn thảo thủ tục", "Author of procedures")
	}
	return role
}

// Render answers with the page.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	return ui.Render(w, r, status, page)
}

// See answers a POST that succeeded: the browser goes on to another page.
func See(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
