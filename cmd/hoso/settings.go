package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/failpoint"
)

// settings is where a node finds the rest of the world. In production they come
// from the environment, in development from the sandbox.
type settings struct {
	Database   string            // DATABASE_URL
	Addr       string            // HOSO_ADDR: where to listen; default 127.0.0.1:8080
	BaseURL    string            // HOSO_BASE_URL: the portal as browsers see it
	Issuer     string            // HOSO_ISSUER: of the identity provider
	ClientID   string            // HOSO_CLIENT_ID: of the portal there
	Secret     string            // HOSO_CLIENT_SECRET; empty: PKCE alone
	Registries map[string]string // HOSO_REGISTRIES: land=https://…,fines=https://…
	Pay        string            // HOSO_PAY_URL: the payment platform
	SMTP       string            // HOSO_SMTP: host:port
	SMTPUser   string            // HOSO_SMTP_USER; empty: no authentication
	SMTPSecret string            // HOSO_SMTP_PASSWORD
	SMTPTLS    bool              // HOSO_SMTP_TLS=require
	MailFrom   string            // HOSO_MAIL_FROM: Cổng dịch vụ công <no-reply@…>
	SMS        string            // HOSO_SMS_URL; empty: no short messages
	SMSToken   string            // HOSO_SMS_TOKEN
	Keys       string            // HOSO_KEYS: folder of the agencies' signing keys and of the exchange key
	Treasury   string            // HOSO_TREASURY: account that takes fees of agencies without one of their own
	Procedures string            // HOSO_PROCEDURES: folder of definitions; empty: those in the binary
	Studio     bool              // HOSO_STUDIO=on: the author's pages are served
	StudioDB   string            // HOSO_STUDIO_DATABASE_URL: where previews make their databases; empty: there are none
	TSA        string            // HOSO_TSA_URL: the time-stamping authority; empty: anchors are not stamped
	TSATrust   string            // HOSO_TSA_TRUST: file with the certificates that its time-stamps must lead to
	AnchorDir  string            // HOSO_ANCHOR_DIR: folder of the copies of the anchors; empty: none
	Warn       cases.Warnings    // HOSO_WARN: when people are told that something ends or is late
	Limits     cases.Limits      // HOSO_LIMITS: when new filings have to wait
	Sandbox    string            // address of the board; empty: production
	Now        func() time.Time  // the node's clock; nil: time.Now
}

// fromEnvironment reads the settings of production; what is missing is said in one error.
func fromEnvironment(getenv func(string) string) (settings, error) {
	s := settings{Database: getenv("DATABASE_URL"), Addr: getenv("HOSO_ADDR"), BaseURL: strings.TrimSuffix(getenv("HOSO_BASE_URL"), "/"),
		Issuer: getenv("HOSO_ISSUER"), ClientID: getenv("HOSO_CLIENT_ID"), Secret: getenv("HOSO_CLIENT_SECRET"), Pay: getenv("HOSO_PAY_URL"),
		SMTP: getenv("HOSO_SMTP"), SMTPUser: getenv("HOSO_SMTP_USER"), SMTPSecret: getenv("HOSO_SMTP_PASSWORD"), SMTPTLS: getenv("HOSO_SMTP_TLS") == "require",
		MailFrom: getenv("HOSO_MAIL_FROM"), SMS: getenv("HOSO_SMS_URL"), SMSToken: getenv("HOSO_SMS_TOKEN"), Keys: getenv("HOSO_KEYS"),
		Treasury: getenv("HOSO_TREASURY"), Procedures: getenv("HOSO_PROCEDURES"), Studio: getenv("HOSO_STUDIO") == "on", StudioDB: getenv("HOSO_STUDIO_DATABASE_URL"), TSA: getenv("HOSO_TSA_URL"), TSATrust: getenv("HOSO_TSA_TRUST"), AnchorDir: getenv("HOSO_ANCHOR_DIR"),
		Registries: map[string]string{}}
	if s.Addr == "" {
		s.Addr = "127.0.0.1:8080"
	}
	var missing []string
	for name, value := range map[string]string{"DATABASE_URL": s.Database, "HOSO_BASE_URL": s.BaseURL, "HOSO_ISSUER": s.Issuer, "HOSO_CLIENT_ID": s.ClientID,
		"HOSO_REGISTRIES": getenv("HOSO_REGISTRIES"), "HOSO_PAY_URL": s.Pay, "HOSO_SMTP": s.SMTP, "HOSO_MAIL_FROM": s.MailFrom, "HOSO_KEYS": s.Keys} {
		if value == "" {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return s, fmt.Errorf("set %s (docs/operations.md says what they are), or run `hoso dev` for development", andList(missing))
	}
	if (s.TSA == "") != (s.TSATrust == "") {
		return s, errors.New("set both HOSO_TSA_URL and HOSO_TSA_TRUST, the certificate that the authority's time-stamps must lead to, or neither")
	}
	for pair := range strings.SplitSeq(getenv("HOSO_REGISTRIES"), ",") {
		name, at, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if u, err := url.Parse(at); !ok || err != nil || u.Host == "" {
			return s, fmt.Errorf("HOSO_REGISTRIES: %q is not NAME=URL", pair)
		}
		s.Registries[name] = at
	}
	if u, err := url.Parse(s.BaseURL); err != nil || u.Host == "" {
		return s, errors.New("HOSO_BASE_URL is no address: write https://HOST")
	}
	var err error
	if s.Limits, err = limits(getenv("HOSO_LIMITS")); err != nil {
		return s, err
	}
	if s.Warn, err = warnings(getenv("HOSO_WARN")); err != nil {
		return s, err
	}
	s.Now, err = failpoint.FromEnvironment(getenv, os.Stderr)
	return s, err
}

// warnings reads HOSO_WARN: remind=4h,head=1wd and so on; what is not named keeps its default.
func warnings(text string) (w cases.Warnings, err error) {
	if text == "" {
		return w, nil
	}
	of := map[string]*calendar.Duration{"remind": &w.Remind, "head": &w.Head, "upper": &w.Upper, "apology": &w.Apology, "last-call": &w.LastCall}
	for pair := range strings.SplitSeq(text, ",") {
		name, delay, _ := strings.Cut(strings.TrimSpace(pair), "=")
		d := of[name]
		if d == nil {
			return w, fmt.Errorf("HOSO_WARN: %q is none of remind, head, upper, apology and last-call", name)
		}
		if *d, err = calendar.ParseDuration(delay); err != nil {
			return w, fmt.Errorf("HOSO_WARN: %s: %w", name, err)
		}
	}
	return w, nil
}
