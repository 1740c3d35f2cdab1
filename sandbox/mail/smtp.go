package mail

import (
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/hoso-gov/hoso/sandbox/drill"
)

// Server speaks SMTP and delivers to a box.
func Server(box *Box, board *drill.Board, part string) *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{box: box, board: board, part: part}, nil
	}))
	s.Domain = "sandbox.localhost"
	s.EnableSMTPUTF8 = true
	s.MaxMessageBytes = 4 << 20
	s.MaxRecipients = 20
	s.ReadTimeout = 30 * time.Second
	s.WriteTimeout = 30 * time.Second
	s.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

// Listen opens the SMTP port.
func Listen(addr string) (net.Listener, error) { return net.Listen("tcp", addr) }

type session struct {
	box   *Box
	board *drill.Board
	part  string
	from  string
	to    []string
}

// busy is what a mail server says that wants to be asked again later.
var busy = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "out of service, try again later"}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt refuses addresses at nowhere.invalid for good, so that this can be tried.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasSuffix(strings.ToLower(to), "@nowhere.invalid") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	sw := s.board.Take(s.part)
	if sw.Slow > 0 {
		time.Sleep(time.Duration(sw.Slow) * time.Millisecond)
	}
	if sw.Down {
		return busy
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := parse(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: fmt.Sprintf("cannot read the mail: %v", err)}
	}
	m.From = s.from
	for _, to := range s.to {
		m.To = to
		times := 1
		if sw.Repeat {
			times = 2
		}
		for range times {
			if err := s.box.deliver(m); err != nil {
				return err
			}
		}
	}
	if sw.DoneButError {
		return busy
	}
	return nil
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }
