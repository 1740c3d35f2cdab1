package doctor

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/cases"
)

// fault is a statement whose rows are violations: a case and what is wrong.
type fault struct {
	n   int
	sql string
}

// faults runs statements over the whole database; each returns code and text.
func (x *examiner) faults(ctx context.Context, list []fault, args ...any) error {
	for _, f := range list {
		if !x.wants(f.n) {
			continue
		}
		rows, err := x.db.Query(ctx, f.sql, args...)
		if err != nil {
			return err
		}
		var code cases.Code
		var what string
		if _, err := pgx.ForEachRow(rows, []any{&code, &what}, func() error {
			x.bad(f.n, code, "%s", what)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// count adds to what an invariant was held against.
func (x *examiner) count(ctx context.Context, n int, sql string) error {
	var things int
	if err := x.db.QueryRow(ctx, sql).Scan(&things); err != nil {
		return err
	}
	x.saw(n, things)
	return nil
}

// checkMessages is invariants 25 and 26.
func checkMessages(ctx context.Context, x *examiner) error {
	if err := x.count(ctx, 25, `SELECT count(*) FROM message_inbox`); err != nil {
		return err
	}
	if err := x.count(ctx, 26, `SELECT count(*) FROM message_outbox`); err != nil {
		return err
	}
	return x.faults(ctx, []fault{
		{25, `SELECT c.code, 'message ' || i.message_id || ' was acted on, and event ' || i.seq || ' is not its own'
			FROM message_inbox i
			JOIN cases c ON c.id = i.case_id
			WHERE i.outcome = 'done' AND NOT EXISTS (SELECT FROM case_events e WHERE e.case_id = i.case_id AND e.seq = i.seq AND e.command_id = i.message_id)`},
		{25, `SELECT c.code, 'message ' || i.message_id || ' caused more than one step'
			FROM message_inbox i
			JOIN cases c ON c.id = i.case_id
			WHERE (SELECT count(*) FROM case_events e WHERE e.case_id = i.case_id AND e.command_id = i.message_id AND e.hop = 0) > 1`},
		{25, `SELECT c.code, 'message ' || i.message_id || ' has a receipt without content'
			FROM message_inbox i
			JOIN cases c ON c.id = i.case_id
			WHERE length(i.receipt) = 0`},
		{25, `SELECT c.code, 'message ' || i.message_id || ' was refused, and an event follows from it'
			FROM message_inbox i
			JOIN case_events e ON e.case_id = i.case_id AND e.command_id = i.message_id
			JOIN cases c ON c.id = i.case_id
			WHERE i.outcome = 'refused'`},
		{25, `SELECT c.code, 'event ' || e.seq || ' (' || e.kind || ') follows from a message, and none was accepted'
			FROM case_events e
			JOIN case_effects f ON f.key = e.command_id AND f.type IN ('open-child', 'report-outcome', 'cancel-child', 'remind-child')
			JOIN cases c ON c.id = e.case_id
			WHERE e.hop = 0 AND NOT EXISTS (SELECT FROM message_inbox i WHERE i.case_id = e.case_id AND i.message_id = e.command_id)`},
		{25, `SELECT coalesce(c.code, ''), 'a message that was not believed (' || m.reason || ') is in the inbox too'
			FROM message_refusals m
			JOIN message_inbox i ON i.content = m.content
			LEFT JOIN cases c ON c.id = i.case_id
			WHERE m.reason <> 'expired'`},
		{26, `SELECT c.code, 'message ' || o.message_id || ' has a receipt, and the receiver does not know it, or knows another'
			FROM message_outbox o
			JOIN cases c ON c.id = o.case_id
			WHERE o.receipt IS NOT NULL AND NOT EXISTS (SELECT FROM message_inbox i WHERE i.source = o.source AND i.message_id = o.message_id
				AND i.payload_hash = o.payload_hash AND i.outcome = o.outcome AND i.case_id = o.target_case)`},
		{26, `SELECT c.code, 'message ' || i.message_id || ' was received, and nobody sent it so'
			FROM message_inbox i
			JOIN cases c ON c.id = i.case_id
			WHERE NOT EXISTS (SELECT FROM message_outbox o WHERE o.message_id = i.message_id AND o.source = i.source AND o.payload_hash = i.payload_hash AND o.target_case = i.case_id)`},
		{26, `SELECT c.code, 'message ' || o.message_id || ' has no receipt, and its effect has ended without an incident'
			FROM message_outbox o
			JOIN cases c ON c.id = o.case_id
			JOIN case_effects f ON f.case_id = o.case_id AND f.seq = o.seq AND f.idx = o.idx
			WHERE o.receipt IS NULL AND f.status IN (2, 3)`},
		{26, `SELECT c.code, 'effect ' || f.seq || '.' || f.idx || ' (' || f.type || ') is done, and no message was sent'
			FROM case_effects f
			JOIN cases c ON c.id = f.case_id
			WHERE f.type IN ('open-child', 'report-outcome', 'cancel-child', 'remind-child') AND f.status = 2
				AND f.done_at >= (SELECT min(sent_at) FROM message_outbox) -- earlier ones were passed on without a message
				AND NOT EXISTS (SELECT FROM message_outbox o WHERE o.case_id = f.case_id AND o.seq = f.seq AND o.idx = f.idx)`},
	})
}

// checkCounters is invariant 28: what is kept beside the cases equals what is
// counted from them.
func checkCounters(ctx context.Context, x *examiner) error {
	for _, sql := range []string{`SELECT count(*) FROM case_numbers`, `SELECT count(*) FROM document_numbers`, `SELECT count(*) FROM case_codes`} {
		if err := x.count(ctx, 28, sql); err != nil {
			return err
		}
	}
	return x.faults(ctx, []fault{
		{28, `SELECT c.code, 'its number is beyond those given out by ' || n.agency || ' on ' || n.day
			FROM cases c
			JOIN case_numbers n ON c.code LIKE n.agency || '-' || to_char(n.day, 'YYMMDD') || '-%'
			WHERE substring(c.code FROM '[0-9]+$')::int > n.n`},
		{28, `SELECT '', 'papers of ' || n.agency || ', ' || n.kind || ' of ' || n.year || ': ' || n.n || ' numbers were given out, ' || count(r.n) || ' stand in the register, the last is ' || coalesce(max(r.n), 0)
			FROM document_numbers n
			LEFT JOIN document_register r ON r.agency = n.agency AND r.symbol = n.kind AND r.year = n.year
			GROUP BY n.agency, n.kind, n.year, n.n
			HAVING count(r.n) <> n.n OR coalesce(max(r.n), 0) <> n.n`},
		{28, `SELECT c.code, 'its code leads to another case, or to none'
			FROM cases c
			WHERE NOT EXISTS (SELECT FROM case_codes k WHERE k.code = c.code AND k.case_id = c.id)`},
		{28, `SELECT k.code, 'the code belongs to no case'
			FROM case_codes k
			WHERE NOT EXISTS (SELECT FROM cases c WHERE c.id = k.case_id AND c.code = k.code) AND NOT case_detached(k.case_id)`},
		{28, `SELECT c.code, 'it is closed, and stands among what is open'
			FROM cases c
			WHERE c.closed_at IS NOT NULL AND (EXISTS (SELECT FROM case_tasks t WHERE t.case_id = c.id) OR EXISTS (SELECT FROM case_waits w WHERE w.case_id = c.id)
				OR EXISTS (SELECT FROM case_once o WHERE o.case_id = c.id) OR EXISTS (SELECT FROM case_clocks k WHERE k.case_id = c.id))`},
		{28, `SELECT c.code, 'it is open, and stands in ' || ((SELECT count(*) FROM case_tasks t WHERE t.case_id = c.id) + (SELECT count(*) FROM case_waits w WHERE w.case_id = c.id)) || ' lists of open cases'
			FROM cases c
			WHERE c.closed_at IS NULL
				AND (SELECT count(*) FROM case_tasks t WHERE t.case_id = c.id) + (SELECT count(*) FROM case_waits w WHERE w.case_id = c.id) <> 1`},
		{28, `SELECT '', 'of ' || procedure_id || ' in ' || state || ' ' || sum(kept) || ' are kept as open at ' || competent || ', ' || sum(open) || ' are'
			FROM (SELECT competent, receiving, procedure_id, state, waits, n AS kept, 0 AS open FROM case_counts
				UNION ALL SELECT competent, receiving, procedure_id, state, waits, d, 0 FROM case_count_deltas
				UNION ALL SELECT agency, agency, procedure_id, state, '', 0, 1 FROM case_tasks
				UNION ALL SELECT competent, receiving, procedure_id, state, waits_for, 0, 1 FROM case_waits) AS counted
			GROUP BY competent, receiving, procedure_id, state, waits
			HAVING sum(kept) <> sum(open)`},
		{28, `SELECT '', 'of ' || procedure_id || ' ' || sum(filed) || ' are kept as filed and ' || sum(ended) || ' as ended at ' || competent || ', ' || sum(all_there) || ' and ' || sum(ended_there) || ' are'
			FROM (SELECT competent, receiving, procedure_id, filed, ended, 0 AS all_there, 0 AS ended_there FROM case_totals
				UNION ALL SELECT competent, receiving, procedure_id, filed, ended, 0, 0 FROM case_total_deltas
				UNION ALL SELECT competent, receiving, procedure_id, 0, 0, 1, (closed_at IS NOT NULL)::int FROM cases) AS counted
			GROUP BY competent, receiving, procedure_id
			HAVING sum(filed) <> sum(all_there) OR sum(ended) <> sum(ended_there)`},
		{28, `SELECT '', 'of ' || procedure_id || ' ' || sum(kept) || ' are kept as untaken by ' || role || ' of ' || agency || ', ' || sum(untaken) || ' are'
			FROM (SELECT agency, role, procedure_id, n AS kept, 0 AS untaken FROM task_counts
				UNION ALL SELECT agency, role, procedure_id, d, 0 FROM task_count_deltas
				UNION ALL SELECT agency, role, procedure_id, 0, 1 FROM case_tasks WHERE assignee IS NULL) AS counted
			GROUP BY agency, role, procedure_id
			HAVING sum(kept) <> sum(untaken)`},
	})
}

// checkRevisions is the part of invariant 20 that no case tells: a term that is
// counted by a revision which nobody knows, or that is behind without a reason.
func checkRevisions(ctx context.Context, x *examiner) error {
	if err := x.count(ctx, 20, `SELECT count(*) FROM case_clocks`); err != nil {
		return err
	}
	return x.faults(ctx, []fault{
		{20, `SELECT c.code, 'its term is counted by ' || k.calendar || '/' || k.number || ', the newest is ' || r.newest
			FROM case_clocks k
			JOIN cases c ON c.id = k.case_id
			JOIN (SELECT calendar, max(number) AS newest FROM calendar_revisions GROUP BY calendar) AS r ON r.calendar = k.calendar
			WHERE k.number < r.newest AND k.kept_for IS DISTINCT FROM r.newest`},
	})
}
