package bench

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/postgres"
)

// PortalConfig says how to load the portal. URL and Start are required.
type PortalConfig struct {
	URL       string // a database that may be filled, migrated; its user owns it
	Start     Start
	Workers   int           // browsers at once; 0: 8
	Each      time.Duration // how long each page is loaded; 0: 10 s
	Residents int           // made up before everything is loaded once more; 0: none
	Tell      func(line string)
}

// Portal is what was measured.
type Portal struct {
	Machine Machine           `json:"machine"`
	Workers int               `json:"workers"`
	Pages   map[string]Served `json:"pages"` // by the names of PortalPages
	Grown   *Grown            `json:"grown,omitempty"`
}

// Grown is the same portal after many people have come.
type Grown struct {
	Residents int                `json:"residents"` // in the database
	Fill      float64            `json:"fill_s"`
	Pages     map[string]Served  `json:"pages"`
	Slower    map[string]float64 `json:"p50_ratio"` // of each page's median to the one before
}

// PortalPages are the names of what is loaded, in their order; home is the
// citizen's own cases, queue an officer's page of work.
var PortalPages = []string{"catalogue", "procedure", "home", "form", "check", "filing", "queue"}

// Served is how a page was served, and how fast the same server answers with as
// many bytes and one statement that reads nothing.
type Served struct {
	Requests int      `json:"requests"`
	Rate     float64  `json:"requests_per_s"` // of the workers together, while they waited for this page
	P50      float64  `json:"p50_ms"`
	P95      float64  `json:"p95_ms"`
	P99      float64  `json:"p99_ms"`
	Wire     int      `json:"wire_bytes"` // of one answer as it came
	Gzip     int      `json:"gzip_bytes"` // what a proxy in front makes of it
	Floor    float64  `json:"floor_requests_per_s"`
	FloorMS  Quantile `json:"floor"`
	Ratio    float64  `json:"ratio"` // of the rate to the floor's
}

// MeasurePortal loads the portal's pages one after the other, each in turns with
// its floor.
func MeasurePortal(ctx context.Context, cfg PortalConfig) (*Portal, error) {
	if cfg.URL == "" || cfg.Start == nil {
		return nil, errors.New("load the portal: URL and Start are required")
	}
	if cfg.Workers == 0 {
		cfg.Workers = 8
	}
	if cfg.Each == 0 {
		cfg.Each = 10 * time.Second
	}
	node, err := cfg.Start(ctx, cfg.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("start a node to load: %w", err)
	}
	defer node.Close()
	db, err := postgres.Open(ctx, cfg.URL, postgres.Options{MaxConns: 4, ApplicationName: "hoso bench", Statement: time.Hour})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	p := &Portal{Machine: Machine{CPUs: runtime.NumCPU()}, Workers: cfg.Workers}
	if err := db.QueryRow(ctx, "SHOW server_version").Scan(&p.Machine.Postgres); err != nil {
		return nil, err
	}
	filers, err := newFilers(ctx, db, node, 2*cfg.Workers)
	if err != nil {
		return nil, fmt.Errorf("find people who can file: %w", err)
	}
	first, others := filers[:cfg.Workers], filers[cfg.Workers:]
	if p.Pages, err = cfg.all(ctx, first); err != nil || cfg.Residents == 0 {
		return p, err
	}
	p.Grown, err = cfg.grow(ctx, db, node, others, p.Pages)
	return p, err
}

// all loads every page.
func (cfg PortalConfig) all(ctx context.Context, filers []*filer) (map[string]Served, error) {
	out := map[string]Served{}
	for _, name := range PortalPages {
		s, err := cfg.load(ctx, filers, name)
		if err != nil {
			return nil, fmt.Errorf("load the page %s: %w", name, err)
		}
		out[name] = s
		cfg.say("%-10s %7.0f a second, %6.2f / %6.2f / %6.2f ms, %d bytes; floor %7.0f a second, %6.2f / %6.2f / %6.2f ms", name, s.Rate, s.P50, s.P95, s.P99,
			s.Wire, s.Floor, s.FloorMS.P50, s.FloorMS.P95, s.FloorMS.P99)
	}
	return out, nil
}

// grow makes people up and loads every page again, for others than before: those
// have filed so often by now that their pages have grown.
func (cfg PortalConfig) grow(ctx context.Context, db *pgxpool.Pool, node *Node, filers []*filer, before map[string]Served) (*Grown, error) {
	g := &Grown{Slower: map[string]float64{}}
	start := time.Now()
	if err := addPeople(ctx, db, cfg.Residents, units(node), &teller{}); err != nil {
		return nil, fmt.Errorf("make people up: %w", err)
	}
	if _, err := db.Exec(ctx, "VACUUM ANALYZE"); err != nil {
		return nil, err
	}
	g.Fill = time.Since(start).Seconds()
	if err := db.QueryRow(ctx, "SELECT count(*) FROM residents").Scan(&g.Residents); err != nil {
		return nil, err
	}
	cfg.say("%d residents, after %.0f s", g.Residents, g.Fill)
	var err error
	if g.Pages, err = cfg.all(ctx, filers); err != nil {
		return nil, err
	}
	for _, name := range PortalPages {
		g.Slower[name] = g.Pages[name].P50 / before[name].P50
		cfg.say("%-10s %.2f times the median of before", name, g.Slower[name])
	}
	return g, nil
}

func (cfg PortalConfig) say(format string, args ...any) {
	if cfg.Tell != nil {
		cfg.Tell(fmt.Sprintf(format, args...))
	}
}

