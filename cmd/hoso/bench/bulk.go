package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// filledTable is a table that cases are filled into.
type filledTable struct {
	name    string
	key     string // the column with the id of the case
	order   string // of the rows of one case
	byMonth bool   // it is divided by the id
	columns []string
}

func (t *filledTable) list() string { return strings.Join(t.columns, ", ") }

// filledTables are the tables that a case of the models has rows in, without
// papers and messages, which hang on cases and are on no page that is measured
// but the case's own. Events come first: the row of the case has their hash.
func filledTables(ctx context.Context, db *pgxpool.Pool) ([]*filledTable, error) {
	tables := []*filledTable{
		{name: "case_events", key: "case_id", order: "seq", byMonth: true},
		{name: "cases", key: "id", order: "id", byMonth: true},
		{name: "case_bodies", key: "case_id", order: "case_id", byMonth: true},
		{name: "case_effects", key: "case_id", order: "seq, idx", byMonth: true},
		{name: "case_effect_attempts", key: "case_id", order: "seq, idx, n", byMonth: true},
		{name: "case_tasks", key: "case_id", order: "case_id"},
		{name: "case_waits", key: "case_id", order: "case_id"},
		{name: "case_timers", key: "case_id", order: "name"},
		{name: "case_clocks", key: "case_id", order: "case_id"},
		{name: "case_once", key: "case_id", order: "case_id"},
		{name: "case_codes", key: "case_id", order: "case_id"},
	}
	for _, t := range tables {
		rows, _ := db.Query(ctx, `
			SELECT attname
			FROM pg_attribute
			WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
			ORDER BY attnum`, t.name)
		var err error
		if t.columns, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return nil, fmt.Errorf("read the columns of %s: %w", t.name, err)
		}
	}
	return tables, nil
}

// copyOut runs a COPY … TO STDOUT and returns its rows, split into columns.
func copyOut(ctx context.Context, conn *pgx.Conn, sql string) ([][]string, error) {
	var out bytes.Buffer
	if _, err := conn.PgConn().CopyTo(ctx, &out, sql); err != nil {
		return nil, err
	}
	var rows [][]string
	for line := range strings.Lines(out.String()) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows, nil
}

// chunk is how much is handed to COPY at once, in bytes.
const chunk = 256 << 10

// copyIn runs a COPY … FROM STDIN of what write appends, call by call, until it
// says that there is no more.
func copyIn(ctx context.Context, conn *pgx.Conn, sql string, write func([]byte) ([]byte, bool)) (int64, error) {
	r, w := io.Pipe()
	go func() {
		buf, more := make([]byte, 0, 2*chunk), true
		for more {
			buf, more = write(buf)
			if len(buf) < chunk && more {
				continue
			}
			if _, err := w.Write(buf); err != nil {
				return // the reader has said why
			}
			buf = buf[:0]
		}
		w.Close()
	}()
	tag, err := conn.PgConn().CopyFrom(ctx, r, sql)
	r.CloseWithError(err)
	return tag.RowsAffected(), err
}

// index is how an index or a key of a table is made.
type index struct {
	name, definition string
	constraint       bool
}

func indexesOf(ctx context.Context, db querier, table string) ([]index, error) {
	rows, err := db.Query(ctx, `
		SELECT i.indexrelid::regclass::text, coalesce(pg_get_constraintdef(c.oid), pg_get_indexdef(i.indexrelid)), c.oid IS NOT NULL
		FROM pg_index i
		LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype IN ('p', 'u', 'x')
		WHERE i.indrelid = $1::regclass
		ORDER BY c.oid IS NULL, 1`, table)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (i index, err error) {
		return i, row.Scan(&i.name, &i.definition, &i.constraint)
	})
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// on is the statement that makes the index on another table of the shape.
func (i index) on(table string) string {
	if i.constraint {
		return "ALTER TABLE " + table + " ADD " + i.definition
	}
	_, rest, _ := strings.Cut(i.definition, " USING ")
	unique := ""
	if strings.HasPrefix(i.definition, "CREATE UNIQUE ") {
		unique = "UNIQUE "
	}
	return "CREATE " + unique + "INDEX ON " + table + " USING " + rest
}

