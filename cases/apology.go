package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// ByApology is the kind of the event by which the engine apologises for a delay
// before it happens. It moves no due date: the case stays late in every figure.
const ByApology workflow.TriggerKind = "apology"

// apologyAt is when the case's term is to be looked at for the letter of
// apology; zero: never, because it stands still or she was told.
func (s *Service) apologyAt(c *snapshot, cal *calendar.Calendar) (time.Time, error) {
	if c.DueAt == nil || c.ClosedAt != nil || !c.Term.Paused.IsZero() || !c.Memory.Apologised.IsZero() {
		return time.Time{}, nil
	}
	at, err := cal.Before(*c.DueAt, s.cfg.Warnings.Apology)
	if err != nil || at.After(c.Term.Start) {
		return at, err
	}
	return s.lastCall(c, cal) // of a term that is shorter than the warning
}

// lastCall is the moment at which the letter goes out whatever the budgets say:
// shortly before the end, and not in the first half of the term.
func (s *Service) lastCall(c *snapshot, cal *calendar.Calendar) (time.Time, error) {
	at, err := cal.Before(*c.DueAt, s.cfg.Warnings.LastCall)
	if half := c.Term.Start.Add(c.DueAt.Sub(c.Term.Start) / 2); err == nil && half.After(at) {
		at = half
	}
	return at, err
}

// Apologise writes the letters of apology that are due: for at most limit cases
// whose term ends within the next working day and will not be decided by then.
// It returns how many cases it took in hand. Several nodes may call it at once.
//
// Source: Decree 118/2025/NĐ-CP, on cases that are late: the letter goes out
// before the date that was given, once, with a new one.
func (s *Service) Apologise(ctx context.Context, limit int) (int, error) {
	now := s.now()
	rows, err := s.cfg.DB.Query(ctx, `
		WITH due AS (
			SELECT case_id
			FROM case_clocks
			WHERE apology_at <= @now AND (rung_at IS NULL OR rung_at < @again)
			ORDER BY apology_at
			LIMIT @limit
			FOR UPDATE SKIP LOCKED)
		UPDATE case_clocks k SET rung_at = @now
		FROM due
		WHERE k.case_id = due.case_id
		RETURNING k.case_id`, pgx.StrictNamedArgs{"now": now, "again": now.Add(-inHand), "limit": limit})
	if err != nil {
		return 0, fmt.Errorf("find cases that will be late: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[ID])
	if err != nil {
		return 0, fmt.Errorf("find cases that will be late: %w", err)
	}
	return len(ids), each(ctx, ids, func(ctx context.Context, id ID) error {
		if err := s.apologise(ctx, id); err != nil {
			return fmt.Errorf("apologise for case %s: %w", id, err)
		}
		return nil
	})
}

func (s *Service) apologise(ctx context.Context, id ID) error {
	return s.record(ctx, id, uuid.Nil, func(c *snapshot) (*step, error) {
		if c.ClosedAt != nil || c.DueAt == nil || !c.Term.Paused.IsZero() || !c.Memory.Apologised.IsZero() {
			return nil, s.lookAgain(ctx, c, time.Time{})
		}
		cal, err := s.calendarOf(ctx, c.Term.Calendar)
		if err != nil {
			return nil, err
		}
		now := s.now()
		if waits, err := s.standsStill(ctx, c); err != nil {
			return nil, err
		} else if waits { // for her: that is no fault of ours, and she was told of it
			next, err := cal.Add(now, calendar.Duration{N: 1, Unit: calendar.WorkingDays})
			if err != nil {
				return nil, err
			}
			return nil, s.lookAgain(ctx, c, next)
		}
		expected, err := s.expected(c, now)
		if err != nil {
			return nil, err
		}
		last, err := s.lastCall(c, cal)
		if err != nil {
			return nil, err
		}
		if !expected.After(*c.DueAt) && last.After(now) {
			return nil, s.lookAgain(ctx, c, last) // by the budgets it will be in time
		}
		return s.apology(c, cal, expected, now)
	})
}

// standsStill tells whether one of the case's sub-cases waits for the citizen
// with its own clock paused.
func (s *Service) standsStill(ctx context.Context, c *snapshot) (still bool, err error) {
	if !c.Memory.Children {
		return false, nil
	}
	err = s.cfg.DB.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM case_children k
			JOIN case_clocks t ON t.case_id = k.child_id
			WHERE k.case_id = $1 AND k.outcome IS NULL AND NOT k.cancelled AND t.paused)`, c.ID).Scan(&still)
	return still, err
}

// lookAgain sets when a case is looked at next, unless a step did meanwhile.
func (s *Service) lookAgain(ctx context.Context, c *snapshot, at time.Time) error {
	_, err := s.cfg.DB.Exec(ctx, `
		UPDATE case_clocks k SET apology_at = $2, rung_at = NULL
		FROM cases c
		WHERE k.case_id = $1 AND c.id = k.case_id AND c.revision = $3`, c.ID, nullTime(at), c.Revision)
	return err
}

// expected is when the case will be decided if every office uses the time that
// its budget leaves.
func (s *Service) expected(c *snapshot, now time.Time) (time.Time, error) {
	at := now
	if b := c.Memory.Budgets[c.State]; b != nil && c.stateDef().Kind == workflow.Task {
		due, err := s.endOf(b, c.stateDef().Within, now)
		if err == nil && !due.After(now) { // late already: as if it were begun now
			due, err = s.cfg.Calendar.Add(now, c.stateDef().Within)
		}
		if err != nil {
			return at, err
		}
		at = due
	}
	for _, def := range c.Procedure.Machine.Ahead(c.State) {
		var err error
		if at, err = s.cfg.Calendar.Add(at, def.Within); err != nil {
			return at, err
		}
	}
	return at, nil
}

// apology is the step that tells the citizen of a new date before the old one
// passes. The new date is what the budgets ahead need, and at least a working
// day after the legal one.
func (s *Service) apology(c *snapshot, cal *calendar.Calendar, expected, now time.Time) (*step, error) {
	from := *c.DueAt
	if now.After(from) {
		from = now
	}
	due, err := cal.Add(from, calendar.Duration{N: 1, Unit: calendar.WorkingDays})
	if err != nil {
		return nil, err
	}
	if expected.After(due) {
		due = expected
	}
	n := *c
	n.Memory = *c.Memory.clone()
	was := n.Memory.Promised
	if n.Memory.Told.After(was) {
		was = n.Memory.Told
	}
	n.Memory.Told, n.Memory.Apologised = due, now
	st := &step{c: &n, seen: c.Revision, keep: true, termStep: termStep{warned: true}}
	why := workflow.Text{VI: "Hồ sơ còn ở bước: " + stateTitle(c.Procedure, c.State).VI, EN: "The case is still at the step: " + stateTitle(c.Procedure, c.State).EN}
	o := order{Command: derived(c.ID, fmt.Sprintf("apology for %d", from.UnixMicro())), Trigger: workflow.Trigger{Kind: ByApology, Event: workflow.Event(ByApology)},
		Actor: agency.Actor{Kind: agency.System, ID: "term"}, Input: Input{Data: map[string]any{"due": due, "was": was}}}
	st.add(c.State, c.State, o, requestHash(o.Trigger, c.ID, due), now, o.Trigger.Event, 0)
	said := delay{Due: due, Was: was, Why: why}
	if err := st.follow(EffectLetter, "apology", said, now); err != nil {
		return nil, err
	}
	return st, st.follow(EffectNotify, NoticeLate, said, now)
}
