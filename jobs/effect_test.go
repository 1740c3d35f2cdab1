package jobs

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/notice"
	"github.com/hoso-gov/hoso/registry"
)

// moved replaces the change of the fixture by a move to a place of its own.
var moved = []string{"to: subjects.applicant.permanentAddress, head: \"''\"",
	`to: "{'province': '01', 'commune': '00070', 'line': '9 phố Hàng Mã'}", head: "''"`}

// What the whole of a granted case leaves behind.
var leftBehind = map[string]string{
	"notices":        `SELECT count(*) FROM notices WHERE case_id = $1`,
	"documents":      `SELECT count(*) FROM case_documents WHERE case_id = $1`,
	"numbers":        `SELECT coalesce(sum(n), 0)::bigint FROM document_numbers`,
	"register":       `SELECT count(*) FROM document_register WHERE case_id = $1`,
	"changes":        `SELECT count(*) FROM resident_changes WHERE case_id = $1::text`,
	"events":         `SELECT count(*) FROM case_events WHERE case_id = $1`,
	"sub-cases":      `SELECT count(*) FROM cases WHERE parent_id = $1`,
	"effects undone": `SELECT count(*) FROM case_effects WHERE case_id = $1 AND status <> 2`,
}

func (h *house) left(c *cases.Case) map[string]int64 {
	h.t.Helper()
	out := map[string]int64{}
	for name, sql := range leftBehind {
		if strings.Contains(sql, "$1") {
			out[name] = one[int64](h, sql, c.ID)
		} else {
			out[name] = one[int64](h, sql)
		}
	}
	return out
}

// From acceptance to grant every effect is done once, and a second run of every
// one of them, as after a crash before it was ticked off, changes nothing.
func TestEverythingOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, moved...)
	c := h.granted()
	h.drain()
	if s := h.state(c); s != "granted" {
		t.Fatalf("the case is %s, effects: %s", s, one[string](h, `SELECT string_agg(type || ' ' || status || ' ' || coalesce(error, ''), '; ') FROM case_effects`))
	}
	got := h.left(c)
	for name, want := range map[string]int64{"notices": 2, "documents": 2, "numbers": 2, "register": 2, "changes": 1, "sub-cases": 1, "effects undone": 0} {
		if got[name] != want {
			t.Errorf("%s: got %d, want %d", name, got[name], want)
		}
	}
	if n := one[string](h, `SELECT string_agg(number, ' ' ORDER BY kind) FROM case_documents WHERE case_id = $1`, c.ID); n != "1/PH 1/GP" {
		t.Errorf("numbers %q", n)
	}
	if line := one[string](h, `SELECT line FROM residences WHERE resident = $1 AND kind = 'permanent' AND upper_inf(valid)`, an); line != "9 phố Hàng Mã" {
		t.Errorf("the resident lives at %q", line)
	}
	if got := one[string](h, `SELECT memory->'output'->>'entry' FROM cases WHERE id = $1`, c.ID); got != "S-1" {
		t.Errorf("case.output.entry is %q: what the registry answered is lost", got)
	}
	hash := one[string](h, `SELECT string_agg(sha256, ' ' ORDER BY id) FROM case_documents`)

	h.exec(`UPDATE case_effects SET status = 0, next_at = $1, done_at = NULL`, h.clock())
	h.exec(`UPDATE case_effects SET receipt = NULL WHERE type NOT IN ('update-resident', 'send')`)
	h.exec(`UPDATE notices SET sent_by = NULL`) // the worker died between the mail server's word and its own
	h.wait(time.Hour)
	h.drain()
	again := h.left(c)
	for name, n := range got {
		if again[name] != n {
			t.Errorf("%s after the second run: %d, before %d", name, again[name], n)
		}
	}
	if again := one[string](h, `SELECT string_agg(sha256, ' ' ORDER BY id) FROM case_documents`); again != hash {
		t.Error("a paper was issued in another form")
	}
	keys := map[string]bool{}
	for _, m := range h.mails {
		keys[m.Key] = true
	}
	if len(h.mails) != 6 || len(keys) != 3 { // two of the case, one of the sub-case
		t.Errorf("%d mails with %d keys: the second run has to bear the same keys", len(h.mails), len(keys))
	}
}

