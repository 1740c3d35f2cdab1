package anchor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/internal/failpoint"
)

// slice is how much time one anchor covers at most. A database that was not
// anchored for longer is caught up with in several.
const slice = time.Hour

// overlap is looked at again by the next anchor. Nothing in flight can be missed
// without it (see settle); it is for a database whose clock was set back a little,
// as when a standby takes over.
const overlap = 2 * time.Minute

// Make makes the anchor of this piece of time, and returns how many it made:
// none when there is one, or another node is at it; several when it had to catch up.
func (a *Anchors) Make(ctx context.Context) (made int, err error) {
	failpoint.Hit(failpoint.AnchorBefore)
	for more := true; more && err == nil; {
		err = pgx.BeginFunc(ctx, a.cfg.DB, func(tx pgx.Tx) (err error) {
			var did bool
			if did, more, err = a.makeOne(ctx, tx); did && err == nil {
				made++
			}
			return err
		})
	}
	if err != nil {
		return made, fmt.Errorf("anchor the chains: %w", err)
	}
	failpoint.Hit(failpoint.AnchorAfter)
	return made, nil
}

// makeOne makes an anchor, and tells whether time is left that it did not reach.
func (a *Anchors) makeOne(ctx context.Context, tx pgx.Tx) (did, more bool, err error) {
	if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = '5min'"); err != nil { // the first anchor of an old database counts all of it
		return false, false, err
	}
	var ours bool
	if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", making).Scan(&ours); err != nil || !ours {
		return false, false, err
	}
	prev, err := last(ctx, tx)
	if err != nil {
		return false, false, err
	}
	at, quiet, err := a.settle(ctx, tx)
	if err != nil {
		return false, false, err
	}
	if prev.N == 0 {
		if prev.Settled, err = beginning(ctx, tx, at); err != nil {
			return false, false, err
		}
	}
	from := prev.Settled
	if at.Before(from) {
		from = at.Add(-slice) // the clock was set back, nobody knows when
	}
	until := at
	if more = from.Add(slice).Before(at); more {
		until = from.Add(slice)
	} else if prev.N > 0 && at.Truncate(a.cfg.Every).Equal(prev.At.Truncate(a.cfg.Every)) {
		return false, false, nil
	}
	next := anchor{N: prev.N + 1, At: at, Settled: prev.Settled, Prev: prev.Hash}
	if quiet {
		next.Settled = until
	} else {
		more = false
		a.cfg.Log.WarnContext(ctx, "a step is in flight for longer than usual: the next anchor looks at its time again", "since", prev.Settled)
	}
	heads, err := moved(ctx, tx, from.Add(-overlap), until)
	if err != nil {
		return false, false, err
	}
	if err := next.count(ctx, tx, prev, heads); err != nil {
		return false, false, err
	}
	next.seal(heads)
	return true, more, next.insert(ctx, tx, heads)
}

// last is the newest anchor; before the first, number 0 with a hash of 32 zero bytes.
func last(ctx context.Context, tx pgx.Tx) (anchor, error) {
	rows, _ := tx.Query(ctx, `
		SELECT n, at, settled, heads, log_seq, log_hash, convert_to(counts::text, 'UTF8'), root, prev_hash, hash
		FROM anchors
		ORDER BY n DESC
		LIMIT 1`)
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[anchor])
	if errors.Is(err, pgx.ErrNoRows) {
		return anchor{LogHash: make([]byte, 32), Counts: []byte("{}"), Hash: make([]byte, 32)}, nil
	}
	return a, err
}

