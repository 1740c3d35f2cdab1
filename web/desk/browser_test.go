package desk

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/internal/screen"
)

// page is an answer, read as a browser reads it.
type page struct {
	h *house
	*screen.Page
}

// get opens a page as an officer of the demonstration.
func (h *house) get(officer, path string) *page { return h.do(officer, http.MethodGet, path, nil) }

func (h *house) do(officer, method, path string, values url.Values) *page {
	h.t.Helper()
	staff, err := h.agency.Officer(h.t.Context(), officer)
	h.ok(err)
	r := httptest.NewRequest(method, path, strings.NewReader(values.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r = r.WithContext(identity.With(r.Context(), &identity.Principal{Actor: staff.Actor(2), Subject: staff.ID, Lang: "vi"}))
	answer := httptest.NewRecorder()
	h.handler.ServeHTTP(answer, r)
	return &page{h, screen.Read(h.t, path, answer)}
}

// submit opens a page and sends its form whose address ends in action, with
// what the page holds and values on top; a nil entry takes an input out.
func (h *house) submit(officer, path, action string, values url.Values) *page {
	h.t.Helper()
	return h.get(officer, path).want(http.StatusOK).submit(officer, action, values)
}

// submit sends a form of the page.
func (p *page) submit(officer, action string, values url.Values) *page {
	p.h.t.Helper()
	for n := range p.Root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || !strings.HasSuffix(screen.Attr(n, "action"), action) {
			continue
		}
		sent := screen.Submitted(n)
		for name, v := range values {
			sent[name] = v
		}
		return p.h.do(officer, http.MethodPost, screen.Attr(n, "action"), sent)
	}
	p.h.t.Fatalf("%s has no form that leads to %s:\n%s", p.Path, action, p.Main())
	return nil
}

// want, says and not are those of [screen.Page], for chains.
func (p *page) want(status int) *page      { p.h.t.Helper(); p.Want(status); return p }
func (p *page) says(texts ...string) *page { p.h.t.Helper(); p.Says(texts...); return p }
func (p *page) not(texts ...string) *page  { p.h.t.Helper(); p.Not(texts...); return p }

func (p *page) title() string {
	if n := p.First("title"); n != nil {
		return screen.Text(n)
	}
	return ""
}

// with1 are values with one more.
func with1(v url.Values, name, value string) url.Values {
	out := maps.Clone(v)
	out[name] = []string{value}
	return out
}
