// Package page draws the pages of the sandbox: plain HTML in Vietnamese and
// English, under a banner that says that nothing here is real.
package page

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

//go:embed assets layout.html
var files embed.FS

// Assets serves the style sheet and the script.
func Assets() http.Handler { return http.FileServerFS(files) }

// Parse makes a template of content, which defines "content" and may use the
// methods of [View].
func Parse(content string) *template.Template {
	t := template.Must(template.ParseFS(files, "layout.html"))
	return template.Must(t.Parse(content))
}

// A View is what a template sees.
type View struct {
	Lang  string // vi or en
	Title string
	Path  string // of this page, for the language links
	Data  any
}

// T picks the words of the reader's language.
func (v View) T(vi, en string) string {
	if v.Lang == "en" {
		return en
	}
	return vi
}

// Money writes đồng.
func (v View) Money(n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		digits, sign = digits[1:], "−"
	}
	var out []string
	for len(digits) > 3 {
		out = append([]string{digits[len(digits)-3:]}, out...)
		digits = digits[:len(digits)-3]
	}
	return sign + strings.Join(append([]string{digits}, out...), ".") + " ₫"
}

var hanoi = time.FixedZone("ICT", 7*60*60)

// Time writes an instant as in Hanoi.
func (v View) Time(t time.Time) string { return t.In(hanoi).Format("15:04:05 02/01/2006") }

// In is this page in another language.
func (v View) In(lang string) string {
	u, err := url.Parse(v.Path)
	if err != nil {
		return "?lang=" + lang
	}
	q := u.Query()
	q.Set("lang", lang)
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// Lang is the reader's language: ?lang=, else the cookie, else Vietnamese.
func Lang(w http.ResponseWriter, r *http.Request) string {
	lang := r.URL.Query().Get("lang")
	if lang == "vi" || lang == "en" {
		http.SetCookie(w, &http.Cookie{Name: "sandbox_lang", Value: lang, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		return lang
	}
	if c, err := r.Cookie("sandbox_lang"); err == nil && c.Value == "en" {
		return "en"
	}
	return "vi"
}

// Write answers a page; title is {vi, en}.
func Write(w http.ResponseWriter, r *http.Request, status int, t *template.Template, title [2]string, data any) {
	v := View{Lang: Lang(w, r), Path: r.URL.RequestURI(), Data: data}
	v.Title = v.T(title[0], title[1])
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "layout.html", v); err != nil {
		slog.ErrorContext(r.Context(), "a page of the sandbox could not be drawn", "path", r.URL.Path, "error", err)
		http.Error(w, "the page could not be drawn", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w)
}

var sorry = Parse(`{{define "content"}}<p>{{.Data}}</p><p><a href="/">{{.T "Về bảng điều khiển" "To the board"}}</a></p>{{end}}`)

// Sorry answers a page that says in both languages what is wrong.
func Sorry(w http.ResponseWriter, r *http.Request, status int, vi, en string) {
	lang := View{Lang: Lang(w, r)}
	Write(w, r, status, sorry, [2]string{"Không thực hiện được", "This did not work"}, lang.T(vi, en))
}
