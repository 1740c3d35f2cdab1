package main

import (
	"bytes"
	"compress/gzip"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// What a page may weigh on the wire beside the assets (see build.mjs).
const pageBudget = 12 << 10

// Every shared part, in both languages, keeps the rules of all pages: one h1,
// ids that are unique and found, a label for each input, nothing that the
// content policy forbids, no required attribute, no placeholder.
func TestPages(t *testing.T) {
	h, err := handler()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		for _, lang := range []string{"vi", "en"} {
			t.Run(lang+p.path, func(t *testing.T) {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("GET", p.path+"?lang="+lang, nil))
				want := 200
				if p.path == "/loi" {
					want = 422
				}
				if w.Code != want {
					t.Fatalf("status %d, want %d: %s", w.Code, want, w.Body)
				}
				if size := packed(t, w.Body.Bytes()); size > pageBudget {
					t.Errorf("%d bytes packed, of %d", size, pageBudget)
				}
				root, err := html.Parse(w.Body)
				if err != nil {
					t.Fatal(err)
				}
				holdsRules(t, root, lang)
			})
		}
	}
}

func packed(t *testing.T, b []byte) int {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

func holdsRules(t *testing.T, root *html.Node, lang string) {
	t.Helper()
	ids, labels, headings := map[string]bool{}, map[string]bool{}, 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("id %s stands twice", id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "html":
			if attr(n, "lang") != lang {
				t.Errorf("lang %q, want %q", attr(n, "lang"), lang)
			}
		case "h1":
			headings++
		case "label":
			labels[attr(n, "for")] = true
		case "style":
			t.Error("a style inside the page")
		case "script":
			if n.FirstChild != nil {
				t.Error("a script inside the page")
			}
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "style", a.Key == "required", a.Key == "placeholder", strings.HasPrefix(a.Key, "on"):
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			case (a.Key == "href" || a.Key == "src" || a.Key == "action") && strings.Contains(a.Val, "//"):
				t.Errorf("<%s> leads to another host: %s", n.Data, a.Val)
			}
		}
	}
	if headings != 1 {
		t.Errorf("%d h1, want 1", headings)
	}
	checkInputs(t, root, ids, labels)
}

func checkInputs(t *testing.T, root *html.Node, ids, labels map[string]bool) {
	t.Helper()
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, key := range []string{"aria-describedby", "aria-labelledby"} {
			for id := range strings.FieldsSeq(attr(n, key)) {
				if !ids[id] {
					t.Errorf("<%s> %s=%s, which is not there", n.Data, key, id)
				}
			}
		}
		if to, ok := strings.CutPrefix(attr(n, "href"), "#"); ok && to != "" && !ids[to] {
			t.Errorf("a link leads to #%s, which is not there", to)
		}
		switch n.Data {
		case "form":
			if _, ok := find(n, "novalidate"); !ok {
				t.Error("a form without novalidate")
			}
		case "input", "select", "textarea":
			if attr(n, "type") == "hidden" || labels[attr(n, "id")] && attr(n, "id") != "" || n.Parent.Data == "label" {
				continue
			}
			t.Errorf("<%s name=%s> has no label", n.Data, attr(n, "name"))
		}
	}
}

func find(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func attr(n *html.Node, key string) string {
	v, _ := find(n, key)
	return v
}
