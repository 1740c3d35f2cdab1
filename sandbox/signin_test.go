package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// A person signs in by the code flow with PKCE; the token says who and how surely.
func TestSignIn(t *testing.T) {
	s := start(t, "")
	at := s.Addresses()
	provider, err := oidc.NewProvider(t.Context(), at.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	conf := oauth2.Config{ClientID: at.ClientID, Endpoint: provider.Endpoint(), RedirectURL: "http://127.0.0.1:8080/auth/callback", Scopes: []string{"openid", "profile"}}
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Port() == "8080" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	for _, tt := range []struct {
		name         string
		form         url.Values
		subject, who string
		kind, acr    string
	}{
		{"a demo citizen", url.Values{"subject": {"001196000101"}, "level": {"level1"}}, "001196000101", "Nguyễn Thị An", "citizen", "level1"},
		{"a demo officer", url.Values{"subject": {"cb-01"}, "level": {"level2"}}, "cb-01", "Trần Thị Cán", "officer", "level2"},
		{"another number", url.Values{"number": {"001099000114"}, "name": {"Đặng Gia Vinh"}, "level": {"level2"}}, "001099000114", "Đặng Gia Vinh", "citizen", "level2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			verifier := oauth2.GenerateVerifier()
			resp, err := browser.Get(conf.AuthCodeURL("state-1", oauth2.S256ChallengeOption(verifier), oidc.Nonce("nonce-1"), oauth2.SetAuthURLParam("acr_values", "level1")))
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			id := hiddenID.FindSubmatch(text)
			if resp.StatusCode != 200 || id == nil || !bytes.Contains(text, []byte("Nguyễn Thị An")) || !bytes.Contains(text, []byte("Môi trường thử nghiệm")) {
				t.Fatalf("login page: %s\n%s", resp.Status, text)
			}
			tt.form.Set("id", string(id[1]))
			resp, err = browser.PostForm(at.Issuer+"/login", tt.form)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			back, err := resp.Location()
			if err != nil || back.Query().Get("state") != "state-1" || back.Path != "/auth/callback" {
				t.Fatalf("came back to %v (%v)", back, err)
			}
			code := back.Query().Get("code")
			if _, err := conf.Exchange(t.Context(), code, oauth2.VerifierOption(oauth2.GenerateVerifier())); err == nil {
				t.Fatal("a wrong PKCE verifier was accepted")
			}
			if _, err := conf.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err == nil {
				t.Fatal("a code served twice")
			}
		})
		t.Run(tt.name+" gets a token", func(t *testing.T) {
			verifier := oauth2.GenerateVerifier()
			resp, err := browser.Get(conf.AuthCodeURL("state-2", oauth2.S256ChallengeOption(verifier), oidc.Nonce("nonce-2")))
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			tt.form.Set("id", string(hiddenID.FindSubmatch(text)[1]))
			resp, err = browser.PostForm(at.Issuer+"/login", tt.form)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			back, _ := resp.Location()
			token, err := conf.Exchange(t.Context(), back.Query().Get("code"), oauth2.VerifierOption(verifier))
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := token.Extra("id_token").(string)
			idToken, err := provider.Verifier(&oidc.Config{ClientID: at.ClientID}).Verify(t.Context(), raw)
			if err != nil {
				t.Fatal(err)
			}
			var claims struct{ Name, Kind, Acr string }
			if err := idToken.Claims(&claims); err != nil {
				t.Fatal(err)
			}
			if idToken.Subject != tt.subject || idToken.Nonce != "nonce-2" || claims.Name != tt.who || claims.Kind != tt.kind || claims.Acr != tt.acr {
				t.Errorf("got %s %+v", idToken.Subject, claims)
			}
		})
	}
}

// Without PKCE there is no sign-in.
func TestPKCERequired(t *testing.T) {
	at := start(t, "").Addresses()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(at.Issuer + "/authorize?" + url.Values{"client_id": {at.ClientID}, "response_type": {"code"}, "scope": {"openid"},
		"redirect_uri": {"http://127.0.0.1:8080/cb"}, "state": {"s"}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if loc := resp.Header.Get("Location"); !strings.Contains(loc, "error=invalid_request") {
		t.Errorf("got %s %s", resp.Status, loc)
	}
}

// Tests get an API token that the provider's keys verify.
func TestToken(t *testing.T) {
	at := start(t, "").Addresses()
	resp, err := http.PostForm(at.Base+"/token", url.Values{"grant_type": {"urn:hoso:sandbox"}, "subject": {"cb-01"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.ExpiresIn != 3600 {
		t.Fatalf("got %+v, %v", got, err)
	}
	provider, err := oidc.NewProvider(t.Context(), at.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	token, err := provider.Verifier(&oidc.Config{ClientID: "hoso-api"}).Verify(t.Context(), got.AccessToken)
	if err != nil || token.Subject != "cb-01" {
		t.Errorf("got %+v, %v", token, err)
	}
	for _, form := range []url.Values{{"grant_type": {"password"}, "subject": {"cb-01"}}, {"grant_type": {"urn:hoso:sandbox"}, "subject": {"nobody"}}} {
		resp, err := http.PostForm(at.Base+"/token", form)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%v: got %s", form, resp.Status)
		}
	}
}
