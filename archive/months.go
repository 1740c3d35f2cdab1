package archive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Month is a range of cases with its partitions.
type Month struct {
	Suffix     string     `json:"month"` // as its partitions are named
	From       *time.Time `json:"from"`  // when its first case can have been filed; null: ids that tell no time
	Until      *time.Time `json:"until"` // exclusive
	State      State      `json:"state"`
	DetachedAt *time.Time `json:"detachedAt"` // null: in use
	Cases      int64      `json:"cases"`
	Open       int64      `json:"open"`
	Events     int64      `json:"events"`
	Bytes      int64      `json:"bytes"`      // on disk, with indexes
	LastClosed *time.Time `json:"lastClosed"` // null: none was closed, or it is detached

	first, past uuid.UUID
	manifest    []byte
}

// State is what can be done with a month.
type State string

// States of months.
const (
	InUse    State = "in use"
	Ended    State = "all ended" // an old month without an open case: can be detached once retention is over
	Detached State = "detached"  // its partitions are still there
	Dropped  State = "dropped"   // they are not
)

// monthSQL are the months in their order; an id of version 7 tells its time.
const monthSQL = `
	SELECT suffix, first, past, detached_at, manifest, coalesce((archived ->> 'cases')::bigint, 0), coalesce((archived ->> 'events')::bigint, 0),
		CASE WHEN first >= first_id('2000-01-01Z') AND past <= first_id('2200-01-01Z') THEN to_timestamp(('x' || translate(left(first::text, 13), '-', ''))::bit(48)::bigint / 1000.0) END,
		CASE WHEN first >= first_id('2000-01-01Z') AND past <= first_id('2200-01-01Z') THEN to_timestamp(('x' || translate(left(past::text, 13), '-', ''))::bit(48)::bigint / 1000.0) END,
		past <= first_id(date_trunc('month', now(), 'UTC'))
	FROM case_months`

// Months lists the months, the oldest first, and says how many are ready ahead of this one.
func Months(ctx context.Context, db *pgxpool.Pool) (list []Month, ahead int, err error) {
	list, err = readMonths(ctx, db, monthSQL+` ORDER BY first`)
	if err != nil {
		return nil, 0, fmt.Errorf("list the months: %w", err)
	}
	for _, m := range list {
		if m.From != nil && m.From.After(time.Now()) {
			ahead++
		}
	}
	return list, ahead, nil
}

func find(ctx context.Context, db *pgxpool.Pool, suffix string) (*Month, error) {
	list, err := readMonths(ctx, db, monthSQL+` WHERE suffix = $1`, suffix)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNoMonth
	}
	return &list[0], nil
}

func readMonths(ctx context.Context, db *pgxpool.Pool, sql string, args ...any) ([]Month, error) {
	rows, _ := db.Query(ctx, sql, args...)
	old := map[string]bool{}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Month, err error) {
		var past bool
		err = row.Scan(&m.Suffix, &m.first, &m.past, &m.DetachedAt, &m.manifest, &m.Cases, &m.Events, &m.From, &m.Until, &past)
		old[m.Suffix] = past
		return m, err
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := list[i].look(ctx, db, old[list[i].Suffix]); err != nil {
			return nil, fmt.Errorf("month %s: %w", list[i].Suffix, err)
		}
	}
	return list, nil
}

// look counts what is in a month. A case counts its own events.
func (m *Month) look(ctx context.Context, db *pgxpool.Pool, old bool) error {
	schema := "public"
	if m.DetachedAt != nil {
		schema = "detached"
	}
	var parts int
	if err := db.QueryRow(ctx, `
		SELECT count(*), coalesce(sum(pg_total_relation_size(k.oid)), 0)::bigint
		FROM pg_partitioned_table p
		JOIN pg_class c ON c.oid = p.partrelid AND c.relnamespace = 'public'::regnamespace AND p.partstrat = 'r'
		JOIN pg_class k ON k.relname = c.relname || '_' || $1 AND k.relnamespace = $2::regnamespace`, m.Suffix, schema).Scan(&parts, &m.Bytes); err != nil {
		return err
	}
	if m.DetachedAt != nil {
		m.State = Detached
		if parts == 0 {
			m.State = Dropped
		}
		return nil
	}
	err := db.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE closed_at IS NULL), coalesce(sum(revision), 0)::bigint, max(closed_at)
		FROM cases
		WHERE id >= $1 AND id < $2`, m.first, m.past).Scan(&m.Cases, &m.Open, &m.Events, &m.LastClosed)
	m.State = InUse
	if old && m.Open == 0 {
		m.State = Ended
	}
	return err
}

// partitions are the tables that a month is detached from, by name. The heads
// under anchors stay: without them an anchor could not be verified any more.
func partitions(ctx context.Context, tx interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, schema, suffix string) ([]string, error) {
	rows, _ := tx.Query(ctx, `
		SELECT c.relname::text
		FROM pg_partitioned_table p
		JOIN pg_class c ON c.oid = p.partrelid
		JOIN pg_class k ON k.relname = c.relname || '_' || $2 AND k.relnamespace = $1::regnamespace
		WHERE c.relnamespace = 'public'::regnamespace AND p.partstrat = 'r' AND c.relname <> 'anchor_heads'
		ORDER BY c.relname`, schema, suffix)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil && len(list) == 0 {
		err = errors.New("it has no partitions")
	}
	return list, err
}

// part is the quoted name of a month's partition.
func part(schema, table, suffix string) string {
	return pgx.Identifier{schema, table + "_" + suffix}.Sanitize()
}
