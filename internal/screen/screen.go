// Package screen reads an answer as a browser without a script reads it: what
// stands on the page, where its links lead, what its forms would send. Only tests
// import it.
package screen

import (
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is an answer.
type Page struct {
	*httptest.ResponseRecorder
	Path string
	Root *html.Node

	t testing.TB
}

// Read is the page of an answer to a request for path.
func Read(t testing.TB, path string, answer *httptest.ResponseRecorder) *Page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(answer.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	return &Page{answer, path, root, t}
}

// Want ends the test when the status is another.
func (p *Page) Want(status int) {
	p.t.Helper()
	if p.Code != status {
		p.t.Fatalf("%s: got %d, want %d:\n%s", p.Path, p.Code, status, p.Main())
	}
}

// Says checks that the page has all the texts.
func (p *Page) Says(texts ...string) {
	p.t.Helper()
	all := p.Main()
	for _, s := range texts {
		if !strings.Contains(all, s) {
			p.t.Errorf("%s does not say %q:\n%s", p.Path, s, all)
		}
	}
}

// Not checks that the page has none of the texts.
func (p *Page) Not(texts ...string) {
	p.t.Helper()
	all := p.Main()
	for _, s := range texts {
		if strings.Contains(all, s) {
			p.t.Errorf("%s says %q", p.Path, s)
		}
	}
}

// Main is the text of the page's main part, or of all where it has none.
func (p *Page) Main() string {
	if n := p.First("main"); n != nil {
		return Text(n)
	}
	return Text(p.Root)
}

// First is the first element of a kind; nil: there is none.
func (p *Page) First(kind string) *html.Node {
	for n := range p.Root.Descendants() {
		if n.Type == html.ElementNode && n.Data == kind {
			return n
		}
	}
	return nil
}

// Link is where the first link leads whose text has the words. It ends the test
// when there is none.
func (p *Page) Link(words string) string {
	p.t.Helper()
	for n := range p.Root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" && strings.Contains(Text(n), words) {
			return Attr(n, "href")
		}
	}
	p.t.Fatalf("%s has no link %q:\n%s", p.Path, words, p.Main())
	return ""
}

// Attr is an attribute's value, empty when it is absent.
func Attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// HasAttr tells whether the attribute is there.
func HasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// Text is what stands in a node, with one space between its parts.
func Text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// Submitted are the values that a browser would send of a form, without any button.
func Submitted(form *html.Node) url.Values {
	out := url.Values{}
	for n := range form.Descendants() {
		name, kind := Attr(n, "name"), Attr(n, "type")
		switch {
		case n.Type != html.ElementNode || name == "" || n.Data == "button":
		case n.Data == "textarea":
			out.Add(name, Text(n))
		case n.Data == "select":
			out.Add(name, selected(n))
		case kind == "radio" || kind == "checkbox":
			if HasAttr(n, "checked") {
				out.Add(name, Attr(n, "value"))
			}
		default:
			out.Add(name, Attr(n, "value"))
		}
	}
	return out
}

// selected is the value of the option that is chosen.
func selected(list *html.Node) string {
	for o := range list.Descendants() {
		if o.Data == "option" && HasAttr(o, "selected") {
			return Attr(o, "value")
		}
	}
	return ""
}
