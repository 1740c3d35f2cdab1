package jobs

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/payment"
)

// failing gives the fixture a way for payments that fail or are in doubt.
var failing = []string{"signals: {paid: {to: intake}}", "signals: {paid: {to: intake}, payment-failed: {to: lapsed, effects: [notify: done]}, payment-unknown: {to: doubt, effects: [notify: done]}}",
	"  lapsed: {title:", `  doubt:
    title: {vi: Đang đối soát, en: In doubt}
    kind: wait
    for: applicant
    clock: off
    signals: {paid: {to: intake}}
    actions: {again: {title: {vi: Nộp lại, en: Pay again}, to: payment, max: 1, effects: [request-payment: fee]}}
    after: {3d: {to: lapsed, effects: [notify: done]}}
  lapsed: {title:`}

// asked files a case that costs 10.000 đồng and has the order placed.
func (h *house) asked() (*cases.Case, payment.Event) {
	h.t.Helper()
	c := h.file(10)
	h.drain()
	order := one[uuid.UUID](h, `SELECT order_id FROM case_payments WHERE case_id = $1`, c.ID)
	return c, payment.Event{ID: uuid.NewString(), Order: order.String(), State: payment.Paid, Amount: 10000, Receipt: "BL-1", At: h.clock()}
}

// Callbacks may come twice and in any order: the case hears of the payment once.
func TestCallbacks(t *testing.T) {
	t.Parallel()
	paid := func(e payment.Event) payment.Event { return e }
	failed := func(e payment.Event) payment.Event {
		e.ID, e.State, e.Receipt = "failed", payment.Failed, ""
		return e
	}
	refunded := func(e payment.Event) payment.Event {
		e.ID, e.State = "refunded", payment.Refunded
		return e
	}
	for _, tt := range []struct {
		name      string
		events    []func(payment.Event) payment.Event
		state     string
		payment   string
		signals   int
		effect    int
		recorded  int
		procedure []string
	}{
		{"paid", []func(payment.Event) payment.Event{paid}, "intake", "paid", 1, 2, 1, failing},
		{"paid twice", []func(payment.Event) payment.Event{paid, paid}, "intake", "paid", 1, 2, 1, failing},
		{"failed after paid", []func(payment.Event) payment.Event{paid, failed}, "intake", "paid", 1, 2, 2, failing},
		{"paid, paid back", []func(payment.Event) payment.Event{paid, refunded, paid}, "intake", "refunded", 1, 2, 2, failing},
		{"paid after the case was closed, paid back", []func(payment.Event) payment.Event{failed, paid, refunded}, "lapsed", "refunded", 2, 2, 3, failing},
		{"failed", []func(payment.Event) payment.Event{failed, failed}, "lapsed", "failed", 1, 3, 1, failing},
		{"paid after the case was closed", []func(payment.Event) payment.Event{failed, paid}, "lapsed", "paid", 2, 4, 2, failing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, tt.procedure...)
			c, e := h.asked()
			for _, change := range tt.events {
				must(t, h.cases.PaymentEvent(t.Context(), change(e)))
			}
			if s := h.state(c); s != tt.state {
				t.Errorf("the case is %s, want %s", s, tt.state)
			}
			if s := one[string](h, `SELECT status FROM case_payments WHERE case_id = $1`, c.ID); s != tt.payment {
				t.Errorf("the payment is %s, want %s", s, tt.payment)
			}
			if n := one[int](h, `SELECT count(*) FROM case_events WHERE case_id = $1 AND kind = 'signal'`, c.ID); n != tt.signals {
				t.Errorf("%d signals, want %d", n, tt.signals)
			}
			if n := one[int](h, `SELECT count(*) FROM payment_events`); n != tt.recorded {
				t.Errorf("%d events written down, want %d", n, tt.recorded)
			}
			if st := one[int](h, `SELECT status FROM case_effects WHERE case_id = $1 AND type = 'request-payment'`, c.ID); st != tt.effect {
				t.Errorf("the effect has status %d, want %d", st, tt.effect)
			}
		})
	}
}

