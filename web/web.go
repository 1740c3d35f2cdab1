// Package web puts the pages and the programming interface on one router:
// the citizen's portal, the officer's desk, the author's studio, the interface for
// programs, sign-in, assets and the endpoints of operations. The pages themselves stand in the
// packages below; what all of them share is in package site.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/web/api"
	"github.com/hoso-gov/hoso/web/desk"
	"github.com/hoso-gov/hoso/web/portal"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/studio"
	"github.com/hoso-gov/hoso/web/ui"
)

// Config carries what the handler needs. All but Payments, Studio, Ready and Metrics are required.
type Config struct {
	Site *site.Site
	// Payments verifies the callbacks of the payment platform; nil: there is none.
	Payments *payment.Gateway
	// Studio is what the author's pages work on; nil: they are not served.
	Studio *studio.Config
	// PayOrigin is the origin of the platform's pages, to which a form may lead.
	PayOrigin string
	// IssuerOrigin is the origin of the identity provider.
	IssuerOrigin string
	// Ready says why the node cannot serve; nil: it always can.
	Ready   func(context.Context) error
	Metrics *prometheus.Registry
}

// PaymentCallback is where the payment platform reports.
const PaymentCallback = "/thanh-toan/bao"

// New returns the handler of a node.
func New(cfg Config) (http.Handler, error) {
	s := cfg.Site
	protect, err := identity.Protect(nil, "POST "+PaymentCallback, "/api/")
	if err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	r.Use(middleware.RequestID, recoverer(s), middleware.CleanPath, middleware.GetHead)
	m := newMeasures(cfg.Metrics)
	r.Use(m.measure)
	if cfg.Metrics != nil {
		cfg.Metrics.MustRegister(engine{s.Cases, s.Log})
	}
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	r.Get("/readyz", ready(cfg.Ready, s.Log))
	if cfg.Metrics != nil {
		r.Method(http.MethodGet, "/metrics", promhttp.HandlerFor(cfg.Metrics, promhttp.HandlerOpts{}))
	}
	r.Handle(ui.AssetsPath+"*", ui.Assets())
	r.Handle(ui.UnitsPath, ui.Units(s.Agencies.Units))
	if cfg.Payments != nil {
		r.Post(PaymentCallback, callback(cfg.Payments, s))
	}
	r.Mount(api.Path, api.Handler(s))
	r.Group(func(r chi.Router) {
		r.Use(ui.Headers(origins(cfg.IssuerOrigin, cfg.PayOrigin)...), ui.Language, protect, s.Identity.Session)
		r.Get(site.SignInPath, s.Identity.LoginByQuery)
		r.Get(site.CallbackPath, s.Identity.Callback)
		r.Post(site.SignOutPath, s.Identity.Logout)
		portal.Routes(r, s)
		r.Group(func(r chi.Router) { desk.Routes(r, s) })
		if cfg.Studio != nil {
			s.Studio = true
			studio.Routes(r, s, *cfg.Studio)
		}
	})
	notFound := ui.Headers()(ui.Language(s.Identity.Session(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Fail(w, r, cases.ErrNotFound)
	}))))
	r.NotFound(notFound.ServeHTTP)
	return r, nil
}

func origins(urls ...string) []string {
	var out []string
	for _, raw := range urls {
		if u, err := url.Parse(raw); err == nil && u.Host != "" {
			out = append(out, u.Scheme+"://"+u.Host)
		}
	}
	return out
}

// recoverer turns a panic into the page of a fault.
func recoverer(s *site.Site) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if p := recover(); p != nil {
					if p == http.ErrAbortHandler {
						panic(p)
					}
					s.Fail(w, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
}

func ready(check func(context.Context) error, log *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if check != nil {
			if err := check(ctx); err != nil {
				log.WarnContext(ctx, "not ready", "error", err)
				http.Error(w, "not ready", http.StatusServiceUnavailable) // why is in the log, not for strangers
				return
			}
		}
		fmt.Fprintln(w, "ready")
	}
}
