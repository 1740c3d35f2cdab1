package jobs

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/registry"
)

const time5 = 5 * time.Second

// all brings n cases to the state in which the land registry is told, step by step.
func (h *house) all(n int) []*cases.Case {
	h.t.Helper()
	list := make([]*cases.Case, n)
	for i := range list {
		list[i] = h.file(2)
		h.act(officer("reception", list[i]), list[i].Code, "accept", cases.Input{})
	}
	h.drain()
	for _, c := range list {
		h.act(citizen(binh), cases.Code(one[string](h, `SELECT code FROM cases WHERE parent_id = $1`, c.ID)), "agree", cases.Input{})
	}
	h.drain()
	for _, c := range list {
		h.act(officer("handler", c), c.Code, "grant", cases.Input{Judgements: []cases.Judgement{{Item: "stall", Verdict: cases.Satisfied}}})
	}
	return list
}

// A registry that is down for 71.9 hours loses nothing and gets nothing twice:
// as its own book says, every effect arrives exactly once when it is back.
// Meanwhile citizen and officer were told, each once, incidents were open, and
// it was not worn out with attempts. (Must show 7 of issue 3.)
func TestThreeDaysDown(t *testing.T) {
	t.Parallel()
	n := 200
	switch {
	case testing.Short():
		n = 12
	case raced: // `make test` runs it whole without the detector
		n = 30
	}
	h := newHouse(t, patient...)
	p := h.newLandPeer(registry.Keyed)
	p.cutOff, p.dies = 3, true // it goes down in the middle of the work
	list := h.all(n)
	start := h.clock()
	h.drain()
	h.pass(2*time.Hour, 2*time.Minute)
	told(t, h, list, start)
	h.pass(start.Add(71*time.Hour+54*time.Minute).Sub(h.clock()), 10*time.Minute)
	before := p.calls
	p.mu.Lock()
	p.down = false
	p.mu.Unlock()
	h.pass(6*time.Minute, 15*time.Second)

	keys := h.sends()
	if missing, repeated := p.faults(keys); len(keys) != n || missing != 0 || repeated != 0 {
		t.Errorf("of %d effects of %d cases the registry's book lacks %d and has %d twice", len(keys), n, missing, repeated)
	}
	if got := one[int](h, `SELECT count(*) FROM cases WHERE state = 'granted' AND parent_id IS NULL`); got != n {
		t.Errorf("%d of %d cases are granted", got, n)
	}
	if bad := one[int](h, `SELECT count(*) FROM case_effects WHERE type = 'send' AND (status <> 2 OR waits_for IS NOT NULL OR ambiguous)`); bad != 0 {
		t.Errorf("%d effects are not done", bad)
	}
	if open := h.incidents(`closed_at IS NULL`); open != 0 {
		t.Errorf("%d incidents are still open", open)
	}
	if closed := h.incidents(`closed_by = 'system' AND closed_how = 'done'`); closed != n {
		t.Errorf("%d incidents were closed by the effects that got through", closed)
	}
	if before > 1200 || p.calls > before+n+10 {
		t.Errorf("%d calls while it was down, and %d when it was back", before, p.calls-before)
	}
	if got := one[string](h, `SELECT string_agg(event, ' ' ORDER BY id) FROM peer_events`); got != "opened closed" {
		t.Errorf("on record: %s", got)
	}
	if twice := one[int](h, `SELECT count(*) FROM (SELECT FROM notices WHERE text->>'vi' LIKE '%đang phải chờ%' GROUP BY case_id HAVING count(*) > 1) AS twice`); twice != 0 {
		t.Errorf("%d citizens were told twice", twice)
	}
	t.Logf("%d cases, down for %v: %d calls meanwhile, all done %v after it was back", n, 71*time.Hour+54*time.Minute, before, 6*time.Minute)
}

// told checks what citizen, officer and operator know after two hours.
func told(t *testing.T, h *house, list []*cases.Case, start time.Time) {
	t.Helper()
	waiting := one[[]uuid.UUID](h, `SELECT array_agg(case_id) FROM case_effects WHERE type = 'send' AND status = 0`)
	if len(waiting) != len(list) {
		t.Fatalf("%d of %d effects wait", len(waiting), len(list))
	}
	if n := one[int](h, `SELECT count(*) FROM notices WHERE case_id = ANY ($1) AND text->>'vi' LIKE '%đang phải chờ%Ông/Bà không cần làm gì%' AND to_whom = $2`, waiting, an); n != len(waiting) {
		t.Errorf("%d notices for %d citizens", n, len(waiting))
	}
	mails := 0
	for _, m := range h.mails {
		if strings.Contains(m.Text, "has to wait") {
			mails++
		}
	}
	if mails != len(waiting) {
		t.Errorf("%d mails for %d citizens", mails, len(waiting))
	}
	code := cases.Code(one[string](h, `SELECT code FROM cases WHERE id = $1`, waiting[0]))
	for _, who := range []agency.Actor{officer("handler", list[0]), citizen(an)} {
		c, err := h.cases.Get(t.Context(), who, code)
		must(t, err)
		if len(c.Troubles) != 1 || c.Troubles[0].Outage == nil || c.Troubles[0].Outage.Since.Before(start) || c.Troubles[0].Outage.Title.VI == "" {
			t.Errorf("the case shows %s %+v", who.Kind, c.Troubles)
		}
	}
	if n := h.incidents(`closed_at IS NULL AND peer = 'registry_land'`); n != len(waiting) {
		t.Errorf("%d incidents for %d effects", n, len(waiting))
	}
	outages, err := h.cases.Outages(t.Context())
	must(t, err)
	if len(outages) != 1 || outages[0].Waiting != len(waiting) {
		t.Errorf("outages %+v", outages)
	}
}
