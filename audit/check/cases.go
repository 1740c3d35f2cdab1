package check

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// casesAtOnce is how many cases one transaction reads with their events.
const casesAtOnce = 1000

// history is one case: what its row says, and how far its events were followed.
type history struct {
	id       uuid.UUID
	gone     bool // there is no row
	code     string
	revision int64
	head     []byte

	heads  []headRow // under anchors, by revision
	seq    int64     // of the last event gone over
	sum    []byte    // its hash
	broken bool      // a finding was told: what follows from it is none
}

// cases goes over all cases in the order of their ids. One page is a range of
// ids without holes, so that events and heads whose case is gone are met too.
func (v *verifier) cases(ctx context.Context) error {
	parts, err := v.stretches(ctx)
	if err != nil {
		return err
	}
	months := map[string]int64{}
	for _, p := range parts {
		if err := v.stretch(ctx, p, months); err != nil {
			return err
		}
	}
	return v.compare("events", "events", months)
}

// walk goes over the cases after an id and up to another. Their rows and events
// come from the database, or from files.
func (v *verifier) walk(ctx context.Context, after, last uuid.UUID, files *files, months map[string]int64) error {
	for more := true; more; {
		err := v.page(ctx, func(tx pgx.Tx) (err error) {
			var from source = stored{tx}
			if files != nil {
				from = files
			}
			after, more, err = v.casesPage(ctx, tx, from, after, last, months)
			return err
		})
		v.tell()
		if err != nil {
			return err
		}
	}
	return nil
}

// source is where the rows and the events of cases are read, both in their
// order. Upto is inclusive.
type source interface {
	cases(ctx context.Context, after, upto uuid.UUID, limit int) ([]*history, error)
	events(ctx context.Context, after, upto uuid.UUID, each func(uuid.UUID, *Event) error) error
}

// stored is the database.
type stored struct{ tx pgx.Tx }

func (s stored) cases(ctx context.Context, after, upto uuid.UUID, limit int) ([]*history, error) {
	rows, _ := s.tx.Query(ctx, `
		SELECT id, code, revision::bigint, head_hash
		FROM cases
		WHERE id > $1 AND id <= $2
		ORDER BY id
		LIMIT $3`, after, upto, limit)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*history, error) {
		h := &history{}
		return h, row.Scan(&h.id, &h.code, &h.revision, &h.head)
	})
}

func (v *verifier) casesPage(ctx context.Context, tx pgx.Tx, from source, after, last uuid.UUID, months map[string]int64) (upto uuid.UUID, more bool, err error) {
	list, err := from.cases(ctx, after, last, casesAtOnce)
	if err != nil {
		return upto, false, err
	}
	upto = last
	if more = len(list) == casesAtOnce; more {
		upto = list[len(list)-1].id
	}
	v.Cases += int64(len(list))
	p := &page{list: list}
	var h headRow
	rows, _ := tx.Query(ctx, `
		SELECT n, case_id, revision::bigint, head_hash
		FROM anchor_heads
		WHERE case_id > $1 AND case_id <= $2
		ORDER BY case_id, revision`, after, upto)
	if _, err := pgx.ForEachRow(rows, []any{&h.N, &h.Case, &h.Revision, &h.Hash}, func() error {
		h.Hash = bytes.Clone(h.Hash)
		c := p.at(h.Case)
		c.heads = append(c.heads, h)
		return nil
	}); err != nil {
		return upto, false, err
	}
	p.i = 0
	err = from.events(ctx, after, upto, func(id uuid.UUID, e *Event) error {
		c := p.at(id)
		if c.sum == nil {
			c.sum = Genesis(id)
		}
		if err := v.event(c, e); err != nil {
			return err
		}
		if e.Seq <= v.anchored(c) {
			months[monthOf(id)]++
		}
		return nil
	})
	if err != nil {
		return upto, false, err
	}
	for _, c := range p.list {
		if err := v.ended(c); err != nil {
			return upto, false, err
		}
	}
	return upto, more, nil
}

// page is a range of cases that ordered rows are handed out to.
type page struct {
	list []*history
	i    int
}

// at is the case of an id; ids come in their order. One without a row is put in.
func (p *page) at(id uuid.UUID) *history {
	for p.i < len(p.list) && bytes.Compare(p.list[p.i].id[:], id[:]) < 0 {
		p.i++
	}
	if p.i == len(p.list) || p.list[p.i].id != id {
		p.list = slices.Insert(p.list, p.i, &history{id: id, code: id.String(), gone: true})
	}
	return p.list[p.i]
}

