package cases

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/message"
	"github.com/hoso-gov/hoso/workflow"
)

// pass lets the effects of a case's messages be sent, as package jobs does, and
// returns how many there were.
func (o *office) passMessages(id ID) (n int) {
	o.t.Helper()
	due, err := o.Stirring(o.t.Context(), 1000)
	o.ok(err)
	for _, b := range due.Effects {
		if b.Case != id || b.Queue != QueueCases {
			continue
		}
		e, err := o.Claim(o.t.Context(), b)
		o.ok(err)
		if err := o.PassOn(o.t.Context(), e); err != nil {
			o.t.Fatal(err)
		}
		o.ok(o.Finish(o.t.Context(), e, Result{Receipt: "message"}))
		n++
	}
	return n
}

// childOf is the sub-case of a slot, as it was opened last.
func (o *office) childOf(c *snapshot, slot string) ID {
	o.t.Helper()
	var id ID
	o.ok(o.db.QueryRow(o.t.Context(), `SELECT child_id FROM case_children WHERE case_id = $1 AND slot = $2 ORDER BY gen DESC LIMIT 1`, c.ID, slot).Scan(&id))
	return id
}

// books tells where what was sent and what was received differ.
func (o *office) books() int {
	o.t.Helper()
	return o.count(`
		SELECT count(*)
		FROM message_outbox s
		FULL JOIN message_inbox r ON r.source = s.source AND r.message_id = s.message_id
		WHERE s.receipt IS NULL OR r.receipt IS NULL OR s.receipt <> r.receipt OR s.payload_hash <> r.payload_hash OR s.type <> r.type OR s.outcome <> r.outcome`)
}

// Sub-cases are opened, report, and are cancelled by messages: all that was sent
// was received once, and both sides hold the same receipt.
func TestMessages(t *testing.T) {
	t.Parallel()
	o := newFair(t)
	c := o.fair("fair-any")
	if n := o.passMessages(c.ID); n != 4 {
		t.Fatalf("%d sub-cases were opened", n)
	}
	a := o.childOf(c, "a")
	_, err := o.Act(t.Context(), lan, Command{Code: o.now1(a).Code, Event: "agree"})
	o.ok(err)
	if n := o.passMessages(a); n != 1 {
		t.Fatalf("%d outcomes were sent", n)
	}
	if now := o.now1(c.ID); now.State != "agreed" {
		t.Fatalf("the parent is %s", now.State)
	}
	if n := o.passMessages(c.ID); n != 3 {
		t.Errorf("%d sub-cases were cancelled", n)
	}
	if n := o.count(`SELECT count(*) FROM cases WHERE parent_id = $1 AND closed_at IS NULL`, c.ID); n != 0 {
		t.Errorf("%d sub-cases are open", n)
	}
	for _, slot := range []string{"b", "c", "d"} { // whose outcomes come late
		if n := o.passMessages(o.childOf(c, slot)); n != 1 {
			t.Errorf("%s reported %d times", slot, n)
		}
	}
	if now := o.now1(c.ID); now.State != "agreed" {
		t.Errorf("a late outcome moved the parent to %s", now.State)
	}
	if n := o.count(`SELECT count(*) FROM message_outbox`); n != 11 || o.books() != 0 {
		t.Errorf("%d messages were sent, the books differ in %d", n, o.books())
	}
}

// A message that was delivered, and whose receipt was lost, is sent again with a
// new signature: nothing happens twice, and the first receipt holds.
func TestMessageTwice(t *testing.T) {
	t.Parallel()
	o := newFair(t)
	c := o.fair("fair-settled")
	first := o.outcome(c, "a", "agreed")
	r1, err := o.Deliver(t.Context(), first)
	o.ok(err)
	o.pass(time.Hour)
	second := o.outcome(c, "a", "agreed")
	if bytes.Equal(first, second) {
		t.Fatal("the second attempt is the first")
	}
	r2, err := o.Deliver(t.Context(), second)
	o.ok(err)
	if !bytes.Equal(r1, r2) {
		t.Error("the second attempt got another receipt")
	}
	if n := o.count(`SELECT count(*) FROM case_events WHERE case_id = $1`, c.ID); n != 2 {
		t.Errorf("%d events", n)
	}
}

