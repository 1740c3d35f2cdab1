// Package identity knows who is at the other end of a request. Citizens and
// officers sign in at the national electronic identity by OpenID Connect and get
// a session; programs bring a bearer token. Either way a [Principal] stands in
// the context of the request.
//
// The package proves who somebody is and how surely. What they may do is decided
// by package cases, and which seats an officer has is known to package agency.
package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/oauth2"

	"github.com/hoso-gov/hoso/agency"
)

var (
	// ErrSignIn reports a sign-in that did not come off: given up, too slow, begun
	// in another browser, or answered by somebody who is not the provider.
	ErrSignIn = errors.New("sign-in did not succeed")

	// ErrLevel reports a sign-in at a lower level than was asked for.
	ErrLevel = errors.New("level of identification is too low")

	// ErrNotOfficer reports an officer's identity without a seat at any agency.
	ErrNotOfficer = errors.New("no agency knows this officer")

	// ErrForbidden reports somebody who is signed in and for whom the page is not.
	ErrForbidden = errors.New("this page is for others")

	// ErrProvider reports that the identity provider cannot be reached.
	ErrProvider = errors.New("identity provider unavailable")
)

// Config says whom to trust. DB, Issuer, ClientID, BaseURL and Officer are required.
type Config struct {
	DB       *pgxpool.Pool
	Issuer   string // of the OpenID provider
	ClientID string // of the portal there
	Secret   string // of the client; empty: a public client, PKCE alone
	BaseURL  string // of the portal as browsers see it: https://dvc.example
	Callback string // path of [Identity.Callback]; default /auth/callback
	SignIn   string // path of [Identity.Login]; default /auth/login
	Audience string // of bearer tokens; default hoso-api

	// Officer returns an officer with the seats they hold now; found is false when
	// no agency knows the id.
	Officer func(ctx context.Context, id string) (a agency.Actor, found bool, err error)

	// Problem draws the page that says why a sign-in failed or why a request is
	// refused; the default is a line of text. err wraps one of the errors above.
	Problem func(w http.ResponseWriter, r *http.Request, status int, err error)

	// Lang is the language of a request; default Vietnamese.
	Lang func(r *http.Request) string

	Idle     time.Duration // a session ends when unused for so long; default 30 minutes
	Absolute time.Duration // and after so long in any case; default 12 hours

	Client *http.Client     // to the provider; default: 5 s time limit
	Now    func() time.Time // default time.Now
	Log    *slog.Logger
}

// An Identity signs people in and recognises them.
type Identity struct {
	cfg    Config
	secure bool // the portal is served over https

	mu       sync.Mutex
	provider *oidc.Provider // nil until the provider was reached
}

// New checks the configuration; the provider is reached at the first sign-in.
func New(cfg Config) (*Identity, error) {
	if cfg.DB == nil || cfg.Issuer == "" || cfg.ClientID == "" || cfg.Officer == nil {
		return nil, errors.New("identity: DB, Issuer, ClientID and Officer are required")
	}
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") || strings.Trim(base.Path, "/") != "" {
		return nil, fmt.Errorf("identity: BaseURL %q is not of the form https://host", cfg.BaseURL)
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	defaults(&cfg)
	return &Identity{cfg: cfg, secure: base.Scheme == "https"}, nil
}

func defaults(cfg *Config) {
	if cfg.Callback == "" {
		cfg.Callback = "/auth/callback"
	}
	if cfg.SignIn == "" {
		cfg.SignIn = "/auth/login"
	}
	if cfg.Audience == "" {
		cfg.Audience = "hoso-api"
	}
	if cfg.Problem == nil {
		cfg.Problem = func(w http.ResponseWriter, _ *http.Request, status int, err error) {
			http.Error(w, err.Error(), status)
		}
	}
	if cfg.Lang == nil {
		cfg.Lang = func(*http.Request) string { return "vi" }
	}
	if cfg.Idle == 0 {
		cfg.Idle = 30 * time.Minute
	}
	if cfg.Absolute == 0 {
		cfg.Absolute = 12 * time.Hour
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{Timeout: 5 * time.Second}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
}

// discover returns the provider, which is looked up once.
func (i *Identity) discover(ctx context.Context) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.provider != nil {
		return i.provider, nil
	}
	// The provider keeps the context for later fetches of its keys.
	p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), i.cfg.Client), i.cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProvider, err)
	}
	i.provider = p
	return p, nil
}

func (i *Identity) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: i.cfg.ClientID, ClientSecret: i.cfg.Secret, Endpoint: p.Endpoint(),
		RedirectURL: i.cfg.BaseURL + i.cfg.Callback, Scopes: []string{oidc.ScopeOpenID, "profile"}}
}
