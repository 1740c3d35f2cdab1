package cases

import (
	"slices"
	"testing"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// sweep takes what is due and tells everybody; it returns the steps told.
func (o *office) sweep() (told []string) {
	o.t.Helper()
	o.whole(func() (int, error) { return o.Watch(o.t.Context(), 10) })
	for {
		list, err := o.Untold(o.t.Context(), 10)
		o.ok(err)
		if len(list) == 0 {
			return told
		}
		for _, w := range list {
			names := w.Step
			for _, to := range w.To {
				names += " " + to.ID
			}
			told = append(told, names)
			o.ok(o.Told(o.t.Context(), w, w.To))
		}
	}
}

// Before a task ends its holder is reminded, when it is late first who has it
// is told, then the head of the agency, then the head of the agency above; each
// once, and nothing is decided by it.
func TestWatch(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 3)
	owner := pgtest.Owner(t, o.db)
	o.ok(agency.SaveOfficer(t.Context(), owner, agency.Staff{ID: "second", Name: "Người thứ hai", Email: "second@canbo.hoso.example", Active: true}))
	o.ok(agency.Grant(t.Context(), owner, "second", agency.Seat{Agency: "UB-00070", Role: "handler"}, o.time.AddDate(0, 0, -1)))
	mine, free := o.fair("counter"), o.fair("counter") // Monday 2 November; the task ends Wednesday 4, 17:00
	o.ok(o.Take(t.Context(), handler, mine.Code))
	for _, tt := range []struct {
		at   string
		want []string
	}{
		{"2026-11-04 12:59", nil},
		{"2026-11-04 13:00", []string{"reminder ub-00070-thuly", "reminder ub-00070-thuly second"}},
		{"2026-11-04 16:59", nil},
		{"2026-11-04 17:00", []string{"owner ub-00070-thuly", "owner ub-00070-thuly second"}},
		{"2026-11-05 16:00", nil},
		{"2026-11-05 17:00", []string{"head ub-00070-pheduyet", "head ub-00070-pheduyet"}},
		{"2026-11-09 17:00", []string{"upper ub-01-lanhdao", "upper ub-01-lanhdao"}},
		{"2026-12-09 17:00", nil},
	} {
		o.at(tt.at)
		got := o.sweep()
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("at %s: told %q, want %q", tt.at, got, tt.want)
		}
	}
	c := o.get(handler, mine.Code)
	var steps []string
	for _, e := range c.Escalations {
		steps = append(steps, e.Step)
		if len(e.Told) != 1 || e.State.VI != "Thẩm định" {
			t.Errorf("the history says %+v", e)
		}
	}
	if !slices.Equal(steps, []string{"reminder", "owner", "head", "upper"}) || c.State != "examine" {
		t.Errorf("steps %v in state %s", steps, c.State)
	}
	if c := o.get(lan, free.Code); len(c.Escalations) != 0 {
		t.Error("the citizen is shown who was warned")
	}
}

// A task that is opened shortly before its end has no reminder; one that is
// done is not told of, and the next task has steps of its own.
func TestWatchOfTheNextTask(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 3)
	c := o.fair("counter")
	o.at("2026-11-04 16:00")
	o.whole(func() (int, error) { return o.Watch(t.Context(), 10) })
	o.at("2026-11-04 17:00")
	o.whole(func() (int, error) { return o.Watch(t.Context(), 10) })
	o.act(handler, o.get(handler, c.Code), "propose", Input{})
	if got := o.sweep(); !slices.Equal(got, []string{"reminder", "owner"}) {
		t.Errorf("told %q of a task that is done, want nobody", got)
	}
	o.at("2026-11-05 16:00") // an hour before the approver's own task ends
	if got := o.sweep(); !slices.Equal(got, []string{"reminder ub-00070-pheduyet"}) {
		t.Errorf("told %q of the next task", got)
	}
	o.act(approver, o.get(approver, c.Code), "return", Input{}) // the budget of the examination is used up: late at once
	if got := o.sweep(); !slices.Equal(got, []string{"owner ub-00070-thuly"}) {
		t.Errorf("told %q of a task without time left", got)
	}
	if n := o.count(`SELECT count(DISTINCT gen) FROM case_escalations WHERE case_id = $1`, c.ID); n != 3 {
		t.Errorf("steps of %d tasks, want 3", n)
	}
}

// Where nobody was at it in time, nobody is reminded afterwards: the steps begin
// with that it is late.
func TestWatchAfterAnOutage(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 3)
	c := o.fair("counter")
	o.ok(o.Take(t.Context(), handler, c.Code))
	o.at("2026-11-05 17:00")
	got := o.sweep()
	slices.Sort(got)
	if !slices.Equal(got, []string{"head ub-00070-pheduyet", "owner ub-00070-thuly"}) {
		t.Errorf("told %q", got)
	}
}