func (s stored) events(ctx context.Context, after, upto uuid.UUID, each func(uuid.UUID, *Event) error) error {
	rows, err := s.tx.Query(ctx, `
		SELECT case_id, seq::bigint, command_id, hop::bigint, kind, event, from_state, to_state, actor_kind, actor, actor_name, on_behalf, agency,
			at, recorded_at, convert_to(input::text, 'UTF8'), input_hash, erased_at, prev_hash, hash
		FROM case_events
		WHERE case_id > $1 AND case_id <= $2
		ORDER BY case_id, seq`, after, upto)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		var e Event
		t := &e.Texts
		if err := rows.Scan(&id, &e.Seq, &e.Command, &e.Hop, &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7], &t[8],
			&e.At, &e.Recorded, &e.Input, &e.InputHash, &e.Erased, &e.Prev, &e.Hash); err != nil {
			return err
		}
		if err := each(id, &e); err != nil {
			return err
		}
	}
	return rows.Err()
}

// anchored is the event up to which the case was anchored when the check began.
func (v *verifier) anchored(c *history) int64 {
	for _, h := range slices.Backward(c.heads) {
		if h.N <= v.last.N {
			return h.Revision
		}
	}
	return 0
}

// event goes on by one event; after a fault, from what is recorded.
func (v *verifier) event(c *history, e *Event) error {
	v.Events++
	inputHash, reason := e.input()
	at := e.Seq
	anchored := slices.IndexFunc(c.heads, func(h headRow) bool { return h.Revision == e.Seq })
	switch {
	case c.gone && !c.broken:
		reason = "its case is gone"
	case e.Seq != c.seq+1:
		at, reason = c.seq+1, "is missing"
	case !bytes.Equal(e.Prev, c.sum):
		reason = "does not follow from the one before"
	case reason != "":
	case !bytes.Equal(e.Sum(c.id, inputHash), e.Hash):
		reason = "was changed after it was written"
	case anchored >= 0 && !bytes.Equal(c.heads[anchored].Hash, e.Hash):
		reason = fmt.Sprintf("is not the one that anchor %d has", c.heads[anchored].N)
	case len(c.heads) > 0 && e.Seq <= c.heads[len(c.heads)-1].Revision:
	case v.last.N > 0 && e.Recorded.Before(v.last.Settled):
		reason = fmt.Sprintf("is in no anchor, and anchor %d looked at its time", v.last.N)
	default:
		v.Fresh++
	}
	if e.Erased != nil && reason == "" {
		v.Erased++
	}
	c.seq, c.sum = e.Seq, e.Hash
	if reason == "" {
		return nil
	}
	c.broken = true
	return v.found(Finding{Of: OfCase, Case: c.code, Seq: at, Reason: reason})
}

// input is the hash that stands for the input in the chain, and what is wrong
// with it. Of an erased input the hash is all that is left.
func (e *Event) input() (hash []byte, reason string) {
	own := InputHash(e.Input)
	switch {
	case e.Erased != nil && (e.InputHash == nil || string(e.Input) != "{}"):
		return own, "its input is marked as erased and is not"
	case e.Erased != nil:
		return e.InputHash, ""
	case e.InputHash != nil && !bytes.Equal(own, e.InputHash):
		return own, "its input was changed after it was written"
	}
	return own, ""
}

// ended compares the end of the events with the case's row and its last anchor.
func (v *verifier) ended(c *history) error {
	var f Finding
	tell := func(seq int64, reason string) { f = Finding{Of: OfCase, Case: c.code, Seq: seq, Reason: reason} }
	var last headRow
	if n := len(c.heads); n > 0 {
		last = c.heads[n-1]
	}
	switch {
	case c.gone && c.broken:
	case last.Revision > c.seq:
		tell(c.seq+1, fmt.Sprintf("the history is cut here: anchor %d has event %d", last.N, last.Revision))
	case c.seq < c.revision:
		tell(c.seq+1, fmt.Sprintf("is missing: the case counts %d", c.revision))
	case c.seq > c.revision:
		tell(c.seq, fmt.Sprintf("is one too many: the case counts %d", c.revision))
	case !bytes.Equal(c.sum, c.head):
		tell(c.seq, "is not the one that the case names as its last")
	}
	if f.Of == "" {
		return nil
	}
	return v.found(f)
}

// compare holds the rows that were met, by month, against what the newest anchor
// counts. It finds nothing that a chain would not, unless rows of both are gone.
func (v *verifier) compare(what, key string, met map[string]int64) error {
	if v.last.N == 0 {
		return nil
	}
	var counts map[string]map[string]int64
	if err := json.Unmarshal(v.last.Counts, &counts); err != nil {
		return v.found(Finding{Of: OfAnchor, Seq: v.last.N, Reason: "its counts cannot be read"})
	}
	for _, month := range slices.Sorted(maps.Keys(counts[key])) {
		if key == "events" && v.leaves(month) {
			continue
		}
		if want := counts[key][month]; met[month] != want {
			if err := v.found(Finding{Of: OfCounts, Reason: fmt.Sprintf("%s of %s: anchor %d counts %d, %d are there", what, month, v.last.N, want, met[month])}); err != nil {
				return err
			}
		}
	}
	return nil
}
