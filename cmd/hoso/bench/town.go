package bench

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/workflow"
)

//go:embed procedures
var files embed.FS

// town is a Hoso of its own with cases that go to and fro between two desks.
type town struct {
	db      *pgxpool.Pool // as the program works
	owner   *pgxpool.Pool // loads and tidies
	cases   *cases.Service
	officer agency.Actor
	// own are the engine's cases and those of the one-statement form, by worker:
	// nobody waits for another's lock.
	own, other [][]*steppable
	statement  string // oneStatement for the month of the cases
}

// steppable is a case that is stepped, and where it is.
type steppable struct {
	id        uuid.UUID
	code      cases.Code
	agency    string
	applicant string
	revision  int
	pong      bool
	head      []byte
	memory    []byte // of the case's row, as after its first step
	clock     []byte
	due       time.Time
}

// casesASecond is how many cases there are for each second of a round: a case is
// stepped some ten times, as a real one is.
const casesASecond = 200

// citizen files all of the cases.
var citizen = agency.Actor{Kind: agency.Citizen, ID: "001196000101", Name: "Nguyễn Thị An", Level: 2}

func newTown(ctx context.Context, cfg Config) (*town, error) {
	owner, err := postgres.Open(ctx, cfg.URL, postgres.Options{MaxConns: 2, ApplicationName: "hoso bench", Statement: time.Minute})
	if err != nil {
		return nil, err
	}
	db, err := postgres.Open(ctx, cfg.URL, postgres.Options{MaxConns: int32(cfg.Workers), ApplicationName: "hoso bench", Statement: time.Minute, Role: postgres.AppRole})
	if err != nil {
		owner.Close()
		return nil, err
	}
	t := &town{db: db, owner: owner, own: make([][]*steppable, cfg.Workers), other: make([][]*steppable, cfg.Workers)}
	if err := t.found(ctx, cfg); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (t *town) close() {
	t.db.Close()
	t.owner.Close()
}

func (t *town) found(ctx context.Context, cfg Config) error {
	for _, load := range []func(context.Context, *pgxpool.Pool) error{agency.LoadDemo, resident.LoadDemo} {
		if err := load(ctx, t.owner); err != nil {
			return err
		}
	}
	agencies, err := agency.New(ctx, agency.Config{DB: t.db})
	if err != nil {
		return err
	}
	tree, err := fs.Sub(files, "procedures")
	if err != nil {
		return err
	}
	catalogue, findings := procedures.LoadToRun(tree)
	for _, f := range findings {
		if f.Warning || f.Code == "NOTIFY" { // there is nobody to tell
			continue
		}
		return fmt.Errorf("the bench's procedure: %s", f)
	}
	records := registry.Directory{}
	records.Add(&resident.Source{DB: t.db}, resident.Kinds...)
	t.cases, err = cases.New(ctx, cases.Config{DB: t.db, Procedures: catalogue, Agencies: agencies, Calendar: calendar.Vietnam(), Records: records, Outbox: jobs.Outbox{}})
	if err != nil {
		return err
	}
	if _, err := t.owner.Exec(ctx, bareTables); err != nil {
		return err
	}
	each := max(2, int(cfg.Round.Seconds()*casesASecond)/cfg.Workers)
	group, inGroup := errgroup.WithContext(ctx)
	for w := range cfg.Workers {
		group.Go(func() error {
			for range each {
				for _, list := range []*[]*steppable{&t.own[w], &t.other[w]} {
					s, err := t.file(inGroup)
					if err != nil {
						return err
					}
					*list = append(*list, s)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	at := agency.ID(t.own[0][0].agency)
	t.officer = agency.Actor{Kind: agency.Officer, ID: "bench", Name: "Bench", Level: 2, Seats: []agency.Seat{{Agency: at, Role: agency.Handler}}}
	return t.remember(ctx)
}

func (t *town) file(ctx context.Context) (*steppable, error) {
	c, err := t.cases.File(ctx, citizen, cases.Filing{Key: uuid.New(), Procedure: "ping-pong"})
	if err != nil {
		return nil, err
	}
	_, err = t.db.Exec(ctx, "INSERT INTO bench_cases (id, state, revision) VALUES ($1, 'ping', 1)", c.ID)
	return &steppable{id: c.ID, code: c.Code, agency: string(c.Competent), applicant: c.ApplicantName, revision: c.Revision}, err
}

// remember takes one step with each of the engine's cases, so that the rows of
// the one-statement form carry what a step leaves in them.
func (t *town) remember(ctx context.Context) error {
	first := t.own[0][0]
	if err := t.cases.Do(ctx, t.officer, cases.Command{Code: first.code, ID: uuid.New(), Event: "pong"}); err != nil {
		return err
	}
	var month string
	if err := t.db.QueryRow(ctx, "SELECT suffix FROM case_months WHERE first <= $1 AND $1 < past", first.id).Scan(&month); err != nil {
		return err
	}
	t.statement = fmt.Sprintf(oneStatement, month, jobs.Outbox{}.InsertSQL("rung"))
	var model steppable
	err := t.db.QueryRow(ctx, "SELECT memory, clock, due_at FROM cases WHERE id = $1", first.id).Scan(&model.memory, &model.clock, &model.due)
	if err != nil {
		return err
	}
	for _, list := range t.other {
		for _, s := range list {
			s.memory, s.clock, s.due = model.memory, model.clock, model.due
		}
	}
	return nil
}

// reset makes every case as short a memory as it had after filing, and the
// database as tidy: rounds do not pay for one another.
func (t *town) reset(ctx context.Context) error {
	if err := t.cases.RollUpCounts(ctx); err != nil {
		return err
	}
	if _, err := t.owner.Exec(ctx, "UPDATE cases SET memory = memory - 'visits' - 'budgets' - 'acted'"); err != nil {
		return err
	}
	rows, _ := t.db.Query(ctx, "SELECT id, revision, state = 'pong', head_hash FROM cases")
	now := map[uuid.UUID]steppable{}
	var s steppable
	_, err := pgx.ForEachRow(rows, []any{&s.id, &s.revision, &s.pong, &s.head}, func() error {
		now[s.id] = s
		s.head = nil
		return nil
	})
	if err != nil {
		return err
	}
	for _, lists := range [][][]*steppable{t.own, t.other} {
		for _, list := range lists {
			for _, s := range list {
				s.revision, s.pong, s.head = now[s.id].revision, now[s.id].pong, now[s.id].head
			}
		}
	}
	for _, tidy := range []string{"VACUUM ANALYZE cases, case_events, case_tasks, case_timers, case_effects, case_count_deltas, bench_cases, bench_events", "CHECKPOINT"} {
		if _, err := t.owner.Exec(ctx, tidy); err != nil {
			return err
		}
	}
	return nil
}

// engineStep is a step through the service, as an officer's page or a program takes it.
func (t *town) engineStep(ctx context.Context, worker, n int) error {
	s := t.own[worker][n%len(t.own[worker])]
	err := t.cases.Do(ctx, t.officer, cases.Command{Code: s.code, ID: uuid.New(), Revision: s.revision, Event: s.event()})
	s.revision, s.pong = s.revision+1, !s.pong
	return err
}

// stepsOfCase is how many signals carry a case of six-steps to its end.
const stepsOfCase = 6

// wholeCase files a case and signals it to its end, as the world outside would:
// each signal is sent when the step before is committed.
func (t *town) wholeCase(ctx context.Context, _, _ int) error {
	c, err := t.cases.Submit(ctx, citizen, cases.Filing{Key: uuid.New(), Procedure: "six-steps"})
	for n := 0; n < stepsOfCase && err == nil; n++ {
		err = t.cases.Signal(ctx, c.ID, uuid.New(), "done", "bench", nil)
	}
	return err
}

// event is what the case's desk does next.
func (s *steppable) event() workflow.Event {
	if s.pong {
		return "ping"
	}
	return "pong"
}
