package check

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// files are the cases and events of an archive, as a source: they are read once,
// from the first to the last.
type files struct {
	rows, happened *ordered
}

// ordered is a file whose rows begin with the case's id, in the order of the ids.
type ordered struct {
	*Table
	at []int
	// ahead is the row that was read and not yet handed out; nil: none.
	ahead [][]byte
	id    uuid.UUID // of the row ahead
}

func openFiles(dir string) (*files, error) {
	var f files
	var err error
	if f.rows, err = openOrdered(filepath.Join(dir, "cases.csv.gz"), "id", "code", "revision", "head_hash"); err != nil {
		return nil, err
	}
	f.happened, err = openOrdered(filepath.Join(dir, "case_events.csv.gz"), "case_id", "seq", "command_id", "hop", "kind", "event", "from_state", "to_state",
		"actor_kind", "actor", "actor_name", "on_behalf", "agency", "at", "recorded_at", "input", "input_hash", "erased_at", "prev_hash", "hash")
	if err != nil {
		f.rows.Close()
		return nil, err
	}
	return &f, nil
}

func (f *files) close() {
	f.rows.Close()
	f.happened.Close()
}

func openOrdered(path string, columns ...string) (*ordered, error) {
	t, err := OpenTable(path)
	if err != nil {
		return nil, err
	}
	o := &ordered{Table: t}
	if o.at, err = t.places(columns...); err != nil {
		t.Close()
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return o, nil
}

// next hands out the next row of an id up to another, with the columns asked
// for; nil: there is none.
func (o *ordered) next(upto uuid.UUID) (row [][]byte, err error) {
	if o.ahead == nil {
		all, err := o.Next()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		o.ahead = make([][]byte, len(o.at))
		for i, at := range o.at {
			o.ahead[i] = all[at]
		}
		if o.id, err = uuid.ParseBytes(o.ahead[0]); err != nil {
			return nil, fmt.Errorf("row %d: %w", o.Rows, err)
		}
	}
	if bytes.Compare(o.id[:], upto[:]) > 0 {
		return nil, nil
	}
	row, o.ahead = o.ahead, nil
	return row, nil
}

func (f *files) cases(_ context.Context, _, upto uuid.UUID, limit int) (list []*history, err error) {
	for len(list) < limit {
		row, err := f.rows.next(upto)
		if err != nil || row == nil {
			return list, err
		}
		p := parsing{row: row}
		h := &history{id: f.rows.id, code: string(row[1]), revision: p.int(2), head: p.bytes(3)}
		if p.err != nil {
			return nil, fmt.Errorf("cases, row %d: %w", f.rows.Rows, p.err)
		}
		list = append(list, h)
	}
	return list, nil
}

func (f *files) events(_ context.Context, _, upto uuid.UUID, each func(uuid.UUID, *Event) error) error {
	for {
		row, err := f.happened.next(upto)
		if err != nil || row == nil {
			return err
		}
		p := parsing{row: row}
		e := Event{Seq: p.int(1), Command: p.uuid(2), Hop: p.int(3), At: p.time(13), Recorded: p.time(14), Input: row[15], InputHash: p.bytes(16), Prev: p.bytes(18), Hash: p.bytes(19)}
		for i := range e.Texts {
			e.Texts[i] = string(row[4+i])
		}
		if row[17] != nil {
			at := p.time(17)
			e.Erased = &at
		}
		if p.err != nil {
			return fmt.Errorf("case_events, row %d: %w", f.happened.Rows, p.err)
		}
		if err := each(f.happened.id, &e); err != nil {
			return err
		}
	}
}

// parsing reads the columns of a row; err is the first error.
type parsing struct {
	row [][]byte
	err error
}

func (p *parsing) keep(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *parsing) int(i int) int64 {
	n, err := strconv.ParseInt(string(p.row[i]), 10, 64)
	p.keep(err)
	return n
}

func (p *parsing) uuid(i int) uuid.UUID {
	id, err := uuid.ParseBytes(p.row[i])
	p.keep(err)
	return id
}

func (p *parsing) time(i int) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05.999999-07", string(p.row[i]))
	p.keep(err)
	return at
}

// bytes reads \x and hexadecimal digits; NULL is nil.
func (p *parsing) bytes(i int) []byte {
	text, ok := bytes.CutPrefix(p.row[i], []byte(`\x`))
	if !ok {
		if p.row[i] != nil {
			p.keep(fmt.Errorf("%.20q are no bytes", p.row[i]))
		}
		return nil
	}
	b := make([]byte, hex.DecodedLen(len(text)))
	_, err := hex.Decode(b, text)
	p.keep(err)
	return b
}
