package stage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// What a story does step by step, for who walks a case by hand. Each call is the
// one that [Stage.Play] makes for a step of the kind.

// SetForWalk is Set for who walks by hand: each paper is set and signed for
// itself, since somebody reads it.
func (d *Database) SetForWalk(ctx context.Context, catalogue *procedures.Catalogue, at time.Time) (*Stage, error) {
	if err := d.reset(ctx); err != nil {
		return nil, fmt.Errorf("clear the stage: %w", err)
	}
	return newStage(ctx, d.pool, catalogue, at, d.agencies, d.data, d.papers.printer, func(now time.Time) { d.now = now })
}

// Agencies are the agencies on stage.
func (s *Stage) Agencies() *agency.Directory { return s.agencies }

// Citizen is a person of the demonstration as one who is signed in.
func (s *Stage) Citizen(ctx context.Context, number string) (agency.Actor, error) {
	return (&play{Stage: s}).citizen(ctx, number)
}

// Actor is who does something in a case: by is a role of its procedure, or a
// personal number.
func (s *Stage) Actor(ctx context.Context, c *cases.Case, by string) (agency.Actor, error) {
	return (&play{Stage: s}).actor(ctx, c.Procedure, &standing{Applicant: c.Applicant, Receiving: c.Receiving, Competent: c.Competent}, by)
}

// Case is a case as the system sees it.
func (s *Stage) Case(ctx context.Context, id cases.ID) (*cases.Case, error) {
	return (&play{Stage: s}).load(ctx, id)
}

// Settle does the work that is due now.
func (s *Stage) Settle(ctx context.Context) error { return s.jobs.Drain(ctx) }

// Signal lets the world outside tell a case something; what is about money the
// payment platform tells.
func (s *Stage) Signal(ctx context.Context, id cases.ID, event workflow.Event, input map[string]any) error {
	if err := (&play{Stage: s}).signal(ctx, id, &procedures.Step{Signal: event, Input: input}); err != nil {
		return err
	}
	return s.jobs.Drain(ctx)
}

// Wait lets time go by as a story writes it: 8d, 4h, 2wd, 30m.
func (s *Stage) Wait(ctx context.Context, delay string) error {
	until, err := (&play{Stage: s}).after(delay)
	if err != nil {
		return err
	}
	return s.pass(ctx, until)
}

// Silence keeps a registry from answering, or lets it answer again.
func (s *Stage) Silence(registry string, down bool) {
	if down {
		s.down[registry] = true
	} else {
		delete(s.down, registry)
	}
}

// Silent are the registries that do not answer, by name.
func (s *Stage) Silent() []string { return slices.Sorted(maps.Keys(s.down)) }

// Given makes the changes to registries that a story names.
func (s *Stage) Given(changes map[string]any) error {
	x := &play{Stage: s, place: "given"}
	x.given(changes)
	if len(x.differences) > 0 {
		return fmt.Errorf("%s", x.differences[0])
	}
	return nil
}

// NextTimeout is the next time-out of the case and of those it has opened; zero:
// there is none.
func (s *Stage) NextTimeout(ctx context.Context, id cases.ID) (time.Time, error) {
	var at *time.Time
	err := s.db.QueryRow(ctx, `
		WITH RECURSIVE family AS (SELECT @id::uuid AS id UNION SELECT k.child_id FROM case_children k JOIN family f ON k.case_id = f.id WHERE k.child_id IS NOT NULL)
		SELECT min(t.fire_at) FROM case_timers t JOIN family f ON f.id = t.case_id`, pgx.StrictNamedArgs{"id": id}).Scan(&at)
	if err != nil || at == nil {
		return time.Time{}, err
	}
	return *at, nil
}

// Effect is something that an event of a case left to be done.
type Effect struct {
	Seq  int // of the event
	Type string
	Name string
	Done bool
}

// Effects are all effects of a case, in their order.
func (s *Stage) Effects(ctx context.Context, id cases.ID) ([]Effect, error) {
	rows, _ := s.db.Query(ctx, `SELECT seq, type, name, status = 2 AS done FROM case_effects WHERE case_id = $1 ORDER BY seq, idx`, id)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Effect])
}

// Documents are the names of the papers that were issued for a case, as stories
// name them.
func (s *Stage) Documents(ctx context.Context, id cases.ID) ([]string, error) {
	return (&play{Stage: s}).documents(ctx, id)
}

// Notices are the names of the notices that were sent for a case.
func (s *Stage) Notices(ctx context.Context, id cases.ID) ([]string, error) {
	return (&play{Stage: s}).notices(ctx, id)
}
