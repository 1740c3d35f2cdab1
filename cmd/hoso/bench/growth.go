package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/postgres"
)

// GrowthConfig says how to measure pages while the database grows. The URLs, Start
// and the sizes are required.
type GrowthConfig struct {
	FirstURL string // a database that may be filled, migrated; its user owns it: for the first size
	URL      string // another one on the same server, for the other sizes
	Start    Start
	// Cases and Residents are the sizes, rising; from the second on each stands on
	// top of the one before. They go together, one by one.
	Cases, Residents []int
	Requests         int               // of each kind at each size; 0: 500
	Rounds           int               // of the first and the last size in turns; 0: 3
	Tell             func(line string) // is told how far it is; nil: nobody listens

	// Look is called at each size, when it was filled; nil: nothing.
	Look func(ctx context.Context, db *pgxpool.Pool, node *Node, size Size) error
}

// Growth is what was measured.
type Growth struct {
	Machine Machine            `json:"machine"`
	Sizes   []Size             `json:"sizes"`
	Ratio   map[string]float64 `json:"ratio"` // p95 at the last size to that at the first
	Aims    []Aim              `json:"aims"`
}

// Machine is what it was measured on.
type Machine struct {
	CPUs     int    `json:"cpus"`
	Postgres string `json:"postgres"`
}

// Aim is what was to be reached.
type Aim struct {
	Aim   string  `json:"aim"`
	Value float64 `json:"value"`
	Limit float64 `json:"limit"`
	Met   bool    `json:"met"`
}

// Size is one size of the database with its measurements.
type Size struct {
	Cases         int                `json:"cases"`
	Residents     int                `json:"residents"`
	Agencies      int                `json:"agencies"`   // that the cases are spread over
	Open          int                `json:"open"`       // cases
	QueueRows     int                `json:"queue_rows"` // untaken tasks of the desks that are measured, on average
	Bytes         int64              `json:"bytes"`      // of the database
	CasesFill     float64            `json:"cases_fill_s"`
	ResidentsFill float64            `json:"residents_fill_s"`
	Tidy          float64            `json:"tidy_s"` // VACUUM, ANALYZE, CHECKPOINT
	Measured      map[string]Latency `json:"measured"`
}

// Desks are the officers whose pages are measured. Each has all three roles at
// an agency of its own.
func Desks() []Officer {
	list := make([]Officer, desks)
	for i := range list {
		list[i] = Officer{ID: fmt.Sprintf("bench-desk-%d", i+1), Name: fmt.Sprintf("Cán bộ đo thử %d", i+1), Role: agency.Handler}
	}
	return list
}

// desks is how many are measured in turns, when there are so many agencies.
const desks = 4

// MeasureGrowth fills the databases and measures pages at each size. The first
// and the last one are measured in turns, so that what is compared is of the
// same minutes.
func MeasureGrowth(ctx context.Context, cfg GrowthConfig) (*Growth, error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("measure growth: %w", err)
	}
	told := &teller{tell: cfg.Tell}
	small := &growth{cfg: cfg, url: cfg.FirstURL, cases: cfg.Cases[:1], residents: cfg.Residents[:1], tell: told}
	large := &growth{cfg: cfg, url: cfg.URL, cases: cfg.Cases[1:], residents: cfg.Residents[1:], tell: told}
	out := &Growth{Machine: Machine{CPUs: runtime.NumCPU()}}
	for _, g := range []*growth{small, large} {
		defer g.close()
		if err := g.found(ctx); err != nil {
			return nil, fmt.Errorf("found a Hoso to fill: %w", err)
		}
		for i := range g.cases {
			size, err := g.grow(ctx, i)
			if err != nil {
				return nil, fmt.Errorf("grow to %d cases: %w", g.cases[i], err)
			}
			if i < len(g.cases)-1 {
				if size.Measured, err = g.measure(ctx, 0); err != nil {
					return nil, fmt.Errorf("measure at %d cases: %w", g.cases[i], err)
				}
				told.size(size)
			}
			out.Sizes = append(out.Sizes, size)
		}
	}
	if err := out.inTurns(ctx, cfg.Rounds, small, large); err != nil {
		return nil, err
	}
	if err := small.db.QueryRow(ctx, "SHOW server_version").Scan(&out.Machine.Postgres); err != nil {
		return nil, err
	}
	out.judge()
	return out, nil
}

