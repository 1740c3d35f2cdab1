package agency

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// freshFor is how long a Directory answers from what it read: a change made on
// another node shows after this time.
const freshFor = time.Minute

// hanoi is the time by which agencies begin and end. Source: Decision 134/2002/QĐ-TTg.
var hanoi = time.FixedZone("+07", 7*60*60)

// Config carries what a Directory needs. DB is required.
type Config struct {
	DB *pgxpool.Pool
	// Now tells the time; the default is time.Now. Tests set it.
	Now func() time.Time
}

// Directory answers who is where: units and agencies from memory, officers from
// the database, so that a role taken away is gone at once. Any number of
// goroutines may use it.
type Directory struct {
	cfg     Config
	current atomic.Pointer[snapshot]
	reading atomic.Bool // somebody reads the database anew
}

// snapshot is what the database said at one moment.
type snapshot struct {
	units    *Units
	agencies map[ID]Agency
	serving  map[station]ID
	read     time.Time
	ordered  atomic.Pointer[order] // of the last day that was asked for
}

// station is what an agency is found by.
type station struct {
	kind Kind
	unit string
}

// New returns a Directory that has read the database.
func New(ctx context.Context, cfg Config) (*Directory, error) {
	if cfg.DB == nil {
		return nil, errors.New("agency: Config.DB is missing")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	d := &Directory{cfg: cfg}
	return d, d.Refresh(ctx)
}

// Refresh reads units and agencies now, for instance after an import.
func (d *Directory) Refresh(ctx context.Context) error {
	s := &snapshot{agencies: map[ID]Agency{}, serving: map[station]ID{}, read: time.Now()}
	err := pgx.BeginTxFunc(ctx, d.cfg.DB, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		units, err := readUnits(ctx, tx)
		if err != nil {
			return err
		}
		s.units = NewUnits(units)
		agencies, err := readAgencies(ctx, tx)
		for _, a := range agencies {
			s.agencies[a.ID] = a
			s.serving[station{a.Kind, a.UnitCode}] = a.ID
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read units and agencies: %w", err)
	}
	d.current.Store(s)
	return nil
}

// now is the newest snapshot. An old one still serves while one goroutine
// fetches the next, and while the database cannot be reached.
func (d *Directory) now() *snapshot {
	s := d.current.Load()
	if time.Since(s.read) > freshFor && d.reading.CompareAndSwap(false, true) {
		go func() {
			defer d.reading.Store(false)
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := d.Refresh(ctx); err != nil {
				slog.Warn("the list of agencies could not be read anew; the former one serves", "error", err)
			}
		}()
	}
	return s
}

// Units is the list of provinces and communes as it is now.
func (d *Directory) Units() *Units { return d.now().units }

// Province returns the province with a code.
func (d *Directory) Province(code string) (Unit, bool) { return d.now().units.Province(code) }

// Commune returns the commune with a code.
func (d *Directory) Commune(code string) (Unit, bool) { return d.now().units.Commune(code) }

// Provinces are all provinces, by code.
func (d *Directory) Provinces() []Unit { return d.now().units.Provinces() }

// Communes are the communes of a province, by code.
func (d *Directory) Communes(province string) []Unit { return d.now().units.Communes(province) }

// Search finds units by name; see [Units.Search].
func (d *Directory) Search(text string) []Unit { return d.now().units.Search(text) }

// Text writes an address in words; see [Units.Text].
func (d *Directory) Text(address any, lang string) string { return d.now().units.Text(address, lang) }

// AddressText returns Text in one language, in the shape that package forms takes.
func (d *Directory) AddressText(lang string) func(map[string]any) string {
	return func(address map[string]any) string { return d.Text(address, lang) }
}

// Agency returns the agency with an id, also one that has ended.
func (d *Directory) Agency(id ID) (Agency, bool) {
	a, ok := d.now().agencies[id]
	return a, ok
}

// Agencies are the agencies of a kind that exist today, or of all kinds when
// kind is empty, by id.
func (d *Directory) Agencies(kind Kind) []Agency {
	today := d.today()
	var list []Agency
	for _, a := range d.now().agencies {
		if (kind == "" || a.Kind == kind) && a.validOn(today) {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b Agency) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// Competent returns the agency of a kind that serves a commune or province
// today. A commune is served by the province's agency where the kind has one a
// province, every unit by the only one of a kind that has one; an agency that has ended by the one that took over from it. The
// error wraps [ErrNoAgency].
func (d *Directory) Competent(_ context.Context, kind Kind, unit string) (Agency, error) {
	s, at := d.now(), unit
	if p, known := postOf[kind]; known && p.level == Province {
		if c, ok := s.units.Commune(unit); ok {
			at = c.ProvinceCode
		}
	}
	if seat := postOf[kind].seat; seat != "" {
		at = seat
	}
	id, ok := s.serving[station{kind, at}]
	if !ok {
		return Agency{}, fmt.Errorf("%s of unit %q: %w", kind, unit, ErrNoAgency)
	}
	a, ok := s.successor(id, d.today())
	if !ok {
		return Agency{}, fmt.Errorf("%s of unit %q: %s does not exist today and nobody took over: %w", kind, unit, id, ErrNoAgency)
	}
	return a, nil
}

// Successor returns the agency that does today what the agency with the id did:
// itself, or who took over. The error wraps [ErrNoAgency].
func (d *Directory) Successor(id ID) (Agency, error) {
	a, ok := d.now().successor(id, d.today())
	if !ok {
		return Agency{}, fmt.Errorf("successor of %s: %w", id, ErrNoAgency)
	}
	return a, nil
}

func (s *snapshot) successor(id ID, today time.Time) (Agency, bool) {
	for range len(s.agencies) + 1 { // a circle of successors ends here
		a, ok := s.agencies[id]
		switch {
		case !ok || today.Before(a.ValidFrom):
			return Agency{}, false
		case a.validOn(today):
			return a, true
		}
		id = a.SucceededBy
	}
	return Agency{}, false
}

// today is the day in Viet Nam, at midnight UTC as PostgreSQL's dates are.
func (d *Directory) today() time.Time {
	y, m, day := d.cfg.Now().In(hanoi).Date()
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
}
