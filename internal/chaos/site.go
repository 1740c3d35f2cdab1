package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/doctor"
	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/resident/population"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// site is the installation: everything but the nodes.
type site struct {
	dir      string
	programs programs
	server   *postgres.Server
	settings map[string]string // of PostgreSQL
	mu       sync.Mutex        // over server
	db       *pgxpool.Pool     // the harness' own way in, as the database's owner
	sandbox  *exec.Cmd
	sand     string // http://host:port
	smtp     string
	base     string // of the portal
	people   *people

	over    atomic.Bool // no node is started any more
	running sync.WaitGroup
	planMu  sync.Mutex
	next    func(*node) plan // how nodes are started; nil: undisturbed
	builds  map[string]*doctor.Build

	recovery *doctor.Recovery
	behind   doctor.Behind
	copy     string // folder of the database that is to be restored; empty: none
	copied   time.Time
}

// on is the same site over another database server.
func (s *site) on(server *postgres.Server) *site {
	return &site{dir: s.dir, programs: s.programs, server: server, settings: s.settings, db: s.db, sand: s.sand, smtp: s.smtp, people: s.people, builds: map[string]*doctor.Build{}}
}

// serverSettings let connections run out before the machine does.
var serverSettings = map[string]string{"max_connections": "150", "fsync": "on", "synchronous_commit": "on", "log_min_messages": "fatal"}

// open builds the programs and sets everything up.
func (c *chaos) open(ctx context.Context) (*site, error) {
	s := &site{dir: c.dir, settings: serverSettings, builds: map[string]*doctor.Build{}}
	var err error
	if s.programs, err = build(ctx, c.cfg, c.dir, c.say); err != nil {
		return nil, err
	}
	if err := os.Chmod(c.dir, 0o755); err != nil { // the server may run as another user
		return nil, err
	}
	if err := s.startServer(ctx); err != nil {
		return nil, err
	}
	if err := s.fill(ctx, c); err != nil {
		s.close()
		return nil, err
	}
	if err := s.startSandbox(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// startServer starts PostgreSQL, or starts it again on the same port.
func (s *site) startServer(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	s.server, err = postgres.Start(ctx, postgres.ServerConfig{Dir: filepath.Join(s.dir, "postgres"), Settings: s.settings})
	return err
}

// fill makes the schema, the demonstration, and people who will file.
func (s *site) fill(ctx context.Context, c *chaos) error {
	url := s.server.URL()
	if err := postgres.Migrate(ctx, url); err != nil {
		return err
	}
	var err error
	if s.db, err = postgres.Open(ctx, url, postgres.Options{MaxConns: 6, ApplicationName: "chaos", Statement: 5 * time.Minute, Lock: time.Minute, Idle: 10 * time.Minute}); err != nil {
		return err
	}
	if err := agency.LoadDemo(ctx, s.db); err != nil {
		return err
	}
	if err := resident.LoadDemo(ctx, s.db); err != nil {
		return err
	}
	all, err := agency.DemoUnits()
	if err != nil {
		return err
	}
	var units []agency.Unit
	for _, u := range all.Communes("01") {
		if u.Code == "00004" || u.Code == "00070" { // where the demonstration's officers sit
			units = append(units, u)
		}
	}
	if _, err := population.Generate(ctx, s.db, population.Config{People: c.cfg.People, Seed: c.cfg.Seed, Units: units}); err != nil {
		return err
	}
	s.people, err = findPeople(ctx, s.db)
	return err
}

// startSandbox starts the peers with what the made-up people need there: a
// first start writes the registries' state, which is added to before the second.
func (s *site) startSandbox(ctx context.Context) error {
	addr, err := freePort()
	if err != nil {
		return err
	}
	if s.smtp, err = freePort(); err != nil {
		return err
	}
	s.sand = "http://" + addr
	keys := filepath.Join(s.dir, "keys")
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return err
	}
	signer, err := signed.ReadOrCreate("hoso", filepath.Join(keys, "hoso.jwk"))
	if err != nil {
		return err
	}
	for name, v := range map[string]any{"clients.json": signer.Public(), "identities.json": s.people.identities()} {
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(s.dir, name), text, 0o600); err != nil {
			return err
		}
	}
	if err := s.runSandbox(ctx, addr); err != nil {
		return err
	}
	s.endSandbox()
	if err := s.people.register(filepath.Join(s.dir, "world", "registries.json")); err != nil {
		return err
	}
	return s.runSandbox(ctx, addr)
}