// load loads one page and then its floor, each for half of the time.
func (cfg PortalConfig) load(ctx context.Context, filers []*filer, name string) (s Served, err error) {
	var one *page // the last answer
	var mu sync.Mutex
	took, err := cfg.run(ctx, filers, func(ctx context.Context, f *filer) (time.Duration, error) {
		p, err := f.visit(ctx, name)
		if err != nil {
			return 0, err
		}
		mu.Lock()
		defer mu.Unlock()
		one = p
		return p.took, nil
	})
	if err != nil {
		return s, err
	}
	floor, err := cfg.run(ctx, filers, func(ctx context.Context, f *filer) (time.Duration, error) {
		p, err := f.browser.get(ctx, fmt.Sprintf("%s?n=%d", FloorPath, one.wire))
		if err != nil {
			return 0, err
		}
		return p.took, nil
	})
	if err != nil {
		return s, fmt.Errorf("its floor: %w", err)
	}
	var small bytes.Buffer
	z := gzip.NewWriter(&small)
	if _, err := z.Write(one.body); err != nil {
		return s, err
	}
	if err := z.Close(); err != nil {
		return s, err
	}
	q := quantiles(took)
	s = Served{Requests: len(took), Rate: rate(took, cfg.Workers), P50: q.P50, P95: q.P95, P99: q.P99, Wire: one.wire, Gzip: small.Len(),
		Floor: rate(floor, cfg.Workers), FloorMS: quantiles(floor)}
	s.Ratio = s.Rate / s.Floor
	return s, nil
}

// rate is how many a second the workers get together while they wait for answers.
func rate(took []time.Duration, workers int) float64 {
	var sum time.Duration
	for _, d := range took {
		sum += d
	}
	if sum == 0 {
		return 0
	}
	return float64(len(took)) * float64(workers) / sum.Seconds()
}

// run lets every worker do something again and again, and returns how long each took.
func (cfg PortalConfig) run(ctx context.Context, filers []*filer, do func(context.Context, *filer) (time.Duration, error)) ([]time.Duration, error) {
	all := make([][]time.Duration, len(filers))
	start := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for i, f := range filers {
		group.Go(func() error {
			for n := 0; n == 0 || time.Since(start) < cfg.Each/2; n++ {
				d, err := do(ctx, f)
				if err != nil {
					return err
				}
				all[i] = append(all[i], d)
			}
			return nil
		})
	}
	err := group.Wait()
	var took []time.Duration
	for _, list := range all {
		took = append(took, list...)
	}
	return took, err
}

// units are all communes.
func units(node *Node) (list []agency.Unit) {
	for _, p := range node.Agencies.Provinces() {
		list = append(list, node.Agencies.Communes(p.Code)...)
	}
	return list
}

// waiting is how many people file before: some pay first, the others fill a page
// of the queue.
const waiting = 2 * fullPage

// filedBefore is how many cases each who files has had before.
const filedBefore = 5

// newFilers makes people up, of whom n file in browsers of their own, again and
// again; others have filed before, and an officer has the queue of their cases.
func newFilers(ctx context.Context, db *pgxpool.Pool, node *Node, n int) ([]*filer, error) {
	if err := addPeople(ctx, db, 10*waiting+20*n, units(node), &teller{}); err != nil {
		return nil, err
	}
	rents, err := readFiling("renting.json")
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `
		SELECT r.number, r.full_name
		FROM residents r
		JOIN household_members m ON m.resident = r.number AND upper_inf(m.valid)
		JOIN households h ON h.id = m.household AND h.head <> r.number
		WHERE h.id > 1000000 AND r.alive AND NOT r.restricted AND r.birth_date BETWEEN '1970-01-01' AND '2000-01-01'
		ORDER BY r.number
		LIMIT $1`, n+waiting)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*filer, error) {
		f := &filer{node: node, rents: rents, who: agency.Actor{Kind: agency.Citizen, Level: 2}}
		err := row.Scan(&f.who.ID, &f.who.Name)
		f.who.Name = strings.TrimSpace(f.who.Name)
		return f, err
	})
	if err != nil {
		return nil, err
	}
	if len(list) < n+waiting {
		return nil, fmt.Errorf("%d of %d people can file", len(list), n+waiting)
	}
	for _, f := range list[n:] {
		if err := f.leave(ctx); err != nil {
			return nil, err
		}
	}
	if err := node.Drain(ctx); err != nil {
		return nil, err
	}
	officer, err := ofTheQueue(ctx, db, node)
	if err != nil {
		return nil, err
	}
	for _, f := range list[:n] {
		f.officer = officer
		if f.browser, err = signIn(ctx, node.Base, f.who); err != nil {
			return nil, err
		}
		for range filedBefore {
			if _, err := f.visit(ctx, "filing"); err != nil {
				return nil, err
			}
		}
	}
	return list[:n], nil
}

// ofTheQueue signs in the officer who receives what was filed.
func ofTheQueue(ctx context.Context, db *pgxpool.Pool, node *Node) (*browser, error) {
	var id string
	err := db.QueryRow(ctx, `
		SELECT r.officer_id
		FROM case_tasks t
		JOIN officer_roles r ON r.agency_id = t.agency AND r.role = t.role AND r.valid_to IS NULL
		GROUP BY r.officer_id
		ORDER BY count(*) DESC, r.officer_id
		LIMIT 1`).Scan(&id)
	if err != nil {
		return nil, fmt.Errorf("find who has the queue: %w", err)
	}
	return signIn(ctx, node.Base, agency.Actor{Kind: agency.Officer, ID: id})
}
