package notice_test

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/notice"
)

// cutOff is a mail server that hangs up at a command, or at the end of the
// message when at is a dot.
func cutOff(t *testing.T, at string) *notice.Sender {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		say := func(line string) { _, _ = c.Write([]byte(line + "\r\n")) }
		say("220 mail.test")
		content := false
		for in := bufio.NewScanner(c); in.Scan(); {
			line := in.Text()
			switch word, _, _ := strings.Cut(line, " "); {
			case line == at, word == at:
				return
			case content && line != ".":
			case content:
				content = false
				say("250 taken")
			case word == "DATA":
				content = true
				say("354 go on")
			default:
				say("250 ok")
			}
		}
	}()
	n, err := notice.New(notice.Config{SMTP: l.Addr().String(), From: "Hồ sơ <no-reply@dvc.example>", Limit: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A mail whose end was handed over and whose receipt got lost may have been
// taken; one that was cut off before was not, and after the receipt it was.
func TestCutOff(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]error{"MAIL": notice.ErrBusy, "DATA": notice.ErrBusy, ".": notice.ErrMaybeSent, "RSET": nil, "QUIT": nil} {
		err := cutOff(t, at).Email(t.Context(), notice.Email{Key: "k", To: "an@example.vn", Subject: "Thử", Text: "Thử"})
		if want == nil && err != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("hung up at %s: got %v, want %v", at, err, want)
		}
	}
}
