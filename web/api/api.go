// Package api is the programming interface: the same methods of package cases
// that the pages call, as JSON over HTTP for programs of citizens, of agencies
// and of other ministries. It describes itself as OpenAPI 3.1 at
// /api/v1/openapi.json.
//
// The package reads requests and writes answers. Who may do what is decided by
// package cases; which status and words an error has, by package site.
package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/web/site"
)

// Path is where the interface is mounted.
const Path = site.APIPath

// Version is that of the description. Members and calls may be added to it;
// what is there stays.
const Version = "1.0.0"

// Bounds of what one request may send, in bytes. Files travel as base64, which
// makes them a third longer; what one file may have is in its procedure.
const (
	bodyLimit   = 1 << 20
	uploadLimit = 16 << 20 // one file
	filingLimit = 48 << 20 // a filing with all its files
	readWithin  = time.Minute
)

// api holds what the calls work with.
type api struct {
	*site.Site
	huma huma.API
}

// Handler serves the interface; it is to be mounted at Path.
func Handler(s *site.Site) http.Handler {
	r := chi.NewRouter()
	// What stands outside of Handler may have given the request its id already.
	r.Use(requestID, plainHeaders, remember(s), s.Identity.Bearer)
	r.NotFound(func(w http.ResponseWriter, r *http.Request) { s.Fail(w, r, cases.ErrNotFound) })
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allowedMethods(r))
		s.Fail(w, r, &site.RequestError{Status: http.StatusMethodNotAllowed})
	})
	a := &api{Site: s, huma: humachi.New(r, config(s.BaseURL))}
	a.catalogue()
	a.cases()
	a.acts()
	a.papers()
	a.figures()
	a.anchors()
	a.bulk()
	sayNull(a.huma.OpenAPI().Components.Schemas)
	return r
}

func config(base string) huma.Config {
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Hoso", Version: Version, Description: description},
			Servers: []*huma.Server{{URL: base + Path}},
			Tags: []*huma.Tag{
				{Name: tagCatalogue, Description: "What can be asked for, and what it takes"},
				{Name: tagCases, Description: "Filing cases and following them"},
				{Name: tagActs, Description: "Acting on cases: applicants and officers alike"},
				{Name: tagPapers, Description: "What was handed in and what was issued"},
				{Name: tagOpen, Description: "Who read whose data, and public figures"},
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{bearer: {Type: "http", Scheme: "bearer", BearerFormat: "JWT",
					Description: "Access token of the national electronic identity, for the audience hoso-api"}},
			},
		},
		OpenAPIPath:                  "/openapi",
		Formats:                      map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}

const description = "Procedures, cases and papers of public services. Texts come in Vietnamese (vi) and English (en), times as RFC 3339, money in đồng. " +
	"Errors are problem details (RFC 9457). docs/integrators.md is the guide."

// Tags of calls.
const (
	tagCatalogue = "procedures"
	tagCases     = "cases"
	tagActs      = "acts"
	tagPapers    = "papers"
	tagOpen      = "openness"
	bearer       = "bearer"
)

// Who may make a call. Beyond that, package cases decides.
const (
	anybody  = false
	signedIn = true
)

// add puts a call into the router and the description. do gets who makes it:
// the zero Actor when nobody is signed in, which only calls for anybody see.
func add[I, O any](a *api, op huma.Operation, token bool, do func(context.Context, agency.Actor, *I) (*O, error)) {
	op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusInternalServerError, http.StatusServiceUnavailable)
	if op.BodyReadTimeout == 0 {
		op.BodyReadTimeout = readWithin
	}
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = bodyLimit
	}
	// Even who may call without a token is refused with one that does not hold.
	op.Errors = append(op.Errors, http.StatusUnauthorized)
	op.Security = []map[string][]string{{bearer: {}}}
	if !token {
		op.Security = append(op.Security, map[string][]string{})
	} else {
		op.Errors = append(op.Errors, http.StatusForbidden)
		op.Middlewares = append(op.Middlewares, a.requireToken)
	}
	slices.Sort(op.Errors)
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		var actor agency.Actor
		if p := identity.From(ctx); p != nil {
			actor = p.Actor
		}
		out, err := do(ctx, actor, in)
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return out, nil
	})
}

// requireToken refuses who brings no token before their body is read.
func (a *api) requireToken(ctx huma.Context, next func(huma.Context)) {
	if identity.From(ctx.Context()) == nil {
		ctx.SetHeader("WWW-Authenticate", "Bearer")
		// The answer has been written when this returns; there is nobody left to tell.
		_ = huma.WriteErr(a.huma, ctx, http.StatusUnauthorized, "", fmt.Errorf("%w: the call needs a bearer token", identity.ErrSignIn))
		return
	}
	next(ctx)
}

func requestID(next http.Handler) http.Handler {
	fresh := middleware.RequestID(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if middleware.GetReqID(r.Context()) == "" {
			fresh.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// plainHeaders are those of every answer: it is data, about somebody, for the
// program that asked.
func plainHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Vary", "Authorization, Accept-Language")
		next.ServeHTTP(w, r)
	})
}

// allowedMethods are those that the path of a request has.
func allowedMethods(r *http.Request) string {
	rctx := chi.RouteContext(r.Context())
	out := ""
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		if rctx.Routes.Match(chi.NewRouteContext(), m, rctx.RoutePath) {
			if out != "" {
				out += ", "
			}
			out += m
		}
	}
	return out
}
