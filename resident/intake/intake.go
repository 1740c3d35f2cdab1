// Package intake takes people into the resident database from a file: CSV with a
// heading, or JSON lines. Each row becomes a person or is refused with its line
// and the reason; a person who is there stays as they are, so that a file can be
// taken in again. It is for the first filling of a database and for mending what
// is missing there; what cases change later comes through package resident.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says what to take in. All but Batch and Progress are required.
type Config struct {
	DB       *pgxpool.Pool
	Rows     Reader
	Rejects  io.Writer      // gets a line of JSON for each refused row: [Reject]
	Batch    int            // rows of one transaction; 0: 1000
	Progress func(done int) // called after each batch with the rows so far; nil: nobody watches
}

// Result counts rows.
type Result struct {
	Rows     int            `json:"rows"`
	Taken    int            `json:"taken"`   // people who are new
	Known    int            `json:"known"`   // who were there already, as the row says
	Refused  int            `json:"refused"` // stand in the file of rejects
	ByReason map[string]int `json:"refused_by_reason"`
}

// Reject is a refused row.
type Reject struct {
	Line   int    `json:"line"`
	Number string `json:"number"` // as it stands in the row
	Reason string `json:"reason"` // kebab-case
	VI     string `json:"vi"`
	EN     string `json:"en"`
}

// Reader gives rows one by one; io.EOF after the last. A row that cannot be read
// is an *UnreadableError, and the next one can be asked for.
type Reader interface {
	Next() (Row, error)
}

// UnreadableError reports a row that is none.
type UnreadableError struct {
	Line int
	Err  error
}

func (e *UnreadableError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap is what the reader of the format said.
func (e *UnreadableError) Unwrap() error { return e.Err }

// Run takes a file in, batch by batch. A batch is stored whole or not at all; what
// came before a failure stays, and the same file can be taken in again.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if cfg.Batch == 0 {
		cfg.Batch = 1000
	}
	r := &Result{ByReason: map[string]int{}}
	for end := false; !end; {
		var rows []Row
		var rejects []Reject
		for len(rows)+len(rejects) < cfg.Batch {
			row, err := cfg.Rows.Next()
			if errors.Is(err, io.EOF) {
				end = true
				break
			}
			if bad, ok := errors.AsType[*UnreadableError](err); ok {
				rejects = append(rejects, Reject{Line: bad.Line, Reason: "unreadable", VI: "Không đọc được dòng này", EN: "the row cannot be read: " + bad.Err.Error()})
				continue
			}
			if err != nil {
				return r, fmt.Errorf("take people in: %w", err)
			}
			if no := row.check(); no != nil {
				rejects = append(rejects, *no)
				continue
			}
			rows = append(rows, row)
		}
		var taken, known int
		err := pgx.BeginFunc(ctx, cfg.DB, func(tx pgx.Tx) error {
			more, err := store(ctx, tx, rows, &taken, &known)
			rejects = append(rejects, more...)
			return err
		})
		if err == nil {
			err = write(cfg.Rejects, rejects)
		}
		if err != nil {
			return r, fmt.Errorf("take people in, after %d rows: %w", r.Rows, err)
		}
		r.Rows, r.Taken, r.Known, r.Refused = r.Rows+len(rows)+countUnstored(rejects, rows), r.Taken+taken, r.Known+known, r.Refused+len(rejects)
		for _, no := range rejects {
			r.ByReason[no.Reason]++
		}
		if cfg.Progress != nil {
			cfg.Progress(r.Rows)
		}
	}
	return r, nil
}

// countUnstored are the rejects that never were among the rows of a batch.
func countUnstored(rejects []Reject, rows []Row) int {
	stored := map[int]bool{}
	for _, row := range rows {
		stored[row.Line] = true
	}
	n := 0
	for _, no := range rejects {
		if !stored[no.Line] {
			n++
		}
	}
	return n
}
