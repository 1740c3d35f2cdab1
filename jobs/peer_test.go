package jobs

import (
	"errors"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/notice"
	"github.com/hoso-gov/hoso/registry"
)

// patient lets the state that waits for the land registry wait for weeks.
var patient = append([]string{"after: {4h: {to: repair}}", "after: {20d: {to: repair}}"}, moved...)

func down(registry.Message) (registry.Reply, error) {
	return registry.Reply{}, registry.ErrUnavailable
}

// pass lets time go by in steps, with all that falls due on the way and the
// reconciler, as it is looked after in life.
func (h *house) pass(d, step time.Duration) {
	h.t.Helper()
	for end := h.clock().Add(d); h.clock().Before(end); {
		h.wait(min(step, end.Sub(h.clock())))
		must(h.t, h.jobs.Reconcile(h.t.Context()))
		h.drain()
	}
}

// Every attempt is written down before the peer is called, and ended with what
// came of it; they are numbered without gaps, also over an operator's retry.
func TestAttempts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, patient...)
	c := h.granted()
	b := h.bell(c, cases.EffectSend)
	under := func() int {
		return one[int](h, `SELECT count(*) FROM case_effect_attempts WHERE case_id = $1 AND seq = $2 AND ended_at IS NULL`, c.ID, b.Seq)
	}
	h.landFails = func(m registry.Message) (registry.Reply, error) {
		if n := under(); n != 1 { // another connection sees it: it is committed
			t.Errorf("%d attempts are written down when the peer is called", n)
		}
		return registry.Reply{}, registry.ErrAmbiguous
	}
	for range 2 {
		h.drain()
		h.wait(time.Minute)
	}
	_, err := h.cases.Claim(t.Context(), b) // a worker that dies
	must(t, err)
	h.wait(2 * time.Minute)
	h.landFails = func(registry.Message) (registry.Reply, error) {
		return registry.Reply{}, errors.New("400: no such parcel")
	}
	h.drain()
	h.landFails = nil
	must(t, h.cases.RetryEffect(t.Context(), officer(agency.Operator, c), c.Code, b.Seq, b.Idx, "đã sửa thửa đất"))
	h.drain()
	if got := one[string](h, `SELECT string_agg(n || ' ' || coalesce(result, '?'), ', ' ORDER BY n) FROM case_effect_attempts WHERE case_id = $1 AND seq = $2 AND idx = $3`,
		c.ID, b.Seq, b.Idx); got != "1 ambiguous, 2 ambiguous, 3 lost, 4 permanent, 5 done" {
		t.Errorf("the attempts are %s", got)
	}
	if s := h.state(c); s != "granted" {
		t.Errorf("the case is %s", s)
	}
}

// After five failures in a row a peer is left alone: what leads to it waits
// without attempts, one at a time finds out whether it is back, at growing
// pauses, and an answer lets all go on within half a minute.
func TestBreaker(t *testing.T) {
	t.Parallel()
	h := newHouse(t, patient...)
	h.landFails = down
	var all []*cases.Case
	for range 8 {
		all = append(all, h.granted())
	}
	for range 3 { // the ladder of the first failures
		h.drain()
		h.wait(20 * time.Second)
	}
	if n := len(h.sent); n < 5 || n > 8 {
		t.Fatalf("%d messages before the breaker is open", n)
	}
	before := len(h.sent)
	h.pass(time.Hour, 15*time.Second)
	// From 30 s to 5 min, a tenth of the time that it is away: at least 12, at most 40 probes in the first hour.
	if n := len(h.sent) - before; n < 12 || n > 40 {
		t.Errorf("%d messages in an hour with the breaker open", n)
	}
	outages, err := h.cases.Outages(t.Context())
	must(t, err)
	if len(outages) != 1 || outages[0].Peer != "registry_land" || outages[0].Waiting < 7 {
		t.Errorf("outages: %+v", outages)
	}
	h.landFails, h.sent = nil, nil
	h.pass(6*time.Minute+31*time.Second, 10*time.Second)
	for _, c := range all {
		if s := h.state(c); s != "granted" {
			t.Errorf("case %s is %s", c.Code, s)
		}
	}
	if len(h.sent) != 8 || len(h.done) != 8 {
		t.Errorf("%d messages with %d keys for 8 cases", len(h.sent), len(h.done))
	}
	if got := one[string](h, `SELECT string_agg(event, ' ' ORDER BY id) FROM peer_events`); got != "opened closed" {
		t.Errorf("on record: %s", got)
	}
	if n := one[int](h, `SELECT count(*) FROM case_effects WHERE waits_for IS NOT NULL OR troubled_since IS NOT NULL`); n != 0 {
		t.Errorf("%d effects still count as held up", n)
	}
}