// A case has what the platform said: number, amount and day.
func TestPaidBrings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c, e := h.asked()
	e.At = time.Date(2026, 11, 26, 18, 30, 0, 0, time.UTC) // half past one on the 27th in Hanoi
	must(t, h.cases.PaymentEvent(t.Context(), e))
	got := one[string](h, `SELECT concat_ws(' ', memory->'output'->>'receipt', memory->'output'->>'amount', memory->'output'->>'paidOn') FROM cases WHERE id = $1`, c.ID)
	if got != "BL-1 10000 2026-11-27" {
		t.Errorf("case.output has %q", got)
	}
}

// An order that no case placed, and an amount that was not asked for.
func TestStrangeCallbacks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c, e := h.asked()
	for _, id := range []string{uuid.NewString(), "not an order"} {
		strange := e
		strange.Order = id
		if err := h.cases.PaymentEvent(t.Context(), strange); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("order %s: %v", id, err)
		}
	}
	e.Amount = 9000
	for range 2 {
		if err := h.cases.PaymentEvent(t.Context(), e); !errors.Is(err, cases.ErrAmount) {
			t.Errorf("9000 instead of 10000: %v", err)
		}
	}
	if s := h.state(c); s != "payment" {
		t.Errorf("the case is %s", s)
	}
	if st := one[int](h, `SELECT status FROM case_effects WHERE case_id = $1 AND type = 'request-payment'`, c.ID); st != 4 {
		t.Errorf("status %d, want given up", st)
	}
	if s := one[string](h, `SELECT status FROM case_payments WHERE case_id = $1`, c.ID); s != "ready" {
		t.Errorf("the payment is %s", s)
	}
}

// When the callback does not come, the platform is asked.
func TestLook(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c, e := h.asked()
	h.wait(2 * time.Minute)
	h.drain()
	if s := h.state(c); s != "payment" {
		t.Fatalf("the case is %s before anybody paid", s)
	}
	h.status[e.Order] = payment.Status{Order: e.Order, State: payment.Paid, Amount: 10000, Receipt: "BL-1", At: h.clock()}
	must(t, h.cases.PayerReturned(t.Context(), citizen(an), c.Code))
	h.drain()
	if s := h.state(c); s != "intake" {
		t.Errorf("the case is %s", s)
	}
	must(t, h.cases.PaymentEvent(t.Context(), e)) // the callback comes after all
	if n := one[int](h, `SELECT count(*) FROM case_events WHERE case_id = $1 AND kind = 'signal'`, c.ID); n != 1 {
		t.Errorf("%d signals", n)
	}
	if len(h.orders) != 1 {
		t.Errorf("%d orders", len(h.orders))
	}
}

// A platform that says nothing for an hour makes the case say so, once; what it
// says later still counts.
func TestSilence(t *testing.T) {
	t.Parallel()
	h := newHouse(t, failing...)
	c, e := h.asked()
	h.payFails = payment.ErrUnavailable
	for range 30 {
		h.wait(10 * time.Minute)
		h.drain()
	}
	if s := h.state(c); s != "doubt" {
		t.Fatalf("the case is %s", s)
	}
	if n := one[int](h, `SELECT count(*) FROM case_events WHERE case_id = $1 AND kind = 'signal'`, c.ID); n != 1 {
		t.Errorf("%d signals", n)
	}
	h.payFails = nil
	must(t, h.cases.PaymentEvent(t.Context(), e))
	if s := h.state(c); s != "intake" {
		t.Errorf("the case is %s", s)
	}
}

// An order that could not be placed is placed once, with what was asked first.
func TestOrderOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.payFails = payment.ErrUnavailable
	c := h.file(10)
	h.drain()
	if s := one[string](h, `SELECT status FROM case_payments WHERE case_id = $1`, c.ID); s != "asked" {
		t.Errorf("the payment is %s", s)
	}
	h.payFails = nil
	h.wait(5 * time.Second)
	h.drain()
	h.exec(`UPDATE case_effects SET next_at = $1`, h.clock())
	h.exec(`UPDATE case_payments SET status = 'asked'`) // the worker died before it wrote the answer down
	h.drain()
	if len(h.orders) != 1 {
		t.Errorf("%d orders", len(h.orders))
	}
	if u := one[string](h, `SELECT pay_url FROM case_payments WHERE case_id = $1`, c.ID); u == "" {
		t.Error("the citizen cannot pay")
	}
}
