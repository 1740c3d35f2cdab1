package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/audit/anchor"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/message"
	"github.com/hoso-gov/hoso/notice"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/exchange"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/web"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// Connections of one process: so many for requests, so many for the workers.
const (
	requestConns = 32
	workerConns  = 24
)

// app is a node: what both `serve` and `work` stand on.
type app struct {
	set       settings
	log       *slog.Logger
	pool      *pgxpool.Pool
	catalogue *procedures.Catalogue
	agencies  *agency.Directory
	cases     *cases.Service
	keys      *document.Keyring
	gateway   *payment.Gateway
	exchange  map[string]*exchange.Client
	anchors   *anchor.Anchors
	previews  previews       // databases of the studio
	following sync.WaitGroup // of publications
	unfollow  context.CancelFunc
}

// assemble opens the database and builds the parts over it. signer signs what
// goes to registries and the payment platform; nil: the key in the keys' folder.
func assemble(ctx context.Context, set settings, signer *signed.Signer, conns int32) (a *app, err error) {
	pool, err := postgres.Open(ctx, set.Database, postgres.Options{MaxConns: conns, Role: postgres.AppRole})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			pool.Close()
		}
	}()
	if set.Now == nil {
		set.Now = time.Now
	}
	a = &app{set: set, log: slog.Default(), pool: pool}
	if err := postgres.CheckSchema(ctx, a.pool); err != nil {
		return nil, err
	}
	load := loadDefinitions
	if set.Sandbox != "" {
		load = draftDefinitions
	}
	if a.catalogue, err = load(set.Procedures); err != nil {
		return nil, err
	}
	if a.agencies, err = agency.New(ctx, agency.Config{DB: a.pool}); err != nil {
		return nil, err
	}
	if a.keys, err = document.OpenKeyring(filepath.Join(set.Keys, "agencies")); err != nil {
		return nil, err
	}
	if signer == nil {
		if signer, err = signed.ReadOrCreate("hoso", filepath.Join(set.Keys, "hoso.jwk")); err != nil {
			return nil, err
		}
	}
	if a.exchange, err = exchange.Connect(set.Registries, signer, nil); err != nil {
		return nil, err
	}
	records, err := a.records()
	if err != nil {
		return nil, err
	}
	if a.gateway, err = payment.New(payment.Config{URL: set.Pay, Keys: signed.NewRemote(set.Pay+"/jwks.json", nil), Signer: signer,
		CallbackURL: set.BaseURL + web.PaymentCallback}); err != nil {
		return nil, err
	}
	if a.anchors, err = a.anchoring(); err != nil {
		return nil, err
	}
	a.cases, err = cases.New(ctx, cases.Config{Limits: a.set.Limits, MayDecide: a.anchors.MayDecide, DB: a.pool, Procedures: a.catalogue, Agencies: a.agencies, Calendar: calendar.Vietnam(), Records: records, Outbox: jobs.Outbox{}, Warnings: set.Warn, Office: message.NewOffice(signer, nil), Now: set.Now})
	if err != nil {
		return nil, err
	}
	return a, a.publications(ctx)
}

func (a *app) close() {
	a.unfollow()
	a.following.Wait()
	a.previews.close(a.log)
	a.pool.Close()
}

// records knows which registry answers which kind of record: the catalogue of
// elements says it.
func (a *app) records() (registry.Directory, error) {
	d := registry.Directory{}
	d.Add(&resident.Source{DB: a.pool}, resident.Kinds...)
	var lacking []string
	for name, kind := range a.catalogue.Elements.Kinds {
		if kind.Registry == resident.Registry {
			continue
		}
		if c, ok := a.exchange[kind.Registry]; ok {
			d.Add(c, name)
		} else if !slices.Contains(lacking, kind.Registry) {
			lacking = append(lacking, kind.Registry)
		}
	}
	if lacking != nil && a.set.Sandbox == "" { // in development such a registry does not answer, and the journey goes on
		return nil, fmt.Errorf("no address for %s: add NAME=URL to HOSO_REGISTRIES", andList(lacking))
	}
	return d, nil
}

