package cases

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
)

// press sets whether the system counts as pressed.
func (o *office) press(on bool) {
	o.cfg.Limits.Arrears = 0
	if on {
		o.cfg.Limits.Arrears = -1
	}
	o.pressure.looked = time.Time{}
}

// readyDraft is An's draft, ready to be filed, and the digest of what the check page shows.
func (o *office) readyDraft() (uuid.UUID, string) {
	o.t.Helper()
	d := o.draft(joining())
	r, err := o.Review(o.t.Context(), an, d.ID)
	o.ok(err)
	return d.ID, r.Digest
}

// A filing that comes while the system is pressed is kept once, with its time;
// its draft rests. With room again it becomes one case, filed at that time, and
// its term runs from then.
func TestFilingWaitsAndKeepsItsTime(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	d, digest := o.readyDraft()
	came := o.now()
	o.press(true)
	var first *WaitingError
	for range 2 {
		_, err := o.FileDraft(t.Context(), an, d, digest)
		kept, ok := errors.AsType[*WaitingError](err)
		if !ok || first != nil && kept.Number != first.Number || !kept.At.Equal(came) {
			t.Fatalf("got %v, want the filing kept with the time %s", err, came)
		}
		first = kept
		o.pass(20 * time.Minute)
	}
	if again, err := o.Draft(t.Context(), an, d); err != nil || !again.Waits {
		t.Errorf("the draft does not rest: %v", err)
	}
	if n, err := o.FileWaiting(t.Context(), 10); n != 0 || err != nil {
		t.Errorf("%d filings were taken up while the system is pressed, %v", n, err)
	}
	o.press(false)
	n, err := o.FileWaiting(t.Context(), 10)
	if n != 1 || err != nil {
		t.Fatalf("%d filings were taken up, %v", n, err)
	}
	again, err := o.Draft(t.Context(), an, d)
	o.ok(err)
	c, err := o.Get(t.Context(), an, again.Filed)
	o.ok(err)
	if !c.FiledAt.Equal(came) || !c.Events[0].At.Equal(came) {
		t.Errorf("filed at %s, want %s", c.FiledAt, came)
	}
	if n, err := o.FileWaiting(t.Context(), 10); n != 0 || err != nil {
		t.Errorf("%d filings are left, %v", n, err)
	}
	if w, err := o.Waiting(t.Context(), an, d); err != nil || !w.Ended || len(w.Refusal) > 0 {
		t.Errorf("what became of it: %+v, %v", w, err)
	}
}

// A filing that can no longer be filed when its turn comes says why, and its
// draft can be worked on again.
func TestFilingThatWaitedInVainSaysWhy(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	d, digest := o.readyDraft()
	o.press(true)
	if _, err := o.FileDraft(t.Context(), an, d, digest); err == nil {
		t.Fatal("filed")
	}
	_, err := o.db.Exec(t.Context(), `UPDATE drafts SET answers = answers #- '{household,headNumber}', revision = revision + 1 WHERE id = $1`, d)
	o.ok(err)
	o.press(false)
	if n, err := o.FileWaiting(t.Context(), 10); n != 1 || err != nil {
		t.Fatalf("%d taken up, %v", n, err)
	}
	w, err := o.Waiting(t.Context(), an, d)
	if err != nil || !w.Ended || len(w.Refusal) == 0 || w.Refusal[0].VI == "" || w.Refusal[0].EN == "" {
		t.Errorf("what became of it: %+v, %v", w, err)
	}
	if again, err := o.Draft(t.Context(), an, d); err != nil || again.Waits || again.Filed != "" {
		t.Errorf("the draft: %+v, %v", again, err)
	}
	if _, err := o.Waiting(t.Context(), agency.Actor{Kind: agency.Citizen, ID: "001090000102", Level: 2}, d); !errors.Is(err, ErrNotFound) {
		t.Errorf("a stranger learns of it: %v", err)
	}
	if _, err := o.Waiting(t.Context(), an, uuid.New()); !errors.Is(err, ErrNotFound) {
		t.Errorf("a draft that never waited: %v", err)
	}
}

// A program is told to come again while the system is pressed; what it filed
// before is answered as ever.
func TestProgramsComeAgain(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	f := Filing{Key: uuid.New(), Procedure: residence, Answers: joining()}
	c, err := o.File(t.Context(), an, f)
	o.ok(err)
	o.press(true)
	if again, err := o.File(t.Context(), an, f); err != nil || again.Code != c.Code {
		t.Errorf("the same filing again: %v", err)
	}
	f.Key = uuid.New()
	if _, err := o.File(t.Context(), an, f); !errors.Is(err, ErrPressed) {
		t.Errorf("another filing: got %v, want ErrPressed", err)
	}
}
