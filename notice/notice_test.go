package notice_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/notice"
	"github.com/hoso-gov/hoso/sandbox"
	"github.com/hoso-gov/hoso/sandbox/drill"
	"github.com/hoso-gov/hoso/sandbox/mail"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

func setup(t *testing.T) (*sandbox.Sandbox, *notice.Sender) {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Config{HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	at := s.Addresses()
	n, err := notice.New(notice.Config{SMTP: at.SMTP, From: "Cổng dịch vụ công <no-reply@dvc.example>", SMS: at.SMS})
	if err != nil {
		t.Fatal(err)
	}
	return s, n
}

func inbox(t *testing.T, s *sandbox.Sandbox, to string) []mail.Message {
	t.Helper()
	resp, err := http.Get(s.Addresses().Base + "/mail.json?to=" + url.QueryEscape(to))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out []mail.Message
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// A mail arrives as it was written, in text and HTML; a second attempt with the
// same key is the same message, another key another one.
func TestEmail(t *testing.T) {
	s, n := setup(t)
	e := notice.Email{Key: "case-7/3/0", To: "an@example.vn", Subject: "Hồ sơ đã được tiếp nhận",
		Text: "Hồ sơ H01.00004-261124-000001 đã được tiếp nhận.\n\nHẹn trả kết quả: 17 giờ ngày 03/12/2026 <sớm>.", Link: "https://dvc.example/cases/1"}
	for range 2 {
		if err := n.Email(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	e.Key = "case-7/4/0"
	if err := n.Email(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	got := inbox(t, s, "an@example.vn")
	if len(got) != 2 || got[1].Times != 2 || got[0].Times != 1 {
		t.Fatalf("got %+v", got)
	}
	m := got[1]
	if m.Subject != e.Subject || m.From != "no-reply@dvc.example" || !strings.HasSuffix(m.Key, "@dvc.example") {
		t.Errorf("got %+v", m)
	}
	if want := e.Text + "\n\nXem chi tiết: https://dvc.example/cases/1"; m.Text != want {
		t.Errorf("text is %q, want %q", m.Text, want)
	}
	if !strings.Contains(m.HTML, "03/12/2026 &lt;sớm&gt;") || !strings.Contains(m.HTML, `href="https://dvc.example/cases/1"`) || !strings.Contains(m.HTML, `lang="vi"`) {
		t.Errorf("HTML is %s", m.HTML)
	}
	if len(inbox(t, s, "binh@example.vn")) != 0 {
		t.Error("a stranger got mail")
	}
	resp, err := http.Get(s.Addresses().Base + "/mail/" + m.ID)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the page of the message: %s", resp.Status)
	}
}

// Busy passes, a missing address does not; after a lost answer the second
// attempt makes no second message.
func TestEmailErrors(t *testing.T) {
	s, n := setup(t)
	e := notice.Email{Key: "k", To: "an@example.vn", Subject: "Thử", Text: "Thử"}
	for name, sw := range map[string]drill.Switch{"down": {Down: true, Times: 1}, "done but error": {DoneButError: true, Times: 1}} {
		if err := s.Board.Set("mail", sw); err != nil {
			t.Fatal(err)
		}
		if err := n.Email(t.Context(), e); !errors.Is(err, notice.ErrBusy) {
			t.Errorf("%s: got %v, want ErrBusy", name, err)
		}
	}
	if err := n.Email(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if got := inbox(t, s, "an@example.vn"); len(got) != 1 {
		t.Errorf("got %d messages, want 1", len(got))
	}
	for _, to := range []string{"ai@nowhere.invalid", "không phải thư", ""} {
		e.To = to
		if err := n.Email(t.Context(), e); !errors.Is(err, notice.ErrNoAddress) {
			t.Errorf("to %q: got %v, want ErrNoAddress", to, err)
		}
	}
	s.Close()
	e.To = "an@example.vn"
	if err := n.Email(context.Background(), e); !errors.Is(err, notice.ErrBusy) {
		t.Errorf("no server: got %v, want ErrBusy", err)
	}
}

// The same for short messages.
func TestSMS(t *testing.T) {
	s, n := setup(t)
	if err := s.Board.Set("sms", drill.Switch{DoneButError: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if err := n.SMS(t.Context(), "k1", "0912 345 678", "Hồ sơ đã có kết quả."); !errors.Is(err, notice.ErrBusy) {
		t.Errorf("done but error: got %v", err)
	}
	if err := n.SMS(t.Context(), "k1", "0912 345 678", "Hồ sơ đã có kết quả."); err != nil {
		t.Fatal(err)
	}
	if got := inbox(t, s, "0912345678"); len(got) != 1 || got[0].Times != 2 || got[0].Text != "Hồ sơ đã có kết quả." || got[0].Kind != "sms" {
		t.Errorf("got %+v", got)
	}
	if err := n.SMS(t.Context(), "k2", "không có số", "x"); !errors.Is(err, notice.ErrNoAddress) {
		t.Errorf("got %v, want ErrNoAddress", err)
	}
}

// A mistake in the configuration shows at the start.
func TestNew(t *testing.T) {
	for _, cfg := range []notice.Config{{}, {From: "a@b.vn"}, {From: "a@b.vn", SMTP: "localhost"}, {From: "nobody", SMTP: "localhost:25"}} {
		if _, err := notice.New(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}
