// Package quality measures whether the resident database is correct, complete,
// clean and live ("đúng, đủ, sạch, sống"): rules, how many records break each,
// and by what types of change a case mends it.
//
// A count says nothing of anybody. Examples name people by their numbers, so
// they are reads, with a purpose, and stand in the log of reads. Which procedures
// make a type of change is known to package procedures, not here.
package quality

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
)

// Aspect is one of the four words.
type Aspect string

// The aspects.
const (
	Correct  Aspect = "correct"  // đúng
	Complete Aspect = "complete" // đủ
	Clean    Aspect = "clean"    // sạch
	Live     Aspect = "live"     // sống
)

// In is the aspect in words.
func (a Aspect) In(lang string) string {
	if lang == "en" {
		return string(a)
	}
	return map[Aspect]string{Correct: "Đúng", Complete: "Đủ", Clean: "Sạch", Live: "Sống"}[a]
}

// A Rule is one thing that is true of good records.
type Rule struct {
	ID     string // kebab-case
	Aspect Aspect
	VI, EN string   // what is wrong with a record that breaks it
	Mends  []string // types of change that mend it, as definitions name them; empty: a person has to look
	sql    string   // personal numbers of those who break it; @today is the date
}

// Row is a rule with how many records break it.
type Row struct {
	Rule
	Count int64
}

// ErrUnknownRule reports an id that no rule has.
var ErrUnknownRule = errors.New("there is no such rule of quality")

// Rules are all of them: those of records, and then the invariants.
func Rules() []Rule {
	list := slices.Clone(records)
	for _, inv := range resident.Invariants {
		list = append(list, Rule{ID: inv.Rule, Aspect: Correct, VI: "Trái quy tắc: " + lower(inv.VI), EN: "Against the rule: " + inv.EN, Mends: mends[inv.Rule], sql: inv.SQL})
	}
	return list
}

// lower begins a sentence within another one.
func lower(s string) string {
	for i := range s {
		if i > 0 {
			return strings.ToLower(s[:i]) + s[i:]
		}
	}
	return s
}

// scoped narrows a rule to people whose permanent address is in one of some
// communes; nil: to nobody's.
func (r Rule) scoped(communes []string, today time.Time) (string, pgx.NamedArgs) {
	args := pgx.NamedArgs{"today": today, "communes": communes}
	query := "SELECT DISTINCT k FROM (" + r.sql + ") AS q (k)"
	if communes != nil {
		query += ` WHERE EXISTS (SELECT FROM residences a WHERE a.resident = k AND a.kind = 'permanent' AND upper_inf(a.valid) AND a.commune = ANY(@communes))
			OR EXISTS (SELECT FROM households h WHERE 'household ' || h.id = k AND h.commune = ANY(@communes))`
	}
	return query, args
}

// Measure counts by every rule, as one snapshot: of the whole country, or of the
// people whose permanent address is in one of some communes. It takes minutes
// for millions of people. Only is the id of one rule to count by; empty: all.
// ErrUnknownRule.
func Measure(ctx context.Context, db *pgxpool.Pool, communes []string, now time.Time, only string) ([]Row, error) {
	var rows []Row
	err := pgx.BeginTxFunc(ctx, db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for _, r := range Rules() {
			if only != "" && r.ID != only {
				continue
			}
			row := Row{Rule: r}
			query, args := r.scoped(communes, dayOf(now))
			if err := tx.QueryRow(ctx, "SELECT count(*) FROM ("+query+") AS n", args).Scan(&row.Count); err != nil {
				return fmt.Errorf("rule %s: %w", r.ID, err)
			}
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("measure the quality of the resident database: %w", err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%w: %q", ErrUnknownRule, only)
	}
	return rows, nil
}

// Examples are some who break a rule: personal numbers, or "household " and an
// id. Each person shown is a read by p, and logged. ErrUnknownRule.
func Examples(ctx context.Context, db *pgxpool.Pool, p registry.Purpose, rule string, communes []string, limit int, now time.Time) ([]string, error) {
	all := Rules()
	i := slices.IndexFunc(all, func(r Rule) bool { return r.ID == rule })
	if i < 0 {
		return nil, fmt.Errorf("%w: %q", ErrUnknownRule, rule)
	}
	var list []string
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		query, args := all[i].scoped(communes, dayOf(now))
		args["limit"] = limit
		rows, err := tx.Query(ctx, query+" ORDER BY k LIMIT @limit", args)
		if err != nil {
			return err
		}
		if list, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return err
		}
		var entries []audit.Entry
		for _, n := range list {
			if !strings.HasPrefix(n, "household ") {
				entries = append(entries, audit.Entry{At: now, ReaderKind: p.ReaderKind, Reader: p.Reader, Agency: p.Agency, Subject: n, Case: p.Case,
					Purpose: p.Text, Basis: p.Basis, Fields: []string{"number"}})
			}
		}
		return audit.Read(ctx, tx, entries...)
	})
	if err != nil {
		return nil, fmt.Errorf("examples of the rule %s: %w", rule, err)
	}
	return list, nil
}

var hanoi = time.FixedZone("+07", 7*60*60)

// dayOf is the date in Hanoi, as midnight UTC like PostgreSQL's dates.
func dayOf(t time.Time) time.Time {
	y, m, d := t.In(hanoi).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
