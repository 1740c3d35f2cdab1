package bench

import (
	"context"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/web/site"
)

// Pages are the names of what is measured at each size, in their order.
var Pages = []string{"queue", "next", "case", "home", "search", "mine", "resident_first", "resident", "sweep", "sweep_late"}

// desk is an officer at an agency whose pages are measured.
type desk struct {
	officer Officer
	at      *office
	browser *browser
	next    string // address of the second page of the queue; empty: there is one page
	codes   []string
	rows    int // on the first page
}

// owner is somebody with cases, signed in.
type owner struct {
	person
	browser *browser
}

const (
	fullPage = 50 // rows of a queue's page
	citizens = 16 // whose own cases are looked at in turns
	lookups  = 1000
	lates    = 1000
	lateRuns = 20
)

var (
	caseLink = regexp.MustCompile(`href="` + site.DeskPath + `/ho-so/(H[0-9.]+-[0-9]+-[0-9]+)[?"]`)
	ownLink  = regexp.MustCompile(`href="/ho-so/(H[0-9.]+-[0-9]+-[0-9]+)[?"]`)
	nextLink = regexp.MustCompile(`href="(` + site.QueuePath + `\?tiep=[^"]+)"`)
)

// codesOn are the cases that a page leads to.
func codesOn(p *page, link *regexp.Regexp) []string {
	var out []string
	for _, m := range link.FindAllSubmatch(p.body, -1) {
		if code := string(m[1]); !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}

// measure measures every page at the size that the database has. Each round
// looks at other residents.
func (g *growth) measure(ctx context.Context, round int) (map[string]Latency, error) {
	people, err := g.signIn(ctx)
	if err != nil {
		return nil, err
	}
	numbers := g.someNumbers(round)
	all := map[string]clocked{
		"queue": {do: g.queue, floor: g.floorOf(`
			SELECT case_id FROM case_tasks WHERE agency = $1 AND role = ANY ('{reception,handler,approver}') AND holder = '' ORDER BY due_at, case_id LIMIT 51`)},
		"next": {do: g.nextPage, floor: g.floorOf(`
			SELECT case_id FROM case_tasks WHERE agency = $1 AND role = ANY ('{reception,handler,approver}') AND holder = '' AND due_at > now() ORDER BY due_at, case_id LIMIT 51`)},
		"case": {do: g.casePage, floor: func(ctx context.Context, n int) error {
			return g.scan(ctx, `SELECT c.id FROM case_codes k JOIN cases c ON c.id = k.case_id WHERE k.code = $1`, g.code(n))
		}},
		"home":   {do: g.home, floor: g.floorOf(`SELECT count(*) FROM case_tasks WHERE agency = $1`)},
		"search": {do: g.search, floor: g.floorOf(`SELECT id FROM cases WHERE competent = $1 ORDER BY id DESC LIMIT 50`)},
		"mine": {do: func(ctx context.Context, n int) error { return people[n%len(people)].own(ctx) }, floor: func(ctx context.Context, n int) error {
			return g.scan(ctx, `SELECT id FROM cases WHERE applicant = $1 ORDER BY id DESC LIMIT 51`, people[n%len(people)].number)
		}},
		"resident": {do: func(ctx context.Context, n int) error { return g.lookUp(ctx, numbers[n%len(numbers)]) }, floor: func(ctx context.Context, n int) error {
			return g.scan(ctx, `SELECT number FROM residents WHERE number = $1`, numbers[n%len(numbers)])
		}},
		"sweep": {do: func(ctx context.Context, _ int) error { return g.sweep(ctx, 0) }, floor: func(ctx context.Context, _ int) error {
			return g.scan(ctx, `SELECT case_id FROM case_effects WHERE status IN (0, 1) AND next_at < now() LIMIT 1000`)
		}},
	}
	// The first look at somebody may have to wait for the disk, where the registers
	// are larger than the memory; the second one does not.
	all["resident_first"] = all["resident"]
	out := map[string]Latency{}
	for _, name := range Pages {
		c, ok := all[name]
		if !ok {
			continue
		}
		if name == "next" && slices.ContainsFunc(g.desks, func(d *desk) bool { return d.next == "" }) {
			continue // at a size this small a queue has one page
		}
		n := g.cfg.Requests
		if name == "search" { // it takes longest by far
			n = max(1, n/10)
		}
		if out[name], err = c.measure(ctx, n); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if out["sweep_late"], err = g.lateSweep(ctx); err != nil {
		return nil, fmt.Errorf("sweep_late: %w", err)
	}
	return out, nil
}

// signIn signs in the desks and some citizens, and looks what their pages lead to.
func (g *growth) signIn(ctx context.Context) ([]*owner, error) {
	for _, d := range g.desks {
		var err error
		if d.browser, err = signIn(ctx, g.node.Base, agency.Actor{Kind: agency.Officer, ID: d.officer.ID}); err != nil {
			return nil, err
		}
		p, err := d.browser.get(ctx, site.QueuePath)
		if err != nil {
			return nil, err
		}
		d.codes, d.next = codesOn(p, caseLink), ""
		if m := nextLink.FindSubmatch(p.body); m != nil {
			d.next = html.UnescapeString(string(m[1]))
		}
		if err := g.db.QueryRow(ctx, `SELECT least(count(*), $2) FROM case_tasks WHERE agency = $1 AND assignee IS NULL`, d.at.id, fullPage).Scan(&d.rows); err != nil {
			return nil, err
		}
		if len(d.codes) == 0 {
			return nil, fmt.Errorf("the queue of %s is empty", d.at.id)
		}
	}
	var people []*owner
	for _, c := range g.fill.kept[:min(citizens, len(g.fill.kept))] {
		b, err := signIn(ctx, g.node.Base, agency.Actor{Kind: agency.Citizen, ID: c.applicant.number, Name: c.applicant.name})
		if err != nil {
			return nil, err
		}
		people = append(people, &owner{c.applicant, b})
	}
	if len(people) == 0 {
		return nil, fmt.Errorf("nobody has a case to look at")
	}
	return people, nil
}

func (g *growth) desk(n int) *desk { return g.desks[n%len(g.desks)] }

func (g *growth) code(n int) string {
	d := g.desk(n)
	return d.codes[n/len(g.desks)%len(d.codes)]
}

func (g *growth) queue(ctx context.Context, n int) error {
	d := g.desk(n)
	p, err := d.browser.get(ctx, site.QueuePath)
	if err == nil && len(codesOn(p, caseLink)) != d.rows {
		err = fmt.Errorf("%w: the queue of %s shows %d rows, want %d", errPage, d.at.id, len(codesOn(p, caseLink)), d.rows)
	}
	return err
}

func (g *growth) nextPage(ctx context.Context, n int) error {
	d := g.desk(n)
	p, err := d.browser.get(ctx, d.next)
	if err == nil && len(codesOn(p, caseLink)) == 0 {
		err = fmt.Errorf("%w: the next page of %s is empty", errPage, d.at.id)
	}
	return err
}

func (g *growth) casePage(ctx context.Context, n int) error {
	_, err := g.desk(n).browser.get(ctx, site.DeskPath+"/ho-so/"+g.code(n))
	return err
}

func (g *growth) home(ctx context.Context, n int) error {
	_, err := g.desk(n).browser.get(ctx, site.DeskPath)
	return err
}

// search looks for the commonest name that there is.
func (g *growth) search(ctx context.Context, n int) error {
	d := g.desk(n)
	p, err := d.browser.get(ctx, site.SearchPath+"?"+url.Values{"q": {"nguyễn"}}.Encode())
	if err == nil && len(codesOn(p, caseLink)) == 0 {
		err = fmt.Errorf("%w: nobody is found at %s", errPage, d.at.id)
	}
	return err
}

// own looks at the citizen's own cases.
func (c *owner) own(ctx context.Context) error {
	p, err := c.browser.get(ctx, "/ho-so")
	if err == nil && len(codesOn(p, ownLink)) == 0 {
		err = fmt.Errorf("%w: %s has no case", errPage, c.number)
	}
	return err
}

// lookUp reads a resident, and the read is logged.
func (g *growth) lookUp(ctx context.Context, number string) error {
	return pgx.BeginFunc(ctx, g.app, func(tx pgx.Tx) error {
		r, err := resident.Person(ctx, tx, registry.Purpose{Reader: "bench", ReaderKind: string(agency.System), Text: "Đo thử", Basis: "law: bench"}, number, time.Now())
		if err == nil && r.State != registry.Fetched {
			err = fmt.Errorf("resident %s: %s", number, r.State)
		}
		return err
	})
}

// someNumbers are residents to look up, from anywhere among them.
func (g *growth) someNumbers(round int) []string {
	r := rand.New(rand.NewPCG(1, uint64(round)))
	list := make([]string, lookups)
	for i := range list {
		list[i] = g.fill.people.at(r.IntN(len(g.fill.people.ends))).number
	}
	return list
}

// sweep is the reconciler's look for effects whose bell was lost.
func (g *growth) sweep(ctx context.Context, want int) error {
	n, err := g.node.Cases.Late(ctx, lates, func(context.Context, pgx.Tx, []cases.Bell) error { return nil })
	if err == nil && n != want {
		err = fmt.Errorf("%d effects are late, want %d", n, want)
	}
	return err
}

// lateSweep measures the sweep with a thousand effects that are late. They are
// the newest ones of all that were done, and are done again afterwards.
func (g *growth) lateSweep(ctx context.Context) (l Latency, err error) {
	const lost = `'2000-01-01+00'`
	tag, err := g.db.Exec(ctx, `
		WITH newest AS (SELECT case_id, seq, idx FROM case_effects WHERE status = 2 ORDER BY case_id DESC LIMIT $1)
		UPDATE case_effects e SET status = 0, next_at = `+lost+`
		FROM newest
		WHERE e.case_id = newest.case_id AND e.seq = newest.seq AND e.idx = newest.idx`, lates)
	if err != nil {
		return l, err
	}
	want := int(tag.RowsAffected())
	c := clocked{
		do: func(ctx context.Context, _ int) error { return g.sweep(ctx, want) },
		each: func(ctx context.Context) error {
			_, err := g.db.Exec(ctx, `UPDATE case_effects SET rung_at = NULL WHERE status = 0 AND next_at = `+lost)
			return err
		},
	}
	if l, err = c.measure(ctx, lateRuns); err != nil {
		return l, err
	}
	_, err = g.db.Exec(ctx, `UPDATE case_effects SET status = 2, next_at = NULL, rung_at = NULL WHERE status = 0 AND next_at = `+lost)
	return l, err
}

// floorOf runs a bare statement for the agency of each desk in turn.
func (g *growth) floorOf(sql string) func(context.Context, int) error {
	return func(ctx context.Context, n int) error { return g.scan(ctx, sql, string(g.desk(n).at.id)) }
}

// scan runs a statement and reads its rows.
func (g *growth) scan(ctx context.Context, sql string, args ...any) error {
	rows, err := g.app.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	for rows.Next() { // nothing is made of them
	}
	return rows.Err()
}
