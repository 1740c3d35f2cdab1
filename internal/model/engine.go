package model

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/notice"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/workflow"
)

// Engine is the real engine on a database of its own, with a clock that is set
// and a registry that answers by what the case says. Its papers are not set: the
// model is not about them.
type Engine struct {
	DB        *pgxpool.Pool // as the program sees it
	Owner     *pgxpool.Pool // with all rights, to look at everything
	Cases     *cases.Service
	Jobs      *jobs.Jobs
	Catalogue *procedures.Catalogue

	mu  sync.Mutex
	now time.Time
}

// NewEngine starts an engine with the procedures of a tree.
func NewEngine(t testing.TB, tree fstest.MapFS) *Engine {
	t.Helper()
	ctx := t.Context()
	e := &Engine{DB: pgtest.New(t), now: time.Date(2026, 3, 2, 9, 0, 0, 0, calendar.Hanoi)}
	catalogue, findings := procedures.LoadOn(tree, "2026-11-26")
	for _, f := range findings {
		if !f.Warning {
			t.Fatalf("the definition is not sound: %v", f)
		}
	}
	e.Catalogue = catalogue
	e.Owner = pgtest.Owner(t, e.DB)
	if err := agency.LoadDemo(ctx, e.Owner); err != nil {
		t.Fatal(err)
	}
	e.Cases, e.Jobs = e.Node(t)
	return e
}

// Node starts one more program on the engine's database, with its own memory.
func (e *Engine) Node(t testing.TB) (*cases.Service, *jobs.Jobs) {
	t.Helper()
	ctx := t.Context()
	agencies, err := agency.New(ctx, agency.Config{DB: e.DB, Now: e.Now})
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler) // refusals and failures are what the model is about
	service, err := cases.New(ctx, cases.Config{DB: e.DB, Procedures: e.Catalogue, Agencies: agencies, Calendar: calendar.Vietnam(), Records: registry.Directory{},
		Outbox: jobs.Outbox{}, Now: e.Now, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	work, err := jobs.New(jobs.Config{DB: e.DB, Cases: service, Gateway: peers{}, Writers: peers{}, Notices: peers{}, Papers: peers{}, Treasury: "7111",
		CaseURL: func(c cases.Code) string { return "https://hoso.example/" + string(c) }, Now: e.Now, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return service, work
}

// Now is the engine's time.
func (e *Engine) Now() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now
}

// Set sets the time.
func (e *Engine) Set(t time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now = t
}

// pass lets time go by; whatever falls due on the way happens at its instant.
func (e *Engine) pass(ctx context.Context, until time.Time) error {
	for {
		var next *time.Time
		if err := e.Owner.QueryRow(ctx, `
			SELECT min(at)
			FROM (SELECT fire_at AS at FROM case_timers
				UNION ALL SELECT next_at FROM case_effects WHERE status IN (0, 1)
				UNION ALL SELECT apology_at FROM case_clocks) AS due
			WHERE at > $1 AND at <= $2`, e.Now(), until).Scan(&next); err != nil {
			return err
		}
		if next == nil {
			break
		}
		e.Set(*next)
		if err := e.Jobs.Drain(ctx); err != nil {
			return err
		}
	}
	if until.After(e.Now()) {
		e.Set(until)
	}
	return e.Jobs.Drain(ctx)
}

// person is an actor as the engine knows them.
func (a Actor) person() agency.Actor {
	out := agency.Actor{Kind: agency.Officer, ID: a.ID, Name: "Nguyễn Thị An", Level: 2}
	if a.Citizen {
		out.Kind = agency.Citizen
	}
	for at, roles := range a.Seats {
		for _, r := range roles {
			out.Seats = append(out.Seats, agency.Seat{Agency: agency.ID(at), Role: r})
		}
	}
	slices.SortFunc(out.Seats, func(a, b agency.Seat) int { return strings.Compare(string(a.Agency)+a.Role, string(b.Agency)+b.Role) })
	return out
}

// input is what a command brings, as the engine takes it.
func (in Input) input() cases.Input {
	out := cases.Input{Note: in.Note}
	if in.Grounds {
		out.Grounds = []string{"no-place"}
	}
	return out
}

// File files a case.
func (e *Engine) File(ctx context.Context, d *Def, a Answers, who Actor) (*cases.Case, error) {
	q := map[string]any{"size": int64(a.Size), "kind": a.Kind}
	if a.Rest != absent {
		q["rest"] = int64(a.Rest)
	}
	return e.Cases.File(ctx, who.person(), cases.Filing{Key: uuid.New(), Procedure: procedures.ID(d.ID), Answers: map[string]any{"q": q}})
}

// kindOf is the kind of a refusal; errors of other kinds are returned.
func kindOf(err error) (string, error) {
	if refused, ok := errors.AsType[*workflow.NotAllowedError](err); ok {
		return refused.Reason, nil
	}
	if _, ok := errors.AsType[*workflow.GuardError](err); ok {
		return GuardFails, nil
	}
	if _, ok := errors.AsType[*cases.ConflictError](err); ok {
		return Conflict, nil
	}
	if _, ok := errors.AsType[*cases.InvalidError](err); ok {
		return Invalid, nil
	}
	switch {
	case err == nil:
		return Accepted, nil
	case errors.Is(err, cases.ErrNotFound):
		return NotFound, nil
	case errors.Is(err, cases.ErrReused):
		return Reused, nil
	}
	return "", fmt.Errorf("a refusal of no known kind: %w", err)
}

// peers stand outside: a registry that answers by what it is told, and people
// who read nothing.
type peers struct{}

func (peers) Send(_ context.Context, m registry.Message) (registry.Reply, error) {
	if m.Operation == ask && answer(fmt.Sprint(m.Body["k"])) == askRefused {
		return registry.Reply{Outcome: registry.Refused, Receipt: "R"}, nil
	}
	return registry.Reply{Outcome: registry.Done, Receipt: "R"}, nil
}

func (peers) Order(_ context.Context, o payment.Order) (string, error) {
	return "https://pay.example/" + o.ID, nil
}

func (peers) Status(_ context.Context, id string) (payment.Status, error) {
	return payment.Status{Order: id, State: payment.Pending}, nil
}

func (peers) Cancel(_ context.Context, id string) (payment.Status, error) {
	return payment.Status{Order: id, State: payment.Failed}, nil
}

func (peers) Refund(_ context.Context, id string) (payment.Status, error) {
	return payment.Status{Order: id, State: payment.Refunded, Refund: "HT-" + id}, nil
}

func (peers) Email(context.Context, notice.Email) error         { return nil }
func (peers) SMS(context.Context, string, string, string) error { return nil }

func (peers) Print(document.Paper) (*document.Printed, error) {
	return nil, errors.New("the model prints nothing")
}
