package desk

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/hoso-gov/hoso/identity"
)

// page is an answer, read as a browser reads it.
type page struct {
	h    *house
	path string
	*httptest.ResponseRecorder
	root *html.Node
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
	p := &page{h: h, path: path, ResponseRecorder: httptest.NewRecorder()}
	h.handler.ServeHTTP(p, r)
	p.root, err = html.Parse(strings.NewReader(p.Body.String()))
	h.ok(err)
	return p
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
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || !strings.HasSuffix(attr(n, "action"), action) {
			continue
		}
		sent := submitted(n)
		for name, v := range values {
			sent[name] = v
		}
		return p.h.do(officer, http.MethodPost, attr(n, "action"), sent)
	}
	p.h.t.Fatalf("%s has no form that leads to %s:\n%s", p.path, action, p.text())
	return nil
}

// want holds the status against what the test expects.
func (p *page) want(status int) *page {
	p.h.t.Helper()
	if p.Code != status {
		p.h.t.Fatalf("%s: got %d, want %d:\n%s", p.path, p.Code, status, p.text())
	}
	return p
}

// says checks that the page has all the texts.
func (p *page) says(texts ...string) *page {
	p.h.t.Helper()
	all := p.text()
	for _, s := range texts {
		if !strings.Contains(all, s) {
			p.h.t.Errorf("%s does not say %q:\n%s", p.path, s, all)
		}
	}
	return p
}

// not checks that the page has none of the texts.
func (p *page) not(texts ...string) *page {
	p.h.t.Helper()
	for _, s := range texts {
		if strings.Contains(p.text(), s) {
			p.h.t.Errorf("%s says %q", p.path, s)
		}
	}
	return p
}

func (p *page) text() string {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "main" {
			return text(n)
		}
	}
	return text(p.root)
}

// link is the address of the link with the text.
func (p *page) link(words string) string {
	p.h.t.Helper()
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" && strings.Contains(text(n), words) {
			return attr(n, "href")
		}
	}
	p.h.t.Fatalf("%s has no link %q:\n%s", p.path, words, p.text())
	return ""
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// submitted are the values that a browser would send of a form, without any button.
func submitted(form *html.Node) url.Values {
	out := url.Values{}
	for n := range form.Descendants() {
		name := attr(n, "name")
		switch {
		case n.Type != html.ElementNode || name == "" || n.Data == "button":
		case n.Data == "textarea":
			out.Add(name, text(n))
		case n.Data == "select":
			chosen := ""
			for o := range n.Descendants() {
				if o.Data == "option" && hasAttr(o, "selected") {
					chosen = attr(o, "value")
				}
			}
			out.Add(name, chosen)
		case attr(n, "type") == "radio" || attr(n, "type") == "checkbox":
			if hasAttr(n, "checked") {
				out.Add(name, attr(n, "value"))
			}
		default:
			out.Add(name, attr(n, "value"))
		}
	}
	return out
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func (p *page) title() string {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "title" {
			return text(n)
		}
	}
	return ""
}

// with1 are values with one more.
func with1(v url.Values, name, value string) url.Values {
	out := maps.Clone(v)
	out[name] = []string{value}
	return out
}
