package doctor

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// readPage reads the cases that follow an id, whole. tx is one snapshot.
func readPage(ctx context.Context, tx pgx.Tx, after uuid.UUID) ([]*record, error) {
	rows, err := tx.Query(ctx, `
		SELECT id, code, definition, variant, state, revision, applicant, receiving, competent, parent_id, coalesce(parent_slot, ''), coalesce(parent_gen, 0),
			filed_at, due_at, closed_at, coalesce(outcome, ''), memory, clock, head_hash
		FROM cases
		WHERE id > $1
		ORDER BY id
		LIMIT $2`, after, pageSize)
	if err != nil {
		return nil, err
	}
	page, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*record, error) {
		var r record
		var memory, clock []byte
		if err := row.Scan(&r.ID, &r.Code, &r.Definition, &r.Variant, &r.State, &r.Revision, &r.Applicant, &r.Receiving, &r.Competent, &r.ParentID, &r.ParentSlot, &r.ParentGen,
			&r.FiledAt, &r.DueAt, &r.ClosedAt, &r.Outcome, &memory, &clock, &r.Head); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(memory, &r.Memory); err != nil {
			return nil, fmt.Errorf("memory of case %s: %w", r.Code, err)
		}
		if err := json.Unmarshal(clock, &r.Clock); err != nil {
			return nil, fmt.Errorf("clock of case %s: %w", r.Code, err)
		}
		return &r, nil
	})
	if err != nil || len(page) == 0 {
		return nil, err
	}
	b := batch{tx: tx, of: make(map[uuid.UUID]*record, len(page))}
	for _, r := range page {
		b.of[r.ID] = r
		b.ids = append(b.ids, r.ID)
	}
	for _, read := range []func(context.Context) error{b.events, b.effects, b.attempts, b.children, b.rest} {
		if err := read(ctx); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// batch reads what belongs to the cases of a page.
type batch struct {
	tx  pgx.Tx
	ids []uuid.UUID
	of  map[uuid.UUID]*record
}

// each runs a statement over the page's ids and hands every row to take, whose
// first column is the case.
func (b *batch) each(ctx context.Context, sql string, take func(scan func(into ...any) (*record, error)) error) error {
	rows, err := b.tx.Query(ctx, sql, b.ids)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(func(into ...any) (*record, error) {
			var id uuid.UUID
			err := rows.Scan(append([]any{&id}, into...)...)
			return b.of[id], err
		}); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (b *batch) events(ctx context.Context) error {
	return b.each(ctx, `
		SELECT case_id, seq, command_id, hop, req_hash, kind, event, from_state, to_state, actor_kind, actor, actor_name, on_behalf, agency, at,
			input::text, input_hash, erased_at IS NOT NULL, prev_hash, hash
		FROM case_events
		WHERE case_id = ANY ($1)
		ORDER BY case_id, seq`, func(scan func(...any) (*record, error)) error {
		var e event
		r, err := scan(&e.Seq, &e.Command, &e.Hop, &e.Request, &e.Kind, &e.Event, &e.From, &e.To, &e.ActorKind, &e.Actor, &e.ActorName, &e.OnBehalf, &e.Agency, &e.At,
			&e.Input, &e.InputHash, &e.Erased, &e.Prev, &e.Sum)
		if err == nil {
			r.events = append(r.events, e)
		}
		return err
	})
}

func (b *batch) effects(ctx context.Context) error {
	return b.each(ctx, `
		SELECT case_id, seq, idx, type, name, status, attempts, next_at, lease IS NOT NULL, key, receipt IS NOT NULL, coalesce(error, ''), done_at,
			undoes_seq, undoes_idx, ambiguous
		FROM case_effects
		WHERE case_id = ANY ($1)
		ORDER BY case_id, seq, idx`, func(scan func(...any) (*record, error)) error {
		var e effect
		r, err := scan(&e.Seq, &e.Idx, &e.Type, &e.Name, &e.Status, &e.Attempts, &e.NextAt, &e.Leased, &e.Key, &e.Receipt, &e.Error, &e.DoneAt,
			&e.UndoesSeq, &e.UndoesIdx, &e.Ambiguous)
		if err == nil {
			r.effects = append(r.effects, e)
		}
		return err
	})
}

func (b *batch) attempts(ctx context.Context) error {
	return b.each(ctx, `
		SELECT case_id, seq, idx, n, started_at, ended_at, coalesce(result, '')
		FROM case_effect_attempts
		WHERE case_id = ANY ($1)
		ORDER BY case_id, seq, idx, n`, func(scan func(...any) (*record, error)) error {
		var a attempt
		r, err := scan(&a.Seq, &a.Idx, &a.N, &a.Started, &a.Ended, &a.Result)
		if err == nil {
			r.attempts = append(r.attempts, a)
		}
		return err
	})
}

// children reads the slots of the page's cases with what the children's own
// cases say, which lie in any partition.
func (b *batch) children(ctx context.Context) error {
	return b.each(ctx, `
		SELECT s.case_id, s.slot, s.gen, s.procedure_id, s.child_id, coalesce(s.outcome, ''), s.cancelled, s.detached, s.reported_at,
			c.id IS NOT NULL, c.parent_id, c.closed_at, coalesce(c.outcome, ''), coalesce(c.state, ''), coalesce(c.definition, ''), r.key, coalesce(r.status IN (0, 1, 4, 5), false)
		FROM case_children s
		LEFT JOIN cases c ON c.id = s.child_id
		LEFT JOIN LATERAL (SELECT e.key, e.status FROM case_effects e WHERE e.case_id = s.child_id AND e.type = 'report-outcome' ORDER BY e.seq DESC LIMIT 1) AS r ON true
		WHERE s.case_id = ANY ($1)
		ORDER BY s.case_id, s.gen, s.slot`, func(scan func(...any) (*record, error)) error {
		var c child
		r, err := scan(&c.Slot, &c.Gen, &c.Procedure, &c.ID, &c.Outcome, &c.Cancelled, &c.Detached, &c.Reported,
			&c.There, &c.Parent, &c.Closed, &c.Ended, &c.State, &c.Definition, &c.ReportKey, &c.Reporting)
		if err == nil {
			r.children = append(r.children, c)
		}
		return err
	})
}

// rest reads the small tables.
func (b *batch) rest(ctx context.Context) error {
	if err := b.each(ctx, `SELECT case_id, name, gen, fire_at FROM case_timers WHERE case_id = ANY ($1) ORDER BY case_id, name`, func(scan func(...any) (*record, error)) error {
		var t timer
		r, err := scan(&t.Name, &t.Gen, &t.FireAt)
		if err == nil {
			r.timers = append(r.timers, t)
		}
		return err
	}); err != nil {
		return err
	}
	if err := b.each(ctx, `SELECT case_id, state, agency, role, due_at, opened_at FROM case_tasks WHERE case_id = ANY ($1)`, func(scan func(...any) (*record, error)) error {
		var t task
		r, err := scan(&t.State, &t.Agency, &t.Role, &t.DueAt, &t.OpenedAt)
		if err == nil {
			r.tasks = append(r.tasks, t)
		}
		return err
	}); err != nil {
		return err
	}
	if err := b.each(ctx, `SELECT case_id, id, to_whom FROM notices WHERE case_id = ANY ($1)`, func(scan func(...any) (*record, error)) error {
		var n notice
		r, err := scan(&n.ID, &n.To)
		if err == nil {
			r.notices = append(r.notices, n)
		}
		return err
	}); err != nil {
		return err
	}
	if err := b.each(ctx, `SELECT case_id FROM case_waits WHERE case_id = ANY ($1)`, func(scan func(...any) (*record, error)) error {
		r, err := scan()
		if err == nil {
			r.waits++
		}
		return err
	}); err != nil {
		return err
	}
	if err := b.each(ctx, `SELECT case_id, seq, idx, kind, opened_at, closed_at, coalesce(closed_how, ''), coalesce(closed_by, '') FROM incidents WHERE case_id = ANY ($1) ORDER BY case_id, opened_at`,
		func(scan func(...any) (*record, error)) error {
			var i incident
			r, err := scan(&i.Seq, &i.Idx, &i.Kind, &i.Opened, &i.Closed, &i.How, &i.By)
			if err == nil {
				r.incidents = append(r.incidents, i)
			}
			return err
		}); err != nil {
		return err
	}
	if err := b.each(ctx, `SELECT case_id, revision, head_hash FROM anchor_heads WHERE case_id = ANY ($1) ORDER BY case_id, revision`, func(scan func(...any) (*record, error)) error {
		var a anchored
		r, err := scan(&a.Revision, &a.Sum)
		if err == nil {
			r.anchors = append(r.anchors, a)
		}
		return err
	}); err != nil {
		return err
	}
	return b.each(ctx, `SELECT case_id, calendar, number, due_at, paused, kept_for FROM case_clocks WHERE case_id = ANY ($1)`, func(scan func(...any) (*record, error)) error {
		var t termRow
		r, err := scan(&t.Calendar, &t.Number, &t.DueAt, &t.Paused, &t.KeptFor)
		if err == nil {
			r.inTerms = &t
		}
		return err
	})
}
