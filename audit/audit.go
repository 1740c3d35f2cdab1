// Package audit keeps the log of reads of personal data: who read whose data,
// when, why and by what right. An entry is written in the transaction of the
// read, so that there is no read without an entry, and the citizen sees it.
//
// The log is a hash chain. Chaining inside the reader's transaction would let
// all reads of the country wait for one another's commit, so entries are
// written unchained and [Seal] chains them some seconds later, one sealer at a
// time. What stood unsealed for those seconds is protected by the trigger alone;
// from then on a changed, removed or inserted entry is found by package
// audit/check, and the anchors of package audit/anchor tell of a chain that was
// built anew or cut at its end.
//
// The acts on a case have a chain of their own, in package cases.
package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrIncomplete reports an entry that does not say who reads whose data, why or
// by what right. The read must not happen.
var ErrIncomplete = errors.New("a read needs reader, subject, purpose, legal basis and fields")

// An Entry is one read of one person's data. All but Agency and Case are
// required; ID and At are set when they are zero.
type Entry struct {
	ID         uuid.UUID // version 7
	At         time.Time
	ReaderKind string   // citizen, officer, system
	Reader     string   // personal number, officer id, or name of a job
	Agency     string   // of the officer
	Subject    string   // personal number of whose data were read
	Case       string   // case code; empty: no case
	Purpose    string   // as the citizen reads it
	Basis      string   // self, guardian, household, consent, or "law: …"
	Fields     []string // names of the data given out, as in the records; "none" when nothing was found
}

// Read writes entries in the transaction of the reads that they tell of. It
// wraps [ErrIncomplete].
func Read(ctx context.Context, tx pgx.Tx, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	if err := Queue(batch, entries...); err != nil {
		return err
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("log a read: %w", err)
	}
	return nil
}

// Queue puts the writing of entries into a batch that also does the reads that
// they tell of. A batch without a transaction around it is one: when any of its
// parts fails there is no entry, and nothing may be given out. It wraps
// [ErrIncomplete].
func Queue(batch *pgx.Batch, entries ...Entry) error {
	for _, e := range entries {
		if e.ReaderKind == "" || e.Reader == "" || e.Subject == "" || e.Purpose == "" || e.Basis == "" || len(e.Fields) == 0 {
			return fmt.Errorf("log the read of a %s: %w", cmp.Or(e.ReaderKind, "reader"), ErrIncomplete)
		}
		if e.ID == uuid.Nil {
			id, err := uuid.NewV7()
			if err != nil {
				return fmt.Errorf("log a read: %w", err)
			}
			e.ID = id
		}
		if e.At.IsZero() {
			e.At = time.Now()
		}
		batch.Queue(`
			INSERT INTO access_log (id, at, reader_kind, reader, agency, subject_number, case_code, purpose, basis, fields)
			VALUES (@id, @at, @kind, @reader, @agency, @subject, nullif(@case, ''), @purpose, @basis, @fields)`,
			pgx.StrictNamedArgs{"id": e.ID, "at": e.At, "kind": e.ReaderKind, "reader": e.Reader, "agency": e.Agency,
				"subject": e.Subject, "case": e.Case, "purpose": e.Purpose, "basis": e.Basis, "fields": slices.Sorted(slices.Values(e.Fields))})
	}
	return nil
}

// Reads returns the reads of subject's data, newest first, at most limit. The
// cursor is empty for the newest, and then what the call before returned; next
// is empty when there are no older ones.
func Reads(ctx context.Context, db *pgxpool.Pool, subject, cursor string, limit int) (entries []Entry, next string, err error) {
	before := uuid.Max
	if cursor != "" {
		if before, err = uuid.Parse(cursor); err != nil {
			return nil, "", fmt.Errorf("reads of a person: the cursor %q is none of ours", cursor)
		}
	}
	rows, _ := db.Query(ctx, `
		SELECT id, at, reader_kind, reader, agency, subject_number, coalesce(case_code, ''), purpose, basis, fields
		FROM access_log
		WHERE subject_number = @subject AND id < @before
		ORDER BY id DESC
		LIMIT @limit`, pgx.StrictNamedArgs{"subject": subject, "before": before, "limit": limit + 1})
	entries, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	if err != nil {
		return nil, "", fmt.Errorf("reads of a person: %w", err)
	}
	if len(entries) > limit {
		entries = entries[:limit]
		next = entries[limit-1].ID.String()
	}
	return entries, next, nil
}