// What is forged, changed, expired, too long or in contradiction to itself never
// acts; it is noted with its reason, once for the same bytes.
func TestRefusedMessages(t *testing.T) {
	t.Parallel()
	o, stranger := newFair(t), newFair(t)
	c := o.fair("fair-settled")
	good := o.outcome(c, "a", "agreed")
	id := uuid.New()
	report := func(r Report) []byte { return o.sealed(message.Outcome, id, c.ID, "a", c.Memory.Gen, r) }
	forged := stranger.sealed(message.Outcome, uuid.New(), c.ID, "a", c.Memory.Gen, Report{Parent: c.ID, Slot: "a", Gen: c.Memory.Gen, Outcome: "agreed"})
	for _, tt := range []struct {
		reason  string
		content []byte
	}{
		{"signature", forged},
		{"signature", bytes.Replace(good, []byte(`"agreed"`), []byte(`"lapsed"`), 1)},
		{"not-canonical", append([]byte(" "), good...)},
		{"unreadable", []byte("{}}")},
		{"unreadable", []byte("\x00\xff")},
		{"oversized", append(good, make([]byte, message.Limit)...)},
		{"payload", report(Report{Parent: uuid.New(), Slot: "a", Gen: c.Memory.Gen, Outcome: "agreed"})},
		{"payload", report(Report{Parent: c.ID, Slot: "b", Gen: c.Memory.Gen, Outcome: "agreed"})},
		{"schema", o.sealed(message.Outcome, uuid.New(), c.ID, "a", c.Memory.Gen, map[string]any{"parent": c.ID, "grant": true})},
	} {
		for range 2 {
			_, err := o.Deliver(t.Context(), tt.content)
			if r, ok := errors.AsType[*message.RefusedError](err); !ok || r.Reason != tt.reason {
				t.Errorf("got %v, want it refused: %s", err, tt.reason)
			}
		}
	}
	late := o.outcome(c, "b", "agreed")
	o.pass(message.Life)
	if _, err := o.Deliver(t.Context(), late); err == nil {
		t.Error("an expired message was taken in")
	}
	if n := o.count(`SELECT count(*) FROM case_events WHERE case_id = $1`, c.ID); n != 1 {
		t.Errorf("the case has %d events", n)
	}
	if n := o.count(`SELECT count(*) FROM message_refusals WHERE times = 2`); n != 9 {
		t.Errorf("%d refused messages came twice, want 9", n)
	}
	if n := o.count(`SELECT count(*) FROM message_refusals WHERE reason = 'oversized' AND content IS NULL AND size > $1`, message.Limit); n != 1 {
		t.Error("what is too long was kept, or not noted")
	}
	// None of them has taken the place of the true one.
	if _, err := o.Deliver(t.Context(), o.outcome(c, "a", "agreed")); err != nil {
		t.Error(err)
	}
}

// A message whose id another one had is refused, and the first stands.
func TestAlteredMessage(t *testing.T) {
	t.Parallel()
	o := newFair(t)
	c := o.fair("fair-settled")
	o.ok(deliver(t.Context(), o, o.outcome(c, "a", "agreed")))
	_, err := o.Deliver(t.Context(), o.outcome(c, "a", "disagreed"))
	if r, ok := errors.AsType[*message.RefusedError](err); !ok || r.Reason != "altered" {
		t.Errorf("got %v", err)
	}
	kids, err := o.children(t.Context(), c.ID)
	o.ok(err)
	if kids[0].Outcome != "agreed" {
		t.Errorf("the outcome is %s", kids[0].Outcome)
	}
}

// A sub-case that is no longer needed is not opened, and its cancellation finds
// that out; one that overtakes the opening waits for it.
func TestCancelBeforeOpen(t *testing.T) {
	t.Parallel()
	o := newFair(t)
	c := o.fair("fair-any")
	child := o.childOf(c, "b")
	cancel := func() []byte {
		return o.sealed(message.Cancel, derived(c.ID, "cancel"), child, "b", c.Memory.Gen, about{Child: child, Slot: "b", Gen: c.Memory.Gen})
	}
	if _, err := o.Deliver(t.Context(), cancel()); !errors.Is(err, ErrNotFound) {
		t.Errorf("a cancellation that comes first: %v", err)
	}
	o.ok(deliver(t.Context(), o, o.outcome(c, "a", "agreed"))) // the parent goes on
	if n := o.passMessages(c.ID); n != 7 {
		t.Errorf("%d messages were passed on, want four openings and three cancellations", n)
	}
	if n := o.count(`SELECT count(*) FROM cases WHERE parent_id = $1`, c.ID); n != 0 {
		t.Errorf("%d sub-cases were opened though nobody needs them", n)
	}
	if n := o.count(`SELECT count(*) FROM message_inbox WHERE outcome = 'refused' AND reason IN ('no-longer-needed', 'not-opened')`); n != 7 {
		t.Errorf("%d messages were declined", n)
	}
	if n := o.books(); n != 1 { // the outcome that the test itself sent
		t.Errorf("the books differ in %d", n)
	}
}

