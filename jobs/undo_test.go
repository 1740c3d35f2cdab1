package jobs

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/registry"
)

// regret gives the fixture a way to withdraw when everything was done: paid,
// entered in the land registry, moved in the resident database.
var regret = []string{
	"    final-act: true\n", "",
	"registry-updated: {to: granted, effects: [issue-result, notify: done]}", "registry-updated: {to: repair}",
	"before: [entering, moving, repair]", "before: [entering]",
	"done: entered, refused: not-entered}", "done: entered, refused: not-entered, undo: leave}\n  leave: {to: land, operation: leave-stall, law: \"Luật Chợ, Điều 8\", body: {parcel: form.stall.parcel}}",
	`en: "Fee {case.code}"}}`, `en: "Fee {case.code}"}, refund: [{when: "!('intake.accept' in case.visits)", title: {vi: Chưa tiếp nhận, en: Not accepted}, law: "Luật Chợ, Điều 8"}]}`,
}

// done is what the case's effects that take others back did, in the order in which they ended.
func (h *house) undone(c *cases.Case) []string {
	h.t.Helper()
	return one[[]string](h, `
		SELECT coalesce(array_agg(e.type || ': ' || coalesce(e.receipt ->> 'receipt', 'open') ORDER BY e.done_at, e.idx), '{}')
		FROM case_effects e
		WHERE e.case_id = $1 AND e.undoes_seq IS NOT NULL`, c.ID)
}

// everything is a case for which everything was done: it is in repair, paid.
func (h *house) everything() *cases.Case {
	h.t.Helper()
	c, paid := h.asked()
	h.status[paid.Order] = payment.Status{Order: paid.Order, State: payment.Paid, Amount: paid.Amount, Receipt: paid.Receipt, At: h.now}
	must(h.t, h.cases.PaymentEvent(h.t.Context(), paid))
	h.act(officer("reception", c), c.Code, "accept", cases.Input{})
	h.drain()
	h.act(citizen(binh), cases.Code(one[string](h, `SELECT code FROM cases WHERE parent_id = $1`, c.ID)), "agree", cases.Input{})
	h.drain()
	h.act(officer("handler", c), c.Code, "grant", cases.Input{Judgements: []cases.Judgement{{Item: "stall", Verdict: cases.Satisfied}}})
	h.drain()
	if s := h.state(c); s != "repair" {
		h.t.Fatalf("the case is %s", s)
	}
	return c
}

// A case that is withdrawn after everything was done has ended at once, and all
// of it is taken back, the last first, each once, however long a peer is down.
func TestUndoneInReverse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, regret...)
	before := one[[]string](h, `SELECT array_agg(kind || address_key ORDER BY kind) FROM residences WHERE resident = $1 AND upper_inf(valid)`, an)
	house := one[int64](h, `SELECT household FROM household_members WHERE resident = $1 AND upper_inf(valid)`, an)
	c := h.everything()
	if now := one[int64](h, `SELECT household FROM household_members WHERE resident = $1 AND upper_inf(valid)`, an); now == house {
		t.Fatal("the fixture moves nobody")
	}
	h.landFails = func(m registry.Message) (registry.Reply, error) {
		if m.Operation == "leave-stall" {
			return registry.Reply{}, registry.ErrUnavailable
		}
		return registry.Reply{Outcome: registry.Done}, nil
	}
	if got := h.act(citizen(an), c.Code, "withdraw", cases.Input{}); got.Outcome != "withdrawn" {
		t.Fatalf("it ended as %q", got.Outcome)
	}
	h.drain()
	if diff := cmp.Diff([]string{"undo-resident: restored", "undo-send: open", "undo-payment: open"}, h.undone(c)); diff != "" {
		t.Errorf("while the land registry is down: %s", diff)
	}
	if seen, err := h.cases.Get(t.Context(), officer("handler", c), c.Code); err != nil || len(seen.Undoing) != 2 {
		t.Errorf("the officer is told of %d things to be taken back, %v", len(seen.Undoing), err)
	}
	h.wait(6 * time.Second)
	h.landFails = nil
	for range 4 {
		h.wait(time.Hour)
		h.drain()
	}
	if diff := cmp.Diff([]string{"undo-resident: restored", "undo-send: LR-1", "undo-payment: kept: no rule pays it back"}, fold(h.undone(c))); diff != "" {
		t.Errorf("in the end: %s", diff)
	}
	if n := len(slices.DeleteFunc(slices.Clone(h.sent), func(m registry.Message) bool { return m.Operation != "leave-stall" || !h.done[m.Key] })); n == 0 {
		t.Error("the land registry was not told")
	}
	after := one[[]string](h, `SELECT array_agg(kind || address_key ORDER BY kind) FROM residences WHERE resident = $1 AND upper_inf(valid)`, an)
	if now := one[int64](h, `SELECT household FROM household_members WHERE resident = $1 AND upper_inf(valid)`, an); now != house || !slices.Equal(after, before) {
		t.Errorf("the applicant is registered at %v in household %d, was at %v in %d", after, now, before, house)
	}
	if n := one[int](h, `SELECT count(*) FROM (SELECT undoes_seq, undoes_idx FROM case_effects WHERE case_id = $1 AND undoes_seq IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1) AS twice`, c.ID); n > 0 {
		t.Error("something is taken back twice")
	}
}

