// Package jobs does what follows from the steps of cases: it tells people,
// issues papers, asks for payments, writes the resident database, sends messages
// to registries, passes on what cases tell each other, and fires timers.
//
// A job of River is only the bell: the row of the effect says what is to be done
// and whether it was, so a job that is lost, doubled or late does no harm. What
// comes back from outside goes to the case as a signal; what it means there is
// decided by package cases.
//
// Why each effect takes place once, though its worker may die at any moment and
// an answer may get lost, is a matter of its class:
//
//   - papers, changes of the resident database and messages between cases are
//     done in our own database, in one transaction with their result;
//   - a payment has the effect's key as its order's id: the same id is the same
//     order, and the platform can be asked how it stands;
//   - a message to a registry is of the registry's class: it knows our key
//     (key), may be told twice (natural), is asked first whether it was done
//     (probe), or is not called at all because a person has to do it (manual);
//   - a short message bears the key as Idempotency-Key;
//   - a mail has neither key nor look-up. Its Message-ID follows from the key, so
//     a reader's program can tell two of the same. It is sent again only when the
//     server has certainly not taken it; when the connection breaks after the
//     message was handed over whole, it counts as sent, with a note in its row of
//     notices. Only a worker that dies between the server's word and that note
//     sends a mail twice: better twice than never. The portal has it once.
package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/notice"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/registry"
)

// Gateway is the payment platform; *payment.Gateway is one.
type Gateway interface {
	Order(ctx context.Context, o payment.Order) (payURL string, err error)
	Status(ctx context.Context, id string) (payment.Status, error)
	Cancel(ctx context.Context, id string) (payment.Status, error)
	Refund(ctx context.Context, id string) (payment.Status, error)
}

// Notices sends messages to people; *notice.Sender does.
type Notices interface {
	Email(ctx context.Context, e notice.Email) error
	SMS(ctx context.Context, key, to, text string) error
}

// Papers sets and signs papers; *document.Printer does.
type Papers interface {
	Print(p document.Paper) (*document.Printed, error)
}

// Periodic is something that is done again and again by every process, and
// shares the work with the others by itself: sealing the log of reads, removing
// old sessions.
type Periodic struct {
	Name  string
	Every time.Duration
	Do    func(ctx context.Context) error
}

// Config carries what Jobs needs. The fields down to CaseURL are required.
type Config struct {
	DB      *pgxpool.Pool // cases, the resident database and River are in it
	Cases   *cases.Service
	Gateway Gateway
	Writers registry.Writer // usually registry.Writers
	Notices Notices
	Papers  Papers
	// CaseURL is the page of a case in the portal, for messages.
	CaseURL func(cases.Code) string

	// DeskURL is the page of a case at the desk, for warnings to officers; default CaseURL.
	DeskURL func(cases.Code) string

	// ReturnURL is where the payer's browser comes back to; default CaseURL.
	ReturnURL func(cases.Code) string

	// Treasury is the account that takes what is paid to agencies that have none
	// in Accounts. Empty: those payments cannot be asked for.
	Treasury string
	Accounts map[agency.ID]string

	Periodic []Periodic

	Workers   int           // of each queue; default 32. Papers get half: they cost processor time
	Sweep     time.Duration // how often timers are looked at; default 5 s
	Reconcile time.Duration // how often lost bells and peers that are away are looked after; default 15 s
	Poll      time.Duration // how often each queue is looked at; default 100 ms
	// Silence is how long the platform may leave open how a payment stands before
	// the case is told; default 1 h, and a sixth of it once the payer has come back.
	Silence time.Duration

	Log *slog.Logger     // default slog.Default()
	Now func() time.Time // the same as of Cases; default time.Now
}

// Jobs works effects and timers off.
type Jobs struct {
	cfg    Config
	client *river.Client[pgx.Tx]
	queues map[string]river.QueueConfig

	stop  context.CancelFunc
	loops sync.WaitGroup
}

const (
	fetchCooldown = 10 * time.Millisecond
	jobTimeout    = 30 * time.Second // well below the lease of an effect
	rescueAfter   = 5 * time.Minute
	keepCompleted = time.Hour
	keepDiscarded = 7 * 24 * time.Hour
	softStop      = 20 * time.Second

	queueTimers = "timers"
)