// andList writes names in their order: a, b and c.
func andList(names []string) string {
	slices.Sort(names)
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// handler is the node's pages and calls.
func (a *app) handler() (http.Handler, error) {
	s := &site.Site{DB: a.pool, Cases: a.cases, Procedures: a.catalogue, Agencies: a.agencies, Keys: a.keys, BaseURL: a.set.BaseURL, Sandbox: a.set.Sandbox,
		Now: a.set.Now, Log: a.log}
	var err error
	if s.Identity, err = a.signIn(func(w http.ResponseWriter, r *http.Request, _ int, err error) { s.Fail(w, r, err) }); err != nil {
		return nil, err
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), a.stampAge())
	pages, err := a.studio()
	if err != nil {
		return nil, err
	}
	return web.New(web.Config{Site: s, Studio: pages, Payments: a.gateway, PayOrigin: a.set.Pay, IssuerOrigin: a.set.Issuer, Metrics: metrics,
		Ready: func(ctx context.Context) error { return a.pool.Ping(ctx) }})
}

// signIn is how people sign in and are recognised. problem draws the page of a
// sign-in that failed; nil: a line of text.
func (a *app) signIn(problem func(w http.ResponseWriter, r *http.Request, status int, err error)) (*identity.Identity, error) {
	return identity.New(identity.Config{DB: a.pool, Issuer: a.set.Issuer, ClientID: a.set.ClientID, Secret: a.set.Secret, BaseURL: a.set.BaseURL,
		Callback: site.CallbackPath, SignIn: site.SignInPath, Officer: a.officer, Lang: func(r *http.Request) string { return ui.Lang(r.Context()) },
		Problem: problem, Log: a.log})
}

// officer finds an officer with today's seats, for sign-in.
func (a *app) officer(ctx context.Context, id string) (agency.Actor, bool, error) {
	staff, err := a.agencies.Officer(ctx, id)
	switch {
	case errors.Is(err, agency.ErrNoOfficer):
		return agency.Actor{}, false, nil
	case err != nil:
		return agency.Actor{}, false, err
	}
	return staff.Actor(0), staff.Active && len(staff.Seats) > 0, nil
}

// workers are the node's jobs.
func (a *app) workers() (*jobs.Jobs, error) {
	sender, err := notice.New(notice.Config{SMTP: a.set.SMTP, TLS: a.set.SMTPTLS, User: a.set.SMTPUser, Password: a.set.SMTPSecret, From: a.set.MailFrom,
		SMS: a.set.SMS, SMSToken: a.set.SMSToken})
	if err != nil {
		return nil, err
	}
	papers, err := document.New(document.Config{BaseURL: a.set.BaseURL, Signer: a.keys})
	if err != nil {
		return nil, err
	}
	sessions, err := a.signIn(nil)
	if err != nil {
		return nil, err
	}
	return jobs.New(jobs.Config{DB: a.pool, Cases: a.cases, Gateway: a.gateway, Writers: exchange.Writers(a.exchange), Notices: sender, Papers: papers,
		CaseURL:   func(c cases.Code) string { return a.set.BaseURL + "/ho-so/" + string(c) },
		DeskURL:   func(c cases.Code) string { return a.set.BaseURL + site.DeskPath + "/ho-so/" + string(c) },
		ReturnURL: func(c cases.Code) string { return a.set.BaseURL + "/ho-so/" + string(c) + "/thanh-toan" },
		Treasury:  a.set.Treasury, Log: a.log, Now: a.set.Now,
		Periodic: []jobs.Periodic{{Name: "seal the log of reads", Every: 5 * time.Second, Do: func(ctx context.Context) error {
			_, err := audit.Seal(ctx, a.pool)
			return err
		}}, {Name: "anchor the chains", Every: 15 * time.Second, Do: a.anchors.Work}, {Name: "remove what has expired", Every: time.Hour, Do: func(ctx context.Context) error {
			_, err := a.cases.RemoveExpired(ctx)
			return err
		}}, {Name: "file what had to wait", Every: 5 * time.Second, Do: func(ctx context.Context) error {
			_, err := a.cases.FileWaiting(ctx, 50)
			return err
		}}, {Name: "add up the figures of agencies", Every: 5 * time.Second, Do: a.cases.RollUpCounts}, {Name: "make the months of cases ahead", Every: 6 * time.Hour, Do: func(ctx context.Context) error {
			_, err := a.cases.MakeMonths(ctx)
			return err
		}}, {Name: "remove sessions that are over", Every: 5 * time.Minute, Do: sessions.Sweep}}})
}

// shutdownWithin is how long requests in hand may take when the node stops.
const shutdownWithin = 10 * time.Second

// listen opens the node's port, or says in one sentence what is in the way.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: stop it, or choose another address with --addr", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return l, nil
}

// serveHTTP answers requests until ctx ends, and then finishes those in hand.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWithin)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}
