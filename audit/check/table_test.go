package check_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// table writes a file of an archive.
func table(t *testing.T, text []byte) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "table.csv.gz")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// rows reads all rows of a file; a NULL is nil.
func rows(path string) (out [][][]byte, err error) {
	f, err := check.OpenTable(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for {
		row, err := f.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
}

// What PostgreSQL writes is read to the byte: NULL is no empty text, and ends of lines stay as they are.
func TestTable(t *testing.T) {
	t.Parallel()
	texts := []string{"", "a", `"`, `""`, `,`, "\n", "\r\n", "\r", "a\r\nb,\"c\"\n", `\x`, `\.`, " ", "Trần Thị", "NULL"}
	db := pgtest.New(t)
	c, err := db.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	if _, err := c.Exec(t.Context(), `CREATE TEMP TABLE texts AS SELECT nullif(a, 'NULL') AS a, n, 'x' || nullif(a, 'NULL') AS b FROM unnest($1::text[]) WITH ORDINALITY AS t (a, n)`, texts); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := c.Conn().PgConn().CopyTo(t.Context(), &b, `COPY (SELECT a, b FROM texts ORDER BY n) TO STDOUT (FORMAT csv, HEADER)`); err != nil {
		t.Fatal(err)
	}
	var want [][][]byte
	for _, text := range texts {
		if text == "NULL" {
			want = append(want, [][]byte{nil, nil})
		} else {
			want = append(want, [][]byte{[]byte(text), []byte("x" + text)})
		}
	}
	path := table(t, b.Bytes())
	got, err := rows(path)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, cut := range []int{1, 5, b.Len() / 2} { // in the middle of a row
		if got, err := rows(table(t, b.Bytes()[:b.Len()-cut])); err == nil && len(got) == len(want) {
			t.Errorf("%d bytes are missing, and all rows are there", cut)
		}
	}
}

// Any file ends in rows of as many columns as its header, or in an error; and what is plain CSV is read as others read it.
func FuzzTable(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "a\n\"x\"\n", "a,b\n\"1\"\"\n,\",\n", "a\n\"", "", "a,b\n1\n", "a\n\"x\"y\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := rows(table(t, text))
		if err != nil || bytes.ContainsRune(text, '\r') || bytes.Contains(text, []byte("\n\n")) || bytes.HasPrefix(text, []byte("\n")) {
			return
		}
		want, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil {
			return // it is stricter
		}
		if len(got) != len(want)-1 {
			t.Fatalf("%d rows, others read %d", len(got), len(want)-1)
		}
		for i, row := range got {
			for j := range row {
				if string(row[j]) != want[i+1][j] {
					t.Fatalf("row %d: %q, others read %q", i, row[j], want[i+1][j])
				}
			}
		}
	})
}
