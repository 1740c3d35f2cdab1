package check

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const entriesAtOnce = 10_000

// readsWalk is how far the log of reads was followed.
type readsWalk struct {
	seq    int64
	head   []byte
	months map[string]int64 // entries up to what the newest anchor says
	logs   []logHead        // of the anchors, still to come
}

// reads goes along the chain of the log of reads, and holds it against the seals
// and the anchors.
func (v *verifier) reads(ctx context.Context) error {
	w := &readsWalk{head: make([]byte, 32), months: map[string]int64{}, logs: v.logs}
	if len(w.logs) > 0 && w.logs[0].seq == 0 { // nothing was read yet
		w.logs = w.logs[1:]
	}
	for {
		list, seals, err := v.readEntries(ctx, w.seq)
		if err != nil {
			return err
		}
		for i := range list {
			if err := v.entry(&list[i], seals, w); err != nil {
				return err
			}
		}
		for seq := range seals {
			if seq > w.seq { // the last page: seals go no further than entries
				return v.cut(ctx, w, fmt.Sprintf("the entries up to %d were sealed and are gone", seq))
			}
		}
		v.tell()
		if len(list) < entriesAtOnce {
			break
		}
	}
	if n := len(w.logs); n > 0 {
		return v.cut(ctx, w, fmt.Sprintf("the entries up to %d are gone: anchor %d has them", w.logs[n-1].seq, w.logs[n-1].n))
	}
	return v.readsEnd(ctx, w)
}

// cut tells of entries that are missing at the end of the log.
func (v *verifier) cut(ctx context.Context, w *readsWalk, reason string) error {
	if err := v.found(Finding{Of: OfReads, Seq: w.seq + 1, Reason: reason}); err != nil {
		return err
	}
	return v.readsEnd(ctx, w)
}

// readsEnd counts what is not sealed yet, and compares the counts of the months.
func (v *verifier) readsEnd(ctx context.Context, w *readsWalk) error {
	if err := v.compare("entries of the log of reads", "reads", w.months); err != nil {
		return err
	}
	return v.cfg.DB.QueryRow(ctx, "SELECT count(*) FROM access_log WHERE seq IS NULL").Scan(&v.Unsealed)
}

// readEntries reads sealed entries after a number, and the seals of as far.
func (v *verifier) readEntries(ctx context.Context, after int64) (list []entry, seals map[int64][]byte, err error) {
	seals = map[int64][]byte{}
	err = v.page(ctx, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, `
			SELECT seq, id, at, reader_kind, reader, agency, subject_number, coalesce(case_code, ''), purpose, basis, fields, prev_hash, hash
			FROM access_log
			WHERE seq > $1
			ORDER BY seq
			LIMIT $2`, after, entriesAtOnce)
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e entry, err error) {
			t := &e.texts
			err = row.Scan(&e.seq, &e.id, &e.at, &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &e.fields, &e.prev, &e.hash)
			return e, err
		})
		if err != nil {
			return err
		}
		upto := int64(1<<63 - 1)
		if len(list) == entriesAtOnce {
			upto = list[len(list)-1].seq
		}
		var seq int64
		var hash []byte
		rows, _ = tx.Query(ctx, "SELECT seq, hash FROM access_seals WHERE seq > $1 AND seq <= $2", after, upto)
		_, err := pgx.ForEachRow(rows, []any{&seq, &hash}, func() error {
			seals[seq] = bytes.Clone(hash)
			return nil
		})
		return err
	})
	return list, seals, err
}

// entry goes on by one entry. After a fault it goes on from what is recorded, so
// that one changed entry is one finding and not all that follow.
func (v *verifier) entry(e *entry, seals map[int64][]byte, w *readsWalk) error {
	var reason string
	at := e.seq
	sealed, isHead := seals[e.seq]
	switch {
	case e.seq != w.seq+1:
		at, reason = w.seq+1, fmt.Sprintf("%d entries are missing here", e.seq-w.seq-1)
	case !bytes.Equal(e.prev, w.head):
		reason = "does not follow from the entry before"
	case !bytes.Equal(e.sum(), e.hash):
		reason = "was changed after it was sealed"
	case isHead && !bytes.Equal(sealed, e.hash):
		reason = "differs from the head recorded when it was sealed"
	}
	for len(w.logs) > 0 && w.logs[0].seq <= e.seq {
		if l := w.logs[0]; reason == "" && l.seq == e.seq && !bytes.Equal(l.hash, e.hash) {
			reason = fmt.Sprintf("differs from what anchor %d has", l.n)
		}
		w.logs = w.logs[1:]
	}
	w.seq, w.head = e.seq, e.hash
	v.Sealed++
	if e.seq <= v.last.LogSeq {
		w.months[e.at.UTC().Format("2006-01")]++
	}
	if reason == "" {
		return nil
	}
	return v.found(Finding{Of: OfReads, Seq: at, Reason: reason})
}
