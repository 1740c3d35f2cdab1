package ui

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
)

// A page that cannot be drawn to its end leaves the response as it was, so that
// an error page can take its place.
func TestRenderIsWholeOrNothing(t *testing.T) {
	broken := errors.New("no value")
	w := httptest.NewRecorder()
	err := Render(w, httptest.NewRequest("GET", "/", nil), http.StatusOK, templ.ComponentFunc(func(_ context.Context, out io.Writer) error {
		_, _ = io.WriteString(out, "<p>half")
		return broken
	}))
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if w.Body.Len() > 0 || len(w.Header()) > 0 {
		t.Errorf("the response has %q %v", w.Body, w.Header())
	}
}

func TestRender(t *testing.T) {
	for _, c := range []struct {
		method, cache string
		body          string
		want          string
	}{
		{"GET", "", "<p>x</p>", "no-store"},
		{"GET", "public, max-age=60", "<p>x</p>", "public, max-age=60"},
		{"HEAD", "", "", "no-store"},
	} {
		w := httptest.NewRecorder()
		if c.cache != "" {
			w.Header().Set("Cache-Control", c.cache)
		}
		if err := Render(w, httptest.NewRequest(c.method, "/", nil), http.StatusConflict, templ.Raw("<p>x</p>")); err != nil {
			t.Fatal(err)
		}
		if w.Code != http.StatusConflict || w.Body.String() != c.body || w.Header().Get("Cache-Control") != c.want || w.Header().Get("Content-Length") != "8" {
			t.Errorf("%s: %d %q %v", c.method, w.Code, w.Body, w.Header())
		}
	}
}

// The language is what the address says, else what was chosen before, else
// Vietnamese; only a choice is remembered.
func TestLanguage(t *testing.T) {
	for _, c := range []struct{ target, cookie, want, kept string }{
		{"/", "", "vi", ""},
		{"/", "en", "en", ""},
		{"/", "fr", "vi", ""},
		{"/?lang=en", "", "en", "en"},
		{"/?lang=vi", "en", "vi", "vi"},
		{"/?lang=en", "en", "en", ""},
		{"/?lang=xx", "en", "en", ""},
	} {
		r := httptest.NewRequest("GET", c.target, nil)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: langCookie, Value: c.cookie})
		}
		w := httptest.NewRecorder()
		got := ""
		Language(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = Lang(r.Context()) })).ServeHTTP(w, r)
		kept := ""
		for _, k := range w.Result().Cookies() {
			kept = k.Value
		}
		if got != c.want || kept != c.kept {
			t.Errorf("%s with %q: %s, keeps %q; want %s, %q", c.target, c.cookie, got, kept, c.want, c.kept)
		}
	}
	if got := Lang(context.Background()); got != "vi" {
		t.Errorf("without the middleware: %s", got)
	}
}

// The switch leads to the same page with its query, and never elsewhere.
func TestLanguageLinks(t *testing.T) {
	for path, want := range map[string]string{
		"/ho-so/7?tab=files":     "/ho-so/7?lang=en&tab=files",
		"/?lang=vi":              "/?lang=en",
		"":                       "/?lang=en",
		"//evil.example/x":       "/?lang=en",
		"https://evil.example/x": "/?lang=en",
		"%zz":                    "/?lang=en",
	} {
		if got := (Frame{Path: path}).in("en"); got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
}

func TestHeaders(t *testing.T) {
	w := httptest.NewRecorder()
	Headers("https://id.example", "https://pay.example")(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.HasSuffix(policy, "form-action 'self' https://id.example https://pay.example") || !strings.HasPrefix(policy, "default-src 'self';") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Error("no nosniff")
	}
}

// The frame says what a program needs to read: language, title, where the
// problems are, who is signed in.
func TestPage(t *testing.T) {
	root := draw(t, Page(Frame{Lang: "en", Title: "Your details", Path: "/x", Error: true, Account: &Account{Name: "Nguyễn Thị An", SignOut: "/auth/logout"},
		CSRF: "token", SessionEnds: time.Unix(1764128520, 0), Back: "/back"}))
	html := root.FirstChild.NextSibling
	if attr(html, "lang") != "en" {
		t.Errorf("lang %q", attr(html, "lang"))
	}
	for n := range root.Descendants() {
		switch {
		case n.Data == "title" && n.FirstChild != nil && n.FirstChild.Data != "Error: Your details – Hồ sơ":
			t.Errorf("title %q", n.FirstChild.Data)
		case has(n, "data-session-ends") && (attr(n, "data-session-ends") != "1764128520" || !has(n, "hidden")):
			t.Errorf("session warning %v", n.Attr)
		}
	}
	if got := submitted(root).Get(CSRFName); got != "token" {
		t.Errorf("sign-out sends token %q", got)
	}
	if byID(root, "noi-dung") == nil {
		t.Error("no main content for the skip link")
	}
}
