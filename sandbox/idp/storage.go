package idp

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// storage is what the provider remembers of sign-ins that are under way. It
// implements op.Storage; nothing outlives the process but the key.
type storage struct {
	key       jose.JSONWebKey
	redirects []string

	mu       sync.Mutex
	requests map[string]*authRequest
	codes    map[string]string // code → request id
	tokens   map[string]token
}

// token is what the userinfo endpoint answers for an access token.
type token struct {
	subject Identity
	expires time.Time
}

func newStorage(key jose.JSONWebKey, redirects []string) *storage {
	return &storage{key: key, redirects: redirects, requests: map[string]*authRequest{}, codes: map[string]string{}, tokens: map[string]token{}}
}

var (
	errNoRequest   = errors.New("this sign-in is not under way any more")
	errUnsupported = errors.New("not offered by the sandbox")
)

const requestLife = 15 * time.Minute

func (s *storage) CreateAuthRequest(_ context.Context, in *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if in.CodeChallenge == "" || in.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is required")
	}
	for _, p := range in.Prompt {
		if p == oidc.PromptNone {
			return nil, oidc.ErrLoginRequired()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, r := range s.requests {
		if time.Since(r.made) > requestLife {
			delete(s.requests, id)
		}
	}
	for code, id := range s.codes {
		if _, ok := s.requests[id]; !ok {
			delete(s.codes, code)
		}
	}
	r := &authRequest{id: uuid.NewString(), in: *in, made: time.Now()}
	s.requests[r.id] = r
	return r, nil
}

func (s *storage) request(id string) (*authRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok || time.Since(r.made) > requestLife {
		return nil, errNoRequest
	}
	copied := *r
	return &copied, nil
}

// signIn says who answered a request.
func (s *storage) signIn(id string, who Identity, level string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok || r.done {
		return errNoRequest
	}
	r.who, r.level, r.at, r.done = who, level, time.Now(), true
	return nil
}

func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	return s.request(id)
}

func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id, ok := s.codes[code]
	delete(s.codes, code) // a code serves once
	s.mu.Unlock()
	if !ok {
		return nil, errNoRequest
	}
	return s.request(id)
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	return nil
}

func (s *storage) CreateAccessToken(_ context.Context, request op.TokenRequest) (string, time.Time, error) {
	r, ok := request.(*authRequest)
	if !ok {
		return "", time.Time{}, errUnsupported
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, t := range s.tokens {
		if time.Now().After(t.expires) {
			delete(s.tokens, id)
		}
	}
	id, expires := uuid.NewString(), time.Now().Add(10*time.Minute)
	s.tokens[id] = token{r.who, expires}
	return id, expires, nil
}

func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, request op.IDTokenRequest, _ []string) error {
	r, ok := request.(*authRequest)
	if !ok {
		return errUnsupported
	}
	describe(info, r.who)
	return nil
}

func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, tokenID, _, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[tokenID]
	if !ok || time.Now().After(t.expires) {
		return errNoRequest
	}
	describe(info, t.subject)
	return nil
}

func describe(info *oidc.UserInfo, who Identity) {
	info.Subject, info.Name = who.Subject, who.Name
	info.AppendClaims("kind", who.Kind)
}

func (s *storage) TerminateSession(context.Context, string, string) error { return nil }

func (s *storage) RevokeToken(_ context.Context, tokenOrID, _, _ string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, tokenOrID)
	return nil
}

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return signingKey{s.key}, nil }

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

func (s *storage) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{s.key}}, nil }

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != ClientID {
		return nil, errors.New("unknown client")
	}
	return client{s.redirects}, nil
}

func (s *storage) Health(context.Context) error { return nil }

// What follows the protocol allows and the sandbox does not offer: refresh
// tokens, introspection, client secrets and assertions.

func (s *storage) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time, error) {
	return "", "", time.Time{}, errUnsupported
}

func (s *storage) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, errUnsupported
}

func (s *storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

func (s *storage) AuthorizeClientIDSecret(context.Context, string, string) error {
	return errUnsupported
}

func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errUnsupported
}

func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errUnsupported
}

func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errUnsupported
}
