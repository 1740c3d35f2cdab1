package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/jackc/pgx/v5"
	"golang.org/x/oauth2"

	"github.com/hoso-gov/hoso/agency"
)

const (
	browserCookie = "hoso_signin" // ties a sign-in to the browser that began it
	signInLife    = 15 * time.Minute
)

// Login sends the browser to the identity provider, to sign in at level 1 or 2
// and to come back to the path in the query parameter `to`. Somebody who is
// signed in at that level already goes there at once.
func (i *Identity) Login(level int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		to := i.returnTo(r.URL.Query().Get("to"))
		if p := From(r.Context()); p != nil && p.Level >= level {
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
		target, err := i.begin(w, r, level, to)
		if err != nil {
			i.fail(w, r, err)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, target, http.StatusSeeOther)
	}
}

func (i *Identity) begin(w http.ResponseWriter, r *http.Request, level int, to string) (string, error) {
	provider, err := i.discover(r.Context())
	if err != nil {
		return "", err
	}
	browser := i.readCookie(r, browserCookie)
	if browser == "" {
		browser = secret()
	}
	state, nonce, verifier := secret(), secret(), oauth2.GenerateVerifier()
	_, err = i.cfg.DB.Exec(r.Context(), `
		INSERT INTO sign_ins (state_hash, browser_hash, nonce, verifier, level, return_to, created_at)
		VALUES (@state, @browser, @nonce, @verifier, @level, @to, @now)`, pgx.StrictNamedArgs{
		"state": hash(state), "browser": hash(browser), "nonce": nonce, "verifier": verifier, "level": level, "to": to, "now": i.cfg.Now(),
	})
	if err != nil {
		return "", fmt.Errorf("begin sign-in: %w", err)
	}
	i.setCookie(w, browserCookie, browser, signInLife)
	return i.oauth(provider).AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce),
		oauth2.SetAuthURLParam("acr_values", "level"+strconv.Itoa(level)), oauth2.SetAuthURLParam("ui_locales", i.cfg.Lang(r))), nil
}

type signIn struct {
	BrowserHash []byte
	Nonce       string
	Verifier    string
	Level       int
	ReturnTo    string
	CreatedAt   time.Time
}

// Callback takes the browser back from the provider, opens a session and sends
// the browser on to where the sign-in began.
func (i *Identity) Callback(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	to, err := i.complete(w, r)
	if err != nil {
		i.fail(w, r, err)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (i *Identity) complete(w http.ResponseWriter, r *http.Request) (to string, err error) {
	ctx, q := r.Context(), r.URL.Query()
	s, err := i.takeSignIn(ctx, q.Get("state"))
	if err != nil {
		return "", err
	}
	if subtle.ConstantTimeCompare(s.BrowserHash, hash(i.readCookie(r, browserCookie))) != 1 {
		return "", fmt.Errorf("%w: it was begun in another browser", ErrSignIn)
	}
	if reason := q.Get("error"); reason != "" {
		return "", fmt.Errorf("%w: the provider says %q", ErrSignIn, reason)
	}
	provider, err := i.discover(ctx)
	if err != nil {
		return "", err
	}
	within := oidc.ClientContext(ctx, i.cfg.Client)
	token, err := i.oauth(provider).Exchange(within, q.Get("code"), oauth2.VerifierOption(s.Verifier))
	if err != nil {
		if _, refused := errors.AsType[*oauth2.RetrieveError](err); refused {
			return "", fmt.Errorf("%w: %w", ErrSignIn, err)
		}
		return "", fmt.Errorf("%w: %w", ErrProvider, err)
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: i.cfg.ClientID, Now: i.cfg.Now}).Verify(within, raw)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSignIn, err)
	}
	if subtle.ConstantTimeCompare([]byte(idToken.Nonce), []byte(s.Nonce)) != 1 {
		return "", fmt.Errorf("%w: the answer belongs to another sign-in", ErrSignIn)
	}
	a, err := i.claims(ctx, idToken)
	if err != nil {
		return "", err
	}
	if a.Level < s.Level {
		return "", fmt.Errorf("%w: level %d, %d is needed", ErrLevel, a.Level, s.Level)
	}
	if err := i.open(w, r, a); err != nil {
		return "", err
	}
	return s.ReturnTo, nil
}

// takeSignIn finds a sign-in under way and uses it up.
func (i *Identity) takeSignIn(ctx context.Context, state string) (signIn, error) {
	rows, _ := i.cfg.DB.Query(ctx, `
		DELETE FROM sign_ins
		WHERE state_hash = @state
		RETURNING browser_hash, nonce, verifier, level, return_to, created_at`, pgx.StrictNamedArgs{"state": hash(state)})
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[signIn])
	if errors.Is(err, pgx.ErrNoRows) {
		return s, fmt.Errorf("%w: it is over already", ErrSignIn)
	}
	if err != nil {
		return s, fmt.Errorf("complete sign-in: %w", err)
	}
	if i.cfg.Now().Sub(s.CreatedAt) > signInLife {
		return s, fmt.Errorf("%w: it took too long", ErrSignIn)
	}
	return s, nil
}

var personalNumber = regexp.MustCompile(`^[0-9]{12}$`)

// claims is the actor that a token of the provider names.
func (i *Identity) claims(ctx context.Context, t *oidc.IDToken) (agency.Actor, error) {
	var c struct{ Name, Kind, Acr string }
	if err := t.Claims(&c); err != nil {
		return agency.Actor{}, fmt.Errorf("%w: %w", ErrSignIn, err)
	}
	level, ok := map[string]int{"level1": 1, "level2": 2}[c.Acr]
	if !ok {
		return agency.Actor{}, fmt.Errorf("%w: acr %q is no level", ErrSignIn, c.Acr)
	}
	switch kind := agency.ActorKind(c.Kind); {
	case kind == agency.Citizen && !personalNumber.MatchString(t.Subject):
		return agency.Actor{}, fmt.Errorf("%w: the subject is no personal number", ErrSignIn)
	case kind == agency.Citizen, kind == agency.Officer && t.Subject != "":
		return i.actor(ctx, person{kind, t.Subject, c.Name}, level)
	default:
		return agency.Actor{}, fmt.Errorf("%w: kind %q", ErrSignIn, c.Kind)
	}
}

// returnTo is a path of ours that a sign-in may come back to; anything else is
// the front page.
func (i *Identity) returnTo(to string) string {
	if len(to) > 2000 || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\") {
		return "/"
	}
	if strings.ContainsFunc(to, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return "/"
	}
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil || strings.HasPrefix(u.Path, "//") ||
		u.Path != path.Clean(u.Path) && u.Path != path.Clean(u.Path)+"/" ||
		strings.HasPrefix(u.Path, i.cfg.SignIn) || strings.HasPrefix(u.Path, i.cfg.Callback) {
		return "/"
	}
	return to
}

// fail answers a page about err, whose kind decides the status.
func (i *Identity) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, ErrProvider):
		status = http.StatusServiceUnavailable
	case errors.Is(err, ErrSignIn):
		status = http.StatusBadRequest
	case errors.Is(err, ErrLevel), errors.Is(err, ErrNotOfficer):
		status = http.StatusForbidden
	}
	if status >= 500 {
		i.cfg.Log.ErrorContext(r.Context(), "sign-in failed", "error", err)
	} else {
		i.cfg.Log.InfoContext(r.Context(), "sign-in failed", "error", err)
	}
	i.cfg.Problem(w, r, status, err)
}
