package portal

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/exchange"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/sandbox"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// People of the demonstration.
const (
	an    = "001196000101" // newly married, digital citizen
	binh  = "001090000102" // her husband, head at 12 phố Lê Lợi
	huy   = "001092000105" // rents at 40 phố Kim Mã
	tung  = "001091000115" // father of a child under 6
	minor = "001326000117" // that child
)

// stage is the portal with the shipped procedures, over a database with the
// demonstration's people and registries that answer over their own protocol.
type stage struct {
	t       *testing.T
	db      *pgxpool.Pool
	cases   *cases.Service // that the portal works with
	calm    *cases.Service // another node's, which nothing presses
	sandbox *sandbox.Sandbox
	server  *httptest.Server
	who     atomic.Pointer[agency.Actor] // who is signed in; nil: nobody
	time    atomic.Pointer[time.Time]

	procedures *procedures.Catalogue
	site       *site.Site
}

var morning = time.Date(2026, time.November, 26, 9, 0, 0, 0, calendar.Hanoi) // a Thursday

func newStage(t *testing.T, limits ...cases.Limits) *stage {
	t.Helper()
	ctx := t.Context()
	s := &stage{t: t, db: pgtest.New(t)}
	s.time.Store(&morning)
	now := func() time.Time { return *s.time.Load() }
	today := func() string { return now().In(calendar.Hanoi).Format(time.DateOnly) }
	must(t, agency.LoadDemo(ctx, pgtest.Owner(t, s.db)))
	must(t, resident.LoadDemo(ctx, pgtest.Owner(t, s.db)))
	catalogue := shipped.WithScenarios()
	s.procedures = catalogue
	var err error
	s.sandbox, err = sandbox.Start(ctx, sandbox.Config{HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0", Now: now, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(s.sandbox.Close)
	clients, err := exchange.Connect(s.sandbox.Addresses().Registries, s.sandbox.Signer(), today)
	must(t, err)
	records := registry.Directory{}
	records.Add(&resident.Source{DB: s.db, Now: now}, resident.Kinds...)
	for name, kind := range catalogue.Elements.Kinds {
		if kind.Registry != resident.Registry {
			records.Add(clients[kind.Registry], name)
		}
	}
	agencies, err := agency.New(ctx, agency.Config{DB: s.db, Now: now})
	must(t, err)
	cfg := cases.Config{DB: s.db, Procedures: catalogue, Agencies: agencies, Calendar: calendar.Vietnam(), Records: records,
		Outbox: jobs.Outbox{}, Now: now, Log: slog.New(slog.DiscardHandler)}
	s.calm, err = cases.New(ctx, cfg)
	must(t, err)
	s.cases = s.calm
	if limits != nil {
		cfg.Limits = limits[0]
		s.cases, err = cases.New(ctx, cfg)
		must(t, err)
	}
	in := &site.Site{DB: s.db, Cases: s.cases, Procedures: catalogue, Agencies: agencies, BaseURL: "https://hoso.example.vn", Now: now, Log: slog.Default()}
	in.Identity, err = identity.New(identity.Config{DB: s.db, Issuer: "https://id.example.vn", ClientID: "portal", BaseURL: in.BaseURL, SignIn: site.SignInPath,
		Callback: site.CallbackPath, Officer: func(context.Context, string) (agency.Actor, bool, error) { return agency.Actor{}, false, nil },
		Problem: func(w http.ResponseWriter, r *http.Request, _ int, err error) { in.Fail(w, r, err) }})
	must(t, err)
	s.site = in
	r := chi.NewRouter()
	r.Use(ui.Language, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if a := s.who.Load(); a != nil {
				r = r.WithContext(identity.With(r.Context(), &identity.Principal{Actor: *a, Subject: a.ID}))
			}
			next.ServeHTTP(w, r)
		})
	})
	Routes(r, in)
	s.server = httptest.NewServer(r)
	t.Cleanup(s.server.Close)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// signIn lets the citizen be signed in at the level from now on.
func (s *stage) signIn(number, name string, level int) *browser {
	s.who.Store(&agency.Actor{Kind: agency.Citizen, ID: number, Name: name, Level: level})
	return s.browser()
}

func (s *stage) actor() agency.Actor { return *s.who.Load() }