func (s *site) runSandbox(ctx context.Context, addr string) error {
	log, err := os.OpenFile(filepath.Join(s.dir, "logs", "sandbox.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	s.sandbox = exec.Command(s.programs.sandbox, "-http", addr, "-smtp", s.smtp, "-dir", filepath.Join(s.dir, "world"),
		"-clients", filepath.Join(s.dir, "clients.json"), "-identities", filepath.Join(s.dir, "identities.json"), "-mail", "200000")
	s.sandbox.Stdout, s.sandbox.Stderr = log, log
	s.sandbox.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.sandbox.Start(); err != nil {
		return err
	}
	for end := time.Now().Add(30 * time.Second); !answers(ctx, s.sand+"/healthz"); nap(ctx, 50*time.Millisecond) {
		if time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("the sandbox does not answer: see logs/sandbox.log")
		}
	}
	return nil
}

func (s *site) endSandbox() {
	if s.sandbox != nil && s.sandbox.Process != nil {
		_ = s.sandbox.Process.Kill() // it keeps what it knows after each change
		_ = s.sandbox.Wait()
	}
}

func (s *site) close() {
	s.endSandbox()
	if s.db != nil {
		s.db.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		_ = s.server.Stop() // the run is over
	}
}

// environment is that of every node.
func (s *site) environment() []string {
	played, err := world.Shipped()
	if err != nil {
		panic(err) // the data are part of the program
	}
	var registries []string
	for _, name := range played.Registries() {
		registries = append(registries, name+"="+s.sand+"/registries/"+name)
	}
	env := slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "HOSO_") || strings.HasPrefix(e, "TZ=") })
	return append(env, "DATABASE_URL="+s.url(), "HOSO_ISSUER="+s.sand+"/idp", "HOSO_CLIENT_ID=hoso-portal", "HOSO_REGISTRIES="+strings.Join(registries, ","),
		"HOSO_PAY_URL="+s.sand+"/pay", "HOSO_SMTP="+s.smtp, "HOSO_SMS_URL="+s.sand+"/sms", "HOSO_MAIL_FROM=Hoso <no-reply@hoso.example>",
		"HOSO_KEYS="+filepath.Join(s.dir, "keys"), "HOSO_TREASURY=7111", "HOSO_TSA_URL="+s.sand+"/tsa", "HOSO_TSA_TRUST="+filepath.Join(s.dir, "world", "tsa.pem"),
		"HOSO_ANCHOR_DIR="+filepath.Join(s.dir, "anchors"), "HOSO_CHAOS=1", "GOMAXPROCS=2")
}

func (s *site) url() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.server.URL()
}

// plan is how a node is started now.
func (s *site) plan(n *node) plan {
	s.planMu.Lock()
	next := s.next
	s.planMu.Unlock()
	p := plan{program: s.programs.hoso}
	if next != nil {
		p = next(n)
	}
	return p
}

// setPlan changes how nodes are started from now on.
func (s *site) setPlan(next func(*node) plan) {
	s.planMu.Lock()
	defer s.planMu.Unlock()
	s.next = next
}

// started writes down which release ran.
func (s *site) started(p plan) {
	s.planMu.Lock()
	defer s.planMu.Unlock()
	stamp := s.programs.stamp
	if p.old {
		stamp = s.programs.oldStamp
	}
	now := time.Now().UTC().Format(time.RFC3339)
	b := s.builds[stamp]
	if b == nil {
		b = &doctor.Build{Stamp: stamp, Old: p.old, From: now}
		s.builds[stamp] = b
	}
	b.Runs, b.To = b.Runs+1, now
}

// freePort is an address on which nobody listens.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// httpClient gives up before a fault is over, as an impatient citizen does.
var httpClient = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 5 * time.Second}}
