package bench

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
)

// errLost reports a step that found its case elsewhere: two workers share one.
var errLost = errors.New("the case was stepped by another worker")

// bareTables are the least that any engine on a database has.
const bareTables = `
	CREATE TABLE bench_cases (id uuid PRIMARY KEY, state text NOT NULL, revision int NOT NULL) WITH (fillfactor = 80);
	CREATE TABLE bench_events (case_id uuid NOT NULL, seq int NOT NULL, event text NOT NULL, state text NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (case_id, seq));
	CREATE TABLE bench_jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, args jsonb NOT NULL, state text NOT NULL, at timestamptz NOT NULL);
	GRANT ALL ON bench_cases, bench_events, bench_jobs TO hoso_app`

// bareStep is the floor: one narrow row locked and updated, one event, one job,
// in one statement.
func (t *town) bareStep(ctx context.Context, worker, n int) error {
	s := t.own[worker][n%len(t.own[worker])]
	var steps int
	err := t.db.QueryRow(ctx, `
		WITH moved AS (UPDATE bench_cases SET state = $2, revision = revision + 1 WHERE id = $1 RETURNING id, revision),
			happened AS (INSERT INTO bench_events (case_id, seq, event, state, at) SELECT id, revision, $3, $2, $4 FROM moved),
			bell AS (INSERT INTO bench_jobs (args, state, at) SELECT jsonb_build_object('case', id, 'seq', revision), 'available', $4 FROM moved)
		SELECT count(*) FROM moved`, s.id, s.next(), string(s.event()), time.Now()).Scan(&steps)
	if err == nil && steps != 1 {
		err = errLost
	}
	return err
}

// next is the state that the next step leads to.
func (s *steppable) next() string { return string(s.event()) }

// oneStatementStep writes the rows of the engine's step, by one statement that
// knows beforehand what to write: no read, no decision, no calendar. The
// hashes have their length and are not those of the chain.
func (t *town) oneStatementStep(ctx context.Context, worker, n int) error {
	s := t.other[worker][n%len(t.other[worker])]
	now := time.Now().Truncate(time.Microsecond)
	from, to, seq := "ping", s.next(), s.revision+1
	if s.pong {
		from = "pong"
	}
	sum := sha256.Sum256(append(s.head, byte(seq)))
	bell, err := json.Marshal(cases.Bell{Case: s.id, Seq: seq, Queue: "notices"})
	if err != nil {
		return err
	}
	var steps int
	err = t.db.QueryRow(ctx, t.statement, s.id, to, seq, s.due, s.memory, s.clock, sum[:], s.revision, uuid.New(), sum[:], from, s.head, now,
		s.agency, now.Add(24*time.Hour), now.Add(60*24*time.Hour), uuid.New(), []string{string(bell)}, s.applicant).Scan(&steps)
	if err == nil && steps != 1 {
		err = errLost
	}
	s.revision, s.pong, s.head = seq, !s.pong, sum[:]
	return err
}

// oneStatement names the month's partitions, as the engine does.
const oneStatement = `
	WITH moved AS (
		UPDATE cases_%[1]s SET state = $2, revision = $3, due_at = $4, memory = $5, clock = $6, head_hash = $7
		WHERE id = $1 AND revision = $8
		RETURNING id, code),
	happened AS (
		INSERT INTO case_events_%[1]s (case_id, seq, command_id, hop, req_hash, kind, event, from_state, to_state, actor_kind, actor, actor_name, agency, at, input, input_hash, prev_hash, hash)
		SELECT id, $3, $9, 0, $10, 'action', $2, $11, $2, 'officer', 'bench', 'Bench', $14, $13, '{}', $10, $12, $7 FROM moved),
	task AS (
		INSERT INTO case_tasks (case_id, code, procedure_id, variant, state, agency, role, applicant, due_at, case_due_at, opened_at, gen, watch_at)
		SELECT id, code, 'ping-pong', '', $2, $14, 'handler', $19, $15, $4, $13, $3, $15 FROM moved
		ON CONFLICT (case_id) DO UPDATE SET state = excluded.state, agency = excluded.agency, role = excluded.role, assignee = NULL,
			due_at = excluded.due_at, case_due_at = excluded.case_due_at, opened_at = excluded.opened_at, seen_at = NULL,
			gen = excluded.gen, watch_at = excluded.watch_at, watched = 0),
	timer AS (
		INSERT INTO case_timers (case_id, name, gen, fire_at)
		SELECT id, '60d', $3, $16 FROM moved
		ON CONFLICT (case_id, name) DO UPDATE SET gen = excluded.gen, fire_at = excluded.fire_at, rung_at = NULL),
	effect AS (
		INSERT INTO case_effects_%[1]s (case_id, seq, idx, type, name, key, next_at, created_at)
		SELECT id, $3, 0, 'notify', 'moved', $17, $13, $13 FROM moved),
	counted AS (
		INSERT INTO case_count_deltas (competent, receiving, procedure_id, state, waits, d)
		SELECT $14, $14, 'ping-pong', n.state, '', n.d FROM moved, (VALUES ($11::text, -1), ($2, 1)) AS n (state, d)),
	rung AS (SELECT unnest($18::jsonb[]) AS bell FROM moved),
	bell AS (%[2]s)
	SELECT count(*) FROM moved`