// withoutIndexes drops the indexes of tables, does something and makes them
// anew: sorting once is faster than keeping them in order row by row. Keys that
// others refer to stay.
func withoutIndexes(ctx context.Context, db *pgxpool.Pool, tables []string, do func() error) error {
	type dropped struct {
		table string
		index
	}
	var all []dropped
	for _, t := range tables {
		list, err := indexesOf(ctx, db, t)
		if err != nil {
			return fmt.Errorf("read the indexes of %s: %w", t, err)
		}
		for _, i := range list {
			drop := "DROP INDEX " + i.name
			if i.constraint {
				drop = "ALTER TABLE " + t + " DROP CONSTRAINT " + i.name
			}
			if _, err := db.Exec(ctx, drop); err != nil {
				if i.constraint {
					continue // a foreign key needs it
				}
				return fmt.Errorf("drop %s: %w", i.name, err)
			}
			all = append(all, dropped{t, i})
		}
	}
	if err := do(); err != nil {
		return err
	}
	return inTurn(ctx, len(all), func(ctx context.Context, n int) error {
		d := all[n]
		sql := d.definition
		if d.constraint {
			sql = "ALTER TABLE " + d.table + " ADD CONSTRAINT " + d.name + " " + d.definition
		}
		if _, err := db.Exec(ctx, sql); err != nil {
			return fmt.Errorf("make %s: %w", d.name, err)
		}
		return nil
	})
}

// partitions are where the rows of a month lie.
type partitions struct{ suffix, first, past string }

// partitionsAt makes the partitions of the month of an instant, or finds them.
func partitionsAt(ctx context.Context, db *pgxpool.Pool, at time.Time) (p partitions, err error) {
	if _, err := db.Exec(ctx, `SELECT make_case_month($1)`, at); err != nil {
		return p, fmt.Errorf("make the month of %s: %w", at, err)
	}
	err = db.QueryRow(ctx, `SELECT suffix, first::text, past::text FROM case_months WHERE first <= first_id($1) AND first_id($1) < past`, at).Scan(&p.suffix, &p.first, &p.past)
	if err != nil {
		return p, fmt.Errorf("find the month of %s: %w", at, err)
	}
	return p, nil
}

// fill writes the rows of a month into new tables, together with those that
// its partitions have. What is written into a table in the transaction that made
// it needs no log when the server keeps none for followers (wal_level minimal),
// and its indexes are sorted once.
func (p partitions) fill(ctx context.Context, db *pgxpool.Pool, tables []*filledTable, write func(t *filledTable) func([]byte) ([]byte, bool)) error {
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		for _, t := range tables {
			old, fresh := t.name+"_"+p.suffix, t.name+"_"+p.suffix+"_new"
			with := ""
			if t.name == "cases" { // as make_case_range says
				with = " WITH (fillfactor = 80)"
			}
			for _, sql := range []string{
				fmt.Sprintf("CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING INDEXES EXCLUDING COMMENTS, CONSTRAINT filled CHECK (%s >= '%s' AND %[3]s < '%[5]s'))%s",
					fresh, t.name, t.key, p.first, p.past, with),
				"INSERT INTO " + fresh + " (" + t.list() + ") SELECT " + t.list() + " FROM " + old,
			} {
				if _, err := tx.Exec(ctx, sql); err != nil {
					return fmt.Errorf("%s: %w", fresh, err)
				}
			}
			if _, err := copyIn(ctx, tx.Conn(), "COPY "+fresh+" ("+t.list()+") FROM STDIN WITH (FREEZE)", write(t)); err != nil {
				return fmt.Errorf("copy %s: %w", fresh, err)
			}
			indexes, err := indexesOf(ctx, tx, t.name)
			if err != nil {
				return err
			}
			for _, i := range indexes {
				if _, err := tx.Exec(ctx, i.on(fresh)); err != nil {
					return fmt.Errorf("index %s: %w", fresh, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("fill the month %s: %w", p.suffix, err)
	}
	return nil
}

// swap puts the new tables into the place of the month's partitions. Afterwards
// everything is as if make_case_month had made them.
func (p partitions) swap(ctx context.Context, db *pgxpool.Pool, tables []*filledTable) error {
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(7165293812350431)"); err != nil { // as make_case_range: one changes partitions at a time
			return err
		}
		for _, t := range tables {
			part := t.name + "_" + p.suffix
			for _, sql := range []string{
				"ALTER TABLE " + t.name + " DETACH PARTITION " + part,
				"DROP TABLE " + part,
				"ALTER TABLE " + part + "_new RENAME TO " + part,
				fmt.Sprintf("ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM ('%s') TO ('%s')", t.name, part, p.first, p.past),
				"ALTER TABLE " + part + " DROP CONSTRAINT filled",
				"SELECT case_month_made('" + t.name + "', '" + part + "')",
			} {
				if _, err := tx.Exec(ctx, sql); err != nil {
					return fmt.Errorf("%s: %w", sql, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("put the month %s in its place: %w", p.suffix, err)
	}
	return nil
}
