package notice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// An Email is a message in plain words. The HTML part is made from the same
// words, so that both say the same.
type Email struct {
	Key     string // the same key is the same message
	To      string
	Subject string
	Text    string // paragraphs are parted by empty lines
	Link    string // to the page with the details, behind the sign-in; may be empty
	Button  string // words of the link
	Lang    string // vi or en; default vi
}

var body = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><title>{{.Subject}}</title></head>
<body style="margin:0;padding:24px;background:#f3f5f7;color:#1a1f24;font:16px/1.5 sans-serif">
<div style="max-width:36em;margin:0 auto;padding:24px;background:#fff;border-radius:8px">
<h1 style="font-size:20px;margin:0 0 16px">{{.Subject}}</h1>
{{range .Paragraphs}}<p>{{.}}</p>
{{end}}{{if .Link}}<p><a href="{{.Link}}" style="display:inline-block;padding:10px 18px;background:#8a1c1c;color:#fff;border-radius:6px;text-decoration:none">{{.Button}}</a></p>
<p style="color:#56616c;overflow-wrap:anywhere">{{.Link}}</p>
{{end}}</div></body></html>
`))

// Email sends a mail with a plain and an HTML part. Errors wrap [ErrBusy],
// [ErrMaybeSent] or [ErrNoAddress].
func (s *Sender) Email(ctx context.Context, e Email) error {
	msg, err := s.compose(e)
	if err != nil {
		return fmt.Errorf("e-mail %s: %w", e.Key, err)
	}
	client, err := gomail.NewClient(s.host, s.opts...)
	if err != nil {
		return fmt.Errorf("e-mail %s: %w", e.Key, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Limit)
	defer cancel()
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() { // what fails after the server has taken it is only the good-bye
		return nil
	}
	return fmt.Errorf("e-mail %s: %w: %w", e.Key, kindOf(err), err)
}

// kindOf tells whether another attempt can succeed. A server that refuses the
// recipient for good (5xx) leaves no hope; a connection that breaks between the
// end of the message and the server's word on it leaves open whether it was
// taken; all else may pass, and nothing was taken.
func kindOf(err error) error {
	sent, ok := errors.AsType[*gomail.SendError](err)
	switch {
	case !ok:
	case sent.Reason == gomail.ErrSMTPRcptTo && !sent.IsTemp() && sent.ErrorCode() >= 500:
		return ErrNoAddress
	case sent.Reason == gomail.ErrSMTPDataClose && sent.ErrorCode() == 0:
		return ErrMaybeSent
	}
	return ErrBusy
}

func (s *Sender) compose(e Email) (*gomail.Msg, error) {
	to, err := mail.ParseAddress(e.To)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAddress, err)
	}
	if e.Lang == "" {
		e.Lang = "vi"
	}
	if e.Button == "" {
		e.Button = map[string]string{"vi": "Xem chi tiết"}[e.Lang]
		if e.Button == "" {
			e.Button = "Show details"
		}
	}
	paragraphs := strings.Split(strings.TrimSpace(strings.ReplaceAll(e.Text, "\r\n", "\n")), "\n\n")
	var html bytes.Buffer
	if err := body.Execute(&html, struct {
		Email
		Paragraphs []string
	}{e, paragraphs}); err != nil {
		return nil, err
	}
	plain := strings.Join(paragraphs, "\n\n") + "\n"
	if e.Link != "" {
		plain += "\n" + e.Button + ": " + e.Link + "\n"
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&mail.Address{Name: s.from.Name, Address: s.from.Address})
	if err := m.To(to.Address); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAddress, err)
	}
	m.Subject(e.Subject)
	m.SetMessageIDWithValue(s.messageID(e.Key, to.Address))
	m.SetDate()
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("Content-Language", e.Lang)
	m.SetBodyString(gomail.TypeTextPlain, plain)
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return m, nil
}
