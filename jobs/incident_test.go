package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/registry"
)

func (h *house) incidents(where string, args ...any) int {
	h.t.Helper()
	return one[int](h, `SELECT count(*) FROM incidents WHERE `+where, args...)
}

// An incident opens at the sixth failure while attempts go on, at once when no
// attempt can help, is one however often it fails, and closes when the effect is
// done. One that was retried and fails again opens another at its first failure.
func TestIncidents(t *testing.T) {
	t.Parallel()
	h := newHouse(t, patient...)
	c := h.granted()
	b := h.bell(c, cases.EffectSend)
	h.landFails = down
	fail := func() {
		h.exec(`UPDATE peers SET probe_at = $1 WHERE opened_at IS NOT NULL`, h.clock()) // the breaker lets it through
		next, _, err := h.jobs.effect(t.Context(), b)
		must(t, err)
		if !next.IsZero() {
			h.wait(next.Sub(h.clock()))
		}
	}
	for n := 1; n <= 8; n++ {
		fail()
		if got, want := h.incidents(`case_id = $1`, c.ID), min(n/6, 1); got != want {
			t.Fatalf("%d incidents after %d failures, want %d", got, n, want)
		}
	}
	op := officer(agency.Operator, c)
	must(t, h.cases.RetryEffect(t.Context(), op, c.Code, b.Seq, b.Idx, "sổ đất báo đã sửa"))
	if n := h.incidents(`closed_at IS NULL`); n != 0 {
		t.Errorf("%d incidents open after the retry", n)
	}
	fail()
	if n := h.incidents(`closed_at IS NULL AND kind = 'failing'`); n != 1 {
		t.Errorf("%d incidents open after the retry failed", n)
	}
	h.landFails = nil
	fail()
	if got := one[string](h, `SELECT string_agg(closed_by || ' ' || closed_how, ', ' ORDER BY opened_at) FROM incidents`); got != "operator retried, system done" {
		t.Errorf("closed by %s", got)
	}
	d := h.granted()
	h.landFails = func(registry.Message) (registry.Reply, error) { return registry.Reply{}, errors.New("no such parcel") }
	h.drain()
	if n := h.incidents(`case_id = $1 AND kind = 'permanent' AND closed_at IS NULL`, d.ID); n != 1 {
		t.Errorf("%d incidents of a failure that no attempt can mend", n)
	}
}

// At most one incident is open for an effect, and the database says so.
func TestOneIncident(t *testing.T) {
	t.Parallel()
	h := newHouse(t, patient...)
	c := h.granted()
	h.landFails = func(registry.Message) (registry.Reply, error) { return registry.Reply{}, errors.New("no") }
	h.drain()
	if _, err := h.db.Exec(t.Context(), `INSERT INTO incidents (case_id, seq, idx, kind, code, agency, receiving, peer, type, name, opened_at)
		SELECT case_id, seq, idx, kind, code, agency, receiving, peer, type, name, now() FROM incidents WHERE case_id = $1`, c.ID); err == nil {
		t.Error("two incidents of one effect are open")
	}
}

