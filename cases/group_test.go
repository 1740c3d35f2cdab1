package cases

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// inLine waits until so many steps wait for the next statement of the month.
func (o *office) inLine(n int) {
	o.t.Helper()
	for {
		o.groups.mu.Lock()
		waiting := 0
		for _, l := range o.groups.months {
			waiting += len(l.waiting)
		}
		o.groups.mu.Unlock()
		if waiting == n {
			return
		}
		select {
		case <-o.t.Context().Done():
			o.t.Fatalf("%d steps wait, want %d", waiting, n)
		case <-time.After(time.Millisecond):
		}
	}
}

// full takes all statements of this month, as if they were under way, and
// returns what gives them back.
func (o *office) full(of *Case) (free func()) {
	o.t.Helper()
	m, err := o.monthOf(o.t.Context(), of.ID)
	o.ok(err)
	o.groups.mu.Lock()
	o.groups.months = map[month]*line{m: {statements: writersAtOnce}}
	o.groups.mu.Unlock()
	return func() {
		for range writersAtOnce {
			if group := o.groups.done(m, nil); group != nil {
				go o.writeGroup(m, group)
			}
		}
	}
}

// A group is begun when nothing is under way, or as many wait as are.
func TestNextGroup(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                       string
		statements, steps, waiting int
		want                       int
	}{
		{"alone", 0, 0, 1, 1},
		{"nobody", 0, 0, 0, 0},
		{"a second beside one", 1, 1, 1, 1},
		{"fewer than are under way", 1, 4, 3, 0},
		{"as many", 1, 4, 4, 4},
		{"all statements taken", writersAtOnce, 4, 9, 0},
		{"more than a group holds", 0, 0, groupSize + 3, groupSize},
	} {
		l := &line{statements: c.statements, steps: c.steps}
		for range c.waiting {
			l.waiting = append(l.waiting, &waiter{st: &step{c: &snapshot{ID: uuid.New()}}})
		}
		if got := l.next(); len(got) != c.want || len(l.waiting) != c.waiting-c.want {
			t.Errorf("%s: a group of %d, and %d wait; want %d", c.name, len(got), len(l.waiting), c.want)
		}
	}
}

func (o *office) receiveMany(n int) []*Case {
	o.t.Helper()
	list := make([]*Case, n)
	for i := range list {
		list[i] = o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	}
	return list
}

func (o *office) decline(of *Case) error {
	return o.Do(o.t.Context(), desk70, Command{Code: of.Code, ID: uuid.New(), Revision: of.Revision, Event: "decline", Input: Input{Grounds: []string{"no-place"}}})
}

// Steps that wait for a statement are written together, each whole, and a case
// that two commands are for moves once.
func TestStepsAreWrittenTogether(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	list := o.receiveMany(9)
	free := o.full(list[0])
	var all sync.WaitGroup
	errs := make([]error, len(list)+1)
	for i, of := range list {
		all.Go(func() { errs[i] = o.decline(of) })
	}
	all.Go(func() { errs[len(list)] = o.decline(list[0]) })
	o.inLine(len(list) + 1)
	free()
	all.Wait()
	failed := 0
	for _, err := range errs {
		if err != nil {
			failed++
		}
	}
	if failed != 1 || errs[0] == nil && errs[len(list)] == nil {
		t.Errorf("errors %v, want one of the two commands for the first case to fail", errs)
	}
	var together, steps int
	o.ok(o.db.QueryRow(t.Context(), `
		SELECT max(n), sum(n)
		FROM (SELECT count(*) AS n FROM case_events WHERE event = 'decline' GROUP BY xmin::text) AS statements`).Scan(&together, &steps))
	if together < 5 || steps != len(list) {
		t.Errorf("%d steps, at most %d of them together", steps, together)
	}
	if n := o.countOf(`SELECT count(*) FROM cases WHERE state = 'declined'`); n != len(list) {
		t.Errorf("%d cases moved, want %d", n, len(list))
	}
	sum, err := check.Verify(t.Context(), check.Config{DB: o.db})
	o.ok(err)
	if len(sum.Findings) > 0 {
		t.Errorf("%+v", sum.Findings)
	}
}

// A case whose row another node holds keeps nobody waiting but itself.
func TestHeldRowHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	list := o.receiveMany(6)
	tx, err := o.db.Begin(t.Context())
	o.ok(err)
	defer tx.Rollback(context.WithoutCancel(t.Context()))
	_, err = tx.Exec(t.Context(), `SELECT FROM cases WHERE id = $1 FOR UPDATE`, list[0].ID)
	o.ok(err)
	held := make(chan error, 1)
	free := o.full(list[0])
	go func() { held <- o.decline(list[0]) }()
	var others sync.WaitGroup
	for _, of := range list[1:] {
		others.Go(func() {
			if err := o.decline(of); err != nil {
				t.Error(err)
			}
		})
	}
	o.inLine(len(list))
	free()
	others.Wait()
	select {
	case err := <-held:
		t.Fatalf("the step on the held row ended: %v", err)
	default:
	}
	o.ok(tx.Rollback(t.Context()))
	if err := <-held; err != nil {
		t.Errorf("the held step: %v", err)
	}
}

// What one step's rows are refused for spoils no other step of its group.
func TestRefusedStepSpoilsNoOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	list := o.receiveMany(5)
	_, err := pgtest.Owner(t, o.db).Exec(t.Context(), `
		CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$;
		CREATE TRIGGER refuse_one BEFORE INSERT ON case_events FOR EACH ROW WHEN (NEW.case_id = '`+list[0].ID.String()+`') EXECUTE FUNCTION refuse_one()`)
	o.ok(err)
	free := o.full(list[0])
	errs := make([]error, len(list))
	var all sync.WaitGroup
	for i, of := range list {
		all.Go(func() { errs[i] = o.decline(of) })
	}
	o.inLine(len(list))
	free()
	all.Wait()
	for i, err := range errs {
		if (err != nil) != (i == 0) {
			t.Errorf("step %d: %v", i, err)
		}
	}
	if o.revisionOf(list[0]) != list[0].Revision {
		t.Error("the refused step left something behind")
	}
}

// Who gives up waiting is told so; the step may still be written, and its
// command, sent again, is answered with what became of it.
func TestWhoGivesUpWaitingMayAskAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	of := o.receiveMany(1)[0]
	free := o.full(of)
	ctx, giveUp := context.WithCancel(t.Context())
	cmd := Command{Code: of.Code, ID: uuid.New(), Revision: of.Revision, Event: "decline", Input: Input{Grounds: []string{"no-place"}}}
	told := make(chan error, 1)
	go func() { told <- o.Do(ctx, desk70, cmd) }()
	o.inLine(1)
	giveUp()
	if err := <-told; err == nil {
		t.Error("who gave up was told that it is done")
	}
	free()
	o.ok(o.Do(t.Context(), desk70, cmd))
	if n := o.countOf(`SELECT count(*) FROM case_events WHERE case_id = $1 AND event = 'decline'`, of.ID); n != 1 {
		t.Errorf("declined %d times", n)
	}
}

func (o *office) countOf(sql string, args ...any) (n int) {
	o.t.Helper()
	rows, _ := o.db.Query(o.t.Context(), sql, args...)
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	o.ok(err)
	return n
}
