package cases

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// ByMigrate is the kind of the events by which a case goes on under another
// version of its procedure.
const ByMigrate workflow.TriggerKind = "migrate"

// Migrated is what such an event says, under the key data of its input. With the
// two versions it is all that a replay needs.
type Migrated struct {
	From    procedures.Hash                   `json:"from"`
	To      procedures.Hash                   `json:"to"`
	States  map[workflow.State]workflow.State `json:"states,omitempty"`  // that have another name
	Answers map[string]any                    `json:"answers,omitempty"` // that the plan set
	Keeps   bool                              `json:"keeps"`             // task and time-outs go on as they are
	Why     workflow.Text                     `json:"why"`
	Law     string                            `json:"law,omitempty"`
}

// A PlanError reports a plan that does not hold for the versions of open cases.
type PlanError struct {
	Procedure procedures.ID
	Findings  []workflow.Finding
}

func (e *PlanError) Error() string {
	return fmt.Sprintf("the plan of %s is wrong in %d places: %s", e.Procedure, len(e.Findings), e.Findings[0])
}

// approversOfMoves is how many persons must have approved before open cases move.
const approversOfMoves = 2

// Migrate moves the open cases of older versions to the one that was published
// last, case by case, as its plan says. Those that are judged otherwise, or that
// lack what only the citizen can give, stay. It may be stopped and called again:
// a case that has moved is not moved twice. A plan that does not hold for a
// version of which there are cases is refused whole: *PlanError. done is told of
// every case; nil: nobody watches.
func (s *Service) Migrate(ctx context.Context, id procedures.ID, done func(Standings)) (moved Standings, err error) {
	list, err := s.Publications(ctx, id)
	if err != nil {
		return moved, err
	}
	refuse := func(because string) error { return &PublishError{id, because} }
	if len(list) == 0 {
		return moved, refuse("nothing is published yet")
	}
	last := list[len(list)-1]
	if last.Plan == "" {
		return moved, refuse("version " + fmt.Sprint(last.Version) + " was published without a plan: write migrate.yaml and publish it again")
	}
	if distinct := slices.Compact(slices.Sorted(slices.Values(last.ApprovedBy))); len(distinct) < approversOfMoves {
		return moved, refuse("open cases move only when two persons have approved: publish it with --by twice")
	}
	if last.From > dayOf(s.now()) {
		return moved, refuse("version " + fmt.Sprint(last.Version) + " holds from " + last.From + " on")
	}
	p, err := s.definition(ctx, last.Hash)
	if err != nil {
		return moved, err
	}
	plan, findings := procedures.ReadPlan([]byte(last.Plan), p)
	if len(findings) > 0 {
		return moved, &PlanError{id, findings}
	}
	with := *p
	with.Plan = plan
	impact, err := s.Impact(ctx, &with)
	if err != nil {
		return moved, err
	}
	if len(impact.Findings) > 0 {
		return moved, &PlanError{id, impact.Findings}
	}
	err = s.eachOpen(ctx, &with, func(c *snapshot) error {
		if plan.For(c.Procedure.Version) == nil {
			return nil // its version has no move
		}
		standing, err := s.migrate(ctx, c.ID, &with, last)
		if err != nil {
			return fmt.Errorf("case %s: %w", c.Code, err)
		}
		moved.add(standing)
		if done != nil {
			done(moved)
		}
		return nil
	})
	if err != nil {
		return moved, fmt.Errorf("move the cases of %s to version %.12s: %w", id, last.Hash, err)
	}
	return moved, nil
}

// migrate moves one case, or finds out why not.
func (s *Service) migrate(ctx context.Context, id ID, to *procedures.Procedure, by Publication) (Standing, error) {
	for range triesOfSystem {
		c, err := s.snapshot(ctx, id, uuid.Nil)
		if err != nil {
			return "", err
		}
		if c.ClosedAt != nil || c.Procedure.Hash == to.Hash {
			return Unchanged, nil
		}
		p, err := s.prospect(ctx, c, to)
		if err != nil || p.standing != Movable && p.standing != Unchanged {
			return p.orBlocked(), err
		}
		st, err := s.migrated(ctx, c, to, p, by)
		if err != nil {
			return "", err
		}
		written, err := s.writeMove(ctx, st, c)
		if err != nil {
			return "", err
		}
		if written {
			s.bodies.forget(id)
			return p.standing, nil
		}
	}
	return "", errKeepsChanging
}

func (p *prospect) orBlocked() Standing {
	if p == nil {
		return Blocked
	}
	return p.standing
}

