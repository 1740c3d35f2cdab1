package population

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/resident"
)

// Config says which population to make up. People and Units are required.
type Config struct {
	People   int
	Seed     uint64
	Units    []agency.Unit  // where they live; communes of any number of provinces
	Today    time.Time      // on which they have their ages; zero: 1 November 2026
	Progress func(done int) // called with the people stored so far, from several goroutines; nil: nobody watches
	Batch    int            // people stored in one transaction; 0: 8000
	Workers  int            // transactions at once, fewer than the pool has connections; 0: 2
}

// Result is what was made.
type Result struct {
	People, Households int
	Took               time.Duration
}

// Rate is people a second.
func (r Result) Rate() float64 { return float64(r.People) / r.Took.Seconds() }

// ErrBusy reports that another generator is at work on the database: two would
// give out the same numbers.
var ErrBusy = errors.New("another generator is at work on this database")

// generating is the key of the advisory lock that a generator holds.
const generating = 0x506f7075 // "Popu"

// Generate makes up people and stores them. It returns [ErrBusy] when another
// does so. A batch is one transaction: what was
// stored when it fails or ctx ends is sound and stays, and another run adds to it.
func Generate(ctx context.Context, db *pgxpool.Pool, cfg Config) (r Result, err error) {
	start := time.Now()
	release, err := alone(ctx, db, &cfg)
	if err != nil {
		return Result{}, fmt.Errorf("prepare a population: %w", err)
	}
	defer release()
	m, super, err := prepare(ctx, db, &cfg)
	if err != nil {
		return Result{}, fmt.Errorf("prepare a population: %w", err)
	}
	var mu sync.Mutex
	var failed error
	caller := ctx
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	batches := make(chan *rows, cfg.Workers)
	var workers sync.WaitGroup
	for range cfg.Workers {
		workers.Go(func() {
			for b := range batches {
				if ctx.Err() != nil {
					continue
				}
				err := b.store(ctx, db, super)
				mu.Lock()
				switch {
				case err != nil:
					failed = cmp.Or(failed, err)
					stop()
				default:
					r.People += len(b.residents)
					r.Households += len(b.households)
				}
				done := r.People
				mu.Unlock()
				if cfg.Progress != nil && err == nil {
					cfg.Progress(done)
				}
			}
		})
	}
	made, err := m.all(ctx, cfg, batches)
	close(batches)
	workers.Wait()
	defer func() { r.Took = time.Since(start) }()
	switch err := cmp.Or(failed, err); {
	case err != nil:
		if stopped := context.Cause(caller); stopped != nil {
			err = stopped // a COPY that is cut off tells of its connection only
		}
		return r, fmt.Errorf("store a population: %w", err)
	case made > r.People:
		return r, fmt.Errorf("store a population: %w", context.Cause(ctx))
	}
	if err := analyze(ctx, db); err != nil {
		return r, fmt.Errorf("analyze a population: %w", err)
	}
	return r, nil
}

// alone takes the generator's lock, on a connection of its own.
func alone(ctx context.Context, db *pgxpool.Pool, cfg *Config) (release func(), err error) {
	cfg.Batch, cfg.Workers = cmp.Or(cfg.Batch, 8000), min(cmp.Or(cfg.Workers, 2), int(db.Config().MaxConns)-1)
	switch {
	case cfg.People <= 0:
		return nil, fmt.Errorf("%d people: it must be one or more", cfg.People)
	case cfg.Workers < 1:
		return nil, errors.New("the pool has one connection, and two are needed")
	}
	conn, err := db.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	ours := false
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", generating).Scan(&ours); err != nil || !ours {
		conn.Release()
		return nil, cmp.Or(err, ErrBusy)
	}
	return func() {
		if _, err := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", generating); err != nil {
			conn.Conn().Close(context.WithoutCancel(ctx)) // the lock ends with the session
		}
		conn.Release()
	}, nil
}

// all makes batches until there are as many people as asked for.
func (m *maker) all(ctx context.Context, cfg Config, batches chan<- *rows) (made int, err error) {
	for made < cfg.People {
		before := maps.Clone(m.used)
		people, households, err := m.batch(min(cfg.Batch, cfg.People-made))
		if err != nil {
			return made, err
		}
		if err := complete(people, households); err != nil {
			return made, err
		}
		b := m.rows(people, households)
		for prefix, n := range m.used {
			if before[prefix] != n {
				b.prefixes = append(b.prefixes, prefix)
			}
		}
		slices.Sort(b.prefixes)
		for _, prefix := range b.prefixes {
			b.used = append(b.used, m.used[prefix])
		}
		select {
		case batches <- b:
			made += len(people)
		case <-ctx.Done():
			return made, ctx.Err()
		}
	}
	return made, nil
}

// prepare reads what there is already: numbers, names, households. It tells
// whether the role may switch the checks of foreign keys off.
func prepare(ctx context.Context, db *pgxpool.Pool, cfg *Config) (*maker, bool, error) {
	if cfg.Today.IsZero() {
		cfg.Today = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	}
	list, err := communes(cfg.Units)
	if err != nil {
		return nil, false, err
	}
	m := &maker{seed: cfg.Seed, today: cfg.Today, communes: list, used: map[string]int{}, taken: map[string]bool{}}
	super := false
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		var first int64
		var there int
		if err := tx.QueryRow(ctx, `
			SELECT current_setting('is_superuser') = 'on',
				setval(pg_get_serial_sequence('households', 'id'), nextval(pg_get_serial_sequence('households', 'id')) + $1),
				(SELECT count(*) FROM residents)`, cfg.People).Scan(&super, &first, &there); err != nil {
			return err
		}
		m.household = first - int64(cfg.People)
		m.twins = newSeen(cfg.People + there)
		return m.load(ctx, tx)
	})
	return m, super, err
}

func (m *maker) load(ctx context.Context, tx pgx.Tx) error {
	var prefix, number, name, code, line string
	var n int
	var born time.Time
	rows, _ := tx.Query(ctx, "SELECT prefix, used FROM number_prefixes")
	if _, err := pgx.ForEachRow(rows, []any{&prefix, &n}, func() error { m.used[prefix] = n; return nil }); err != nil {
		return err
	}
	rows, _ = tx.Query(ctx, "SELECT number, full_name, birth_date FROM residents")
	_, err := pgx.ForEachRow(rows, []any{&number, &name, &born}, func() error {
		if resident.Number(number).Rank() >= m.used[number[:6]] {
			m.taken[number] = true
		}
		m.twins.add(fnv(name, born.Unix()/86400))
		return nil
	})
	if err != nil {
		return err
	}
	byCode := map[string]*commune{}
	for _, c := range m.communes {
		byCode[c.code] = c
	}
	// A run that was stopped has stored later batches and not earlier ones: to count the dwellings is not enough.
	rows, _ = tx.Query(ctx, "SELECT commune, line FROM households WHERE id > 1000000")
	_, err = pgx.ForEachRow(rows, []any{&code, &line}, func() error {
		if c := byCode[code]; c != nil {
			c.dwellings = max(c.dwellings, givenOut(line)+1)
		}
		return nil
	})
	return err
}
