package cases

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/message"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/signed"
)

// Records reads what the state already knows.
type Records interface {
	Fetch(ctx context.Context, r registry.Request) (registry.Record, error)
}

// An Outbox says how the bells of effects are rung. Its SQL becomes part of the
// statement that writes a step, so that the bells ring exactly when the step
// commits.
type Outbox interface {
	// InsertSQL returns an INSERT … SELECT that puts one job for each row of the
	// relation bells, whose column bell is the JSON of a Bell; its queue is the
	// job's queue, not one of its arguments.
	InsertSQL(bells string) string
}

// Bell is what a job knows of its effect: the effect's row says the rest.
type Bell struct {
	Case  ID     `json:"case"`
	Seq   int    `json:"seq"`
	Idx   int    `json:"idx"`
	Queue string `json:"queue,omitempty"` // one for each kind of work and each registry: a slow one keeps up no other
	// At is when it is to ring; zero: at once.
	At time.Time `json:"-"`
}

// Config carries what a Service needs. All fields but Now and Log are required.
type Config struct {
	DB         *pgxpool.Pool
	Procedures *procedures.Catalogue
	Agencies   *agency.Directory
	Calendar   *calendar.Calendar
	Records    Records
	Outbox     Outbox
	// Office seals what cases tell each other and opens what they are told. The
	// default has a key of its own, for a process whose messages nobody else reads.
	Office *message.Office
	// Warnings say when people are told that something ends or is late.
	Warnings Warnings
	// MayDecide tells whether decisions may be taken now; nil: always. See [ErrNoDecisions].
	MayDecide func(context.Context) (bool, error)
	// Limits say when new filings have to wait; zero fields take their defaults.
	Limits Limits
	// Now tells the time; the default is time.Now. Tests set it.
	Now func() time.Time
	Log *slog.Logger // default slog.Default()
}

// Service files, moves and lists cases. It may be used by many goroutines.
type Service struct {
	cfg      Config
	numbers  numbers
	bodies   bodyCache
	recent   recentCases
	months   months
	groups   grouper
	pressure pressure
	figures  figures
	horizon  horizon
	refusals refusals

	calendars calendars
	alike     sync.Map // pairs of hashes → whether what differs touches no case

	mu       sync.RWMutex
	archived map[procedures.Hash]*procedures.Procedure // versions that the catalogue no longer holds
}

// New returns a Service that has made sure of every version that open cases
// name: it stores the catalogue's versions and loads older ones.
func New(ctx context.Context, cfg Config) (*Service, error) {
	switch {
	case cfg.DB == nil:
		return nil, errors.New("cases: Config.DB is missing")
	case cfg.Procedures == nil, cfg.Agencies == nil, cfg.Calendar == nil:
		return nil, errors.New("cases: Config.Procedures, Agencies or Calendar is missing")
	case cfg.Records == nil, cfg.Outbox == nil:
		return nil, errors.New("cases: Config.Records or Outbox is missing")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Office == nil {
		signer, err := signed.Generate("hoso")
		if err != nil {
			return nil, fmt.Errorf("cases: %w", err)
		}
		cfg.Office = message.NewOffice(signer, nil)
	}
	cfg.Warnings = cfg.Warnings.orDefaults()
	s := &Service{cfg: cfg, archived: map[procedures.Hash]*procedures.Procedure{}}
	if err := s.keepDefinitions(ctx); err != nil {
		return nil, fmt.Errorf("keep definitions: %w", err)
	}
	if err := s.ReadPublications(ctx); err != nil {
		return nil, fmt.Errorf("keep definitions: %w", err)
	}
	if err := s.keepCalendars(ctx); err != nil {
		return nil, fmt.Errorf("keep calendars: %w", err)
	}
	return s, nil
}

// now is the command time, in the precision that PostgreSQL keeps.
func (s *Service) now() time.Time { return s.cfg.Now().Truncate(time.Microsecond) }

// checkUnit tells whether a commune lies in a province.
func (s *Service) checkUnit(province, commune string) bool {
	c, ok := s.cfg.Agencies.Commune(commune)
	return ok && c.ProvinceCode == province
}
