package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Fault is one place where the log is not what was sealed.
type Fault struct {
	Seq    int64  // the place in the chain; 0: outside of it
	ID     string // of the entry; empty when it is gone
	Reason string
}

// A Report is what [Verify] found. The log is sound when there are no Faults.
type Report struct {
	Sealed   int64  // entries in the chain
	Unsealed int64  // entries that wait for the next sealing
	Seals    int64  // heads compared
	Head     []byte // hash of the last entry, 32 zero bytes for an empty log
	Faults   []Fault
}

// worth is how many faults a Report lists; a log that is wholly rewritten has as
// many as entries.
const worth = 100

// Verify computes the chain anew from the first entry and compares every entry
// and every recorded head with it.
func Verify(ctx context.Context, db *pgxpool.Pool) (Report, error) {
	r := Report{Head: make([]byte, sha256.Size)}
	opts := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, db, opts, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return err
		}
		seals, err := heads(ctx, tx)
		if err != nil {
			return err
		}
		r.Seals = int64(len(seals))
		if err := r.walk(ctx, tx, seals); err != nil {
			return err
		}
		for seq := range seals {
			if seq > r.Sealed {
				r.fault(seq, "", "the entry is missing at the end of the chain")
			}
		}
		return tx.QueryRow(ctx, "SELECT count(*) FROM access_log WHERE seq IS NULL").Scan(&r.Unsealed)
	})
	if err != nil {
		return r, fmt.Errorf("verify the log of reads: %w", err)
	}
	return r, nil
}

func heads(ctx context.Context, tx pgx.Tx) (map[int64][]byte, error) {
	seals := map[int64][]byte{}
	var seq int64
	var hash []byte
	rows, _ := tx.Query(ctx, "SELECT seq, hash FROM access_seals")
	_, err := pgx.ForEachRow(rows, []any{&seq, &hash}, func() error {
		seals[seq] = bytes.Clone(hash)
		return nil
	})
	return seals, err
}

// walk goes along the chain. After a fault it goes on from what is recorded, so
// that one changed entry is one fault and not all that follow.
func (r *Report) walk(ctx context.Context, tx pgx.Tx, seals map[int64][]byte) error {
	rows, err := tx.Query(ctx, `
		SELECT seq, prev_hash, hash, id, at, reader_kind, reader, agency, subject_number, coalesce(case_code, ''), purpose, basis, fields
		FROM access_log
		WHERE seq IS NOT NULL
		ORDER BY seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var prev, hash []byte
		var e Entry
		if err := rows.Scan(&seq, &prev, &hash, &e.ID, &e.At, &e.ReaderKind, &e.Reader, &e.Agency, &e.Subject, &e.Case, &e.Purpose, &e.Basis, &e.Fields); err != nil {
			return err
		}
		switch {
		case seq != r.Sealed+1:
			r.fault(r.Sealed+1, "", fmt.Sprintf("%d entries are missing before this place's successor", seq-r.Sealed-1))
		case !bytes.Equal(prev, r.Head):
			r.fault(seq, e.ID.String(), "does not follow from the entry before")
		}
		if !bytes.Equal(e.sum(seq, prev), hash) {
			r.fault(seq, e.ID.String(), "was changed after it was sealed")
		}
		if sealed, ok := seals[seq]; ok && !bytes.Equal(sealed, hash) {
			r.fault(seq, e.ID.String(), "differs from the head recorded when it was sealed")
		}
		r.Sealed, r.Head = seq, hash
	}
	return rows.Err()
}

func (r *Report) fault(seq int64, id, reason string) {
	if len(r.Faults) < worth {
		r.Faults = append(r.Faults, Fault{Seq: seq, ID: id, Reason: reason})
	}
}
