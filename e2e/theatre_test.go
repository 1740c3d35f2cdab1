package e2e

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/web/portal"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// theatre serves the portal of the story that is on stage: the real pages on the
// real engine, with the story's clock and records, and its applicant signed in.
type theatre struct {
	catalogue *procedures.Catalogue
	db        *stage.Database
	server    *httptest.Server
	now       atomic.Pointer[http.Handler]
}

func (h *theatre) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if now := h.now.Load(); now != nil {
		(*now).ServeHTTP(w, r)
		return
	}
	http.NotFound(w, r)
}

// review is what the check page shows of a story.
func (h *theatre) review(t *testing.T, p *procedures.Procedure, s *procedures.Scenario) *cases.Review {
	t.Helper()
	on, err := h.db.Set(t.Context(), h.catalogue, s.At)
	if err != nil {
		t.Fatal(err)
	}
	r, err := on.Review(t.Context(), p, s)
	if err != nil {
		t.Fatalf("fill the draft of %s, story %s: %v", p.ID, s.ID, err)
	}
	return r
}

// set puts a story on stage.
func (h *theatre) set(ctx context.Context, p *procedures.Procedure, s *procedures.Scenario) error {
	on, err := h.db.Set(ctx, h.catalogue, s.At)
	if err != nil {
		return err
	}
	if err := on.Given(s.Given); err != nil {
		return err
	}
	who, err := on.Citizen(ctx, s.Applicant)
	if err != nil {
		return err
	}
	who.Level = max(who.Level, p.Level)
	in := &site.Site{DB: on.DB(), Cases: on.Cases(), Procedures: h.catalogue, Agencies: on.Agencies(), BaseURL: h.server.URL, Now: on.Now, Log: slog.Default()}
	in.Identity, err = identity.New(identity.Config{DB: on.DB(), Issuer: "https://id.example.vn", ClientID: "portal", BaseURL: in.BaseURL, SignIn: site.SignInPath, Callback: site.CallbackPath,
		Officer: func(context.Context, string) (agency.Actor, bool, error) { return agency.Actor{}, false, nil },
		Problem: func(w http.ResponseWriter, r *http.Request, _ int, err error) { in.Fail(w, r, err) }})
	if err != nil {
		return err
	}
	r := chi.NewRouter()
	r.Handle(ui.AssetsPath+"*", ui.Assets())
	r.Handle(ui.UnitsPath, ui.Units(in.Agencies.Units))
	r.Group(func(r chi.Router) {
		r.Use(ui.Headers(), ui.Language, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r.WithContext(identity.With(r.Context(), &identity.Principal{Actor: who, Subject: who.ID})))
			})
		})
		portal.Routes(r, in)
	})
	handler := http.Handler(r)
	h.now.Store(&handler)
	return nil
}
