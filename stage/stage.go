// Package stage plays the scenarios of procedures on the real engine: a database
// of its own, the demonstration's people and agencies, the sandbox's registries,
// and a clock that the story sets. It tells where a story and the engine differ.
// `hoso test` plays all stories on it, the studio walks a case on it by hand; what
// they have seen of a definition is counted elsewhere.
package stage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/notice"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// Stage is one story's world.
type Stage struct {
	db        *pgxpool.Pool
	catalogue *procedures.Catalogue
	now       time.Time
	tell      func(time.Time) // of the clock
	agencies  *agency.Directory
	cases     *cases.Service
	jobs      *jobs.Jobs
	world     *world.World
	down      map[string]bool // registries that do not answer
	mute      map[string]bool // registries that do what they are asked, and whose answer is lost for now
	gateway   *gateway
	watcher   Watcher
}

// Watcher learns whether what the engine decided in a step was written.
type Watcher interface {
	Done()
	Undone()
	// Step is called when so many steps of the story are done; 0: it is filed.
	Step(ctx context.Context, n int) error
}

// Watch lets w watch from now on.
func (s *Stage) Watch(w Watcher) { s.watcher = w }

type nobody struct{}

func (nobody) Done()                           {}
func (nobody) Undone()                         {}
func (nobody) Step(context.Context, int) error { return nil }

// New sets the stage at an instant, on a migrated database that is empty. keys
// is a folder for the agencies' signing keys.
func New(ctx context.Context, db *pgxpool.Pool, catalogue *procedures.Catalogue, at time.Time, keys string) (*Stage, error) {
	if err := people(ctx, db.Config().ConnString()); err != nil {
		return nil, err
	}
	now := at
	agencies, err := agency.New(ctx, agency.Config{DB: db, Now: func() time.Time { return now }})
	if err != nil {
		return nil, err
	}
	papers, err := printer(keys)
	if err != nil {
		return nil, err
	}
	data, err := world.Shipped()
	if err != nil {
		return nil, err
	}
	return newStage(ctx, db, catalogue, at, agencies, data, papers, func(at time.Time) { now = at })
}

// printer sets and signs papers with the keys of a folder.
func printer(keys string) (*document.Printer, error) {
	ring, err := document.OpenKeyring(keys)
	if err != nil {
		return nil, err
	}
	return document.New(document.Config{BaseURL: "https://hoso.example", Signer: ring})
}

// newStage sets a stage over people and agencies that are there. tell learns of
// every change of the clock.
func newStage(ctx context.Context, db *pgxpool.Pool, catalogue *procedures.Catalogue, at time.Time, agencies *agency.Directory, data *world.Data, papers jobs.Papers, tell func(time.Time)) (*Stage, error) {
	s := &Stage{db: db, catalogue: catalogue, agencies: agencies, tell: tell, down: map[string]bool{}, mute: map[string]bool{}, watcher: nobody{},
		gateway: &gateway{amounts: map[string]int64{}, paid: map[string]bool{}}}
	s.set(at)
	clock, quiet := func() time.Time { return s.now }, slog.New(slog.DiscardHandler) // failures are part of stories
	var err error
	if s.world, err = data.World(at, nil); err != nil {
		return nil, err
	}
	records := registry.Directory{}
	records.Add(&resident.Source{DB: db, Now: clock}, resident.Kinds...)
	for name, kind := range catalogue.Elements.Kinds {
		if kind.Registry != resident.Registry {
			records.Add(s.source(kind.Registry), name)
		}
	}
	if s.cases, err = cases.New(ctx, cases.Config{DB: db, Procedures: catalogue, Agencies: s.agencies, Calendar: calendar.Vietnam(), Records: records,
		Outbox: jobs.Outbox{}, Now: clock, Log: quiet}); err != nil {
		return nil, err
	}
	s.jobs, err = jobs.New(jobs.Config{DB: db, Cases: s.cases, Gateway: s.gateway, Writers: s, Notices: silent{}, Papers: papers, Treasury: "7111",
		CaseURL: func(c cases.Code) string { return "https://hoso.example/ho-so/" + string(c) }, Now: clock, Log: quiet})
	return s, err
}

// set moves the clock.
func (s *Stage) set(at time.Time) {
	s.now = at
	s.tell(at)
}

// source answers for one registry of the sandbox, without the wire.
func (s *Stage) source(name string) registry.Source {
	return registry.SourceFunc(func(_ context.Context, r registry.Request) (registry.Record, error) {
		rec := registry.Record{Registry: name, Kind: r.Kind, Key: r.Key, State: registry.Empty, AsOf: s.now, FetchedAt: s.now}
		if s.down[name] {
			rec.State = registry.Unavailable
			return rec, nil
		}
		values, version, ok, err := s.world.Read(name, r.Kind, r.Key, s.today())
		if err != nil || !ok {
			return rec, err
		}
		rec.State, rec.Values, rec.Version = registry.Fetched, values, version
		return rec, nil
	})
}