// settle returns an instant of the database's clock, and whether every event
// recorded before it can be read from now on.
//
// An event tells when it was recorded by clock_timestamp(), and is seen by others
// only when its transaction commits, which may be later than the next anchor. But
// whoever writes events holds a lock on the table from before that instant until
// the commit. So an event recorded before now that is not committed yet belongs to
// one of the holders of the lock now; when they are gone, all is there to read.
func (a *Anchors) settle(ctx context.Context, tx pgx.Tx) (at time.Time, quiet bool, err error) {
	if err := tx.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&at); err != nil {
		return at, false, err
	}
	// A statement of its own: the locks are looked at after the clock.
	rows, _ := tx.Query(ctx, `
		SELECT DISTINCT virtualtransaction
		FROM pg_locks
		WHERE `+writing)
	flying, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for until := time.Now().Add(a.cfg.Patience); err == nil && len(flying) > 0; {
		if time.Now().After(until) {
			return at, false, nil
		}
		select {
		case <-ctx.Done():
			return at, false, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
		rows, _ := tx.Query(ctx, `
			SELECT DISTINCT virtualtransaction
			FROM pg_locks
			WHERE `+writing+` AND virtualtransaction = ANY ($1)`, flying)
		flying, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	return at, err == nil, err
}

// writing are the locks of transactions that write events.
const writing = `locktype = 'relation' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
			AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND relation IN (SELECT 'case_events'::regclass UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = 'case_events'::regclass)`

// beginning is when the first event was recorded; none: now.
func beginning(ctx context.Context, tx pgx.Tx, now time.Time) (at time.Time, err error) {
	err = tx.QueryRow(ctx, "SELECT coalesce(min(recorded_at), $1) FROM case_events", now).Scan(&at)
	return at, err
}

// moved are the cases with events of a time that no anchor has, in the order of
// their ids. What an earlier anchor has is told by anchor_heads, so looking at a
// time twice does no harm.
func moved(ctx context.Context, tx pgx.Tx, from, until time.Time) ([]head, error) {
	rows, _ := tx.Query(ctx, `
		SELECT r.case_id, r.seq, r.hash, coalesce((SELECT h.revision FROM anchor_heads h WHERE h.case_id = r.case_id ORDER BY h.revision DESC LIMIT 1), 0)
		FROM (
			SELECT case_id, max(seq) AS seq, (array_agg(hash ORDER BY seq DESC))[1] AS hash
			FROM case_events
			WHERE recorded_at >= $1 AND recorded_at < $2
			GROUP BY case_id) AS r
		ORDER BY r.case_id`, from, until)
	var heads []head
	var h head
	_, err := pgx.ForEachRow(rows, []any{&h.Case, &h.Revision, &h.Hash, &h.before}, func() error {
		if h.Revision > h.before {
			heads = append(heads, head{h.Case, h.Revision, bytes.Clone(h.Hash), h.before})
		}
		return nil
	})
	return heads, err
}

// counts are the rows so far, by month.
type counts struct {
	Events map[string]int64 `json:"events"` // under anchors, by the month of the case's id
	Reads  map[string]int64 `json:"reads"`  // sealed, by the month of the read in UTC
}

// count reads the head of the log of reads, and carries the counts on.
func (a *anchor) count(ctx context.Context, tx pgx.Tx, prev anchor, heads []head) error {
	c := counts{map[string]int64{}, map[string]int64{}}
	if err := json.Unmarshal(prev.Counts, &c); err != nil {
		return fmt.Errorf("counts of anchor %d: %w", prev.N, err)
	}
	for _, h := range heads {
		c.Events[month(h.Case)] += int64(h.Revision - h.before)
	}
	a.LogSeq, a.LogHash = prev.LogSeq, prev.LogHash
	err := tx.QueryRow(ctx, "SELECT seq, hash FROM access_seals ORDER BY seq DESC LIMIT 1").Scan(&a.LogSeq, &a.LogHash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	var in string
	var n int64
	rows, _ := tx.Query(ctx, `
		SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM'), count(*)
		FROM access_log
		WHERE seq > $1 AND seq <= $2
		GROUP BY 1`, prev.LogSeq, a.LogSeq)
	if _, err := pgx.ForEachRow(rows, []any{&in, &n}, func() error {
		c.Reads[in] += n
		return nil
	}); err != nil {
		return err
	}
	a.Counts, err = json.Marshal(c) // keys in their order
	return err
}

func (a *anchor) insert(ctx context.Context, tx pgx.Tx, heads []head) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO anchors (n, at, settled, heads, log_seq, log_hash, counts, root, prev_hash, hash)
		VALUES (@n, @at, @settled, @heads, @logSeq, @logHash, @counts, @root, @prev, @hash)`,
		pgx.StrictNamedArgs{"n": a.N, "at": a.At, "settled": a.Settled, "heads": a.Heads, "logSeq": a.LogSeq, "logHash": a.LogHash, "counts": string(a.Counts),
			"root": a.Root, "prev": a.Prev, "hash": a.Hash})
	if err != nil {
		return err
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"anchor_heads"}, []string{"case_id", "revision", "n", "head_hash"}, pgx.CopyFromSlice(len(heads), func(i int) ([]any, error) {
		h := heads[i]
		return []any{h.Case, int32(h.Revision), a.N, h.Hash}, nil
	}))
	return err
}
