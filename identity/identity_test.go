package identity_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/sandbox"
	"github.com/hoso-gov/hoso/sandbox/drill"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// site is a portal with an identity provider, a browser and a clock.
type site struct {
	sandbox *sandbox.Sandbox
	id      *identity.Identity
	url     string
	ahead   atomic.Int64          // of the clock, in nanoseconds
	problem atomic.Pointer[error] // the last error shown
	seats   atomic.Bool           // the officer has seats
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{}
	s.seats.Store(true)
	var err error
	s.sandbox, err = sandbox.Start(t.Context(), sandbox.Config{HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0", Identities: []sandbox.Identity{
		{Subject: "001196000101", Kind: "citizen", Name: "Nguyễn Thị An"},
		{Subject: "cb-01", Kind: "officer", Name: "Trần Thị Cán"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.sandbox.Close)
	mux := http.NewServeMux()
	var handler http.Handler = mux
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	at := s.sandbox.Addresses()
	s.id, err = identity.New(identity.Config{
		DB: pgtest.New(t), Issuer: at.Issuer, ClientID: at.ClientID, BaseURL: srv.URL,
		Now: func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) },
		Officer: func(_ context.Context, id string) (agency.Actor, bool, error) {
			if id != "cb-01" || !s.seats.Load() {
				return agency.Actor{}, false, nil
			}
			return agency.Actor{Kind: agency.Officer, ID: id, Name: "Trần Thị Cán", Seats: []agency.Seat{{Agency: "CA-00004", Role: agency.Reception}}}, true, nil
		},
		Problem: func(w http.ResponseWriter, _ *http.Request, status int, err error) {
			s.problem.Store(&err)
			http.Error(w, err.Error(), status)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	protect, err := identity.Protect(nil)
	if err != nil {
		t.Fatal(err)
	}
	me := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := identity.From(r.Context())
		if p == nil {
			fmt.Fprint(w, "nobody")
			return
		}
		fmt.Fprintf(w, "%s %s %q level %d seats %d for %s lang %s token %s", p.Kind, p.ID, p.Name, p.Level, len(p.Seats), p.Subject, p.Lang, p.CSRF())
	})
	mux.HandleFunc("GET /auth/login", s.id.LoginByQuery)
	mux.HandleFunc("GET /auth/callback", s.id.Callback)
	mux.HandleFunc("/auth/logout", s.id.Logout)
	mux.Handle("/me", me)
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		if !identity.From(r.Context()).CheckCSRF(r.FormValue("csrf")) {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	mux.Handle("/surely", s.id.Require(2)(me))
	mux.Handle("/desk", s.id.Require(2, agency.Officer)(me))
	handler = protect(s.id.Bearer(s.id.Session(mux)))
	return s
}

func browser() *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar}
}