// An effect is claimed by one of many workers.
func TestClaimedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.granted()
	b := h.bell(c, cases.EffectSend)
	var (
		mu      sync.Mutex
		claimed int
		workers sync.WaitGroup
	)
	for range 8 {
		workers.Go(func() {
			_, err := h.cases.Claim(t.Context(), b)
			if err == nil {
				mu.Lock()
				claimed++
				mu.Unlock()
			} else if _, ok := errors.AsType[*cases.NotDueError](err); !ok {
				t.Error(err)
			}
		})
	}
	workers.Wait()
	if claimed != 1 {
		t.Errorf("claimed %d times", claimed)
	}
}

// A worker that comes back after its lease changes nothing.
func TestLateWorker(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.granted()
	b := h.bell(c, cases.EffectSend)
	late, err := h.cases.Claim(t.Context(), b)
	must(t, err)
	h.wait(91 * time.Second)
	second, err := h.cases.Claim(t.Context(), b)
	must(t, err)
	for name, try := range map[string]func() error{
		"finish": func() error { return h.cases.Finish(t.Context(), late, cases.Result{Signal: "entered"}) },
		"fail": func() error {
			_, err := h.cases.Fail(t.Context(), late, cases.Failure{Kind: cases.Permanent, Err: errors.New("x")})
			return err
		},
		"wait": func() error { return h.cases.Wait(t.Context(), late, h.clock()) },
		"keep": func() error {
			return pgx.BeginFunc(t.Context(), h.db, func(tx pgx.Tx) error { return h.cases.Keep(t.Context(), tx, late, cases.Result{}) })
		},
	} {
		if err := try(); !errors.Is(err, cases.ErrLeaseLost) {
			t.Errorf("%s by the late worker: %v", name, err)
		}
	}
	if s := h.state(c); s != "entering" {
		t.Errorf("the late worker moved the case to %s", s)
	}
	must(t, h.cases.Finish(t.Context(), second, cases.Result{Signal: "entered"}))
	if s := h.state(c); s != "moving" {
		t.Errorf("the case is %s", s)
	}
}

// A worker that dies after the registry acted, and before it could write so
// down, is followed by one that sends the same key.
func TestAmbiguous(t *testing.T) {
	t.Parallel()
	h := newHouse(t, moved...)
	c := h.granted()
	h.landFails = func(m registry.Message) (registry.Reply, error) {
		h.done[m.Key] = true
		return registry.Reply{}, registry.ErrAmbiguous
	}
	h.drain()
	h.landFails = nil
	h.wait(5 * time.Second)
	h.drain()
	if s := h.state(c); s != "granted" {
		t.Errorf("the case is %s", s)
	}
	if len(h.sent) != 2 || len(h.done) != 1 {
		t.Errorf("%d messages with %d keys", len(h.sent), len(h.done))
	}
}

// A registry that is down is asked again after 5 s, 15 s, 1 min, 5 min, 15 min,
// and then hourly, until the state's time-out. Then the case shows the trouble.
func TestRetries(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.granted()
	h.landFails = func(registry.Message) (registry.Reply, error) { return registry.Reply{}, registry.ErrUnavailable }
	b := h.bell(c, cases.EffectSend)
	for i, want := range []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour} {
		next, _, err := h.jobs.effect(t.Context(), b)
		must(t, err)
		slack := time.Duration(0)
		if want == time.Hour {
			slack = 6 * time.Minute
		}
		if d := next.Sub(h.clock()); d < want-slack || d > want+slack {
			t.Fatalf("attempt %d: again after %v, want %v", i+1, d, want)
		}
		h.set(next)
	}
	// The state's time-out is 4 working hours: until 14:30 of the day, lunch left out.
	for range 6 {
		next, _, err := h.jobs.effect(t.Context(), b)
		must(t, err)
		if next.IsZero() {
			break
		}
		h.set(next)
	}
	if st := one[int](h, `SELECT status FROM case_effects WHERE case_id = $1 AND type = 'send'`, c.ID); st != 4 {
		t.Errorf("status %d, want given up", st)
	}
	seen, err := h.cases.Get(t.Context(), officer("handler", c), c.Code)
	must(t, err)
	if !slices.ContainsFunc(seen.Troubles, func(tr cases.Trouble) bool { return tr.Type == cases.EffectSend && tr.Error != "" }) {
		t.Errorf("the case shows no trouble: %+v", seen.Troubles)
	}
	h.wait(5 * time.Hour)
	h.drain()
	if s := h.state(c); s != "repair" {
		t.Errorf("after the time-out the case is %s", s)
	}
}

