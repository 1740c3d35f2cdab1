// Package doctor examines a Hoso database: whether the 36 invariants of the
// engine hold for every case in it, and, when the peers' books and a journal of
// what was asked and answered are given, whether the world outside agrees.
//
// It reads and changes nothing. What it recomputes (the chain of hashes, the
// replay of a history, due dates) it computes by code of its own, so that a
// fault of package cases does not hide itself. Mending what it finds is the
// affair of an operator.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
)

// Options say what to examine, and what is known besides the database. The zero
// Options examine everything that the database alone can tell.
type Options struct {
	Only       []int                 // numbers of invariants; empty: all
	Procedures *procedures.Catalogue // versions that the database may not hold yet; nil: none
	Cases      *cases.Service        // to ask what actors see; nil: invariant 29 is not examined
	Books      *Books                // what the peers did; nil: not known
	Journal    *Journal              // what was asked and answered; nil: not known
	Traces     []string              // files of logs and metrics, for invariant 30
	Canaries   []string              // names and numbers planted in the data, which no trace may hold
	Actors     int                   // how many actors of each kind invariant 29 asks for; default 20
	Now        func() time.Time      // default time.Now
	Progress   func(cases int64)     // told after each page; nil: nobody watches
}

// pageSize is how many cases are looked at in one snapshot of the database.
const pageSize = 200

// examiner is one examination under way.
type examiner struct {
	db      *pgxpool.Pool
	opts    Options
	now     time.Time
	found   []*Finding // by number - 1
	defs    definitions
	house   *house
	offices offices
	sum     Report
}

// Check examines a database. Each page of cases is one snapshot that is given
// back before the next, so a busy or large database may be examined; what is
// compared over pages (messages, bells, counters) is compared by statements of
// their own. On a database that works, run it again before believing a single
// violation of 11, 14, 15 or 26: they hold when it is quiet.
func Check(ctx context.Context, db *pgxpool.Pool, opts Options) (*Report, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Actors == 0 {
		opts.Actors = 20
	}
	x := &examiner{db: db, opts: opts, now: opts.Now(), defs: definitions{catalogue: opts.Procedures, loaded: map[procedures.Hash]*procedures.Procedure{}},
		offices: offices{of: map[string]*office{}}}
	for _, in := range Invariants {
		x.found = append(x.found, &Finding{Invariant: in})
	}
	if err := x.examine(ctx); err != nil {
		return nil, fmt.Errorf("examine the database: %w", err)
	}
	x.sum.At = x.now
	for _, f := range x.found {
		if len(opts.Only) == 0 || slices.Contains(opts.Only, f.N) {
			x.sum.Findings = append(x.sum.Findings, f)
		}
	}
	return &x.sum, nil
}

// wants tells whether any of the invariants is to be examined.
func (x *examiner) wants(ns ...int) bool {
	return len(x.opts.Only) == 0 || slices.ContainsFunc(ns, func(n int) bool { return slices.Contains(x.opts.Only, n) })
}

// saw counts what an invariant was held against.
func (x *examiner) saw(n, things int) { x.found[n-1].Checked += int64(things) }

// bad notes a violation.
func (x *examiner) bad(n int, code cases.Code, format string, args ...any) {
	f := x.found[n-1]
	f.Broken++
	if len(f.Violations) < keepViolations {
		f.Violations = append(f.Violations, Violation{Case: code, What: fmt.Sprintf(format, args...)})
	}
}

// unable notes that an invariant, or a part of it, cannot be examined here.
func (x *examiner) unable(n int, because string) { x.found[n-1].unable(because) }

// onRecord examines one case; whole the database as one.
var (
	onRecord = []struct {
		ns []int
		do func(*examiner, *record)
	}{
		{[]int{1, 2}, checkState},
		{[]int{3}, checkChain},
		{[]int{4, 16, 18, 19, 20}, checkReplay},
		{[]int{8, 10, 12}, checkEffects},
		{[]int{13, 14, 15}, checkChildren},
		{[]int{21, 22}, checkRules},
		{[]int{23, 24}, checkCompensation},
		{[]int{27}, checkNotices},
		{[]int{31}, checkIncidents},
	}
	whole = []struct {
		ns []int
		do func(context.Context, *examiner) error
	}{
		{[]int{3}, checkStrays},
		{[]int{11}, checkBells},
		{[]int{17}, checkStall},
		{[]int{20}, checkRevisions},
		{[]int{25, 26}, checkMessages},
		{[]int{28}, checkCounters},
		{[]int{29}, checkSight},
		{[]int{30}, checkReads},
		{[]int{35}, checkStuck},
		{[]int{36}, checkResidents},
		{[]int{9, 27}, checkBooks},
		{[]int{5, 6, 7, 17, 30, 32, 33, 34, 35}, checkJournal},
	}
)

func (x *examiner) examine(ctx context.Context) error {
	var err error
	if x.house, err = readHouse(ctx, x.db); err != nil {
		return err
	}
	if err := x.records(ctx); err != nil {
		return err
	}
	for _, w := range whole {
		if x.wants(w.ns...) {
			if err := w.do(ctx, x); err != nil {
				return fmt.Errorf("invariants %v: %w", w.ns, err)
			}
		}
	}
	return nil
}

// records examines every case, page by page in the order of their ids.
func (x *examiner) records(ctx context.Context) error {
	if !slices.ContainsFunc(onRecord, func(c struct {
		ns []int
		do func(*examiner, *record)
	}) bool {
		return x.wants(c.ns...)
	}) {
		return nil
	}
	after := uuid.Nil
	for {
		var page []*record
		err := pgx.BeginTxFunc(ctx, x.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
			page, err = readPage(ctx, tx, after)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range page {
			if err := x.record(ctx, r); err != nil {
				return fmt.Errorf("case %s: %w", r.Code, err)
			}
		}
		if x.opts.Progress != nil {
			x.opts.Progress(x.sum.Cases)
		}
		if len(page) < pageSize {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

func (x *examiner) record(ctx context.Context, r *record) error {
	x.sum.Cases++
	x.sum.Events += int64(len(r.events))
	x.sum.Effects += int64(len(r.effects))
	var err error
	if r.p, err = x.defs.find(ctx, x.db, r.Definition); errors.Is(err, errNoVersion) {
		x.saw(1, 1)
		x.bad(1, r.Code, "its version %.12s cannot be loaded", r.Definition)
		return nil
	} else if err != nil {
		return err
	}
	if err := x.legs(ctx, x.db, r); err != nil {
		return err
	}
	for i, c := range r.children {
		p, err := x.defs.find(ctx, x.db, c.Definition)
		if err != nil && !errors.Is(err, errNoVersion) {
			return err
		}
		if err == nil && p.Machine.States[c.State] != nil {
			r.children[i].FinalAct = p.Machine.States[c.State].FinalAct
		}
	}
	for _, c := range onRecord {
		if x.wants(c.ns...) {
			c.do(x, r)
		}
	}
	return nil
}