// migrated is the step by which a case goes on under another version. Used days
// and budgets go on. Where the state has the same owner, time and time-outs, its
// task and timers stay; else they are made anew, and time-outs count from now.
func (s *Service) migrated(ctx context.Context, c *snapshot, to *procedures.Procedure, p *prospect, by Publication) (*step, error) {
	move, now := to.Plan.For(c.Procedure.Version), s.now()
	n := *c
	n.Procedure, n.State = to, p.to
	n.Memory = *c.Memory.clone()
	n.Memory.rename(move)
	was, is := c.stateDef(), n.stateDef()
	st := &step{c: &n, seen: c.Revision, keep: goesOn(was, is), left: was}
	if len(p.set) > 0 {
		st.body = p.body
		n.Memory.Supplements++ // the body has another revision
	}
	says := Migrated{From: c.Procedure.Hash, To: to.Hash, States: renamed(move), Answers: p.set, Keeps: st.keep, Why: move.Because, Law: move.Law}
	data := map[string]any{"migrated": says, "why": says.Why}
	o := order{Command: derived(c.ID, fmt.Sprintf("migrate %s %d", to.Hash, c.Revision)), Trigger: workflow.Trigger{Kind: ByMigrate, Event: workflow.Event(ByMigrate)},
		Actor: agency.Actor{Kind: agency.System, ID: fmt.Sprintf("publication %d", by.ID), Name: strings.Join(by.ApprovedBy, ", ")}, Input: Input{Data: data}}
	if !st.keep {
		st.counts = p.counts
	}
	st.add(c.State, p.to, o, requestHash(o.Trigger, to.Hash), now, o.Trigger.Event, 0)
	if st.keep {
		return st, nil
	}
	if b := n.Memory.Budgets[p.to]; b != nil && was.Kind == workflow.Task {
		n.Memory.Budgets[p.to] = &budget{Start: b.Start, Pauses: b.Pauses, Left: now, More: b.More}
	}
	n.Memory.Gen = n.Revision
	if is.Kind == workflow.Task {
		return st, s.openTask(ctx, st, is, variables{c: &n, now: now})
	}
	return st, s.arm(st, is, now)
}

// goesOn tells whether the task and the timers of a state serve another as they are.
func goesOn(was, is *workflow.StateDef) bool {
	return was.Name == is.Name && was.Owner == is.Owner && was.For == is.For && was.Within == is.Within && slices.Equal(procedures.TimeoutsOf(was), procedures.TimeoutsOf(is))
}

// rename carries the names of states in what a case remembers into another version.
func (m *memory) rename(move *procedures.Move) {
	to := renamed(move)
	if len(to) == 0 {
		return
	}
	visits := make(map[string]int, len(m.Visits))
	for key, n := range m.Visits {
		state, event, _ := strings.Cut(key, ".")
		if new, ok := to[workflow.State(state)]; ok {
			key = workflow.Visit(new, workflow.Event(event))
		}
		visits[key] += n
	}
	budgets := make(map[workflow.State]*budget, len(m.Budgets))
	for _, state := range slices.Sorted(maps.Keys(m.Budgets)) {
		name := state
		if new, ok := to[state]; ok {
			name = new
		}
		if budgets[name] == nil || name == state { // of two states that became one, the one that has the name
			budgets[name] = m.Budgets[state]
		}
	}
	m.Visits, m.Budgets = visits, budgets
}

func renamed(move *procedures.Move) map[workflow.State]workflow.State {
	if move == nil {
		return nil
	}
	out := map[workflow.State]workflow.State{}
	for from, to := range move.States {
		if from != to {
			out[from] = to
		}
	}
	return out
}

// writeMove writes the step and the case's new version in one transaction; false
// means that the case was changed in between.
func (s *Service) writeMove(ctx context.Context, st *step, c *snapshot) (written bool, err error) {
	m, err := s.monthOf(ctx, c.ID)
	if err != nil {
		return false, err
	}
	sql, args, err := statementOf([]*step{st}, m, true, s.cfg.Outbox)
	if err != nil {
		return false, err
	}
	err = pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE cases SET definition = $3 WHERE id = $1 AND revision = $2 AND closed_at IS NULL`, c.ID, c.Revision, st.c.Procedure.Hash)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[ID])
		written = err == nil && len(ids) == 1
		if err == nil && !written {
			return errKeepsChanging
		}
		return err
	})
	return written && err == nil, err
}

// versionsOf is the version that the case was on at each event: those before a
// move are of the version that it came from.
func versionsOf(list []happened) []procedures.Hash {
	if len(list) == 0 {
		return nil
	}
	out := make([]procedures.Hash, len(list))
	version := list[len(list)-1].definition
	for i := len(list) - 1; i >= 0; i-- {
		out[i] = version
		if list[i].kind != ByMigrate {
			continue
		}
		if data, ok := list[i].Input.Data["migrated"].(map[string]any); ok {
			if from, _ := data["from"].(string); from != "" {
				version = procedures.Hash(from)
			}
		}
	}
	return out
}
