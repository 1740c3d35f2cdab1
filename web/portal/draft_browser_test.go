package portal

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browser goes through pages as a person without JavaScript does: it follows
// redirects, reads the page, and sends its form with what was typed.
type browser struct {
	t      *testing.T
	client *http.Client
	base   string

	status int
	path   string // of the page that is open, with its query
	header http.Header
	body   string
	page   *html.Node
}

func (s *stage) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	return &browser{t: s.t, client: &http.Client{Jar: jar}, base: s.server.URL}
}

func (b *browser) take(resp *http.Response, err error) *browser {
	b.t.Helper()
	must(b.t, err)
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	must(b.t, err)
	b.status, b.path, b.body, b.header = resp.StatusCode, resp.Request.URL.RequestURI(), string(content), resp.Header
	b.page, err = html.Parse(strings.NewReader(b.body))
	must(b.t, err)
	return b
}

func (b *browser) get(path string) *browser {
	b.t.Helper()
	return b.take(b.client.Get(b.base + path))
}

// typed are inputs: name, value, name, value.
func typed(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// inputs are what the main form of the page holds, with where it is sent.
func (b *browser) inputs() (action string, values url.Values) {
	b.t.Helper()
	form := b.form()
	if form == nil {
		b.t.Fatalf("%s: there is no form on the page:\n%s", b.path, b.text())
	}
	values = url.Values{}
	for n := range form.Descendants() {
		if n.Type != html.ElementNode || attr(n, "name") == "" {
			continue
		}
		switch kind := attr(n, "type"); n.Data {
		case "input":
			if (kind == "radio" || kind == "checkbox") && !has(n, "checked") || kind == "file" {
				continue
			}
			values.Add(attr(n, "name"), attr(n, "value"))
		case "textarea":
			values.Add(attr(n, "name"), text(n))
		case "select":
			for o := range n.Descendants() {
				if o.Data == "option" && has(o, "selected") {
					values.Set(attr(n, "name"), attr(o, "value"))
				}
			}
		}
	}
	action = attr(form, "action")
	if action == "" {
		action = b.path
	}
	return action, values
}

// form is the last form in main: notices with a button of their own stand above it.
func (b *browser) form() *html.Node {
	var form *html.Node
	for n := range b.page.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" && inside(n, "main") {
			form = n
		}
	}
	return form
}

// send sends the form of the page with what was typed over it.
func (b *browser) send(over url.Values) *browser {
	b.t.Helper()
	action, values := b.inputs()
	for name, v := range over {
		values[name] = v
	}
	return b.take(b.client.PostForm(b.base+action, values))
}

// sendFile sends the form with one file.
func (b *browser) sendFile(input, name string, content []byte, over url.Values) *browser {
	b.t.Helper()
	action, values := b.inputs()
	for k, v := range over {
		values[k] = v
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, vs := range values {
		for _, v := range vs {
			must(b.t, w.WriteField(k, v))
		}
	}
	part, err := w.CreateFormFile(input, name)
	must(b.t, err)
	_, err = part.Write(content)
	must(b.t, err)
	must(b.t, w.Close())
	return b.take(b.client.Post(b.base+action, w.FormDataContentType(), &body))
}

// at checks that the page has the status and the end of its path.
func (b *browser) at(status int, path string) *browser {
	b.t.Helper()
	if b.status != status || !strings.HasSuffix(b.path, path) {
		b.t.Fatalf("the page is %d %s, want %d …%s:\n%s", b.status, b.path, status, path, b.text())
	}
	return b
}

// says checks that main shows the texts.
func (b *browser) says(texts ...string) *browser {
	b.t.Helper()
	for _, want := range texts {
		if got := b.text(); !strings.Contains(got, want) {
			b.t.Fatalf("%s does not say %q:\n%s", b.path, want, got)
		}
	}
	return b
}

func (b *browser) silent(texts ...string) *browser {
	b.t.Helper()
	for _, unwanted := range texts {
		if got := b.text(); strings.Contains(got, unwanted) {
			b.t.Fatalf("%s says %q:\n%s", b.path, unwanted, got)
		}
	}
	return b
}

// click follows the link in main with the text; more of it may follow.
func (b *browser) click(label string) *browser {
	b.t.Helper()
	for n := range b.page.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" && inside(n, "main") && strings.HasPrefix(text(n), label) {
			return b.get(attr(n, "href"))
		}
	}
	b.t.Fatalf("%s has no link %q:\n%s", b.path, label, b.text())
	return nil
}

func (b *browser) back() *browser {
	b.t.Helper()
	for n := range b.page.Descendants() {
		if n.Type == html.ElementNode && n.Data == "nav" && slices.Contains(strings.Fields(attr(n, "class")), "hs-back") {
			for a := range n.Descendants() {
				if a.Data == "a" {
					return b.get(attr(a, "href"))
				}
			}
		}
	}
	b.t.Fatalf("%s has no way back", b.path)
	return nil
}

func (b *browser) text() string {
	for n := range b.page.Descendants() {
		if n.Type == html.ElementNode && n.Data == "main" {
			return text(n)
		}
	}
	return b.body
}

// draft is the path of the draft that is open.
func (b *browser) draft() string {
	return strings.Join(strings.Split(b.path, "/")[:3], "/")
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
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func inside(n *html.Node, element string) bool {
	for up := n.Parent; up != nil; up = up.Parent {
		if up.Data == element {
			return true
		}
	}
	return false
}

// text is what stands in a node, without what is only read out.
func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		if n.Data == "option" || n.Type == html.ElementNode && slices.Contains(strings.Fields(attr(n, "class")), "ds-sr-only") {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}
