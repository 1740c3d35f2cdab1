package idp

import (
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The assurance levels of the national electronic identity (Decree 69/2024/NĐ-CP).
const (
	level1 = "level1"
	level2 = "level2"
)

// authRequest is a sign-in under way.
type authRequest struct {
	id    string
	in    oidc.AuthRequest
	made  time.Time
	who   Identity
	level string
	at    time.Time
	done  bool
}

// wanted is the level that the client asked for; level 2 when it did not say.
func (r *authRequest) wanted() string {
	for _, acr := range r.in.ACRValues {
		if acr == level1 || acr == level2 {
			return acr
		}
	}
	return level2
}

func (r *authRequest) GetID() string                         { return r.id }
func (r *authRequest) GetACR() string                        { return r.level }
func (r *authRequest) GetAudience() []string                 { return []string{r.in.ClientID} }
func (r *authRequest) GetAuthTime() time.Time                { return r.at }
func (r *authRequest) GetClientID() string                   { return r.in.ClientID }
func (r *authRequest) GetNonce() string                      { return r.in.Nonce }
func (r *authRequest) GetRedirectURI() string                { return r.in.RedirectURI }
func (r *authRequest) GetResponseType() oidc.ResponseType    { return r.in.ResponseType }
func (r *authRequest) GetResponseMode() oidc.ResponseMode    { return r.in.ResponseMode }
func (r *authRequest) GetScopes() []string                   { return r.in.Scopes }
func (r *authRequest) GetState() string                      { return r.in.State }
func (r *authRequest) GetSubject() string                    { return r.who.Subject }
func (r *authRequest) Done() bool                            { return r.done }
func (r *authRequest) GetCodeChallenge() *oidc.CodeChallenge { return challenge(r.in) }

func (r *authRequest) GetAMR() []string {
	if r.level == level2 {
		return []string{"face", "hwk"} // level 2: the card's chip and the holder's face
	}
	return []string{"pwd"}
}

func challenge(in oidc.AuthRequest) *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: in.CodeChallenge, Method: in.CodeChallengeMethod}
}

// client is the portal: a public web client on the loopback or at listed URIs.
type client struct{ redirects []string }

var loopback = []string{"http://127.0.0.1:*/**", "http://localhost:*/**"}

func (c client) GetID() string                        { return ClientID }
func (c client) RedirectURIs() []string               { return c.redirects }
func (c client) PostLogoutRedirectURIs() []string     { return c.redirects }
func (c client) RedirectURIGlobs() []string           { return loopback }
func (c client) PostLogoutRedirectURIGlobs() []string { return loopback }
func (c client) ApplicationType() op.ApplicationType  { return op.ApplicationTypeWeb }
func (c client) AuthMethod() oidc.AuthMethod          { return oidc.AuthMethodNone }
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c client) GrantTypes() []oidc.GrantType         { return []oidc.GrantType{oidc.GrantTypeCode} }
func (c client) LoginURL(id string) string            { return "/idp/login?id=" + url.QueryEscape(id) }
func (c client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (c client) IDTokenLifetime() time.Duration       { return 10 * time.Minute }
func (c client) DevMode() bool                        { return true } // http on the loopback
func (c client) IsScopeAllowed(string) bool           { return false }
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }
func (c client) ClockSkew() time.Duration             { return 0 }

func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string     { return same }
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return same }

func same(scopes []string) []string { return scopes }

type signingKey struct{ jose.JSONWebKey }

func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k signingKey) Key() any                                    { return k.JSONWebKey.Key }
func (k signingKey) ID() string                                  { return k.KeyID }

type publicKey struct{ jose.JSONWebKey }

func (k publicKey) ID() string                         { return k.KeyID }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return k.Public().Key }
