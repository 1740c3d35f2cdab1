package cases

import (
	"testing"
)

func (o *office) apologise() int {
	return o.whole(func() (int, error) { return o.Apologise(o.t.Context(), 10) })
}

func (o *office) letters(c *snapshot) int {
	return o.count(`SELECT count(*) FROM case_events WHERE case_id = $1 AND kind = 'apology'`, c.ID)
}

// A case that will be late by its budgets is apologised for before the date
// passes: once, with a new date, and the legal term stays what it is. One that
// the budgets still bring to its end in time is not, until little time is left.
func TestApology(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 3)
	idle, late := o.fair("counter"), o.fair("counter") // Monday 2 November, due Wednesday 11
	o.at("2026-11-10 16:30")
	o.act(handler, o.get(handler, idle.Code), "propose", Input{}) // one working day for the approval: in time
	if n := o.apologise(); n != 0 {
		t.Fatalf("%d cases were looked at a day too early", n)
	}
	o.at("2026-11-10 17:00")
	o.apologise()
	if o.letters(idle) != 0 || o.letters(late) != 1 {
		t.Fatalf("letters at the close of the day before: %d and %d, want none and one", o.letters(idle), o.letters(late))
	}
	c := o.get(lan, late.Code)
	o.isDue(c, "2026-11-11 17:00")
	if got := dueWords(c.NewDate, "vi"); dueWords(c.Promised, "vi") != "17 giờ 00 ngày 11/11/2026" || got != "17 giờ 00 ngày 13/11/2026" {
		t.Errorf("promised %s, then %s: want what the budgets of both tasks need", c.Promised, got)
	}
	o.letter(c, "13/11/2026", "xin lỗi", "Thẩm định")
	o.at("2026-11-11 14:59")
	o.apologise()
	if o.letters(idle) != 0 {
		t.Error("a case that will be in time was apologised for")
	}
	o.at("2026-11-11 15:00")
	o.apologise()
	o.at("2026-11-13 15:00")
	o.apologise()
	if o.letters(idle) != 1 || o.letters(late) != 1 {
		t.Errorf("in the end %d and %d letters, want one each", o.letters(idle), o.letters(late))
	}
	if n := o.count(`SELECT count(*) FROM cases WHERE closed_at IS NULL`); n != 2 {
		t.Error("being late has decided a case")
	}
}

// While the citizen has to act nobody is late; going on counts on.
func TestNoApologyWhilePaused(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 3)
	c := o.fair("counter")
	o.at("2026-11-03 09:00")
	o.act(handler, o.get(handler, c.Code), "ask", Input{})
	o.at("2026-11-20 09:00")
	if n := o.apologise(); n != 0 || o.letters(c) != 0 {
		t.Error("an apology was written while the citizen had to act")
	}
	o.act(lan, o.get(lan, c.Code), "answer", Input{})
	o.isDue(o.get(lan, c.Code), "2026-12-01 17:00") // six working days left, 24 November off
	o.at("2026-11-30 17:00")
	o.apologise()
	if o.letters(c) != 1 {
		t.Error("no apology after the clock went on")
	}
}
