package studio

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/internal/screen"
)

// page is an answer, read as a browser without a script reads it.
type page struct {
	h *house
	*screen.Page
}

// get opens a page as the author; a form that was answered with an address is followed.
func (h *house) get(path string) *page { return h.as(h.author, http.MethodGet, path, nil) }

func (h *house) as(who *agency.Actor, method, path string, values url.Values) *page {
	h.t.Helper()
	path, _, _ = strings.Cut(path, "#")
	r := httptest.NewRequest(method, path, strings.NewReader(values.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if who != nil {
		r = r.WithContext(identity.With(r.Context(), &identity.Principal{Actor: *who, Subject: who.ID, Lang: "vi"}))
	}
	answer := httptest.NewRecorder()
	h.handler.ServeHTTP(answer, r)
	if to := answer.Header().Get("Location"); answer.Code == http.StatusSeeOther && method == http.MethodPost {
		return h.as(who, http.MethodGet, to, nil)
	}
	return &page{h, screen.Read(h.t, path, answer)}
}

// press sends the form that holds the button with the text, with what the page
// holds and values on top, and opens the page that comes of it.
func (p *page) press(button string, values url.Values) *page {
	p.h.t.Helper()
	for n := range p.Root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || screen.Attr(n, "method") != "post" || !hasButton(n, button) {
			continue
		}
		sent := screen.Submitted(n)
		for name, v := range values {
			sent[name] = v
		}
		return p.h.as(p.h.author, http.MethodPost, or(screen.Attr(n, "action"), p.Path), sent)
	}
	p.h.t.Fatalf("%s has no button %q:\n%s", p.Path, button, p.Main())
	return nil
}

// follow opens the link with the text.
func (p *page) follow(words string) *page {
	p.h.t.Helper()
	return p.h.get(p.Link(words))
}

func hasButton(form *html.Node, words string) bool {
	for n := range form.Descendants() {
		if n.Type == html.ElementNode && n.Data == "button" && strings.HasPrefix(screen.Text(n), words) {
			return true
		}
	}
	return false
}

// want, says and not are those of [screen.Page], for chains.
func (p *page) want(status int) *page      { p.h.t.Helper(); p.Want(status); return p }
func (p *page) says(texts ...string) *page { p.h.t.Helper(); p.Says(texts...); return p }
func (p *page) not(texts ...string) *page  { p.h.t.Helper(); p.Not(texts...); return p }
