package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/hoso-gov/hoso/agency"
)

// Session puts the principal of the browser's session into the context; without
// a session the request goes on with nobody.
func (i *Identity) Session(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := i.readCookie(r, sessionCookie)
		if id == "" || From(r.Context()) != nil {
			next.ServeHTTP(w, r)
			return
		}
		p, err := i.load(r.Context(), id)
		if err != nil {
			i.fail(w, r, err)
			return
		}
		if p == nil {
			i.setCookie(w, sessionCookie, "", 0)
			next.ServeHTTP(w, r)
			return
		}
		p.Lang = i.cfg.Lang(r)
		w.Header().Add("Cache-Control", "private, no-store")
		next.ServeHTTP(w, r.WithContext(With(r.Context(), p)))
	})
}

// Require lets pass who is signed in at level or above and is of one of kinds
// (any, when there are none). Others are sent to sign in, and come back to the
// same page; a POST is answered 401.
func (i *Identity) Require(level int, kinds ...agency.ActorKind) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p := From(r.Context())
			switch {
			case p != nil && p.Level >= level && (len(kinds) == 0 || slices.Contains(kinds, p.Kind)):
				next.ServeHTTP(w, r)
			case p != nil && p.Level >= level:
				i.cfg.Problem(w, r, http.StatusForbidden, ErrForbidden)
			case r.Method == http.MethodGet || r.Method == http.MethodHead:
				http.Redirect(w, r, i.SignInPath(level, r.URL.RequestURI()), http.StatusSeeOther)
			default:
				i.cfg.Problem(w, r, http.StatusUnauthorized, fmt.Errorf("%w: sign in first", ErrSignIn))
			}
		})
	}
}

// SignInPath is the link to sign in at level and come back to a path of ours.
// The handler behind it is [Identity.LoginByQuery].
func (i *Identity) SignInPath(level int, to string) string {
	return i.cfg.SignIn + "?" + url.Values{"level": {strconv.Itoa(level)}, "to": {i.returnTo(to)}}.Encode()
}

// LoginByQuery is [Identity.Login] at the level in the query parameter `level`; default 2.
func (i *Identity) LoginByQuery(w http.ResponseWriter, r *http.Request) {
	level := 2
	if r.URL.Query().Get("level") == "1" {
		level = 1
	}
	i.Login(level)(w, r)
}

// Bearer puts the principal of a bearer token into the context. A request
// without a token goes on as it is; one with a token that does not hold is
// answered 401.
func (i *Identity) Bearer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(kind, "Bearer") {
			next.ServeHTTP(w, r)
			return
		}
		p, err := i.verify(r.Context(), strings.TrimSpace(raw))
		switch {
		case err == nil:
			p.Lang = i.cfg.Lang(r)
			next.ServeHTTP(w, r.WithContext(With(r.Context(), p)))
		case errors.Is(err, ErrSignIn), errors.Is(err, ErrNotOfficer):
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			i.cfg.Problem(w, r, http.StatusUnauthorized, err)
		default:
			i.fail(w, r, err)
		}
	})
}

func (i *Identity) verify(ctx context.Context, raw string) (*Principal, error) {
	provider, err := i.discover(ctx)
	if err != nil {
		return nil, err
	}
	within := oidc.ClientContext(ctx, i.cfg.Client)
	t, err := provider.VerifierContext(within, &oidc.Config{ClientID: i.cfg.Audience, Now: i.cfg.Now}).Verify(within, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignIn, err)
	}
	a, err := i.claims(ctx, t)
	if err != nil {
		return nil, err
	}
	return &Principal{Actor: a, Subject: a.ID}, nil
}

// Protect refuses requests that change something and that a browser makes for
// another site. trusted are origins that may, besides our own; patterns (of
// http.ServeMux) name paths that check their callers themselves.
func Protect(trusted []string, patterns ...string) (func(http.Handler) http.Handler, error) {
	c := http.NewCrossOriginProtection()
	for _, origin := range trusted {
		if err := c.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trusted origin %q: %w", origin, err)
		}
	}
	for _, p := range patterns {
		c.AddInsecureBypassPattern(p)
	}
	return c.Handler, nil
}
