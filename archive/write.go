package archive

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hoso-gov/hoso/audit/check"
)

// table is what of a table goes into an archive.
type table struct {
	name  string
	kind  Kind
	where string // a condition in SQL
	order string // columns of its key
}

// tables are all that hold something of the month: its partitions, other tables
// with an id of a case or of an owner of files, and the anchors over it.
func tables(ctx context.Context, conn *pgx.Conn, m *Month) ([]table, error) {
	rows, _ := conn.Query(ctx, `
		SELECT c.relname::text, c.relkind = 'p' AND c.relname <> 'anchor_heads', col.name,
			coalesce((SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.i)
				FROM pg_index x, unnest(x.indkey::int[]) WITH ORDINALITY AS k (n, i)
				JOIN pg_attribute a ON a.attnum = k.n
				WHERE x.indrelid = c.oid AND x.indisprimary AND a.attrelid = c.oid), col.name)
		FROM pg_class c
		JOIN LATERAL (
			SELECT quote_ident(a.attname) AS name
			FROM pg_attribute a
			WHERE a.attrelid = c.oid AND a.atttypid = 'uuid'::regtype AND (a.attname IN ('case_id', 'owner_id') OR a.attname = 'id' AND c.relname = 'cases')
			ORDER BY a.attname
			LIMIT 1) AS col ON true
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'archived_cases'
		ORDER BY 1`)
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t table, err error) {
		var divided bool
		var column string
		err = row.Scan(&t.name, &divided, &column, &t.order)
		t.kind, t.where = Kept, fmt.Sprintf("%s >= '%s' AND %s < '%s'", column, m.first, column, m.past)
		if divided {
			t.kind = Moved
		}
		return t, err
	})
	if err != nil {
		return nil, err
	}
	var from, until int64
	if err := conn.QueryRow(ctx, `SELECT coalesce(min(n), 0), coalesce(max(n), -1) FROM anchor_heads WHERE case_id >= $1 AND case_id < $2`, m.first, m.past).Scan(&from, &until); err != nil {
		return nil, err
	}
	for _, name := range []string{"anchors", "anchor_stamps"} {
		list = append(list, table{name, Kept, fmt.Sprintf("n BETWEEN %d AND %d", from, until), "n"})
	}
	return list, nil
}

// write writes the files of a month into a folder that is new.
func (a *Archive) write(ctx context.Context, m *Month, dir string) ([]File, error) {
	c, err := a.cfg.DB.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Release()
	conn := c.Conn()
	// The files are read on machines with other settings.
	if _, err := conn.Exec(ctx, `SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex'; SET client_encoding = 'UTF8'; SET statement_timeout = 0`); err != nil {
		return nil, err
	}
	defer conn.Exec(context.WithoutCancel(ctx), `RESET ALL`)
	list, err := tables(ctx, conn, m)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, t := range list {
		a.cfg.Tell("writing " + t.name)
		f, err := writeFile(ctx, conn.PgConn(), t, dir)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", t.name, err)
		}
		files = append(files, f)
	}
	return files, nil
}

func writeFile(ctx context.Context, conn *pgconn.PgConn, t table, dir string) (File, error) {
	f := File{Name: t.name + ".csv.gz", Table: t.name, Kind: t.kind}
	file, err := os.OpenFile(filepath.Join(dir, f.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return f, err
	}
	defer file.Close()
	h := sha256.New()
	buffer := bufio.NewWriterSize(io.MultiWriter(file, h), 1<<18)
	zip := gzip.NewWriter(buffer)
	tag, err := conn.CopyTo(ctx, zip, fmt.Sprintf("COPY (SELECT * FROM public.%s WHERE %s ORDER BY %s) TO STDOUT (FORMAT csv, HEADER)", pgx.Identifier{t.name}.Sanitize(), t.where, t.order))
	if err != nil {
		return f, err
	}
	if err := errors.Join(zip.Close(), buffer.Flush(), file.Sync()); err != nil {
		return f, err
	}
	info, err := file.Stat()
	if err != nil {
		return f, err
	}
	f.Rows, f.Bytes, f.SHA256 = tag.RowsAffected(), info.Size(), hex.EncodeToString(h.Sum(nil))
	return f, nil
}

// readBack reads a file from the disk, and compares sum and rows with what was written.
func readBack(dir string, f File) error {
	path := filepath.Join(dir, f.Name)
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != f.SHA256 {
		return fmt.Errorf("%s: its sum is %.12s…, %.12s… was written", path, got, f.SHA256)
	}
	t, err := check.OpenTable(path)
	if err != nil {
		return err
	}
	defer t.Close()
	for err == nil {
		_, err = t.Next()
	}
	if !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", path, err)
	}
	if t.Rows != f.Rows {
		return fmt.Errorf("%s: it has %d rows, %d were written", path, t.Rows, f.Rows)
	}
	return nil
}

// syncDir makes the names in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// partial is where an archive is written; the folder gets the month's name when it is complete.
func partial(dir string) string { return strings.TrimSuffix(dir, "/") + ".partial" }