func get(t *testing.T, c *http.Client, u string) (int, string) {
	t.Helper()
	resp, err := c.Get(u)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn opens a page, is sent to the provider, chooses somebody there and
// returns what the portal shows in the end.
func (s *site) signIn(t *testing.T, c *http.Client, path, subject, level string) (int, string) {
	t.Helper()
	status, text := get(t, c, s.url+path)
	id := hiddenID.FindStringSubmatch(text)
	if status != 200 || id == nil {
		t.Fatalf("no login page: %d %s", status, text)
	}
	resp, err := c.PostForm(s.sandbox.Addresses().Issuer+"/login", url.Values{"id": {id[1]}, "subject": {subject}, "level": {level}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// Somebody signs in, is known on every page, goes up a level, and signs out.
func TestSignIn(t *testing.T) {
	t.Parallel()
	s, c := newSite(t), browser()
	if _, text := get(t, c, s.url+"/me"); text != "nobody" {
		t.Fatalf("before: %s", text)
	}
	if _, text := s.signIn(t, c, "/auth/login?level=1&to=/me", "001196000101", "level1"); !strings.HasPrefix(text, `citizen 001196000101 "Nguyễn Thị An" level 1 seats 0 for 001196000101 lang vi token `) {
		t.Fatalf("level 1: %s", text)
	}
	low := c.Jar.Cookies(mustParse(t, s.url))
	if status, text := s.signIn(t, c, "/surely?a=1", "001196000101", "level1"); status != http.StatusForbidden || !errors.Is(*s.problem.Load(), identity.ErrLevel) {
		t.Fatalf("step up at level 1: %d %s", status, text)
	}
	if status, text := s.signIn(t, c, "/surely?a=1", "001196000101", "level2"); status != 200 || !strings.Contains(text, "level 2") {
		t.Fatalf("step up: %d %s", status, text)
	}
	if status, text := get(t, c, s.url+"/desk"); status != http.StatusForbidden {
		t.Errorf("a citizen at the desk: %d %s", status, text)
	}
	old := browser()
	old.Jar.SetCookies(mustParse(t, s.url), low)
	if _, text := get(t, old, s.url+"/me"); text != "nobody" {
		t.Errorf("the session from before stepping up still works: %s", text)
	}
	now := browser()
	now.Jar.SetCookies(mustParse(t, s.url), c.Jar.Cookies(mustParse(t, s.url)))
	resp, err := c.Post(s.url+"/auth/logout", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for name, b := range map[string]*http.Client{"this browser": c, "a copy of its cookie": now} {
		if _, text := get(t, b, s.url+"/me"); text != "nobody" {
			t.Errorf("signed out, %s: %s", name, text)
		}
	}
}

func mustParse(t *testing.T, u string) *url.URL {
	t.Helper()
	v, err := url.Parse(u)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// An officer has the seats of now, and without any is nobody.
func TestOfficer(t *testing.T) {
	t.Parallel()
	s, c := newSite(t), browser()
	if _, text := s.signIn(t, c, "/desk", "cb-01", "level2"); !strings.HasPrefix(text, `officer cb-01 "Trần Thị Cán" level 2 seats 1`) {
		t.Fatalf("got %s", text)
	}
	s.seats.Store(false)
	if _, text := get(t, c, s.url+"/me"); text != "nobody" {
		t.Errorf("without a seat: %s", text)
	}
	if status, _ := s.signIn(t, browser(), "/desk", "cb-01", "level2"); status != http.StatusForbidden || !errors.Is(*s.problem.Load(), identity.ErrNotOfficer) {
		t.Errorf("signing in without a seat: %d", status)
	}
}

// A session ends when it is idle, and after half a day however busy; the sweep
// leaves nothing behind.
func TestExpiry(t *testing.T) {
	t.Parallel()
	s, c := newSite(t), browser()
	s.signIn(t, c, "/auth/login?to=/me", "001196000101", "level2")
	step := func(d time.Duration, want bool) {
		t.Helper()
		s.ahead.Add(int64(d))
		if _, text := get(t, c, s.url+"/me"); (text != "nobody") != want {
			t.Errorf("%s in: %s", time.Duration(s.ahead.Load()), text)
		}
	}
	for range 24 {
		step(29*time.Minute, true)
	}
	step(25*time.Minute, false) // 12 hours and a minute
	s.ahead.Store(0)
	s.signIn(t, c, "/auth/login?to=/me", "001196000101", "level2")
	step(31*time.Minute, false)
	if err := s.id.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.ahead.Store(0)
	step(0, false)
}

// A callback is worth nothing in another browser, twice, with an invented state,
// or when the provider reports an error.
func TestCallback(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	stop := func(c *http.Client) *http.Client {
		return &http.Client{Jar: c.Jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if strings.HasPrefix(r.URL.Path, "/auth/callback") {
				return http.ErrUseLastResponse
			}
			return nil
		}}
	}
	victim, other := browser(), browser()
	_, text := get(t, victim, s.url+"/auth/login?to=/me")
	resp, err := stop(victim).PostForm(s.sandbox.Addresses().Issuer+"/login", url.Values{"id": {hiddenID.FindStringSubmatch(text)[1]}, "subject": {"001196000101"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	back := resp.Header.Get("Location")
	if status, _ := get(t, other, back); status != http.StatusBadRequest {
		t.Errorf("in another browser: %d", status)
	}
	if status, _ := get(t, victim, back); status != http.StatusBadRequest {
		t.Errorf("after somebody tried it: %d", status)
	}
	if status, _ := get(t, victim, s.url+"/auth/callback?state=invented&code=1"); status != http.StatusBadRequest {
		t.Errorf("an invented state: %d", status)
	}
	for _, c := range []*http.Client{victim, other} {
		if _, text := get(t, c, s.url+"/me"); text != "nobody" {
			t.Errorf("signed in all the same: %s", text)
		}
	}
	first := &http.Client{Jar: victim.Jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if resp, err = first.Get(s.url + "/auth/login?to=/me"); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	state := mustParse(t, resp.Header.Get("Location")).Query().Get("state")
	if status, text := get(t, victim, s.url+"/auth/callback?error=access_denied&state="+state); status != http.StatusBadRequest || !strings.Contains(text, "access_denied") {
		t.Errorf("refused by the provider: %d %s", status, text)
	}
}

// Nobody is sent to another site after the sign-in.
func TestReturnTo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for to, want := range map[string]string{
		"/me?x=1": "/me?x=1", "/thu-tuc/đăng-ký": "/thu-tuc/đăng-ký", "": "/", "me": "/",
		"https://evil.example/": "/", "//evil.example/": "/", `/\evil.example`: "/", "/%2F/evil.example": "/", "/\tevil": "/", "/a\nb": "/",
		"javascript:alert(1)": "/", "/auth/login?to=/me": "/", "/auth/callback?x": "/", "/" + strings.Repeat("a", 3000): "/",
	} {
		got := mustParse(t, s.id.SignInPath(2, to)).Query().Get("to")
		if got != want {
			t.Errorf("%q: got %q, want %q", to, got, want)
		}
	}
	c := browser()
	s.signIn(t, c, "/auth/login?to="+url.QueryEscape("//evil.example/me"), "001196000101", "level2")
	if resp, err := c.Get(s.url + "/auth/login?to=" + url.QueryEscape("https://evil.example")); err != nil || resp.Request.URL.Path != "/" || resp.Request.URL.Host != mustParse(t, s.url).Host {
		t.Errorf("signed in already: sent to %v, %v", resp.Request.URL, err)
	}
}

// While the provider is down, who is signed in stays so, and a sign-in says why
// it cannot be.
func TestProviderDown(t *testing.T) {
	t.Parallel()
	s, c := newSite(t), browser()
	if err := s.sandbox.Board.Set("idp", drill.Switch{Down: true}); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, c, s.url+"/auth/login?to=/me"); status != http.StatusServiceUnavailable || !errors.Is(*s.problem.Load(), identity.ErrProvider) {
		t.Errorf("sign-in: %d", status)
	}
	s.sandbox.Board.Clear()
	s.signIn(t, c, "/auth/login?to=/me", "001196000101", "level2")
	if err := s.sandbox.Board.Set("idp", drill.Switch{Down: true}); err != nil {
		t.Fatal(err)
	}
	if _, text := get(t, c, s.url+"/me"); !strings.HasPrefix(text, "citizen") {
		t.Errorf("session: %s", text)
	}
}
