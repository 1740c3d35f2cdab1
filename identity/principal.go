package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/hoso-gov/hoso/agency"
)

// A Principal is who makes a request.
type Principal struct {
	agency.Actor // kind, id, name, level of identification, seats

	// Subject is whom they act for: their own number, or that of a child. It is
	// their own until a draft says otherwise, see [Principal.For].
	Subject string
	Lang    string    // vi or en
	Expires time.Time // when the session ends unless it is used; zero for a bearer token

	csrf []byte // nil for a bearer token
}

// For is the same principal acting for another person. Whether they may is not
// decided here.
func (p *Principal) For(subject string) *Principal {
	q := *p
	q.Subject, q.OnBehalfOf = p.ID, ""
	if subject != "" && subject != p.ID {
		q.Subject, q.OnBehalfOf = subject, subject
	}
	return &q
}

// CSRF is the token that the forms of this session carry.
func (p *Principal) CSRF() string {
	if p.csrf == nil {
		return ""
	}
	mac := hmac.New(sha256.New, p.csrf)
	mac.Write([]byte("form"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// CheckCSRF tells whether a form carries the token of this session. Requests
// with a bearer token have none and need none.
func (p *Principal) CheckCSRF(token string) bool {
	return p.csrf == nil || hmac.Equal([]byte(token), []byte(p.CSRF()))
}

type contextKey struct{}

// With puts p into a context.
func With(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From returns who makes the request; nil when nobody is signed in.
func From(ctx context.Context) *Principal {
	p, _ := ctx.Value(contextKey{}).(*Principal)
	return p
}
