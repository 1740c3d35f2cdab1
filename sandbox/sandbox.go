// Package sandbox is the world outside of Hoso, over the protocols it speaks in
// earnest: the national electronic identity (OpenID Connect), the registries of
// other ministries (signed exchange), the payment platform (signed orders and
// callbacks), a time-stamping authority (RFC 3161) and a mailbox (SMTP, HTTP for
// short messages). Each part can be made to fail. It is for development, demos and tests, and listens on the loopback.
//
// The parts stand in packages of their own below this one; this package puts
// them on two ports. The resident database is not here: it is Hoso's own.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/go-jose/go-jose/v4"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/sandbox/drill"
	"github.com/hoso-gov/hoso/sandbox/idp"
	"github.com/hoso-gov/hoso/sandbox/mail"
	"github.com/hoso-gov/hoso/sandbox/pay"
	"github.com/hoso-gov/hoso/sandbox/store"
	"github.com/hoso-gov/hoso/sandbox/tsa"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// An Identity is somebody who can sign in.
type Identity = idp.Identity

// Text says the same in both languages.
type Text = idp.Text

// Config says where the sandbox listens and who can sign in. The zero Config
// listens on the usual ports and forgets all at the end.
type Config struct {
	HTTP         string // default 127.0.0.1:9090; port 0: any
	SMTP         string // default 127.0.0.1:9025; port 0: any
	Dir          string // where state and keys are kept over restarts; empty: nowhere
	Identities   []Identity
	RedirectURIs []string           // of the portal, besides those on the loopback
	Clients      jose.JSONWebKeySet // public keys of Hoso, besides the one the sandbox gives out
	Mail         int                // how many messages the mailbox holds; default 2000
	Now          func() time.Time   // the clock of all parts; default time.Now
	Data         *world.Data        // what the registries begin with; default: what the binary carries
	// Definitions are what the portal offers, for the pages about it; nil, or while it returns nil: those pages are empty.
	Definitions func() *procedures.Catalogue
	Portal      string       // its address, for links; empty: none
	Log         *slog.Logger // default slog.Default()
}

// Addresses says where the parts are.
type Addresses struct {
	Base       string            // http://127.0.0.1:9090, the board
	Issuer     string            // of the OpenID provider
	ClientID   string            // of the portal there
	Registries map[string]string // name → URL for registry/exchange
	Pay        string            // URL for package payment
	SMTP       string            // host:port
	SMS        string            // URL
	TSA        string            // URL of the time-stamping authority
	TSATrust   string            // file with the certificate that its time-stamps lead to; empty without Dir
	Mail       string            // the page that shows what arrived
}

// A Sandbox runs until its context ends or [Sandbox.Close].
type Sandbox struct {
	World *world.World // what the registries hold
	Board *drill.Board // the switches

	cfg    Config
	addr   Addresses
	hoso   *signed.Signer
	idp    *idp.Provider
	pay    *pay.Gateway
	tsa    *tsa.Authority
	box    *mail.Box
	cancel context.CancelFunc
	done   sync.WaitGroup
	server *http.Server
	smtp   *smtp.Server
}

// Hanoi is the time zone of the registries.
var hanoi = time.FixedZone("ICT", 7*60*60)

// Start opens both ports and serves until ctx ends.
func Start(ctx context.Context, cfg Config) (*Sandbox, error) {
	s := &Sandbox{cfg: withDefaults(cfg)}
	if s.cfg.Data == nil {
		var err error
		if s.cfg.Data, err = world.Shipped(); err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
	}
	web, err := net.Listen("tcp", s.cfg.HTTP)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	post, err := mail.Listen(s.cfg.SMTP)
	if err != nil {
		web.Close()
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	base := "http://" + web.Addr().String()
	s.addr = Addresses{Base: base, Issuer: base + "/idp", ClientID: idp.ClientID, Registries: map[string]string{},
		Pay: base + "/pay", SMTP: post.Addr().String(), SMS: base + "/sms", Mail: base + "/mail", TSA: base + "/tsa"}
	for _, name := range s.cfg.Data.Registries() {
		s.addr.Registries[name] = base + "/registries/" + name
	}
	handler, err := s.build()
	if err != nil {
		web.Close()
		post.Close()
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	ctx, s.cancel = context.WithCancel(ctx)
	s.server = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	s.smtp = mail.Server(s.box, s.Board, "mail")
	s.done.Go(func() { s.report(s.server.Serve(web)) })
	s.done.Go(func() { s.report(s.smtp.Serve(post)) })
	s.done.Go(func() { s.pay.Run(ctx) })
	s.done.Go(func() {
		<-ctx.Done()
		s.server.Close()
		s.smtp.Close()
	})
	return s, nil
}

func withDefaults(cfg Config) Config {
	if cfg.HTTP == "" {
		cfg.HTTP = "127.0.0.1:9090"
	}
	if cfg.SMTP == "" {
		cfg.SMTP = "127.0.0.1:9025"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return cfg
}

// today is the date at the registries.
func (s *Sandbox) today() string { return s.cfg.Now().In(hanoi).Format(time.DateOnly) }

func (s *Sandbox) report(err error) {
	if err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		s.cfg.Log.Error("the sandbox stopped listening", "error", err)
	}
}

// Addresses says where the parts are.
func (s *Sandbox) Addresses() Addresses { return s.addr }

// Signer signs as Hoso with a key that all parts of the sandbox trust. With a
// Dir it is the key in hoso-client.jwk there.
func (s *Sandbox) Signer() *signed.Signer { return s.hoso }

// Close stops the sandbox and waits until it is down.
func (s *Sandbox) Close() {
	s.cancel()
	s.done.Wait()
}

// signer is the key of one part.
func (s *Sandbox) signer(name string) (*signed.Signer, error) {
	if s.cfg.Dir == "" {
		return signed.Generate(name)
	}
	return signed.ReadOrCreate(name, filepath.Join(s.cfg.Dir, name+".jwk"))
}

func (s *Sandbox) store(name string) (store.File, error) { return store.In(s.cfg.Dir, name+".json") }
