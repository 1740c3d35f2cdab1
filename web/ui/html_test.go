package ui

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// draw renders a component and reads the result as a browser does.
func draw(t testing.TB, c templ.Component) *html.Node {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	n, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func byID(root *html.Node, id string) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && attr(n, "id") == id {
			return n
		}
	}
	return nil
}

// submitted are the values that a browser would send, without any button.
func submitted(root *html.Node) url.Values {
	out := url.Values{}
	for n := range root.Descendants() {
		name := ""
		if n.Type == html.ElementNode {
			name = attr(n, "name")
		}
		switch {
		case name == "":
		case n.Data == "textarea":
			var b strings.Builder
			for d := range n.Descendants() {
				b.WriteString(d.Data)
			}
			out.Add(name, b.String())
		case n.Data == "select":
			chosen := ""
			for o := range n.Descendants() {
				if o.Type == html.ElementNode && o.Data == "option" && has(o, "selected") {
					chosen = attr(o, "value")
				}
			}
			out.Add(name, chosen)
		case n.Data == "input":
			if kind := attr(n, "type"); (kind == "radio" || kind == "checkbox") && !has(n, "checked") {
				continue
			}
			out.Add(name, attr(n, "value"))
		}
	}
	return out
}
