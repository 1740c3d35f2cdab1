package ui

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
)

// Render draws the component and then answers with it, so that an error while
// drawing leaves the response untouched. Pages are not kept by caches unless
// the caller has said so before.
func Render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("draw the page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(b.Bytes())
	if err != nil {
		return fmt.Errorf("send the page: %w", err)
	}
	return nil
}

// langCookie keeps the language that the person chose; the oldest one is asked
// after a year again.
const (
	langCookie = "lang"
	langAge    = 365 * 24 * 60 * 60 // seconds
)

type langKey struct{}

// Language takes the language from ?lang=vi or ?lang=en, which it remembers in
// a cookie, else from that cookie, else Vietnamese; [Lang] tells it.
func Language(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang := "vi"
		if c, err := r.Cookie(langCookie); err == nil && c.Value == "en" {
			lang = "en"
		}
		if asked := r.URL.Query().Get("lang"); asked == "vi" || asked == "en" {
			if asked != lang {
				http.SetCookie(w, &http.Cookie{Name: langCookie, Value: asked, Path: "/", MaxAge: langAge,
					HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil})
			}
			lang = asked
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), langKey{}, lang)))
	})
}

// Lang is the language of the request, vi or en.
func Lang(ctx context.Context) string {
	if lang, ok := ctx.Value(langKey{}).(string); ok {
		return lang
	}
	return "vi"
}

// Headers sets what a browser must keep to on every page: nothing from other
// hosts, no script or style inside a page, no framing. formTargets are the
// origins that a form may lead to by a redirect: the identity provider, the
// payment platform.
func Headers(formTargets ...string) func(http.Handler) http.Handler {
	policy := "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
	for _, origin := range formTargets {
		policy += " " + origin
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", policy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "same-origin")
			h.Set("Permissions-Policy", "geolocation=(), microphone=(), payment=()")
			next.ServeHTTP(w, r)
		})
	}
}
