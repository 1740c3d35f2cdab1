package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
)

// Break is a place where the history of a case is not what was written.
type Break struct {
	Case   Code   // its id, when the case itself is gone
	Seq    int    // of the event
	Reason string // in English, for whoever runs the check
}

// Chains is what [VerifyChains] went over.
type Chains struct {
	Cases, Events int64
	Break         *Break // the first one; nil: the histories are sound
}

// verifyPage is how many cases one statement reads with their events.
const verifyPage = 200

// VerifyChains computes the hash chain of every case anew from its events, in
// the order of the cases' ids, and stops at the first break: an event that was
// changed, removed, inserted or moved, a head that is not the last event's, a
// history without a case. Each page of cases is one statement, so a case that
// moves meanwhile is seen before or after its step, never half; no transaction
// is held open. progress is told what was verified so far; nil: nobody watches.
func VerifyChains(ctx context.Context, db *pgxpool.Pool, progress func(Chains)) (Chains, error) {
	var sum Chains
	after := uuid.Nil
	for {
		last, n, err := sum.page(ctx, db, after)
		if err != nil {
			return sum, fmt.Errorf("verify the histories of cases: %w", err)
		}
		if progress != nil {
			progress(sum)
		}
		if sum.Break != nil {
			return sum, nil
		}
		if n < verifyPage {
			break
		}
		after = last
	}
	if err := sum.strays(ctx, db); err != nil {
		return sum, fmt.Errorf("verify the histories of cases: %w", err)
	}
	return sum, nil
}

// chain is one case on its way through its events.
type chain struct {
	id       ID
	code     Code
	revision int
	head     []byte // as the case says
	seq      int    // of the last event gone over
	sum      []byte // its hash
}

// page verifies the cases that follow an id. It returns the last id and how many there were.
func (v *Chains) page(ctx context.Context, db *pgxpool.Pool, after ID) (last ID, n int, err error) {
	rows, err := db.Query(ctx, `
		SELECT c.id, c.code, c.revision, c.head_hash, coalesce(e.seq, 0), coalesce(e.command_id, c.id), coalesce(e.hop, 0), coalesce(e.kind, ''),
			coalesce(e.event, ''), coalesce(e.from_state, ''), coalesce(e.to_state, ''), coalesce(e.actor_kind, ''), coalesce(e.actor, ''),
			coalesce(e.actor_name, ''), coalesce(e.on_behalf, ''), coalesce(e.agency, ''), coalesce(e.at, c.filed_at), coalesce(e.input::text, ''), e.prev_hash, e.hash
		FROM (SELECT id, code, revision, head_hash, filed_at FROM cases WHERE id > @after ORDER BY id LIMIT @page) AS c
		LEFT JOIN case_events e ON e.case_id = c.id
		ORDER BY c.id, e.seq`, pgx.StrictNamedArgs{"after": after, "page": verifyPage})
	if err != nil {
		return last, 0, err
	}
	defer rows.Close()
	var cur *chain
	for rows.Next() {
		var at chain
		var e event
		var actor agency.Actor
		if err := rows.Scan(&at.id, &at.code, &at.revision, &at.head, &e.Seq, &e.Command, &e.Hop, &e.Kind, &e.Event, &e.From, &e.To,
			&actor.Kind, &actor.ID, &actor.Name, &actor.OnBehalfOf, &e.Agency, &e.At, &e.Input, &e.Prev, &e.Sum); err != nil {
			return last, n, err
		}
		e.Actor = actor
		if cur == nil || cur.id != at.id {
			if v.Break = cur.ended(); v.Break != nil {
				return last, n, nil
			}
			cur = &at
			cur.sum = genesis(cur.id)
			last, n = at.id, n+1
			v.Cases++
		}
		if e.Seq == 0 {
			continue // a case without events: ended tells
		}
		if v.Break = cur.follows(e); v.Break != nil {
			return last, n, nil
		}
		v.Events++
	}
	if err := rows.Err(); err != nil {
		return last, n, err
	}
	v.Break = cur.ended()
	return last, n, nil
}

// follows goes on by one event.
func (c *chain) follows(e event) *Break {
	prev, sum := e.Prev, e.Sum
	e.seal(c.id, prev)
	switch {
	case e.Seq != c.seq+1:
		return &Break{c.code, c.seq + 1, "the event is missing"}
	case !bytes.Equal(prev, c.sum):
		return &Break{c.code, e.Seq, "the event does not follow from the one before"}
	case !bytes.Equal(e.Sum, sum):
		return &Break{c.code, e.Seq, "the event was changed after it was written"}
	}
	c.seq, c.sum = e.Seq, sum
	return nil
}

// ended compares the end of the events with what the case says.
func (c *chain) ended() *Break {
	switch {
	case c == nil:
		return nil
	case c.seq < c.revision:
		return &Break{c.code, c.seq + 1, fmt.Sprintf("the event is missing: the case counts %d", c.revision)}
	case c.seq > c.revision:
		return &Break{c.code, c.seq, fmt.Sprintf("the event is one too many: the case counts %d", c.revision)}
	case !bytes.Equal(c.sum, c.head):
		return &Break{c.code, c.seq, "the head that the case names is not the last event's"}
	}
	return nil
}

// strays finds events whose case is gone.
func (v *Chains) strays(ctx context.Context, db *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return err
		}
		var id ID
		var seq int
		err := tx.QueryRow(ctx, `
			SELECT e.case_id, e.seq
			FROM case_events e
			WHERE NOT EXISTS (SELECT FROM cases c WHERE c.id = e.case_id)
			LIMIT 1`).Scan(&id, &seq)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return nil
		case err == nil:
			v.Break = &Break{Code(id.String()), seq, "the case of the event is gone"}
		}
		return err
	})
}
