package identity_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// A program with a token is known; a bad token is refused, an ID token too.
func TestBearer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	resp, err := http.PostForm(s.sandbox.Addresses().Base+"/token", url.Values{"grant_type": {"urn:hoso:sandbox"}, "subject": {"cb-01"}})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	token := regexp.MustCompile(`"access_token": "([^"]+)"`).FindStringSubmatch(string(body))[1]
	ask := func(authorization string) (int, string) {
		t.Helper()
		r, _ := http.NewRequest(http.MethodPost, s.url+"/me", nil)
		r.Header.Set("Authorization", authorization)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text)
	}
	if status, text := ask("Bearer " + token); status != 200 || !strings.HasPrefix(text, "officer cb-01") {
		t.Errorf("got %d %s", status, text)
	}
	head, rest, _ := strings.Cut(token, ".")
	payload, _, _ := strings.Cut(rest, ".")
	for name, bad := range map[string]string{
		"nothing": "Bearer ", "garbage": "Bearer x.y.z", "another signature": "Bearer " + head + "." + payload + "." + strings.Repeat("A", 86),
		"unsigned": "Bearer eyJhbGciOiJub25lIn0." + payload + ".",
	} {
		if status, text := ask(bad); status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	s.ahead.Store(int64(2 * time.Hour))
	if status, _ := ask("Bearer " + token); status != http.StatusUnauthorized {
		t.Errorf("two hours later: %d", status)
	}
}

// A page of another site cannot post for somebody who is signed in.
func TestProtect(t *testing.T) {
	t.Parallel()
	s, c := newSite(t), browser()
	s.signIn(t, c, "/auth/login?to=/me", "001196000101", "level2")
	r, _ := http.NewRequest(http.MethodPost, s.url+"/auth/logout", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("got %s", resp.Status)
	}
	if _, text := get(t, c, s.url+"/me"); text == "nobody" {
		t.Error("another site signed the citizen out")
	}
}

// Over https the cookie belongs to this host alone.
func TestCookie(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for base, want := range map[string]string{"https://dvc.example": "__Host-hoso_signin", "http://127.0.0.1:8080": "hoso_signin"} {
		id, err := identity.New(identity.Config{DB: pgtest.New(t), Issuer: s.sandbox.Addresses().Issuer, ClientID: "hoso-portal", BaseURL: base,
			Officer: func(context.Context, string) (agency.Actor, bool, error) { return agency.Actor{}, false, nil }})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		id.Login(2)(w, httptest.NewRequest(http.MethodGet, "/auth/login", nil))
		c := w.Result().Cookies()
		if len(c) != 1 || c[0].Name != want || !c[0].HttpOnly || c[0].Secure != strings.HasPrefix(base, "https") || c[0].SameSite != http.SameSiteLaxMode || c[0].Path != "/" || c[0].Domain != "" {
			t.Errorf("%s: %+v", base, c)
		}
	}
}

// The token of a form belongs to one session.
func TestCSRF(t *testing.T) {
	t.Parallel()
	s, a, b := newSite(t), browser(), browser()
	tokens := map[*http.Client]string{}
	for _, c := range []*http.Client{a, b} {
		_, text := s.signIn(t, c, "/auth/login?to=/me", "001196000101", "level2")
		_, tokens[c], _ = strings.Cut(text, " token ")
	}
	for name, tt := range map[string]struct {
		client *http.Client
		token  string
		want   int
	}{
		"own": {a, tokens[a], 200}, "of another session": {a, tokens[b], 403}, "none": {a, "", 403}, "the other's own": {b, tokens[b], 200},
	} {
		resp, err := tt.client.PostForm(s.url+"/form", url.Values{"csrf": {tt.token}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tt.want {
			t.Errorf("%s: got %d, want %d", name, resp.StatusCode, tt.want)
		}
	}
}

// A child is acted for openly, and the parent stays who they are.
func TestPrincipal(t *testing.T) {
	p := &identity.Principal{Actor: agency.Actor{Kind: agency.Citizen, ID: "079094000107"}, Subject: "079094000107"}
	child := p.For("079326000999")
	if child.ID != "079094000107" || child.Subject != "079326000999" || child.OnBehalfOf != "079326000999" {
		t.Errorf("for a child: %+v", child)
	}
	if self := child.For(""); self.Subject != p.ID || self.OnBehalfOf != "" {
		t.Errorf("for oneself again: %+v", self)
	}
	if got := identity.From(identity.With(t.Context(), p)); got != p {
		t.Errorf("got %+v", got)
	}
}
