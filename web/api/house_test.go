package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/notice"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/exchange"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/sandbox"
	"github.com/hoso-gov/hoso/web/api"
	"github.com/hoso-gov/hoso/web/site"
)

// People of the demo population, and what the sandbox's registries know of them.
const (
	an    = "001196000101" // moves in with her husband
	binh  = "001090000102" // the husband, head of the household
	tan   = "001092000105" // rents a dwelling
	owner = "001060000106" // the owner of that dwelling
	phong = "001085000112" // has a fine to pay
	minh  = "079094000107" // became a father
)

// today is the day of the tests: a Thursday morning.
var today = time.Date(2026, 11, 26, 9, 0, 0, 0, calendar.Hanoi)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// house is a whole Hoso with the interface for its only door, and the sandbox around it.
type house struct {
	t         testing.TB
	url       string // of the interface
	db        *pgxpool.Pool
	box       *sandbox.Sandbox
	jobs      *jobs.Jobs
	router    chi.Router // of the interface alone
	catalogue *procedures.Catalogue
	handler   http.Handler
	tokens    map[string]string
	spec      *description
}

// faults fails a test in which the program logs a fault of its own.
type faults struct {
	slog.Handler
	t testing.TB
}

func (f faults) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

func (f faults) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	f.t.Errorf("logged as a fault of ours: %s", line)
	return nil
}

