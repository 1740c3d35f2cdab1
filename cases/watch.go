package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
)

// Warnings say when people are told that something ends or is late. A zero field
// takes its default. Nothing of it decides anything: late is late.
type Warnings struct {
	Remind   calendar.Duration // before a task ends: its holder, else the officers of its seat; default 4h
	Head     calendar.Duration // after it: the head of the agency; default 1wd
	Upper    calendar.Duration // after it: the head of the agency above; default 3wd
	Apology  calendar.Duration // before the legal term ends, where the budgets ahead do not fit: the citizen; default 1wd
	LastCall calendar.Duration // before it ends, whatever the budgets say: the citizen; default 2h
}

// orDefaults fills in what is zero.
func (w Warnings) orDefaults() Warnings {
	for _, d := range []struct {
		of *calendar.Duration
		is calendar.Duration
	}{
		{&w.Remind, calendar.Duration{N: 4, Unit: calendar.WorkingHours}}, {&w.Head, calendar.Duration{N: 1, Unit: calendar.WorkingDays}},
		{&w.Upper, calendar.Duration{N: 3, Unit: calendar.WorkingDays}}, {&w.Apology, calendar.Duration{N: 1, Unit: calendar.WorkingDays}},
		{&w.LastCall, calendar.Duration{N: 2, Unit: calendar.WorkingHours}},
	} {
		if *d.of == (calendar.Duration{}) {
			*d.of = d.is
		}
	}
	return w
}

// The steps of a warning, in their order.
const (
	StepReminder = "reminder" // the task ends soon: holder or seat
	StepOwner    = "owner"    // it is late: holder or seat
	StepHead     = "head"     // the head of the agency
	StepUpper    = "upper"    // the head of the agency above
)

var steps = [...]string{StepReminder, StepOwner, StepHead, StepUpper}

// watchFrom is when a task that is opened at now and ends at due is looked at
// first, and how many steps are left out: nobody is reminded of what was just opened.
func (s *Service) watchFrom(due, now time.Time) (at time.Time, done int, err error) {
	at, err = s.cfg.Calendar.Before(due, s.cfg.Warnings.Remind)
	if err == nil && !at.After(now) {
		return due, 1, nil
	}
	return at, 0, err
}

// watchNext is when the step after done steps comes; nil: there is none.
func (s *Service) watchNext(due time.Time, done int) (*time.Time, error) {
	var after calendar.Duration
	switch steps[min(done, len(steps)-1)] {
	case StepOwner:
		return &due, nil
	case StepHead:
		after = s.cfg.Warnings.Head
	case StepUpper:
		after = s.cfg.Warnings.Upper
	}
	if done >= len(steps) {
		return nil, nil
	}
	at, err := s.cfg.Calendar.Add(due, after)
	return &at, err
}

// watched is a task whose next step has come.
type watched struct {
	Case  ID
	Gen   int
	DueAt time.Time
	Done  int
}

// Watch takes the next step of tasks that end soon or are late: of at most limit,
// and returns of how many. Each step is a row of case_escalations, once for each
// task; who is told of it, [Service.Untold] says. Several nodes may call it at once.
func (s *Service) Watch(ctx context.Context, limit int) (int, error) {
	var n int
	err := pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		now := s.now()
		rows, err := tx.Query(ctx, `
			SELECT case_id, gen, due_at, watched
			FROM case_tasks
			WHERE watch_at <= $1
			ORDER BY watch_at
			LIMIT $2
			FOR UPDATE SKIP LOCKED`, now, limit)
		if err != nil {
			return err
		}
		tasks, err := pgx.CollectRows(rows, pgx.RowToStructByPos[watched])
		if err != nil || len(tasks) == 0 {
			return err
		}
		n = len(tasks)
		return s.warn(ctx, tx, tasks, now)
	})
	if err != nil {
		return 0, fmt.Errorf("watch tasks: %w", err)
	}
	return n, nil
}

