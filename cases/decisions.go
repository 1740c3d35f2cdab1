package cases

import (
	"context"
	"errors"
	"fmt"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

// ErrNoDecisions reports that no decision is taken at the moment, because nobody
// outside has confirmed the time of our records for too long. Filing, examining and
// withdrawing go on.
var ErrNoDecisions = errors.New("no decision is taken: the records have had no time-stamp for too long")

// mayDecide asks [Config.MayDecide] before an officer's act that decides.
func (s *Service) mayDecide(ctx context.Context, c *snapshot, d *workflow.Decision, o order) error {
	if s.cfg.MayDecide == nil || o.Trigger.Kind != workflow.ByAction || o.Actor.Kind != agency.Officer || !decides(c, d) {
		return nil
	}
	may, err := s.cfg.MayDecide(ctx)
	if err != nil {
		return fmt.Errorf("find out whether decisions are taken: %w", err)
	}
	if !may {
		return ErrNoDecisions
	}
	return nil
}

// decides tells whether a step ends the case, or begins to carry a decision out.
// What is being carried out already was decided before, and goes on.
func decides(c *snapshot, d *workflow.Decision) bool {
	m := c.Procedure.Machine
	if m.PastReturn("", c.Memory.Visits) { // the state that it is in counts when it is left
		return false
	}
	for _, t := range d.Taken {
		if to := m.States[t.To]; to.FinalAct || to.Kind == workflow.Final {
			return true
		}
	}
	return false
}