func newHouse(t testing.TB) *house {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	if _, ok := t.(*testing.T); ok { // a fuzz target may not report through its F
		log = slog.New(faults{slog.DiscardHandler, t})
	}
	ctx := t.Context()
	start := time.Now()
	clock := func() time.Time { return today.Add(time.Since(start)) } // it goes on, so that what comes later is later
	h := &house{t: t, db: pgtest.New(t), tokens: map[string]string{}}
	must(t, agency.LoadDemo(ctx, pgtest.Owner(t, h.db)))
	must(t, resident.LoadDemo(ctx, pgtest.Owner(t, h.db)))
	h.box = startSandbox(t, clock)
	at := h.box.Addresses()

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	h.url = server.URL + api.Path

	agencies, err := agency.New(ctx, agency.Config{DB: h.db, Now: clock})
	must(t, err)
	catalogue := shipped.Procedures()
	h.catalogue = catalogue
	clients, err := exchange.Connect(at.Registries, h.box.Signer(), nil)
	must(t, err)
	records := registry.Directory{}
	records.Add(&resident.Source{DB: h.db, Now: clock}, resident.Kinds...)
	for name, kind := range catalogue.Elements.Kinds {
		if c, ok := clients[kind.Registry]; ok {
			records.Add(c, name)
		}
	}
	service, err := cases.New(ctx, cases.Config{DB: h.db, Procedures: catalogue, Agencies: agencies, Calendar: calendar.Vietnam(), Records: records,
		Outbox: jobs.Outbox{}, Now: clock})
	must(t, err)
	gateway, err := payment.New(payment.Config{URL: at.Pay, Keys: signed.NewRemote(at.Pay+"/jwks.json", nil), Signer: h.box.Signer(), CallbackURL: server.URL + "/paid"})
	must(t, err)
	keys, err := document.OpenKeyring(t.TempDir())
	must(t, err)
	h.jobs = newJobs(t, h, service, gateway, keys, clients, server.URL, clock)

	s := &site.Site{DB: h.db, Cases: service, Procedures: catalogue, Agencies: agencies, Keys: keys, BaseURL: server.URL, Now: clock, Log: log}
	s.Identity, err = identity.New(identity.Config{DB: h.db, Issuer: at.Issuer, ClientID: at.ClientID, BaseURL: server.URL,
		Problem: func(w http.ResponseWriter, r *http.Request, _ int, err error) { s.Fail(w, r, err) },
		Officer: func(ctx context.Context, id string) (agency.Actor, bool, error) {
			staff, err := agencies.Officer(ctx, id)
			if errors.Is(err, agency.ErrNoOfficer) {
				return agency.Actor{}, false, nil
			}
			return staff.Actor(0), err == nil, err
		}})
	must(t, err)
	calls := api.Handler(s)
	h.router = calls.(chi.Router)
	r := chi.NewRouter()
	r.Mount(api.Path, calls)
	r.Post("/paid", func(w http.ResponseWriter, r *http.Request) {
		e, err := gateway.ParseCallback(r)
		if err == nil {
			err = service.PaymentEvent(r.Context(), e)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	h.handler = r
	h.spec = describe(t, h.url)
	return h
}

func startSandbox(t testing.TB, clock func() time.Time) *sandbox.Sandbox {
	t.Helper()
	citizens, err := resident.DemoPeople()
	must(t, err)
	officers, err := agency.DemoOfficers()
	must(t, err)
	var people []sandbox.Identity
	for _, p := range citizens {
		people = append(people, sandbox.Identity{Subject: p.Number, Kind: "citizen", Name: p.Name})
	}
	for _, o := range officers {
		people = append(people, sandbox.Identity{Subject: o.ID, Kind: "officer", Name: o.Name, Roles: []string{o.Role}, Agency: string(o.Agency.ID)})
	}
	box, err := sandbox.Start(t.Context(), sandbox.Config{HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0", Identities: people,
		Now: clock})
	must(t, err)
	t.Cleanup(box.Close)
	return box
}

func newJobs(t testing.TB, h *house, service *cases.Service, gateway *payment.Gateway, keys *document.Keyring, clients map[string]*exchange.Client, base string,
	clock func() time.Time) *jobs.Jobs {
	t.Helper()
	papers, err := document.New(document.Config{BaseURL: base, Signer: keys})
	must(t, err)
	sender, err := notice.New(notice.Config{SMTP: h.box.Addresses().SMTP, From: "Hoso <no-reply@hoso.example>", SMS: h.box.Addresses().SMS})
	must(t, err)
	j, err := jobs.New(jobs.Config{DB: h.db, Cases: service, Gateway: gateway, Writers: exchange.Writers(clients), Notices: sender, Papers: papers,
		Treasury: "7111.0.1054321", CaseURL: func(c cases.Code) string { return base + "/ho-so/" + string(c) }, Now: clock})
	must(t, err)
	return j
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// work does all that is due.
func (h *house) work() {
	h.t.Helper()
	must(h.t, h.jobs.Drain(h.t.Context()))
}

// token is an access token of the sandbox's identity provider.
func (h *house) token(subject, level string) string {
	h.t.Helper()
	if t := h.tokens[subject+level]; t != "" {
		return t
	}
	res, err := http.PostForm(h.box.Addresses().Base+"/token", url.Values{"grant_type": {"urn:hoso:sandbox"}, "subject": {subject}, "level": {level}})
	must(h.t, err)
	defer res.Body.Close()
	var out struct {
		Token string `json:"access_token"`
	}
	must(h.t, json.NewDecoder(res.Body).Decode(&out))
	if out.Token == "" {
		h.t.Fatalf("no token for %s: %s", subject, res.Status)
	}
	h.tokens[subject+level] = out.Token
	return out.Token
}

// answer is what the interface answered.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

// call makes a request in the name of a subject; empty: without a token. The
// headers are pairs of name and value.
func (h *house) call(subject, method, path string, body any, headers ...string) *answer {
	h.t.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		content = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		must(h.t, err)
		content = bytes.NewReader(raw)
	}
	if strings.HasPrefix(path, "/") { // else an address that an answer gave
		path = h.url + path
	}
	req, err := http.NewRequestWithContext(h.t.Context(), method, path, content)
	must(h.t, err)
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if subject != "" {
		req.Header.Set("Authorization", "Bearer "+h.token(subject, "level2"))
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	must(h.t, err)
	defer res.Body.Close()
	a := &answer{t: h.t, status: res.StatusCode, header: res.Header}
	a.raw, err = io.ReadAll(res.Body)
	must(h.t, err)
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		must(h.t, json.Unmarshal(a.raw, &a.body))
	}
	if rest, ours := strings.CutPrefix(req.URL.String(), h.url); ours {
		h.spec.hold(h.t, method, rest, a)
	}
	return a
}

func (h *house) get(subject, path string) *answer {
	h.t.Helper()
	return h.call(subject, http.MethodGet, path, nil).want(http.StatusOK)
}

// want holds the status.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.raw)
	}
	return a
}

// problem holds status and type of an error.
func (a *answer) problem(status int, kind string) *answer {
	a.t.Helper()
	a.want(status)
	if got := a.text("type"); !strings.HasSuffix(got, "/problems/"+kind) {
		a.t.Fatalf("type %s, want %s: %s", got, kind, a.raw)
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("an error comes as %s", got)
	}
	if a.body["status"] != float64(status) || a.text("title") == "" || a.text("detail") == "" {
		a.t.Errorf("status, title or detail is missing: %s", a.raw)
	}
	return a
}

// at is a value by its path: members by name, elements by number. It is nil for what is not there.
func (a *answer) at(path ...any) any {
	var v any = a.body
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func (a *answer) text(path ...any) string {
	s, _ := a.at(path...).(string)
	return s
}

func (a *answer) list(path ...any) []any {
	l, _ := a.at(path...).([]any)
	return l
}

// find is the object of a list that has the value in its member.
func (a *answer) find(list, member string, value any) map[string]any {
	a.t.Helper()
	for _, item := range a.list(list) {
		if m, ok := item.(map[string]any); ok && m[member] == value {
			return m
		}
	}
	a.t.Fatalf("no %s with %s %v: %s", list, member, value, a.raw)
	return nil
}