// One message that a peer cannot digest does not keep the others from it, and is
// not sent again because others got through.
func TestPoison(t *testing.T) {
	t.Parallel()
	h := newHouse(t, patient...)
	bad := h.granted()
	key := one[string](h, `SELECT key::text FROM case_effects WHERE case_id = $1 AND type = 'send'`, bad.ID)
	h.landFails = func(m registry.Message) (registry.Reply, error) {
		if m.Key == key {
			return registry.Reply{}, registry.ErrAmbiguous
		}
		h.done[m.Key] = true
		return registry.Reply{Outcome: registry.Done, Body: map[string]any{"entry": "S-1"}}, nil
	}
	for range 6 {
		good := h.granted()
		h.pass(20*time.Minute, time.Minute)
		if s := h.state(good); s != "granted" {
			t.Errorf("a good case is %s", s)
		}
	}
	if n := one[int](h, `SELECT attempts FROM case_effects WHERE key = $1::uuid`, key); n > 9 {
		t.Errorf("%d attempts in two hours", n)
	}
	if n := one[int](h, `SELECT count(*) FROM incidents WHERE kind = 'ambiguous' AND closed_at IS NULL AND case_id = $1`, bad.ID); n != 1 {
		t.Errorf("%d incidents for it", n)
	}
}

// A node that has never failed itself finds the breaker open that another opened.
func TestBreakerIsShared(t *testing.T) {
	t.Parallel()
	h := newHouse(t, patient...)
	h.landFails = down
	for range 6 {
		h.granted()
	}
	h.drain()
	h.drain()
	other, err := New(h.cfg)
	must(t, err)
	c, before := h.granted(), len(h.sent)
	must(t, other.Drain(t.Context()))
	if len(h.sent) != before {
		t.Errorf("the other node sent %d messages", len(h.sent)-before)
	}
	if n := one[int](h, `SELECT count(*) FROM case_effect_attempts a JOIN case_effects e USING (case_id, seq, idx) WHERE a.case_id = $1 AND e.type = 'send'`, c.ID); n != 0 {
		t.Errorf("%d attempts of an effect that waits", n)
	}
	must(t, other.RingLate(t.Context())) // it waits for days, and that is not the fault of a clock
	if n := one[int](h, `SELECT count(*) FROM case_effects WHERE case_id = $1 AND type = 'send' AND next_at > $2`, c.ID, h.clock().Add(71*time.Hour)); n != 1 {
		t.Error("an effect that waits for a breaker was rung for")
	}
}

// A mail server that is down keeps no notice out of the portal, also when its
// breaker keeps the mail back.
func TestHeldNotice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.exec(`INSERT INTO peers (name, failures, failing_since, opened_at, probe_at) VALUES ('notices', 5, $1, $1, $2)`, h.clock(), h.clock().Add(time.Hour))
	c := h.file(2)
	h.act(officer("reception", c), c.Code, "accept", cases.Input{})
	h.drain()
	if n := one[int](h, `SELECT count(*) FROM notices WHERE case_id = $1`, c.ID); n != 1 {
		t.Errorf("%d notices in the portal", n)
	}
	if len(h.mails) != 0 {
		t.Errorf("%d mails", len(h.mails))
	}
	h.pass(90*time.Minute, time.Minute)
	if len(h.mails) != 2 { // to the applicant, and to the co-owner of the sub-case
		t.Errorf("%d mails after the server is back", len(h.mails))
	}
}

// A mail that the server may have taken counts as sent, with a note, and is not
// sent again.
func TestMaybeSent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.mailFails = notice.ErrMaybeSent
	c := h.file(2)
	h.act(officer("reception", c), c.Code, "accept", cases.Input{})
	h.drain()
	h.mailFails = nil
	h.pass(2*time.Hour, 10*time.Minute)
	if got := one[string](h, `SELECT string_agg(coalesce(sent_by, '?'), ' ') FROM notices WHERE case_id = $1`, c.ID); got != "e-mail-unconfirmed" {
		t.Errorf("sent by %s", got)
	}
	for _, m := range h.mails {
		if m.Key == one[string](h, `SELECT key::text FROM case_effects WHERE case_id = $1 AND type = 'notify'`, c.ID) {
			t.Error("the mail was sent again")
		}
	}
}
