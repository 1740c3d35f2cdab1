package cases

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
)

// While decisions are stopped an officer cannot decide, and nothing is written;
// what decides nothing, what the citizen does, what is filed and what was decided
// before go on. Afterwards the same command is carried out.
func TestDecisionsStop(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	may, broken := false, error(nil)
	o.Service.cfg.MayDecide = func(context.Context) (bool, error) { return may, broken }
	c := o.examined()
	refuse := Command{Code: c.Code, ID: uuid.New(), Event: "refuse", Input: Input{Grounds: []string{"no-place"}}}
	if err := o.Do(t.Context(), hand70, refuse); !errors.Is(err, ErrNoDecisions) {
		t.Errorf("refuse: %v, want ErrNoDecisions", err)
	}
	if n := o.revisionOf(c); n != c.Revision {
		t.Errorf("the case is at revision %d, want %d as before", n, c.Revision)
	}
	broken = errors.New("the database does not answer")
	if err := o.Do(t.Context(), hand70, refuse); !errors.Is(err, broken) || errors.Is(err, ErrNoDecisions) {
		t.Errorf("nobody knows: %v, want the reason", err)
	}
	broken = nil

	if asked := o.asked(); asked.State != "supplement" {
		t.Errorf("asking for a supplement: the case is %s", asked.State)
	}
	o.act(lan, o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"}), "withdraw", Input{})
	decided := o.examined()
	o.setState(decided, "repair", "UB-00070", "handler")
	byHand := Command{Code: decided.Code, ID: uuid.New(), Event: "by-hand", Input: Input{Note: "đã ghi vào sổ"}}
	if err := o.Do(t.Context(), hand70, byHand); !errors.Is(err, ErrNoDecisions) {
		t.Errorf("by hand, and nothing was decided before: %v, want ErrNoDecisions", err)
	}
	_, err := o.db.Exec(t.Context(), `UPDATE cases SET memory = jsonb_set(memory, '{visits}', '{"examine.grant": 1, "entering.not-entered": 1}') WHERE id = $1`, decided.ID)
	o.ok(err)
	o.ok(o.Do(t.Context(), hand70, byHand))

	may = true
	o.ok(o.Do(t.Context(), hand70, refuse))
	if got := o.get(hand70, c.Code); got.Outcome != "refused" {
		t.Errorf("the case is %s, want refused", got.State)
	}
}