// inTurns measures the first and the last size, one after the other in each round.
func (g *Growth) inTurns(ctx context.Context, rounds int, small, large *growth) error {
	first, last := &g.Sizes[0], &g.Sizes[len(g.Sizes)-1]
	var ofFirst, ofLast []map[string]Latency
	for round := range rounds {
		for _, one := range []struct {
			*growth
			size *Size
			into *[]map[string]Latency
		}{{small, first, &ofFirst}, {large, last, &ofLast}} {
			m, err := one.measure(ctx, round)
			if err != nil {
				return fmt.Errorf("measure at %d cases: %w", one.size.Cases, err)
			}
			*one.into = append(*one.into, m)
			one.size.Measured = m
			one.tell.size(*one.size)
		}
	}
	first.Measured, last.Measured = medians(ofFirst), medians(ofLast)
	return nil
}

func (c *GrowthConfig) check() error {
	switch {
	case c.FirstURL == "" || c.URL == "" || c.Start == nil:
		return errors.New("both URLs and Start are required")
	case len(c.Cases) < 2 || len(c.Cases) != len(c.Residents):
		return errors.New("there must be as many sizes of residents as of cases, two at least")
	case !rising(c.Cases) || !rising(c.Residents) || c.Cases[0] < 100 || c.Residents[0] < 100:
		return errors.New("the sizes must rise, from 100 at least")
	}
	if c.Requests == 0 {
		c.Requests = 500
	}
	if c.Rounds == 0 {
		c.Rounds = 3
	}
	return nil
}

// rising tells whether each number is above the one before.
func rising(list []int) bool {
	return slices.IsSorted(list) && len(slices.Compact(slices.Clone(list))) == len(list)
}

// growth is one of the databases, and the measurement of it.
type growth struct {
	cfg              GrowthConfig
	url              string
	cases, residents []int         // the sizes that it takes, one on top of the other
	db               *pgxpool.Pool // as the owner, for filling
	app              *pgxpool.Pool // as the program
	node             *Node
	units            []agency.Unit
	fill             *filler
	tell             *teller
	desks            []*desk
}

func (g *growth) close() {
	if g.node != nil {
		g.node.Close()
	}
	for _, db := range []*pgxpool.Pool{g.db, g.app} {
		if db != nil {
			db.Close()
		}
	}
}

// found loads agencies and officers and starts the node.
func (g *growth) found(ctx context.Context) (err error) {
	if g.db, err = postgres.Open(ctx, g.url, postgres.Options{MaxConns: atOnce + 2, ApplicationName: "hoso bench", Statement: 3 * time.Hour, Lock: time.Hour, Idle: 3 * time.Hour}); err != nil {
		return err
	}
	if g.app, err = postgres.Open(ctx, g.url, postgres.Options{MaxConns: 2, ApplicationName: "hoso bench", Statement: time.Minute, Role: postgres.AppRole}); err != nil {
		return err
	}
	if g.node, err = g.cfg.Start(ctx, g.url, Desks()); err != nil {
		return err
	}
	g.units = units(g.node)
	g.fill = &filler{db: g.db, tell: g.tell, now: time.Now().AddDate(0, 0, -3), numbers: map[string]int{}, pairs: map[string]bool{}}
	if err := g.staff(ctx); err != nil {
		return err
	}
	if g.fill.tables, err = filledTables(ctx, g.db); err != nil {
		return err
	}
	g.fill.models, err = models(ctx, g.db, g.node, g.fill.tables, g.fill.offices[0])
	return err
}

// modelAgency is where the models' child lives.
const modelAgency = "CA-00004"

