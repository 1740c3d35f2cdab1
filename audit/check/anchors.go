package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/audit/tsa"
)

// anchorsAtOnce is how many anchors one transaction reads with their heads: seventeen hours of them.
const anchorsAtOnce = 1000

// clocks is by how much the authority's clock may go back between two stamps:
// two of its machines differ by less.
const clocks = time.Minute

// anchors goes along the anchors: each follows from the one before, its root from
// its heads, its time-stamp is over it.
func (v *verifier) anchors(ctx context.Context) error {
	prev, until, err := v.begin(ctx)
	if err != nil {
		return err
	}
	var stamps stampWalk
	for {
		rows, heads, tokens, err := v.readAnchors(ctx, int64(len(v.hashes)), until)
		if err != nil {
			return err
		}
		for i := range rows {
			a := &rows[i]
			if want := int64(len(v.hashes)) + 1; a.N != want {
				if err := v.found(Finding{Of: OfAnchor, Seq: want, Reason: "is missing"}); err != nil {
					return err
				}
				for int64(len(v.hashes)) < a.N-1 { // keep the places of the others
					v.hashes = append(v.hashes, nil)
				}
			} else if !bytes.Equal(a.Prev, prev) {
				if err := v.found(Finding{Of: OfAnchor, Seq: a.N, Reason: "does not follow from the one before"}); err != nil {
					return err
				}
			}
			if err := v.anchor(a, heads[a.N]); err != nil {
				return err
			}
			delete(heads, a.N)
			if err := v.stamp(a, tokens[a.N], &stamps); err != nil {
				return err
			}
			prev, v.last = a.Hash, *a
			v.hashes = append(v.hashes, a.Hash)
			if n := len(v.logs); n == 0 || v.logs[n-1].seq != a.LogSeq {
				v.logs = append(v.logs, logHead{a.LogSeq, a.LogHash, a.N})
			}
		}
		for n := range heads { // of anchors that are gone
			if err := v.found(Finding{Of: OfAnchor, Seq: n, Reason: "is gone, and its heads are there"}); err != nil {
				return err
			}
		}
		v.tell()
		if len(rows) < anchorsAtOnce {
			return nil
		}
	}
}

// begin is the hash that the first anchor to be verified follows, and the number
// of the last one. Of a range of cases, the anchors over it are verified.
func (v *verifier) begin(ctx context.Context) (prev []byte, until int64, err error) {
	prev = make([]byte, 32)
	if !v.cfg.ranged() {
		return prev, math.MaxInt64, nil
	}
	var first int64
	if err := v.cfg.DB.QueryRow(ctx, `
		SELECT coalesce(min(n), 1), coalesce(max(n), 0)
		FROM anchor_heads
		WHERE case_id >= $1 AND case_id < $2`, v.cfg.From, v.cfg.Until).Scan(&first, &until); err != nil {
		return nil, 0, err
	}
	err = v.cfg.DB.QueryRow(ctx, "SELECT hash FROM anchors WHERE n = $1", first-1).Scan(&prev)
	if errors.Is(err, pgx.ErrNoRows) { // also when it was removed: then the first does not follow
		err = nil
	}
	v.hashes = make([][]byte, first-1)
	return prev, until, err
}

// readAnchors reads the anchors after a number and up to another, with their heads and time-stamps.
func (v *verifier) readAnchors(ctx context.Context, after, until int64) (list []anchorRow, heads map[int64][]headRow, tokens map[int64][]byte, err error) {
	heads, tokens = map[int64][]headRow{}, map[int64][]byte{}
	err = v.page(ctx, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, `
			SELECT n, at, settled, heads::bigint, log_seq, log_hash, convert_to(counts::text, 'UTF8'), root, prev_hash, hash
			FROM anchors
			WHERE n > $1 AND n <= $2
			ORDER BY n
			LIMIT $3`, after, until, anchorsAtOnce)
		if list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[anchorRow]); err != nil {
			return err
		}
		upto := until
		if len(list) == anchorsAtOnce {
			upto = list[len(list)-1].N
		}
		var h headRow
		rows, _ = tx.Query(ctx, `
			SELECT n, case_id, revision::bigint, head_hash
			FROM anchor_heads
			WHERE n > $1 AND n <= $2
			ORDER BY n, case_id`, after, upto)
		if _, err := pgx.ForEachRow(rows, []any{&h.N, &h.Case, &h.Revision, &h.Hash}, func() error {
			h.Hash = bytes.Clone(h.Hash)
			heads[h.N] = append(heads[h.N], h)
			return nil
		}); err != nil {
			return err
		}
		var n int64
		var token []byte
		rows, _ = tx.Query(ctx, "SELECT n, token FROM anchor_stamps WHERE n > $1 AND n <= $2", after, upto)
		_, err := pgx.ForEachRow(rows, []any{&n, &token}, func() error {
			tokens[n] = bytes.Clone(token)
			return nil
		})
		return err
	})
	return list, heads, tokens, err
}

// anchor computes root and hash.
func (v *verifier) anchor(a *anchorRow, heads []headRow) error {
	v.Anchors++
	v.Heads += int64(len(heads))
	var t tree
	for _, h := range heads {
		t.head(h)
	}
	t.end(a)
	switch {
	case !bytes.Equal(a.sum(), a.Hash):
		return v.found(Finding{Of: OfAnchor, Seq: a.N, Reason: "was changed after it was made"})
	case int64(len(heads)) != a.Heads:
		return v.found(Finding{Of: OfAnchor, Seq: a.N, Reason: fmt.Sprintf("was made over %d heads of cases, %d are there", a.Heads, len(heads))})
	case !bytes.Equal(t.root(), a.Root):
		return v.found(Finding{Of: OfAnchor, Seq: a.N, Reason: "the heads of cases or of the log of reads, or the counts, are not those that it was made over"})
	}
	return nil
}

// stampWalk is how far the time-stamps were followed.
type stampWalk struct {
	lacks int64     // the first anchor without one; 0: none
	time  time.Time // of the last one
}

// stamp verifies the time-stamp of an anchor. They are made in the order of the
// anchors, so one that is missing between others was removed.
func (v *verifier) stamp(a *anchorRow, token []byte, w *stampWalk) error {
	if token == nil {
		if w.lacks == 0 {
			w.lacks = a.N
		}
		return nil
	}
	v.Stamped++
	if w.lacks > 0 {
		n := w.lacks
		w.lacks = 0
		if err := v.found(Finding{Of: OfStamp, Seq: n, Reason: "is missing, and later anchors have one"}); err != nil {
			return err
		}
	}
	at, err := tsa.Verify(token, a.Hash, v.cfg.Trusted)
	if err != nil {
		return v.found(Finding{Of: OfStamp, Seq: a.N, Reason: err.Error()})
	}
	if at.Before(w.time.Add(-clocks)) {
		return v.found(Finding{Of: OfStamp, Seq: a.N, Reason: "tells an earlier time than the one before"})
	}
	w.time = at
	return nil
}

// page runs do in a transaction that sees one state of the database.
func (v *verifier) page(ctx context.Context, do func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, v.cfg.DB, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return err
		}
		return do(tx)
	})
}
