package chaos

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/doctor"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/registry"
)

// conclude lets the doctor examine the database, the books and the journal.
func (c *chaos) conclude(ctx context.Context) (*Result, error) {
	c.stopNodes()
	books, err := doctor.ReadBooks(ctx, c.site.sand)
	if err != nil {
		return nil, err
	}
	d := &doctor.Journal{Kills: c.kills, Recovery: c.site.recovery, Behind: &c.site.behind}
	for _, stamp := range slices.Sorted(maps.Keys(c.site.builds)) {
		d.Builds = append(d.Builds, *c.site.builds[stamp])
	}
	if d.Restored, err = c.restore(ctx); err != nil {
		return nil, fmt.Errorf("play the restore: %w", err)
	}
	if err := c.log.close(c.dir, d); err != nil {
		return nil, err
	}
	traces, err := filepath.Glob(filepath.Join(c.dir, "logs", "*-*.log"))
	if err != nil {
		return nil, err
	}
	o := doctor.Options{Books: books, Journal: d, Traces: traces, Canaries: c.site.people.canaries()}
	if o.Cases, err = c.service(ctx); err != nil {
		return nil, err
	}
	r := &Result{Seed: c.cfg.Seed, For: c.cfg.For, Kills: c.kills, Faults: c.faults, Commands: len(d.Commands), Reads: len(d.Reads), Dir: c.dir}
	for _, cmd := range d.Commands {
		if cmd.Status/100 == 2 {
			r.Accepted++
		}
	}
	if r.Report, err = doctor.Check(ctx, c.site.db, o); err != nil {
		return r, err
	}
	if r.Report.Broken() > 0 {
		return r, errUnsound
	}
	return r, nil
}

// service is package cases as the doctor asks it on behalf of actors.
func (c *chaos) service(ctx context.Context) (*cases.Service, error) {
	stage, err := loadGrounds()
	if err != nil {
		return nil, err
	}
	agencies, err := agency.New(ctx, agency.Config{DB: c.site.db})
	if err != nil {
		return nil, err
	}
	return cases.New(ctx, cases.Config{DB: c.site.db, Procedures: stage.catalogue, Agencies: agencies, Calendar: calendar.Vietnam(), Records: registry.Directory{}, Outbox: jobs.Outbox{}})
}

// canaries are names and numbers of people who filed: no log may hold them.
func (p *people) canaries() []string {
	var out []string
	for i := range min(p.move, 40) {
		out = append(out, p.movers[i])
	}
	for i := range min(p.parent, 40) {
		out = append(out, p.couples[i].wife.number, p.couples[i].wife.name, p.couples[i].husband.number)
	}
	return out
}

// String is the result for a person.
func (r *Result) String() string {
	var out strings.Builder
	kills := 0
	for _, n := range r.Kills {
		kills += n
	}
	fmt.Fprintf(&out, "seed %d, %s of faults: %d kills\n", r.Seed, r.For.Round(time.Second), kills)
	for _, k := range slices.Sorted(maps.Keys(r.Kills)) {
		fmt.Fprintf(&out, "  %6d  %s\n", r.Kills[k], k)
	}
	points := 0
	fmt.Fprintf(&out, "and beside them\n")
	for _, k := range slices.Sorted(maps.Keys(r.Faults)) {
		if strings.HasPrefix(k, "fail-point ") {
			points++
			continue
		}
		fmt.Fprintf(&out, "  %6d  %s\n", r.Faults[k], k)
	}
	fmt.Fprintf(&out, "programs died at %d of the fail-points\n", points)
	fmt.Fprintf(&out, "%d requests that would change a case, %d of them accepted, %d looks at cases\n", r.Commands, r.Accepted, r.Reads)
	if r.Report != nil {
		r.Report.Print(&out)
	}
	return out.String()
}
