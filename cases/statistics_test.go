package cases

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/workflow"
)

// The public figures tell whose time it was: histories with known answers, in
// hours of office time (7:30 to 11:30 and 13:00 to 17:00).
func TestStatistics(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	clock := func(day, hour int) time.Time {
		return time.Date(2026, time.November, day, hour, 0, 0, 0, calendar.Hanoi)
	}
	// passing is a state that the case enters at a time; asks marks a supplement request.
	type passing struct {
		state workflow.State
		at    time.Time
		asks  bool
	}
	histories := []struct {
		way     []passing
		outcome string
		due     time.Time // zero: the term never started
	}{
		// Paid after 2 hours; 8 hours with officers over lunch and night; a registry for an hour.
		{[]passing{{"payment", clock(2, 8), false}, {"intake", clock(2, 10), false}, {"examine", clock(2, 14), false}, {"entering", clock(3, 10), false}, {"granted", clock(3, 11), false}},
			"granted", clock(11, 17)},
		// Waits over the weekend count no office time: Friday 16:00 to Monday 9:00 is two hours with an officer.
		{[]passing{{"examine", clock(6, 16), false}, {"supplement", clock(9, 9), true}, {"examine", clock(10, 9), false}, {"granted", clock(10, 11), false}},
			"granted", clock(10, 10)},
		// The owner's opinion is a citizen's time.
		{[]passing{{"opinions", clock(2, 8), false}, {"examine", clock(3, 8), false}, {"refused", clock(3, 12), false}}, "refused", clock(20, 17)},
		// Never paid.
		{[]passing{{"payment", clock(2, 8), false}, {"lapsed", clock(4, 8), false}}, "lapsed", time.Time{}},
	}
	for _, h := range histories {
		o.time = h.way[0].at
		c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070", Fee: 1})
		owner := pgtest.Owner(t, o.db)
		_, err := owner.Exec(t.Context(), `ALTER TABLE case_events DISABLE TRIGGER USER`)
		o.ok(err)
		_, err = owner.Exec(t.Context(), `DELETE FROM case_events WHERE case_id = $1`, c.ID)
		o.ok(err)
		for i, p := range h.way {
			input := "{}"
			if p.asks {
				input = `{"items": [{"item": "stall", "reason": "mờ"}]}`
			}
			_, err := o.db.Exec(t.Context(), `
				INSERT INTO case_events (case_id, seq, command_id, req_hash, kind, event, from_state, to_state, actor_kind, actor, actor_name, at, input, prev_hash, hash)
				VALUES ($1, $2, gen_random_uuid(), '', 'action', 'x', '', $3, 'system', '', '', $4, $5, '', '')`, c.ID, i+1, p.state, p.at, input)
			o.ok(err)
		}
		started := `{}`
		if !h.due.IsZero() {
			started = `{"start": "2026-11-02T08:00:00+07:00"}`
		}
		_, err = o.db.Exec(t.Context(), `UPDATE cases SET closed_at = $2, outcome = $3, due_at = $4, clock = clock || $5 WHERE id = $1`,
			c.ID, h.way[len(h.way)-1].at, h.outcome, nullTime(h.due), started)
		o.ok(err)
	}
	o.time = clock(25, 9)
	o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})                       // open
	o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070", Procedure: "opinion"}) // internal
	got, err := o.StatisticsOf(t.Context(), clock(1, 0), clock(26, 0))
	o.ok(err)
	// Hours in the order of the histories: agency 8 4 4 0, citizen 2 8 8 16, technical 1 0 0 0, together 11 12 12 16.
	want := []ProcedureFigures{{Procedure: "stall", Title: workflow.Text{VI: "Mở sạp hàng", EN: "Open a stall"}, Filed: 5, Ended: 4,
		Outcomes: map[workflow.Outcome]int{"granted": 2, "refused": 1, "lapsed": 1}, WithTerm: 3, OnTime: 2, Rounds: 0.25,
		Total: Quantiles{12, 14.8}, Agency: Quantiles{4, 6.8}, Citizen: Quantiles{8, 13.6}, Technical: Quantiles{0, 0.7}}}
	if d := cmp.Diff(want, got.Procedures, cmp.Comparer(func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 })); d != "" {
		t.Errorf("figures (-want +got):\n%s", d)
	}
	got, err = o.StatisticsOf(t.Context(), clock(10, 0), clock(11, 0))
	o.ok(err)
	if len(got.Procedures) != 1 || got.Procedures[0].Ended != 1 || got.Procedures[0].Filed != 0 || got.Procedures[0].Total.Median != 12 {
		t.Errorf("one day: %+v", got.Procedures)
	}
	o.time = clock(26, 9)
	if year, err := o.Statistics(t.Context()); err != nil || year.Procedures[0].Ended != 4 {
		t.Errorf("the last twelve months: %+v, %v", year, err)
	}
	_, err = o.db.Exec(t.Context(), `UPDATE cases SET closed_at = '2020-01-02' WHERE outcome = 'lapsed'`)
	o.ok(err)
	for _, x := range []struct {
		later time.Duration
		ended int
	}{{9 * time.Minute, 4}, {11 * time.Minute, 3}} {
		o.time = clock(26, 9).Add(x.later)
		if year, err := o.Statistics(t.Context()); err != nil || year.Procedures[0].Ended != x.ended {
			t.Errorf("%s later: %+v, %v; want %d ended", x.later, year, err, x.ended)
		}
	}
}