// fold leaves of a receipt of the land registry that there is one.
func fold(done []string) []string {
	out := slices.Clone(done)
	for i, d := range out {
		if len(d) > 11 && d[:11] == "undo-send: " && d != "undo-send: open" {
			out[i] = "undo-send: LR-1"
		}
	}
	return out
}

// What a payment comes to when the case is withdrawn: nothing was asked, the
// order can no longer be paid, the money is paid back, or it is kept.
func TestUndoPayment(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		until  func(h *house) *cases.Case
		undone []string
		state  string // of the payment; empty: there is none
		told   int    // notices of a refund
	}{
		{"never asked for", func(h *house) *cases.Case { return h.file(10) }, []string{}, "", 0},
		{"asked for", func(h *house) *cases.Case { c, _ := h.asked(); return c }, []string{"undo-payment: cancelled"}, "failed", 0},
		{"paid, and the case does not know", func(h *house) *cases.Case {
			c, e := h.asked()
			h.status[e.Order] = payment.Status{Order: e.Order, State: payment.Paid, Amount: e.Amount, Receipt: e.Receipt, At: h.now}
			return c
		}, []string{"undo-payment: HT-BL-1"}, "refunded", 1},
		{"paid, before the work began", func(h *house) *cases.Case { return h.paid() }, []string{"undo-payment: HT-BL-1"}, "refunded", 1},
		{"paid, and accepted", func(h *house) *cases.Case {
			c := h.paid()
			h.act(officer(agency.Reception, c), c.Code, "accept", cases.Input{})
			h.drain()
			return c
		}, []string{"undo-payment: kept: no rule pays it back"}, "paid", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, regret...)
			c := tt.until(h)
			h.act(citizen(an), c.Code, "withdraw", cases.Input{})
			h.drain()
			h.wait(time.Hour)
			h.drain()
			if diff := cmp.Diff(tt.undone, h.undone(c)); diff != "" {
				t.Error(diff)
			}
			if s := one[string](h, `SELECT coalesce(max(status), '') FROM case_payments WHERE case_id = $1`, c.ID); s != tt.state {
				t.Errorf("the payment is %q, want %q", s, tt.state)
			}
			if n := one[int](h, `SELECT count(*) FROM case_effects WHERE case_id = $1 AND name = 'hoso.refunded' AND status = 2`, c.ID); n != tt.told {
				t.Errorf("told of a refund %d times, want %d", n, tt.told)
			}
			if n := one[int](h, `SELECT count(*) FROM case_effects WHERE case_id = $1 AND status IN (0, 1, 4)`, c.ID); n != 0 {
				t.Errorf("%d effects are open", n)
			}
		})
	}
}

// paid is a case that is paid and waits for reception.
func (h *house) paid() *cases.Case {
	h.t.Helper()
	c, e := h.asked()
	h.status[e.Order] = payment.Status{Order: e.Order, State: payment.Paid, Amount: e.Amount, Receipt: e.Receipt, At: h.now}
	must(h.t, h.cases.PaymentEvent(h.t.Context(), e))
	return c
}
