package jobs

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/registry"
)

// An operator has an effect tried again, or writes it off, and both stand in the
// case's history with their reason.
func TestOperator(t *testing.T) {
	t.Parallel()
	h := newHouse(t, moved...)
	c := h.granted()
	h.landFails = func(registry.Message) (registry.Reply, error) { return registry.Reply{}, errors.New("rejected") }
	h.drain()
	b, op := h.bell(c, cases.EffectSend), officer("operator", c)
	if err := h.cases.RetryEffect(t.Context(), officer("handler", c), c.Code, b.Seq, b.Idx, "thử lại"); !errors.Is(err, cases.ErrForbidden) {
		t.Errorf("a handler retries: %v", err)
	}
	if err := h.cases.RetryEffect(t.Context(), op, c.Code, b.Seq, b.Idx, " "); err == nil {
		t.Error("a retry without a reason")
	}
	h.landFails = nil
	must(t, h.cases.RetryEffect(t.Context(), op, c.Code, b.Seq, b.Idx, "sổ đất hoạt động lại"))
	h.drain()
	if s := h.state(c); s != "granted" {
		t.Errorf("the case is %s", s)
	}
	if err := h.cases.WriteOff(t.Context(), op, c.Code, b.Seq, b.Idx, "x"); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("a done effect is written off: %v", err)
	}
	h.mailFails = errors.New("no")
	d := h.file(2)
	h.act(officer("reception", d), d.Code, "accept", cases.Input{})
	h.drain()
	b = h.bell(d, cases.EffectNotify)
	must(t, h.cases.WriteOff(t.Context(), op, d.Code, b.Seq, b.Idx, "đã báo qua điện thoại"))
	h.mailFails = nil
	h.wait(time.Hour)
	h.drain()
	if st := one[int](h, `SELECT status FROM case_effects WHERE case_id = $1 AND type = 'notify'`, d.ID); st != 5 {
		t.Errorf("status %d, want written off", st)
	}
	if note := one[string](h, `SELECT input->>'note' FROM case_events WHERE case_id = $1 AND kind = 'operator'`, d.ID); note != "đã báo qua điện thoại" {
		t.Errorf("the history says %q", note)
	}
	if _, err := h.cases.Claim(t.Context(), cases.Bell{Case: uuid.New(), Seq: 1}); err == nil {
		t.Error("an effect of no case is claimed")
	}
}

// A refusal names the grounds and the officer; a paper can be withdrawn, once,
// by an approver, with a reason.
func TestLetter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.file(2)
	h.act(officer("reception", c), c.Code, "decline", cases.Input{Grounds: []string{"no-place"}, Note: "Chỗ này đã có người thuê"})
	b := h.bell(c, cases.EffectLetter)
	e, err := h.cases.Claim(t.Context(), b)
	must(t, err)
	p, err := h.cases.Paper(t.Context(), e)
	must(t, err)
	if len(p.Items) != 1 || p.Items[0].Title.VI != "Không có chỗ" || p.Items[0].Law != "Luật Chợ, Điều 6" || p.Note == "" {
		t.Errorf("the letter gives %+v and %q", p.Items, p.Note)
	}
	if p.Kind != "refusal" || p.Signatory != "Lê Văn Cán Bộ" || p.Role != "Một cửa" || p.Recipient != "Bà Nguyễn Thị An" || p.Text.Number != "" {
		t.Errorf("%s by %s %s to %s, number %q", p.Kind, p.Role, p.Signatory, p.Recipient, p.Text.Number)
	}
	must(t, h.jobs.issue(t.Context(), e))
	seen, err := h.cases.Get(t.Context(), citizen(an), c.Code)
	must(t, err)
	if len(seen.Documents) != 1 {
		t.Fatalf("%d documents", len(seen.Documents))
	}
	id := seen.Documents[0].ID
	if err := h.cases.WithdrawDocument(t.Context(), officer("reception", c), c.Code, id, "x"); !errors.Is(err, cases.ErrForbidden) {
		t.Errorf("reception withdraws it: %v", err)
	}
	must(t, h.cases.WithdrawDocument(t.Context(), officer("approver", c), c.Code, id, "ban hành nhầm"))
	if err := h.cases.WithdrawDocument(t.Context(), officer("approver", c), c.Code, id, "ban hành nhầm"); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("withdrawn twice: %v", err)
	}
	v, err := h.cases.Verify(t.Context(), id)
	must(t, err)
	if v.Withdrawn.IsZero() {
		t.Error("whoever verifies it is not told")
	}
}
