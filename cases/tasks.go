package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// Take makes the actor the holder of the case's task. Taking what one has
// changes nothing. Errors to act upon: ErrNotFound, *workflow.NotAllowedError.
func (s *Service) Take(ctx context.Context, a agency.Actor, code Code) error {
	if err := s.take(ctx, a, code); err != nil {
		return fmt.Errorf("take case %s: %w", code, err)
	}
	return nil
}

func (s *Service) take(ctx context.Context, a agency.Actor, code Code) error {
	c, err := s.visible(ctx, a, code)
	if err != nil {
		return err
	}
	if err := s.mayWork(a, c, "take"); err != nil {
		return s.refused(ctx, a, c, "take", err)
	}
	if c.Assignee == a.ID {
		return nil
	}
	done, err := s.cfg.DB.Exec(ctx, `
		WITH taken AS (
			UPDATE case_tasks SET assignee = $2, seen_at = coalesce(seen_at, $3)
			WHERE case_id = $1 AND state = $4 AND assignee IS NULL
			RETURNING case_id)
		INSERT INTO case_handovers (case_id, at, state, act, holder, officer)
		SELECT case_id, $3, $4, 'taken', $2, $2
		FROM taken`, c.ID, a.ID, s.now(), c.State)
	if err == nil && done.RowsAffected() == 0 { // somebody was quicker, or the case went on
		err = &workflow.NotAllowedError{State: c.State, Event: "take", Reason: ReasonTaken}
	}
	return err
}

// Release gives the task back to the queue. One's own needs no reason; taking
// it away from another officer does, and is open to those who may work on it
// and to the leader of its agency. Errors to act upon: ErrNotFound,
// *workflow.NotAllowedError, *InvalidError.
func (s *Service) Release(ctx context.Context, a agency.Actor, code Code, reason string) error {
	if err := s.release(ctx, a, code, strings.TrimSpace(reason)); err != nil {
		return fmt.Errorf("release case %s: %w", code, err)
	}
	return nil
}

func (s *Service) release(ctx context.Context, a agency.Actor, code Code, reason string) error {
	c, err := s.visible(ctx, a, code)
	if err != nil {
		return err
	}
	def := c.stateDef()
	if c.Assignee == "" || def.Kind != workflow.Task {
		return nil // nobody has it
	}
	if c.Assignee != a.ID {
		if !slices.Contains(s.rolesOf(a, c), def.Owner) && !a.Has(agency.Leader, s.roleAt(c, def.Owner)) {
			return s.refused(ctx, a, c, "release", &workflow.NotAllowedError{State: c.State, Event: "release", Reason: workflow.ReasonRole})
		}
		if reason == "" {
			return &InvalidError{Problems: []forms.Problem{{At: "/reason", Rule: "required",
				VI: "Nêu lý do lấy lại hồ sơ mà cán bộ khác đang xử lý", EN: "Say why you take back a case that another officer has"}}}
		}
	}
	_, err = s.cfg.DB.Exec(ctx, `
		WITH released AS (
			UPDATE case_tasks SET assignee = NULL
			WHERE case_id = $1 AND state = $3 AND assignee = $4
			RETURNING case_id)
		INSERT INTO case_handovers (case_id, at, state, act, holder, officer, reason)
		SELECT case_id, $2, $3, 'released', $4, $5, $6
		FROM released`, c.ID, s.now(), c.State, c.Assignee, a.ID, reason)
	return err
}

// MarkSeen takes the mark of a new task away when an officer who may work on it
// opens it; for all others it changes nothing. Errors to act upon: ErrNotFound.
func (s *Service) MarkSeen(ctx context.Context, a agency.Actor, code Code) error {
	c, err := s.visible(ctx, a, code)
	if err != nil {
		return fmt.Errorf("mark case %s as seen: %w", code, err)
	}
	if s.mayWork(a, c, "see") != nil {
		return nil
	}
	if _, err := s.cfg.DB.Exec(ctx, `
		UPDATE case_tasks SET seen_at = $2
		WHERE case_id = $1 AND state = $3 AND seen_at IS NULL`, c.ID, s.now(), c.State); err != nil {
		return fmt.Errorf("mark case %s as seen: %w", code, err)
	}
	return nil
}
