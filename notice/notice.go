// Package notice sends e-mail by SMTP and short messages by HTTP. A message has
// a key, and a second attempt with the same key carries the same Message-ID or
// Idempotency-Key, so that the citizen reads it once.
//
// The words come from the caller, who keeps personal data out of them; when to
// try again is decided by package jobs.
package notice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

var (
	// ErrBusy reports that the message was not taken now: try again later with the same key.
	ErrBusy = errors.New("message service busy")

	// ErrMaybeSent reports a mail that the server may have taken: it was handed over
	// whole, and the connection broke before the server's word on it came. Mail has
	// neither a key that the server knows nor a way to ask, so sending it again may
	// make two of it, which only a reader's program can tell by their Message-ID.
	ErrMaybeSent = errors.New("mail server may have taken it")

	// ErrNoAddress reports an address that does not exist: no later attempt can succeed.
	ErrNoAddress = errors.New("no such address")
)

// Config says where messages are handed over. SMTP and From are required for
// e-mail, SMS for short messages.
type Config struct {
	SMTP     string // host:port of the mail server
	TLS      bool   // insist on STARTTLS; false takes it when offered
	User     string // empty: no authentication
	Password string
	From     string // an address with a name: "Cổng dịch vụ công <no-reply@example.vn>"
	SMS      string // URL that takes {to, text}
	SMSToken string // bearer token of the SMS service; empty: none
	Client   *http.Client
	Limit    time.Duration // time limit of one attempt; default 10 s
}

// A Sender sends messages. It may be used by many at once.
type Sender struct {
	cfg  Config
	from *mail.Address
	host string
	opts []gomail.Option
}

// New checks the configuration; it does not reach out yet.
func New(cfg Config) (*Sender, error) {
	if cfg.Limit == 0 {
		cfg.Limit = 10 * time.Second
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{}
	}
	from, err := mail.ParseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("notice: From %q: %w", cfg.From, err)
	}
	host, port, err := net.SplitHostPort(cfg.SMTP)
	if err != nil {
		return nil, fmt.Errorf("notice: SMTP %q: %w", cfg.SMTP, err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("notice: SMTP %q: %w", cfg.SMTP, err)
	}
	policy := gomail.TLSOpportunistic
	if cfg.TLS {
		policy = gomail.TLSMandatory
	}
	opts := []gomail.Option{gomail.WithPort(n), gomail.WithTLSPolicy(policy), gomail.WithTimeout(cfg.Limit), gomail.WithHELO("hoso.localdomain")}
	if cfg.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(cfg.User), gomail.WithPassword(cfg.Password))
	}
	return &Sender{cfg: cfg, from: from, host: host, opts: opts}, nil
}

// messageID is the same for the same key and recipient, at our domain.
func (s *Sender) messageID(key, to string) string {
	_, domain, _ := strings.Cut(s.from.Address, "@")
	sum := sha256.Sum256([]byte(key + "\x00" + strings.ToLower(to)))
	return fmt.Sprintf("%x@%s", sum[:16], domain)
}

// SMS sends a short message. Errors wrap [ErrBusy] or [ErrNoAddress].
func (s *Sender) SMS(ctx context.Context, key, to, text string) error {
	to = phoneMarks.Replace(to)
	if !phone.MatchString(to) {
		return fmt.Errorf("sms %s: %w", key, ErrNoAddress)
	}
	if s.cfg.SMS == "" {
		return fmt.Errorf("sms %s: no SMS service is configured", key)
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Limit)
	defer cancel()
	body, err := json.Marshal(map[string]string{"to": to, "text": text})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.SMS, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	if s.cfg.SMSToken != "" {
		req.Header.Set("Authorization", "Bearer "+s.cfg.SMSToken)
	}
	resp, err := s.cfg.Client.Do(req)
	if err != nil {
		return fmt.Errorf("sms %s: %w: %w", key, ErrBusy, err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	switch {
	case resp.StatusCode/100 == 2:
		return nil
	case resp.StatusCode >= 500, resp.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("sms %s: %w: answered %s", key, ErrBusy, resp.Status)
	case resp.StatusCode == http.StatusUnprocessableEntity:
		return fmt.Errorf("sms %s: %w", key, ErrNoAddress)
	default:
		return fmt.Errorf("sms %s: the service answered %s", key, resp.Status)
	}
}

var (
	phone      = regexp.MustCompile(`^\+?[0-9]{8,15}$`)
	phoneMarks = strings.NewReplacer(" ", "", ".", "", "-", "")
)