// A third level of sub-cases is declined where it would be opened, whatever the
// message says of its depth.
func TestDepth(t *testing.T) {
	t.Parallel()
	o := newFair(t)
	c := o.fair("fair-settled")
	_, err := o.db.Exec(t.Context(), `UPDATE cases SET memory = memory || '{"depth": 2}' WHERE id = $1`, c.ID)
	o.ok(err)
	child := o.childOf(c, "a")
	open := Opening{Parent: c.ID, Child: child, Slot: "a", Gen: c.Memory.Gen, Procedure: "seller", Addressed: lan.ID, Agency: "UB-00070", Depth: 1}
	content := o.sealed(message.Open, uuid.New(), child, "a", c.Memory.Gen, open)
	receipt, err := o.Deliver(t.Context(), content)
	o.ok(err)
	e, err := o.cfg.Office.Open(t.Context(), content, o.time)
	o.ok(err)
	r, err := o.cfg.Office.ReadReceipt(t.Context(), receipt, e)
	o.ok(err)
	if r.Outcome != message.Refused || r.Reason != "depth" || o.count(`SELECT count(*) FROM cases WHERE parent_id = $1`, c.ID) != 0 {
		t.Errorf("got %+v", r)
	}
}

// The window with a reminder: the silent ones are reminded once, with a notice
// to whom they are addressed, and the case waits for the rest of the time.
func TestRemind(t *testing.T) {
	t.Parallel()
	o := newFair(t)
	c := o.fair("fair-remind")
	o.passMessages(c.ID)
	o.ok(deliver(t.Context(), o, o.outcome(c, "a", "agreed")))
	gen := c.Memory.Gen
	for range 2 {
		o.ok(o.Fire(t.Context(), Timer{Case: c.ID, Name: JoinWindow, Gen: gen}))
	}
	if now := o.now1(c.ID); now.State != "asking" {
		t.Fatalf("at the first end of the window the case is %s", now.State)
	}
	if n := o.passMessages(c.ID); n != 3 {
		t.Errorf("%d were reminded", n)
	}
	if n := o.count(`SELECT count(*) FROM case_effects WHERE case_id = $1 AND name = $2`, o.childOf(c, "b"), noticeRemindCitizen); n != 1 {
		t.Errorf("whom it is addressed to gets %d notices", n)
	}
	if n := o.count(`SELECT count(*) FROM case_timers WHERE case_id = $1 AND name = $2`, c.ID, JoinReminded); n != 1 {
		t.Errorf("%d timers wait for the rest", n)
	}
	o.ok(o.Fire(t.Context(), Timer{Case: c.ID, Name: JoinReminded, Gen: gen}))
	if now := o.now1(c.ID); now.State != "silent" {
		t.Errorf("at the end the case is %s", now.State)
	}
	seen := o.get(fairHand, c.Code)
	silent := 0
	for _, k := range seen.Children {
		if k.Silent {
			silent++
		}
	}
	if silent != 3 {
		t.Errorf("the officer sees %d silent ones", silent)
	}
}

// Sub-cases that are left go on, and their outcomes come late; those of a case
// that is withdrawn are cancelled all the same.
func TestLeave(t *testing.T) {
	t.Parallel()
	o := newFair(t)
	c := o.fair("fair-leave")
	o.passMessages(c.ID)
	o.ok(deliver(t.Context(), o, o.outcome(c, "a", "agreed")))
	if n := o.passMessages(c.ID); n != 0 {
		t.Errorf("%d messages were sent to those who are left to go on", n)
	}
	if n := o.count(`SELECT count(*) FROM case_children WHERE case_id = $1 AND detached AND NOT cancelled`, c.ID); n != 3 {
		t.Errorf("%d go on by themselves", n)
	}
	o.ok(deliver(t.Context(), o, o.outcome(c, "b", "agreed")))
	if now := o.now1(c.ID); now.State != workflow.State("agreed") {
		t.Errorf("the case is %s", now.State)
	}
	w := o.fair("fair-leave")
	o.passMessages(w.ID)
	o.ok(o.Do(t.Context(), lan, Command{Code: w.Code, Event: "withdraw"}))
	if n := o.count(`SELECT count(*) FROM case_children WHERE case_id = $1 AND cancelled`, w.ID); n != 4 {
		t.Errorf("of a withdrawn case %d were cancelled", n)
	}
}