// When a registry is back, what waits for it goes on within the minute, and not
// after its hour.
func TestWake(t *testing.T) {
	t.Parallel()
	h := newHouse(t, append(moved, "after: {4h: {to: repair}}", "after: {20d: {to: repair}}")...)
	h.landFails = func(registry.Message) (registry.Reply, error) { return registry.Reply{}, registry.ErrUnavailable }
	first, second := h.granted(), h.granted()
	for range 7 {
		h.drain()
		h.wait(66 * time.Minute)
	}
	h.drain() // both wait for about an hour
	h.landFails = nil
	must(t, h.cases.RetryEffect(t.Context(), officer("operator", first), first.Code, h.bell(first, cases.EffectSend).Seq, 0, "sổ đất hoạt động lại"))
	h.drain()
	if s := h.state(first); s != "granted" {
		t.Fatalf("the first case is %s", s)
	}
	h.wait(31 * time.Second)
	h.drain()
	if s := h.state(second); s != "granted" {
		t.Errorf("the second case is still %s", s)
	}
}

// What the state no longer waits for is not done any more: an officer may have
// done it by hand.
func TestPassed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.granted()
	must(t, h.cases.Timeout(t.Context(), c.ID, "4h", c.Revision))
	h.drain()
	if len(h.sent) != 0 {
		t.Errorf("%d messages for a case in %s", len(h.sent), h.state(c))
	}
	if st := one[int](h, `SELECT status FROM case_effects WHERE case_id = $1 AND type = 'send'`, c.ID); st != 4 {
		t.Errorf("status %d, want given up", st)
	}
}

// A registry's no is an answer: the case goes its other way, and nothing is repeated.
func TestRefusals(t *testing.T) {
	t.Parallel()
	t.Run("message", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		c := h.granted()
		h.landFails = func(registry.Message) (registry.Reply, error) {
			return registry.Reply{Outcome: registry.Refused, Body: map[string]any{"reason": "locked"}}, nil
		}
		h.drain()
		if s := h.state(c); s != "repair" || len(h.sent) != 1 {
			t.Errorf("the case is %s after %d messages", s, len(h.sent))
		}
	})
	t.Run("resident database", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, moved[0], `to: "{'province': '01', 'commune': '00070', 'line': ''}", head: "''"`)
		c := h.granted()
		h.drain()
		if s := h.state(c); s != "repair" {
			t.Errorf("the case is %s", s)
		}
		if rule := one[string](h, `SELECT memory->'output'->'refusal'->>'rule' FROM cases WHERE id = $1`, c.ID); rule != "address-incomplete" {
			t.Errorf("rule %q", rule)
		}
		if n := one[int](h, `SELECT count(*) FROM resident_changes`); n != 0 {
			t.Errorf("%d changes", n)
		}
	})
}

// A mail server that is down keeps nobody from reading the notice in the portal.
func TestMailDown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.mailFails = notice.ErrBusy
	c := h.file(2)
	h.act(officer("reception", c), c.Code, "accept", cases.Input{})
	h.drain()
	if n := one[int](h, `SELECT count(*) FROM notices WHERE case_id = $1`, c.ID); n != 1 {
		t.Errorf("%d notices in the portal", n)
	}
	h.mailFails = nil
	h.wait(time.Minute)
	h.drain()
	if n := one[int](h, `SELECT count(*) FROM notices WHERE case_id = $1`, c.ID); n != 1 {
		t.Errorf("%d notices in the portal", n)
	}
	if st := one[int](h, `SELECT status FROM case_effects WHERE case_id = $1 AND type = 'notify'`, c.ID); st != 2 {
		t.Errorf("status %d, want done", st)
	}
}
