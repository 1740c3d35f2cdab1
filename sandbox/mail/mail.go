// Package mail plays the mail and message services: a real SMTP server that
// takes mail for anybody and delivers it to pages, and an HTTP endpoint for
// short messages. Nothing leaves the machine.
package mail

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// A Message arrived for one recipient.
type Message struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"` // email, sms
	Key       string    `json:"key"`  // Message-ID of a mail, key of a short message
	From      string    `json:"from"`
	To        string    `json:"to"`
	Subject   string    `json:"subject,omitempty"`
	Text      string    `json:"text"`
	HTML      string    `json:"html,omitempty"`
	ArrivedAt time.Time `json:"arrivedAt"`
	Times     int       `json:"times"` // the same message arrived this often
}

// Store keeps messages over restarts.
type Store interface {
	Load(into any) (found bool, err error)
	Save(value any) error
}

// usual is how many messages a box holds when nobody says otherwise.
const usual = 2000

// A Box holds what arrived, of all recipients.
type Box struct {
	store Store
	keep  int

	mu       sync.Mutex
	messages []Message // oldest first
}

// NewBox opens the box, which holds the newest keep messages; 0: 2000.
func NewBox(s Store, keep int) (*Box, error) {
	b := &Box{store: s, keep: cmp.Or(keep, usual)}
	_, err := s.Load(&b.messages)
	return b, err
}

// deliver puts a message into the box; one that arrives again is counted, as a
// mail reader would merge it by its id.
func (b *Box) deliver(m Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.messages {
		if old := &b.messages[i]; m.Key != "" && old.Key == m.Key && old.To == m.To && old.Kind == m.Kind {
			old.Times++
			return b.store.Save(b.messages)
		}
	}
	m.ID, m.ArrivedAt, m.Times = uuid.NewString(), time.Now().UTC(), 1
	b.messages = append(b.messages, m)
	if len(b.messages) > b.keep {
		b.messages = slices.Delete(b.messages, 0, len(b.messages)-b.keep)
	}
	return b.store.Save(b.messages)
}

// Messages lists what arrived for to, newest first; all when to is empty.
func (b *Box) Messages(to string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []Message{}
	for _, m := range slices.Backward(b.messages) {
		if to == "" || strings.EqualFold(m.To, to) {
			out = append(out, m)
		}
	}
	return out
}

// Message finds one message.
func (b *Box) Message(id string) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.messages, func(m Message) bool { return m.ID == id })
	if i < 0 {
		return Message{}, false
	}
	return b.messages[i], true
}

// Reset empties the box.
func (b *Box) Reset() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = nil
	return b.store.Save([]Message{})
}

// parse reads a mail: its subject and its text and HTML parts.
func parse(raw []byte) (Message, error) {
	in, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Message{}, err
	}
	m := Message{Kind: "email", Key: strings.Trim(in.Header.Get("Message-ID"), "<>")}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(in.Header.Get("Subject")); err != nil {
		m.Subject = in.Header.Get("Subject")
	}
	err = m.part(in.Header.Get("Content-Type"), in.Header.Get("Content-Transfer-Encoding"), in.Body, 0)
	return m, err
}

func (m *Message) part(contentType, encoding string, body io.Reader, depth int) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		if depth > 5 {
			return fmt.Errorf("parts are nested too deep")
		}
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p, depth+1); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(io.LimitReader(body, 1<<20))
	if err != nil {
		return err
	}
	switch {
	case kind == "text/html" && m.HTML == "":
		m.HTML = string(text)
	case kind == "text/plain" && m.Text == "":
		m.Text = strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	}
	return nil
}