func (s *Service) warn(ctx context.Context, tx pgx.Tx, tasks []watched, now time.Time) error {
	ids, which, next, done := make([]uuid.UUID, len(tasks)), make([]string, len(tasks)), make([]*time.Time, len(tasks)), make([]int16, len(tasks))
	for i, t := range tasks {
		if t.Done == 0 && !now.Before(t.DueAt) { // nobody was at it in time: a reminder would come too late
			t.Done = 1
		}
		var err error
		ids[i], which[i], done[i] = t.Case, steps[min(t.Done, len(steps)-1)], int16(t.Done+1)
		if next[i], err = s.watchNext(t.DueAt, t.Done+1); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		WITH step AS (
			SELECT * FROM unnest(@ids::uuid[], @steps::text[], @next::timestamptz[], @done::smallint[]) AS s (case_id, step, next_at, done)),
		went AS (
			UPDATE case_tasks t SET watched = step.done, watch_at = step.next_at
			FROM step
			WHERE t.case_id = step.case_id
			RETURNING t.case_id, t.gen, step.step, t.code, t.state, t.agency, t.role, t.due_at)
		INSERT INTO case_escalations (case_id, gen, step, code, state, agency, role, due_at, at)
		SELECT went.*, @now::timestamptz FROM went
		ON CONFLICT DO NOTHING`, pgx.StrictNamedArgs{"ids": ids, "steps": which, "next": next, "done": done, "now": now})
	return err
}

// Warning is one step of a task that ends soon or is late, with whom to tell.
type Warning struct {
	Case  ID
	Gen   int
	Step  string // reminder, owner, head, upper
	Code  Code
	State string
	DueAt time.Time // of the task
	At    time.Time
	To    []Recipient // nobody, when the task is done meanwhile or nobody holds the seat

	agency agency.ID
	role   string
	holder string
	open   bool
}

// Key names the message to one of the officers; it is the same over all attempts.
func (w Warning) Key(to Recipient) string {
	return derived(w.Case, fmt.Sprintf("%s of %d to %s", w.Step, w.Gen, to.ID)).String()
}

// Untold takes warnings in hand that were not told yet, at most limit. Who is
// told follows from the seats of today.
func (s *Service) Untold(ctx context.Context, limit int) ([]Warning, error) {
	now := s.now()
	rows, err := s.cfg.DB.Query(ctx, `
		WITH untold AS (
			SELECT case_id, gen, step
			FROM case_escalations
			WHERE told_at IS NULL AND (rung_at IS NULL OR rung_at < @again)
			ORDER BY at
			LIMIT @limit
			FOR UPDATE SKIP LOCKED)
		UPDATE case_escalations e SET rung_at = @now
		FROM untold u
		LEFT JOIN case_tasks t ON t.case_id = u.case_id AND t.gen = u.gen
		WHERE e.case_id = u.case_id AND e.gen = u.gen AND e.step = u.step
		RETURNING e.case_id, e.gen, e.step, e.code, e.state, e.due_at, e.at, e.agency, e.role, coalesce(t.assignee, ''), t.case_id IS NOT NULL`,
		pgx.StrictNamedArgs{"now": now, "again": now.Add(-inHand), "limit": limit})
	if err != nil {
		return nil, fmt.Errorf("find warnings to tell: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (w Warning, err error) {
		return w, row.Scan(&w.Case, &w.Gen, &w.Step, &w.Code, &w.State, &w.DueAt, &w.At, &w.agency, &w.role, &w.holder, &w.open)
	})
	if err != nil {
		return nil, fmt.Errorf("find warnings to tell: %w", err)
	}
	for i := range list {
		if list[i].To, err = s.warned(ctx, list[i]); err != nil {
			return nil, fmt.Errorf("find whom to tell of case %s: %w", list[i].Code, err)
		}
	}
	return list, nil
}

// warned are the officers who are told of a step.
func (s *Service) warned(ctx context.Context, w Warning) ([]Recipient, error) {
	if !w.open {
		return nil, nil
	}
	at, roles := w.agency, []string{w.role}
	switch w.Step {
	case StepUpper:
		if a, ok := s.cfg.Agencies.Agency(w.agency); ok {
			at = a.ParentID
		}
		roles = []string{agency.Leader, agency.Approver}
	case StepHead:
		roles = []string{agency.Leader, agency.Approver}
	}
	for _, role := range roles { // an agency without a leader's seat is led by who decides
		staff, err := s.cfg.Agencies.Officers(ctx, at, role)
		if err != nil {
			return nil, err
		}
		var to []Recipient
		for _, o := range staff {
			mine := w.Step == StepReminder || w.Step == StepOwner
			if !mine || w.holder == "" || w.holder == o.ID {
				to = append(to, Recipient{ID: o.ID, Name: o.Name, Email: o.Email})
			}
		}
		if len(to) > 0 {
			return to, nil
		}
	}
	return nil, nil
}

// Told writes down whom a warning reached.
func (s *Service) Told(ctx context.Context, w Warning, to []Recipient) error {
	told := make([]map[string]string, len(to))
	for i, r := range to {
		told[i] = map[string]string{"id": r.ID, "name": r.Name}
	}
	if _, err := s.cfg.DB.Exec(ctx, `
		UPDATE case_escalations SET told = $4, told_at = $5
		WHERE case_id = $1 AND gen = $2 AND step = $3 AND told_at IS NULL`, w.Case, w.Gen, w.Step, told, s.now()); err != nil {
		return fmt.Errorf("note whom %s of case %s reached: %w", w.Step, w.Code, err)
	}
	return nil
}
