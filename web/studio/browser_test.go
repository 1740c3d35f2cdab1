package studio

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/identity"
)

// page is an answer, read as a browser without a script reads it.
type page struct {
	h    *house
	path string
	*httptest.ResponseRecorder
	root *html.Node
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
	p := &page{h: h, path: path, ResponseRecorder: httptest.NewRecorder()}
	h.handler.ServeHTTP(p, r)
	if to := p.Header().Get("Location"); p.Code == http.StatusSeeOther && method == http.MethodPost {
		return h.as(who, http.MethodGet, to, nil)
	}
	var err error
	p.root, err = html.Parse(strings.NewReader(p.Body.String()))
	h.ok(err)
	return p
}

// press sends the form that holds the button with the text, with what the page
// holds and values on top, and opens the page that comes of it.
func (p *page) press(button string, values url.Values) *page {
	p.h.t.Helper()
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || attr(n, "method") != "post" || !hasButton(n, button) {
			continue
		}
		sent := submitted(n)
		for name, v := range values {
			sent[name] = v
		}
		return p.h.as(p.h.author, http.MethodPost, or(attr(n, "action"), p.path), sent)
	}
	p.h.t.Fatalf("%s has no button %q:\n%s", p.path, button, p.text())
	return nil
}

// follow opens the link with the text.
func (p *page) follow(words string) *page {
	p.h.t.Helper()
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" && strings.Contains(text(n), words) {
			return p.h.get(attr(n, "href"))
		}
	}
	p.h.t.Fatalf("%s has no link %q:\n%s", p.path, words, p.text())
	return nil
}

func hasButton(form *html.Node, words string) bool {
	for n := range form.Descendants() {
		if n.Type == html.ElementNode && n.Data == "button" && strings.HasPrefix(text(n), words) {
			return true
		}
	}
	return false
}

func (p *page) want(status int) *page {
	p.h.t.Helper()
	if p.Code != status {
		p.h.t.Fatalf("%s: got %d, want %d:\n%s", p.path, p.Code, status, p.text())
	}
	return p
}

// says checks that the page has all the texts, and not checks that it has none.
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

// block is the text of the first element of that kind, as it stands.
func (p *page) block(kind string) string {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == kind {
			var b strings.Builder
			for d := range n.Descendants() {
				if d.Type == html.TextNode {
					b.WriteString(d.Data)
				}
			}
			return b.String()
		}
	}
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

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
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
		name, kind := attr(n, "name"), attr(n, "type")
		switch {
		case n.Type != html.ElementNode || name == "" || n.Data == "button":
		case n.Data == "textarea":
			out.Add(name, text(n))
		case n.Data == "select":
			out.Add(name, selected(n))
		case kind == "radio" || kind == "checkbox":
			if hasAttr(n, "checked") {
				out.Add(name, attr(n, "value"))
			}
		default:
			out.Add(name, attr(n, "value"))
		}
	}
	return out
}

func selected(list *html.Node) string {
	for o := range list.Descendants() {
		if o.Data == "option" && hasAttr(o, "selected") {
			return attr(o, "value")
		}
	}
	return ""
}
