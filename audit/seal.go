package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/internal/failpoint"
)

// sealing is the key of the advisory lock that lets one sealer work at a time.
const sealing = 0x5365616c // "Seal"

// sealAtOnce is how many entries one transaction seals.
const sealAtOnce = 5000

// Seal chains the entries that were committed since the last time, in the order
// of their ids, and returns how many. Call it every few seconds, on any number
// of nodes: a node that finds another at it returns zero.
func Seal(ctx context.Context, db *pgxpool.Pool) (int, error) {
	failpoint.Hit(failpoint.SealBefore)
	total := 0
	for {
		n := 0
		err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) (err error) {
			n, err = sealSome(ctx, tx)
			return err
		})
		total += n
		if err != nil {
			return total, fmt.Errorf("seal the log of reads: %w", err)
		}
		if n < sealAtOnce {
			failpoint.Hit(failpoint.SealAfter)
			return total, nil
		}
	}
}

func sealSome(ctx context.Context, tx pgx.Tx) (int, error) {
	var ours bool
	if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", sealing).Scan(&ours); err != nil || !ours {
		return 0, err
	}
	seq, head, err := lastSealed(ctx, tx)
	if err != nil {
		return 0, err
	}
	rows, _ := tx.Query(ctx, `
		SELECT id, at, reader_kind, reader, agency, subject_number, coalesce(case_code, ''), purpose, basis, fields
		FROM access_log
		WHERE seq IS NULL
		ORDER BY id
		LIMIT $1`, sealAtOnce)
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	ids, seqs := make([]string, len(entries)), make([]int64, len(entries))
	prevs, hashes := make([][]byte, len(entries)), make([][]byte, len(entries))
	for i, e := range entries {
		seq++
		ids[i], seqs[i], prevs[i] = e.ID.String(), seq, head
		head = e.sum(seq, head)
		hashes[i] = head
	}
	_, err = tx.Exec(ctx, `
		UPDATE access_log
		SET seq = s.seq, prev_hash = s.prev_hash, hash = s.hash
		FROM unnest(@ids::uuid[], @seqs::bigint[], @prevs::bytea[], @hashes::bytea[]) AS s (id, seq, prev_hash, hash)
		WHERE access_log.id = s.id`,
		pgx.StrictNamedArgs{"ids": ids, "seqs": seqs, "prevs": prevs, "hashes": hashes})
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO access_seals (seq, at, rows, hash) VALUES ($1, now(), $2, $3)", seq, len(entries), head)
	return len(entries), err
}

// lastSealed is the head of the chain. The first entry follows 32 zero bytes.
func lastSealed(ctx context.Context, tx pgx.Tx) (seq int64, head []byte, err error) {
	head = make([]byte, sha256.Size)
	err = tx.QueryRow(ctx, "SELECT seq, hash FROM access_seals ORDER BY seq DESC LIMIT 1").Scan(&seq, &head)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return seq, head, err
}

// sum is SHA-256 over the hash of the entry before and every field, each with
// its length, so that no two entries share a form. The time counts in
// microseconds, as PostgreSQL keeps it.
func (e Entry) sum(seq int64, prev []byte) []byte {
	h := sha256.New()
	var n [8]byte
	putInt := func(i int64) {
		binary.BigEndian.PutUint64(n[:], uint64(i))
		h.Write(n[:])
	}
	put := func(s string) {
		putInt(int64(len(s)))
		h.Write([]byte(s))
	}
	h.Write(prev)
	putInt(seq)
	h.Write(e.ID[:])
	putInt(e.At.UnixMicro())
	for _, s := range []string{e.ReaderKind, e.Reader, e.Agency, e.Subject, e.Case, e.Purpose, e.Basis} {
		put(s)
	}
	putInt(int64(len(e.Fields)))
	for _, f := range e.Fields {
		put(f)
	}
	return h.Sum(nil)
}
