package check

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// A Table reads a file of an archive: rows as PostgreSQL's COPY writes CSV with a
// header, compressed by gzip. Unlike encoding/csv it tells NULL from an empty text
// and leaves the ends of lines within a text as they are: hashes are over them.
type Table struct {
	Columns []string
	Rows    int64 // read so far

	file *os.File
	zip  *gzip.Reader
	in   *bufio.Reader
}

// OpenTable opens a file and reads its header.
func OpenTable(path string) (*Table, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &Table{file: file}
	if t.zip, err = gzip.NewReader(bufio.NewReaderSize(file, 1<<16)); err == nil {
		t.in = bufio.NewReaderSize(t.zip, 1<<16)
		var header [][]byte
		header, err = t.row()
		for _, name := range header {
			t.Columns = append(t.Columns, string(name))
		}
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return t, nil
}

// Close closes the file.
func (t *Table) Close() error { return t.file.Close() }

// Next is the next row, a NULL as nil; io.EOF after the last.
func (t *Table) Next() ([][]byte, error) {
	row, err := t.row()
	if err == nil && len(row) != len(t.Columns) {
		err = fmt.Errorf("row %d has %d columns, not %d", t.Rows+1, len(row), len(t.Columns))
	}
	if err != nil {
		return nil, err
	}
	t.Rows++
	return row, nil
}

// places are the columns by name, in the order asked for.
func (t *Table) places(names ...string) ([]int, error) {
	at := make([]int, len(names))
	for i, name := range names {
		if at[i] = slices.Index(t.Columns, name); at[i] < 0 {
			return nil, fmt.Errorf("there is no column %s", name)
		}
	}
	return at, nil
}

func (t *Table) row() (row [][]byte, err error) {
	if _, err := t.in.Peek(1); err != nil {
		return nil, err
	}
	for more := true; more; {
		var text []byte
		if text, more, err = t.field(); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		row = append(row, text)
	}
	return row, nil
}

// field reads up to the comma or the end of the line behind a field.
func (t *Table) field() (text []byte, more bool, err error) {
	var quoted bool
	for {
		c, err := t.in.ReadByte()
		if err != nil {
			return nil, false, err
		}
		switch {
		case c == '"' && text == nil && !quoted:
			quoted = true
			if text, err = t.quoted(); err != nil {
				return nil, false, err
			}
		case c == ',' || c == '\n':
			return text, c == ',', nil
		case quoted:
			return nil, false, fmt.Errorf("after row %d: %q stands behind a quoted text", t.Rows, c)
		default:
			text = append(text, c)
		}
	}
}

// quoted reads up to the quote that ends a text; two of them stand for one.
func (t *Table) quoted() ([]byte, error) {
	text := []byte{}
	for {
		part, err := t.in.ReadBytes('"')
		if err != nil {
			return nil, err
		}
		text = append(text, part[:len(part)-1]...)
		next, err := t.in.Peek(1)
		if err != nil || next[0] != '"' {
			return text, nil // the end of the file is met by who reads on
		}
		if _, err := t.in.Discard(1); err != nil {
			return nil, err
		}
		text = append(text, '"')
	}
}