// Operators of the case's agencies see its incidents and settle them, with a
// reason; other officers are told no, citizens that there is nothing.
func TestOperatorVerbs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, patient...)
	h.landFails = func(registry.Message) (registry.Reply, error) { return registry.Reply{}, errors.New("no such parcel") }
	first, second := h.granted(), h.granted()
	h.drain()
	ctx, op, peer := t.Context(), officer(agency.Operator, first), "registry_land"
	stranger := op
	stranger.Seats = []agency.Seat{{Agency: "UB-79", Role: agency.Operator}}
	list, _, err := h.cases.Incidents(ctx, op, &peer, "", 0)
	must(t, err)
	if len(list) != 2 || !list[0].Seen || list[0].Detail == "" || !list[0].Ended || list[0].PeerTitle.VI == "" {
		t.Fatalf("the operator sees %+v", list)
	}
	if list, _, err := h.cases.Incidents(ctx, stranger, nil, "", 0); err != nil || len(list) != 0 {
		t.Errorf("another agency's operator sees %d incidents, error %v", len(list), err)
	}
	// The operator of the province looks after the communes' incidents, without a sight of their cases.
	province := op
	province.Seats = []agency.Seat{{Agency: "UB-01", Role: agency.Operator}}
	if list, _, err := h.cases.Incidents(ctx, province, nil, "", 0); err != nil || len(list) != 2 || list[0].Seen {
		t.Errorf("the province's operator sees %d incidents, error %v", len(list), err)
	}
	if _, err := h.cases.Get(ctx, province, first.Code); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("the province's operator opens the case: %v", err)
	}
	id := list[0].ID
	for name, tt := range map[string]struct {
		do   func() error
		want error
	}{
		"a handler lists":     {func() error { _, _, err := h.cases.Incidents(ctx, officer("handler", first), nil, "", 0); return err }, cases.ErrForbidden},
		"a citizen lists":     {func() error { _, _, err := h.cases.Incidents(ctx, citizen(an), nil, "", 0); return err }, cases.ErrNotFound},
		"a stranger opens":    {func() error { _, _, err := h.cases.Incident(ctx, stranger, id); return err }, cases.ErrNotFound},
		"a stranger retries":  {func() error { return h.cases.RetryIncident(ctx, stranger, id, "x") }, cases.ErrNotFound},
		"a handler retries":   {func() error { return h.cases.RetryIncident(ctx, officer("handler", first), id, "x") }, cases.ErrForbidden},
		"a handler resumes":   {func() error { return h.cases.Resume(ctx, officer("handler", first), peer, "x") }, cases.ErrForbidden},
		"there is no outage":  {func() error { return h.cases.Resume(ctx, op, peer, "x") }, cases.ErrNoOutage},
		"a citizen writes it": {func() error { return h.cases.WriteOffIncident(ctx, citizen(an), id, "x") }, cases.ErrNotFound},
	} {
		if err := tt.do(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	for name, do := range map[string]func(context.Context) error{
		"retry":      func(ctx context.Context) error { return h.cases.RetryIncident(ctx, op, id, " ") },
		"write off":  func(ctx context.Context) error { return h.cases.WriteOffIncident(ctx, op, id, "") },
		"retry all":  func(ctx context.Context) error { _, err := h.cases.RetryPeer(ctx, op, peer, ""); return err },
		"resume one": func(ctx context.Context) error { return h.cases.Resume(ctx, op, peer, "") },
	} {
		if _, ok := errors.AsType[*cases.InvalidError](do(ctx)); !ok {
			t.Errorf("%s without a reason: %v", name, do(ctx))
		}
	}
	must(t, h.cases.WriteOffIncident(ctx, province, id, "đã ghi sổ bằng tay"))
	if err := h.cases.WriteOffIncident(ctx, op, id, "lần nữa"); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("written off twice: %v", err)
	}
	h.landFails = nil
	if n, err := h.cases.RetryPeer(ctx, op, peer, "sổ đất đã có thửa này"); n != 1 || err != nil {
		t.Errorf("retried %d, error %v", n, err)
	}
	h.drain()
	if got := one[string](h, `SELECT string_agg(closed_how, ' ' ORDER BY closed_how) FROM incidents`); got != "retried written-off" {
		t.Errorf("closed: %s", got)
	}
	if n := one[int](h, `SELECT count(*) FROM case_events WHERE kind = 'operator' AND case_id = ANY ($1)`, []any{first.ID, second.ID}); n != 2 {
		t.Errorf("%d events of operators, want one of each case", n)
	}
}

// Resume has an unavailable peer tried at once, and stands on record.
func TestResume(t *testing.T) {
	t.Parallel()
	h := newHouse(t, patient...)
	h.landFails = down
	for range 6 {
		h.granted()
	}
	for range 3 {
		h.drain()
		h.wait(20 * time.Second)
	}
	h.landFails, h.sent = nil, nil
	h.exec(`UPDATE peers SET probe_at = $1`, h.clock().Add(time.Hour))
	h.drain()
	if len(h.sent) != 0 {
		t.Fatalf("%d messages while the breaker is open", len(h.sent))
	}
	op := agency.Actor{Kind: agency.System, ID: "root", Name: "root"}
	must(t, h.cases.Resume(t.Context(), op, "registry_land", "đã gọi điện: hoạt động lại"))
	h.drain()
	h.wait(31 * time.Second)
	h.drain()
	if len(h.done) != 6 {
		t.Errorf("%d of 6 got through", len(h.done))
	}
	if got := one[string](h, `SELECT string_agg(event || ' ' || actor || ' ' || reason, ', ' ORDER BY id) FROM peer_events`); got != "opened system , resumed root đã gọi điện: hoạt động lại, closed system " {
		t.Errorf("on record: %s", got)
	}
}
