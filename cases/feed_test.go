package cases

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

// A step that is recorded early and committed late is not skipped: while it is in
// flight the feed gives out nothing that was recorded after it, and then all, once.
func TestFeedSkipsNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	ask := func(after string) *Feed {
		t.Helper()
		o.horizon = horizon{at: o.horizon.at} // as if time had passed since the last question
		f, err := o.Events(t.Context(), hand70, after, 0)
		o.ok(err)
		return f
	}
	first := ask("")
	if len(first.Events) != c.Revision || first.Events[0].Case != c.Code || first.Events[0].Seq != 1 || first.More {
		t.Fatalf("the feed begins with %+v", first)
	}
	slow, err := o.db.Begin(t.Context())
	o.ok(err)
	defer slow.Rollback(t.Context())
	_, err = slow.Exec(t.Context(), `
		INSERT INTO case_events (case_id, seq, command_id, req_hash, kind, event, from_state, to_state, actor_kind, actor, actor_name, at, prev_hash, hash)
		VALUES ($1, $2, $3, '', 'signal', 'slow', 'x', 'x', 'system', '', '', $4, '', '')`, c.ID, c.Revision+1, uuid.New(), o.time)
	o.ok(err)
	quick := o.receive(received{Applicant: minh.ID, Name: minh.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	during := ask(first.Next)
	if len(during.Events) != 0 {
		t.Fatalf("a step is in flight, and the feed goes on: %+v", during.Events)
	}
	o.ok(slow.Commit(t.Context()))
	after := ask(during.Next)
	if len(after.Events) != 1+quick.Revision || after.Events[0].Event != "slow" || after.Events[1].Case != quick.Code {
		t.Errorf("the feed goes on with %+v", after.Events)
	}
	if again := ask(after.Next); len(again.Events) != 0 || again.More {
		t.Errorf("told twice: %+v", again.Events)
	}
	if late := after.Events[0].Recorded; !late.Before(after.Events[1].Recorded) || time.Since(late) > time.Hour {
		t.Errorf("recorded at %v", late)
	}
}