func (s *Stage) today() string { return s.now.In(calendar.Hanoi).Format(time.DateOnly) }

// Send lets the sandbox's registry do what a message asks.
func (s *Stage) Send(_ context.Context, m registry.Message) (registry.Reply, error) {
	if s.down[m.To] {
		return registry.Reply{}, fmt.Errorf("%s: %w", m.To, registry.ErrUnavailable)
	}
	return s.world.Do(m.To, m.Operation, m.Key, m.Body, s.today())
}

// gateway takes every order and tells by itself of no payment: the story does.
// What was paid it knows when it is to be paid back.
type gateway struct {
	amounts map[string]int64
	paid    map[string]bool
}

func (g *gateway) Order(_ context.Context, o payment.Order) (string, error) {
	g.amounts[o.ID] = o.Amount
	return "https://pay.example/" + o.ID, nil
}

func (*gateway) Status(_ context.Context, id string) (payment.Status, error) {
	return payment.Status{Order: id, State: payment.Pending}, nil
}

func (g *gateway) Cancel(_ context.Context, id string) (payment.Status, error) {
	if g.paid[id] {
		return payment.Status{Order: id, State: payment.Paid, Amount: g.amounts[id]}, nil
	}
	return payment.Status{Order: id, State: payment.Failed}, nil
}

func (g *gateway) Refund(_ context.Context, id string) (payment.Status, error) {
	if !g.paid[id] {
		return payment.Status{}, fmt.Errorf("order %s: %w", id, payment.ErrRejected)
	}
	return payment.Status{Order: id, State: payment.Refunded, Amount: g.amounts[id], Refund: "HT-" + id}, nil
}

// tellPayment lets the platform report on the newest order of the case that is
// open; false: there is none.
func (s *Stage) tellPayment(ctx context.Context, id cases.ID, paid bool, in map[string]any) (bool, error) {
	e := payment.Event{ID: uuid.NewString(), State: payment.Failed, At: s.now}
	err := s.db.QueryRow(ctx, `
		SELECT order_id::text, amount
		FROM case_payments
		WHERE case_id = $1 AND status IN ('ready', 'unknown')
		ORDER BY asked_at DESC LIMIT 1`, id).Scan(&e.Order, &e.Amount)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if paid {
		e.State, s.gateway.paid[e.Order] = payment.Paid, true
		e.Receipt, _ = in["receipt"].(string)
		if amount, ok := in["amount"].(int64); ok {
			e.Amount = amount
		}
		if day, ok := in["paidOn"].(string); ok && day != s.today() {
			if e.At, err = time.ParseInLocation(time.DateOnly, day, calendar.Hanoi); err != nil {
				return false, err
			}
		}
	}
	return true, s.cases.PaymentEvent(ctx, e)
}

// silent delivers every message to nobody.
type silent struct{}

func (silent) Email(context.Context, notice.Email) error         { return nil }
func (silent) SMS(context.Context, string, string, string) error { return nil }

// pass lets time go by: whatever falls due on the way happens at its instant. The
// payment platform, which tells of no payment by itself, is asked in the end only,
// not again and again on the way.
func (s *Stage) pass(ctx context.Context, until time.Time) error {
	if len(s.gateway.amounts) > 0 {
		if _, err := s.db.Exec(ctx, `
			UPDATE case_effects SET next_at = $1
			WHERE type = 'request-payment' AND status = 0 AND next_at > $2 AND next_at < $1
				AND key IN (SELECT order_id FROM case_payments WHERE status = 'ready')`, until, s.now); err != nil {
			return err
		}
	}
	for {
		var next *time.Time
		if err := s.db.QueryRow(ctx, `
			SELECT min(at)
			FROM (SELECT fire_at AS at FROM case_timers UNION ALL SELECT next_at FROM case_effects WHERE status IN (0, 1)
				UNION ALL SELECT apology_at FROM case_clocks UNION ALL SELECT watch_at FROM case_tasks) AS due
			WHERE at > $1 AND at <= $2`, s.now, until).Scan(&next); err != nil {
			return err
		}
		if next == nil {
			break
		}
		s.set(*next)
		if err := s.settle(ctx); err != nil {
			return err
		}
	}
	if until.After(s.now) {
		s.set(until)
	}
	return s.settle(ctx)
}

// settle lets the workers do all that is to be done now.
func (s *Stage) settle(ctx context.Context) error {
	if err := s.hold(ctx); err != nil {
		return err
	}
	if err := s.jobs.Drain(ctx); err != nil {
		return err
	}
	s.watcher.Done()
	return nil
}
