package cases

import (
	"context"
	"strings"
	"sync"
	"testing"
)

func (o *office) redateAll() int {
	return o.whole(func() (int, error) { return o.Redate(o.t.Context(), 10) })
}

// A new revision of the calendar counts open terms by it: each change is an
// event with the old date, the new one and the act; the promised date stays the
// citizen's, and of a later one she is told. A case that ended keeps its
// revision, and a node with an older calendar takes nothing back.
func TestRedate(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 2)
	o.at("2026-11-18 09:00")
	over, free, ended := o.fair("counter"), o.now1(o.fairBefore("2026-11-02 09:00")), o.fair("counter")
	o.act(handler, o.get(handler, ended.Code), "propose", Input{})
	o.act(approver, o.get(approver, ended.Code), "grant", Input{})
	paused := o.fair("counter")
	o.act(handler, o.get(handler, paused.Code), "ask", Input{})
	if n := o.redateAll(); n != 0 {
		t.Fatalf("%d cases were re-dated without a new revision", n)
	}
	o.renew(3)
	o.at("2026-11-19 09:00")
	if n := o.redateAll(); n != 3 {
		t.Errorf("%d cases were taken in hand, want the 3 open ones", n)
	}
	c := o.get(lan, over.Code)
	o.isDue(c, "2026-11-30 17:00") // 24 November is off now
	if got := dueWords(c.Promised, "vi"); got != "17 giờ 00 ngày 27/11/2026" {
		t.Errorf("promised %s, want 27/11", got)
	}
	last := c.Events[len(c.Events)-1]
	if last.Event != "redate" || last.Term == nil || last.Term.Calendar != "vn-state-offices/3" || !last.Term.Was.Equal(c.Promised) || !last.Term.Due.Equal(c.DueAt) ||
		!strings.Contains(last.Title.VI, "Ngày Văn hóa Việt Nam") || !strings.Contains(last.Title.EN, "Resolution") {
		t.Errorf("the event says %+v, %+v", last, last.Term)
	}
	if lines := c.DueBecause; len(lines) == 0 || !strings.Contains(lines[len(lines)-1].VI, "hạn chuyển từ") {
		t.Errorf("the explanation ends with %+v", lines)
	}
	if n := o.count(`SELECT count(*) FROM case_effects WHERE name = $1`, NoticeRedated); n != 2 {
		t.Errorf("%d notices of a later date, want two: of the case that runs and of the paused one", n)
	}
	if c := o.now1(free.ID); c.Term.Calendar != "vn-state-offices/3" || o.count(`SELECT count(*) FROM case_events WHERE case_id = $1 AND kind = 'redate'`, c.ID) != 1 {
		t.Errorf("a case that the new days do not touch is on %s", c.Term.Calendar)
	}
	if events := o.get(lan, free.Code).Events; events[len(events)-1].Event == "redate" {
		t.Error("the citizen is told of a change that changed nothing")
	}
	if c := o.now1(ended.ID); c.Term.Calendar != "vn-state-offices/2" {
		t.Errorf("a case that ended was moved to %s", c.Term.Calendar)
	}
	if n := o.count(`SELECT count(*) FROM case_clocks WHERE number <> 3`); n != 0 {
		t.Errorf("%d open terms are behind", n)
	}
	o.at("2026-11-25 09:00")
	o.isDue(o.act(lan, o.get(lan, paused.Code), "answer", Input{}), "2026-12-03 17:00") // paused over the closes of all days so far

	// A node of before counts by what the case names, though it does not carry it.
	o.renew(2)
	if n := o.redateAll(); n != 0 {
		t.Errorf("the older node took %d cases back", n)
	}
	o.act(handler, o.get(handler, over.Code), "propose", Input{})
	if c := o.now1(over.ID); c.Term.Calendar != "vn-state-offices/3" {
		t.Errorf("the older node counts by %s", c.Term.Calendar)
	}
	o.isDue(o.get(lan, over.Code), "2026-11-30 17:00")
}

// fairBefore files a case at another time and comes back.
func (o *office) fairBefore(at string) ID {
	now := o.time
	o.at(at)
	c := o.fair("counter")
	o.time = now
	return c.ID
}

// However many nodes re-date at once, each case gets one event.
func TestRedateIsShared(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 2)
	o.at("2026-11-18 09:00")
	const n = 24
	for range n {
		o.fair("counter")
	}
	o.renew(3)
	nodes := []*Service{o.Service}
	for range 2 {
		o.renew(3)
		nodes = append(nodes, o.Service)
	}
	var wg sync.WaitGroup
	for _, node := range nodes {
		wg.Go(func() {
			for {
				if k, err := node.Redate(context.Background(), 5); err != nil || k == 0 {
					if err != nil {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	wg.Wait()
	if events, behind := o.count(`SELECT count(*) FROM case_events WHERE kind = 'redate'`), o.count(`SELECT count(*) FROM case_clocks WHERE number < 3`); events != n || behind != 0 {
		t.Errorf("%d events and %d cases behind, want %d and none", events, behind, n)
	}
}

// A term that the new revision does not reach stays with the old one, and the
// reason stands beside it; it is not tried again and again.
func TestRedateKeepsWhatItCannotCount(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 2)
	c := o.fair("counter")
	_, err := o.db.Exec(t.Context(), `UPDATE cases SET clock = jsonb_set(clock, '{limit,n}', '900') WHERE id = $1`, c.ID)
	o.ok(err)
	o.renew(3)
	if n := o.redateAll(); n != 1 {
		t.Errorf("%d cases were taken in hand, want 1", n)
	}
	if n := o.count(`SELECT count(*) FROM case_clocks WHERE kept_for = 3 AND kept_why LIKE '%outside calendar%'`); n != 1 {
		t.Error("no reason was recorded")
	}
	behind, err := ClocksByRevision(t.Context(), o.db)
	o.ok(err)
	if len(behind) != 1 || behind[0] != (Behind{Calendar: "vn-state-offices", Number: 2, Open: 1, Kept: 1}) {
		t.Errorf("behind are %+v", behind)
	}
}

// A revision that was shipped with other days keeps the node from starting.
func TestShippedRevisionIsNotChanged(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 3)
	_, err := o.db.Exec(t.Context(), `UPDATE calendar_revisions SET source = replace(source, 'off: "2026-04-30"', 'off: "2026-05-04"') WHERE number = 3`)
	o.ok(err)
	if _, err := New(t.Context(), o.cfg); err == nil || !strings.Contains(err.Error(), "2026-04-30") {
		t.Errorf("the node started: %v", err)
	}
}