// indexes are those of River's that exist here: postgres.Migrate drops the two
// GIN indexes.
var indexes = []string{"river_job_kind", "river_job_pkey", "river_job_prioritized_fetching_index", "river_job_state_and_finalized_at_index", "river_job_unique_idx"}

// New checks the configuration and makes a Jobs that does nothing yet.
func New(cfg Config) (*Jobs, error) {
	switch {
	case cfg.DB == nil, cfg.Cases == nil:
		return nil, errors.New("jobs: Config.DB or Cases is missing")
	case cfg.Gateway == nil, cfg.Writers == nil, cfg.Notices == nil, cfg.Papers == nil:
		return nil, errors.New("jobs: Config.Gateway, Writers, Notices or Papers is missing")
	case cfg.CaseURL == nil:
		return nil, errors.New("jobs: Config.CaseURL is missing")
	}
	if cfg.ReturnURL == nil {
		cfg.ReturnURL = cfg.CaseURL
	}
	if cfg.DeskURL == nil {
		cfg.DeskURL = cfg.CaseURL
	}
	cfg.Workers = cmp.Or(cfg.Workers, 32)
	cfg.Sweep = cmp.Or(cfg.Sweep, 5*time.Second)
	cfg.Reconcile = cmp.Or(cfg.Reconcile, 15*time.Second)
	cfg.Poll = max(cmp.Or(cfg.Poll, 100*time.Millisecond), fetchCooldown)
	cfg.Silence = cmp.Or(cfg.Silence, time.Hour)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	j := &Jobs{cfg: cfg, queues: map[string]river.QueueConfig{queueTimers: {MaxWorkers: cfg.Workers}}}
	for _, q := range cfg.Cases.Queues() {
		j.queues[q] = river.QueueConfig{MaxWorkers: cfg.Workers}
	}
	j.queues["papers"] = river.QueueConfig{MaxWorkers: max(1, cfg.Workers/2)}
	workers := river.NewWorkers()
	if err := errors.Join(river.AddWorkerSafely(workers, &effectWorker{j: j}), river.AddWorkerSafely(workers, &timerWorker{j: j})); err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	var err error
	j.client, err = river.NewClient(riverpgxv5.New(cfg.DB), &river.Config{
		Schema: postgres.RiverSchema, Queues: j.queues, Workers: workers, Logger: cfg.Log,
		FetchCooldown: fetchCooldown, FetchPollInterval: cfg.Poll,
		JobTimeout: jobTimeout, RescueStuckJobsAfter: rescueAfter, SoftStopTimeout: softStop,
		CompletedJobRetentionPeriod: keepCompleted, DiscardedJobRetentionPeriod: keepDiscarded,
		ReindexerIndexNames: indexes,
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return j, nil
}

// Start begins to work; it returns at once.
func (j *Jobs) Start(ctx context.Context) error {
	if err := j.client.Start(context.WithoutCancel(ctx)); err != nil { // Stop ends it, in good order
		return fmt.Errorf("start the workers: %w", err)
	}
	ctx, j.stop = context.WithCancel(context.WithoutCancel(ctx))
	j.every(ctx, Periodic{"timers", j.cfg.Sweep, j.SweepTimers})
	j.every(ctx, Periodic{"terms", j.cfg.Sweep, j.SweepTerms})
	j.every(ctx, Periodic{"terms of an older calendar", j.cfg.Reconcile, j.Redate})
	j.every(ctx, Periodic{"effects without a bell", j.cfg.Reconcile, j.Reconcile})
	for _, p := range j.cfg.Periodic {
		j.every(ctx, p)
	}
	return nil
}

// Stop takes no more jobs and waits for those in hand, for 20 s or until ctx
// ends; what is not done by then is done by another process after its lease.
func (j *Jobs) Stop(ctx context.Context) error {
	if j.stop == nil {
		return nil
	}
	j.stop()
	j.loops.Wait()
	if err := j.client.Stop(ctx); err != nil {
		return fmt.Errorf("stop the workers: %w", err)
	}
	return nil
}

// every does p until ctx ends, the first time at once.
func (j *Jobs) every(ctx context.Context, p Periodic) {
	j.loops.Go(func() {
		ticks := time.NewTicker(p.Every)
		defer ticks.Stop()
		for {
			if err := p.Do(ctx); err != nil && ctx.Err() == nil {
				j.cfg.Log.ErrorContext(ctx, "periodic work failed", "work", p.Name, "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
		}
	})
}
