// Package idp plays the national electronic identity: an OpenID Connect provider
// (code flow with PKCE, ES256) whose sign-in page is a list of demo people, one
// click each. It also hands out tokens for the API to tests and integrators.
//
// It proves nothing about anybody; a session, its level and what an officer may
// do belong to package identity.
package idp

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/text/language"

	"github.com/hoso-gov/hoso/sandbox/drill"
)

// An Identity is somebody who can sign in.
type Identity struct {
	Subject string   `json:"subject"` // personal number of a citizen, id of an officer
	Kind    string   `json:"kind"`    // citizen, officer
	Name    string   `json:"name"`
	Roles   []string `json:"roles"`  // of an officer: reception, handler, approver …
	Agency  string   `json:"agency"` // of an officer, in words or as id
	Note    Text     `json:"note"`   // what the identity is good for in a demo
}

// Text says the same in both languages.
type Text struct {
	VI string `json:"vi"`
	EN string `json:"en"`
}

// Audience is who the tokens of [Provider.Token] are for.
const Audience = "hoso-api"

// ClientID is the portal's client id. It is a public client: PKCE, no secret.
const ClientID = "hoso-portal"

// Store keeps the signing key over restarts.
type Store interface {
	Load(into any) (found bool, err error)
	Save(value any) error
}

// Config says who may sign in and where. Issuer, Board and Store are required.
type Config struct {
	Issuer       string // http://127.0.0.1:9090/idp; its path is where the handler is mounted
	Identities   []Identity
	RedirectURIs []string // besides those on the loopback, which are always allowed
	Board        *drill.Board
	Part         string // of the board
	Store        Store
}

// A Provider is the OpenID Connect provider.
type Provider struct {
	cfg      Config
	storage  *storage
	provider op.OpenIDProvider
	callback func(context.Context, string) string
}

// New makes a provider.
func New(cfg Config) (*Provider, error) {
	key, err := readKey(cfg.Store)
	if err != nil {
		return nil, fmt.Errorf("identity provider: %w", err)
	}
	p := &Provider{cfg: cfg, storage: newStorage(key, cfg.RedirectURIs)}
	conf := &op.Config{
		CodeMethodS256:     true,
		SupportedUILocales: []language.Tag{language.Vietnamese, language.English},
		SupportedScopes:    []string{"openid", "profile"},
		SupportedClaims:    []string{"sub", "name", "kind", "acr", "auth_time", "nonce"},
	}
	if _, err := rand.Read(conf.CryptoKey[:]); err != nil {
		return nil, err
	}
	p.provider, err = op.NewProvider(conf, p.storage, op.StaticIssuer(cfg.Issuer), op.WithAllowInsecure())
	if err != nil {
		return nil, fmt.Errorf("identity provider: %w", err)
	}
	p.callback = op.AuthCallbackURL(p.provider)
	return p, nil
}

// Routes serves the provider at the path of its issuer.
func (p *Provider) Routes(r chi.Router) {
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sw := p.cfg.Board.Take(p.cfg.Part)
			sw.Wait(r.Context())
			if sw.Down {
				http.Error(w, "out of service", http.StatusServiceUnavailable)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	issuer := op.NewIssuerInterceptor(p.provider.IssuerFromRequest)
	r.With(issuer.Handler).Get("/login", p.showLogin)
	r.With(issuer.Handler).Post("/login", p.login)
	r.Mount("/", stripMount(p.provider))
}

// stripMount lets h see paths below the mount point only.
func stripMount(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest := chi.RouteContext(r.Context()).RoutePath
		inner := r.Clone(context.WithValue(r.Context(), chi.RouteCtxKey, nil))
		inner.URL.Path, inner.URL.RawPath = rest, ""
		h.ServeHTTP(w, inner)
	})
}

// find returns the identity of a subject.
func (p *Provider) find(subject string) (Identity, bool) {
	i := slices.IndexFunc(p.cfg.Identities, func(i Identity) bool { return i.Subject == subject })
	if i < 0 {
		return Identity{}, false
	}
	return p.cfg.Identities[i], true
}

// Identities lists who can sign in by one click.
func (p *Provider) Identities() []Identity { return p.cfg.Identities }

// ErrNobody reports a subject that is neither a demo identity nor 12 digits.
var ErrNobody = errors.New("no such identity")

// TokenLife is how long a token of [Provider.Token] is good for.
const TokenLife = time.Hour

// Token makes a token for the API, as the provider would after a sign-in at level.
func (p *Provider) Token(subject, level string) (string, error) {
	who, ok := p.find(subject)
	if !ok {
		if !personalNumber.MatchString(subject) {
			return "", fmt.Errorf("%q: %w", subject, ErrNobody)
		}
		who = Identity{Subject: subject, Kind: "citizen", Name: subject}
	}
	if level != level1 {
		level = level2
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: p.storage.key}, (&jose.SignerOptions{}).WithType("at+jwt"))
	if err != nil {
		return "", err
	}
	now := time.Now()
	return jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: p.cfg.Issuer, Subject: who.Subject, Audience: jwt.Audience{Audience}, ID: uuid.NewString(),
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(TokenLife)),
	}).Claims(map[string]any{"name": who.Name, "kind": who.Kind, "acr": level}).Serialize()
}

func readKey(s Store) (jose.JSONWebKey, error) {
	var k jose.JSONWebKey
	found, err := s.Load(&k)
	if err != nil || found {
		return k, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return k, err
	}
	k = jose.JSONWebKey{Key: key, Algorithm: string(jose.ES256), Use: "sig"}
	print, err := k.Thumbprint(crypto.SHA256)
	if err != nil {
		return k, err
	}
	k.KeyID = strings.TrimRight(base64.RawURLEncoding.EncodeToString(print)[:16], "=")
	return k, s.Save(k)
}
