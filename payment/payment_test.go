package payment_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/sandbox"
	"github.com/hoso-gov/hoso/sandbox/drill"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// portal is our side: it takes callbacks as the portal would.
type portal struct {
	gateway *payment.Gateway
	url     string
	busy    int // callbacks to answer 503 first

	mu     sync.Mutex
	events []payment.Event
	last   *http.Request // as it came, with its body
	body   string
	forged int
	heard  chan struct{}
}

func (p *portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	p.last, p.body = r.Clone(context.Background()), string(body)
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	if p.busy > 0 {
		p.busy--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	event, err := p.gateway.ParseCallback(r)
	switch {
	case errors.Is(err, payment.ErrForged):
		p.forged++
		w.WriteHeader(http.StatusUnauthorized)
	case err != nil:
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		p.events = append(p.events, event)
	}
	select {
	case p.heard <- struct{}{}:
	default:
	}
}

func (p *portal) wait(t *testing.T, enough func() bool) {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		p.mu.Lock()
		ok := enough()
		p.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-p.heard:
		case <-late:
			t.Fatalf("no callback; events %+v, forged %d", p.events, p.forged)
		}
	}
}

func setup(t *testing.T) (*sandbox.Sandbox, *portal) {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Config{HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	p := &portal{heard: make(chan struct{}, 1)}
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	p.url = srv.URL
	at := s.Addresses()
	p.gateway, err = payment.New(payment.Config{URL: at.Pay, Keys: signed.NewRemote(at.Pay+"/jwks.json", nil), Signer: s.Signer(), CallbackURL: srv.URL + "/payments/callback"})
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

var order = payment.Order{ID: "c-1", Amount: 10_000, Account: "3511.0.1", Purpose: "Lệ phí đăng ký thường trú", ReturnURL: "http://127.0.0.1:8080/cases/1"}

// choose does what a payer does on the page, and returns where the browser goes.
func choose(t *testing.T, page, choice string) *url.URL {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.PostForm(page, url.Values{"choice": {choice}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// An order is one order however often it is placed; paying it is reported until
// somebody listens, and can be asked for.
func TestPay(t *testing.T) {
	s, p := setup(t)
	ctx := t.Context()
	if err := s.Board.Set("pay", drill.Switch{DoneButError: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.gateway.Order(ctx, order); !errors.Is(err, payment.ErrUnavailable) {
		t.Fatalf("done but error: got %v", err)
	}
	page, err := p.gateway.Order(ctx, order)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := p.gateway.Order(ctx, order); err != nil || again != page {
		t.Errorf("again: got %s, %v, want %s", again, err, page)
	}
	other := order
	other.Amount = 20_000
	if _, err := p.gateway.Order(ctx, other); !errors.Is(err, payment.ErrRejected) {
		t.Errorf("another amount: got %v, want ErrRejected", err)
	}
	if st, err := p.gateway.Status(ctx, "c-1"); err != nil || st.State != payment.Pending {
		t.Errorf("before: got %+v, %v", st, err)
	}
	if to := choose(t, page, "later"); to.Query().Get("status") != "pending" {
		t.Errorf("later: back at %s", to)
	}
	p.busy = 1
	if to := choose(t, page, "pay"); to.Path != "/cases/1" || to.Query().Get("order") != "c-1" || to.Query().Get("status") != "paid" {
		t.Errorf("back at %s", to)
	}
	p.wait(t, func() bool { return len(p.events) == 1 })
	e := p.events[0]
	if e.Order != "c-1" || e.State != payment.Paid || e.Amount != 10_000 || e.Receipt == "" || e.ID == "" {
		t.Errorf("got %+v", e)
	}
	choose(t, page, "refuse")
	st, err := p.gateway.Status(ctx, "c-1")
	if err != nil || st.State != payment.Paid || st.Receipt != e.Receipt {
		t.Errorf("paid, then refused: got %+v, %v", st, err)
	}
	for range 2 {
		if st, err := p.gateway.Refund(ctx, "c-1"); err != nil || st.State != payment.Refunded || st.Refund == "" {
			t.Errorf("refund: got %+v, %v", st, err)
		}
	}
	if st, err := p.gateway.Status(ctx, "nobody/knows"); err != nil || st.State != payment.Unknown {
		t.Errorf("unknown order: got %+v, %v", st, err)
	}
}

// Declining is reported too, and nothing is left to refund.
func TestDecline(t *testing.T) {
	_, p := setup(t)
	page, err := p.gateway.Order(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	choose(t, page, "refuse")
	p.wait(t, func() bool { return len(p.events) == 1 })
	if e := p.events[0]; e.State != payment.Failed || e.Receipt != "" {
		t.Errorf("got %+v", e)
	}
	if _, err := p.gateway.Refund(t.Context(), "c-1"); !errors.Is(err, payment.ErrRejected) {
		t.Errorf("refund: got %v, want ErrRejected", err)
	}
}

// An order that is cancelled cannot be paid, also when it is placed only then;
// one that was paid stays so.
func TestCancel(t *testing.T) {
	_, p := setup(t)
	ctx := t.Context()
	page, err := p.gateway.Order(ctx, order)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if st, err := p.gateway.Cancel(ctx, "c-1"); err != nil || st.State != payment.Failed {
			t.Errorf("cancel: got %+v, %v", st, err)
		}
	}
	choose(t, page, "pay")
	if st, err := p.gateway.Status(ctx, "c-1"); err != nil || st.State != payment.Failed {
		t.Errorf("paid after it was cancelled: got %+v, %v", st, err)
	}
	late := order
	late.ID = "c-2"
	if st, err := p.gateway.Cancel(ctx, late.ID); err != nil || st.State != payment.Failed {
		t.Errorf("cancel of what was not ordered: got %+v, %v", st, err)
	}
	if page, err = p.gateway.Order(ctx, late); err != nil {
		t.Fatal(err)
	}
	choose(t, page, "pay")
	if st, err := p.gateway.Status(ctx, late.ID); err != nil || st.State != payment.Failed {
		t.Errorf("ordered after it was cancelled: got %+v, %v", st, err)
	}
	paid := order
	paid.ID = "c-3"
	if page, err = p.gateway.Order(ctx, paid); err != nil {
		t.Fatal(err)
	}
	choose(t, page, "pay")
	if st, err := p.gateway.Cancel(ctx, paid.ID); err != nil || st.State != payment.Paid {
		t.Errorf("cancel of what was paid: got %+v, %v", st, err)
	}
}

// A callback sent twice names the same event; a copy of one that was heard, and
// a forged one, are not believed.
func TestCallbacks(t *testing.T) {
	s, p := setup(t)
	if err := s.Board.Set("pay-callback", drill.Switch{Wrong: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	page, err := p.gateway.Order(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	choose(t, page, "pay")
	p.wait(t, func() bool { return p.forged == 1 })
	if err := s.Board.Set("pay-callback", drill.Switch{Repeat: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	p.wait(t, func() bool { return len(p.events) == 2 })
	if p.events[0].ID != p.events[1].ID {
		t.Errorf("the same event has ids %s and %s", p.events[0].ID, p.events[1].ID)
	}
	for name, change := range map[string]func(*http.Request){
		"a copy":       func(*http.Request) {},
		"another path": func(r *http.Request) { r.URL.Path = "/elsewhere" },
		"not signed":   func(r *http.Request) { r.Header.Del(signed.Header) },
		"another amount": func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(strings.Replace(p.body, "10000", "1", 1)))
		},
	} {
		r := p.last.Clone(t.Context())
		r.Body = io.NopCloser(strings.NewReader(p.body))
		change(r)
		if _, err := p.gateway.ParseCallback(r); !errors.Is(err, payment.ErrForged) {
			t.Errorf("%s: got %v, want ErrForged", name, err)
		}
	}
}

// A platform that is down or answers forgeries is unavailable, never a payment.
func TestUnavailable(t *testing.T) {
	s, p := setup(t)
	for name, sw := range map[string]drill.Switch{"down": {Down: true}, "wrong": {Wrong: true}} {
		if err := s.Board.Set("pay", sw); err != nil {
			t.Fatal(err)
		}
		if _, err := p.gateway.Order(t.Context(), order); !errors.Is(err, payment.ErrUnavailable) {
			t.Errorf("%s, order: got %v", name, err)
		}
		if st, err := p.gateway.Status(t.Context(), "c-1"); !errors.Is(err, payment.ErrUnavailable) {
			t.Errorf("%s, status: got %+v, %v", name, st, err)
		}
	}
}