// staff gives the agencies that cases are spread over an officer in each role,
// and the desks theirs.
func (g *growth) staff(ctx context.Context) error {
	list := g.node.Agencies.Agencies(agency.CommunePolice)
	slices.SortFunc(list, func(a, b agency.Agency) int { return strings.Compare(string(a.ID), string(b.ID)) })
	first := slices.IndexFunc(list, func(a agency.Agency) bool { return a.ID == modelAgency })
	if want := agenciesFor(g.cases[len(g.cases)-1]); first < 0 || len(list) < want {
		return fmt.Errorf("there are %d agencies, %d are needed, %s among them", len(list), want, modelAgency)
	}
	list[0], list[first] = list[first], list[0]
	since := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)
	seat := func(id, name string, at agency.ID, roles ...string) error {
		if err := agency.SaveOfficer(ctx, g.db, agency.Staff{ID: id, Name: name, Email: id + "@canbo.hoso.example", Active: true}); err != nil {
			return err
		}
		for _, role := range roles {
			if err := agency.Grant(ctx, g.db, id, agency.Seat{Agency: at, Role: role}, since); err != nil {
				return err
			}
		}
		return nil
	}
	for _, a := range list[:agenciesFor(g.cases[len(g.cases)-1])] {
		o := &office{id: a.ID, prefix: a.CasePrefix()}
		for i, one := range []struct{ role, name string }{{agency.Reception, "Lương Thị Hạnh"}, {agency.Handler, "Tạ Quốc Bảo"}, {agency.Approver, "Cao Thế Vinh"}} {
			o.officers[i] = person{"bench-" + strings.ToLower(string(a.ID)) + "-" + one.role, one.name}
			if err := seat(o.officers[i].number, one.name, a.ID, one.role); err != nil {
				return err
			}
		}
		g.fill.offices = append(g.fill.offices, o)
	}
	for i, d := range Desks()[:min(desks, agenciesFor(g.cases[0]))] {
		at := g.fill.offices[i]
		if err := seat(d.ID, d.Name, at.id, agency.Reception, agency.Handler, agency.Approver); err != nil {
			return err
		}
		g.desks = append(g.desks, &desk{officer: d, at: at})
	}
	return nil
}

// grow fills up to a size and tidies the database as it is after some time of work.
func (g *growth) grow(ctx context.Context, i int) (size Size, err error) {
	size = Size{Cases: g.cases[i], Residents: g.residents[i], Agencies: agenciesFor(g.cases[i])}
	cases, residents := size.Cases, size.Residents
	if i > 0 {
		cases, residents = cases-g.cases[i-1], residents-g.residents[i-1]
	}
	start := time.Now()
	if err := addPeople(ctx, g.db, residents, g.units, g.tell); err != nil {
		return size, err
	}
	size.ResidentsFill = time.Since(start).Seconds()
	if g.fill.people, err = readPeople(ctx, g.db); err != nil {
		return size, err
	}
	start = time.Now()
	if err := g.fill.fill(ctx, cases, size.Agencies, uint64(i+1)<<48); err != nil {
		return size, err
	}
	size.CasesFill = time.Since(start).Seconds()
	g.tell.say("%d residents in %.0f s, %d cases in %.0f s: %.0f and %.0f a second", residents, size.ResidentsFill, cases, size.CasesFill,
		float64(residents)/size.ResidentsFill, float64(cases)/size.CasesFill)
	start = time.Now()
	for _, sql := range []string{
		// Open effects are to be tried again within the hour, as hourly ones are.
		"UPDATE case_effects SET next_at = now() + interval '1 hour', rung_at = NULL WHERE status = 0",
		// The figures of agencies, which steps and a trigger would have kept.
		"SELECT recount_cases(), recount_tasks()",
		"VACUUM (ANALYZE)", "CHECKPOINT",
	} {
		if _, err := g.db.Exec(ctx, sql); err != nil {
			return size, fmt.Errorf("%s: %w", sql, err)
		}
	}
	size.Tidy = time.Since(start).Seconds()
	agencies := make([]string, len(g.desks))
	for i, d := range g.desks {
		agencies[i] = string(d.at.id)
	}
	var queued int
	err = g.db.QueryRow(ctx, `
		SELECT pg_database_size(current_database()), (SELECT count(*) FROM cases WHERE closed_at IS NULL),
			(SELECT count(*) FROM case_tasks WHERE agency = ANY ($1) AND assignee IS NULL)`, agencies).Scan(&size.Bytes, &size.Open, &queued)
	size.QueueRows = queued / len(g.desks)
	if err != nil || g.cfg.Look == nil {
		return size, err
	}
	return size, g.cfg.Look(ctx, g.db, g.node, size)
}

// judge compares the last size with the first.
func (g *Growth) judge() {
	first, last := g.Sizes[0], g.Sizes[len(g.Sizes)-1]
	g.Ratio = map[string]float64{}
	for name, l := range last.Measured {
		if base := first.Measured[name].P95; base > 0 {
			g.Ratio[name] = l.P95 / base
		}
	}
	add := func(aim string, value, limit float64) {
		g.Aims = append(g.Aims, Aim{aim, value, limit, value <= limit})
	}
	add("queue page p95, last size to first", g.Ratio["queue"], 1.5)
	add("queue page p95 at the last size, ms", last.Measured["queue"].P95, 20)
	add("resident look-up p95, last size to first", g.Ratio["resident"], 2)
}
