package cases

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/hoso-gov/hoso/workflow"
)

// updateCases moves the cases that are where their steps saw them, and names them
// into. One whose row
// another node holds is left out unless the caller can wait, which only a step
// that is written alone can: nobody waits for one case while holding another.
func updateCases(q *statement, steps []*step, into string, wait bool) error {
	n := len(steps)
	var (
		ids              = make([]uuid.UUID, n)
		seen, revisions  = make([]int32, n), make([]int32, n)
		states           = make([]string, n)
		due, closed      = make([]*time.Time, n), make([]*time.Time, n)
		outcomes         = make([]*string, n)
		memories, clocks = make([][]byte, n), make([][]byte, n)
		heads            = make([][]byte, n)
		takers           = make([]string, n)
		commands         = make([]pgtype.UUID, n)
		untaken, unheard bool
	)
	for i, st := range steps {
		if err := st.encode(); err != nil {
			return err
		}
		c := st.c
		ids[i], seen[i], revisions[i], states[i], due[i], closed[i] = c.ID, int32(st.seen), int32(c.Revision), string(c.State), c.DueAt, c.ClosedAt
		outcomes[i], memories[i], clocks[i], heads[i], takers[i] = nullText(string(c.Outcome)), st.mem, st.clock, c.Head, st.untaken
		untaken = untaken || st.untaken != ""
		if c.recalled { // whether the command was carried out before was not looked up
			commands[i], unheard = pgtype.UUID{Bytes: st.events[0].Command, Valid: true}, true
		}
	}
	wanted := q.unnest("w (id, seen, revision, state, due_at, closed_at, outcome, memory, clock, head_hash, taker, command)",
		"uuid", ids, "int", seen, "int", revisions, "text", states, "timestamptz", due, "timestamptz", closed, "text", outcomes,
		"jsonb", memories, "jsonb", clocks, "bytea", heads, "text", takers, "uuid", commands)
	from, where := wanted, "c.id = w.id AND c.revision = w.seen"
	if untaken {
		where += ` AND (w.taker = '' OR NOT EXISTS (SELECT FROM case_tasks t WHERE t.case_id = c.id AND t.assignee <> w.taker))`
	}
	if unheard {
		where += ` AND (w.command IS NULL OR NOT EXISTS (SELECT FROM ` + q.of("case_events") + ` e WHERE e.case_id = c.id AND e.command_id = w.command))`
	}
	if !wait {
		q.with("wanted", `SELECT * FROM `+wanted)
		// LATERAL has each row looked up by its key, however few the month has yet: the plan outlives that.
		q.with("free", `SELECT f.id FROM wanted w, LATERAL (SELECT c.id FROM `+q.of("cases")+` c WHERE `+where+` FOR NO KEY UPDATE OF c SKIP LOCKED) AS f`)
		from, where = "wanted w, free f", "c.id = w.id AND c.id = f.id AND c.revision = w.seen"
	}
	q.with(into, `UPDATE `+q.of("cases")+` c SET state = w.state, revision = w.revision, due_at = w.due_at, closed_at = w.closed_at, outcome = w.outcome,
		memory = w.memory, clock = w.clock, head_hash = w.head_hash
	FROM `+from+`
	WHERE `+where+`
	RETURNING c.id, c.code`)
	return nil
}

// insertEvents appends the events of the steps to the histories.
func insertEvents(q *statement, steps []*step) {
	n := 0
	for _, st := range steps {
		n += len(st.events)
	}
	var (
		ids, commands                              = make([]uuid.UUID, 0, n), make([]uuid.UUID, 0, n)
		seqs                                       = make([]int32, 0, n)
		hops                                       = make([]int16, 0, n)
		requests, inputs, inputHashes, prevs, sums = make([][]byte, 0, n), make([][]byte, 0, n), make([][]byte, 0, n), make([][]byte, 0, n), make([][]byte, 0, n)
		kinds, events, froms, tos                  = make([]string, 0, n), make([]string, 0, n), make([]string, 0, n), make([]string, 0, n)
		actorKinds, actors, names, behalf, seats   = make([]string, 0, n), make([]string, 0, n), make([]string, 0, n), make([]string, 0, n), make([]string, 0, n)
		ats                                        = make([]time.Time, 0, n)
	)
	for _, st := range steps {
		for _, e := range st.events {
			ids, seqs, commands, hops, requests = append(ids, st.c.ID), append(seqs, int32(e.Seq)), append(commands, e.Command), append(hops, int16(e.Hop)), append(requests, e.Request)
			kinds, events, froms, tos = append(kinds, string(e.Kind)), append(events, string(e.Event)), append(froms, string(e.From)), append(tos, string(e.To))
			actorKinds, actors, names = append(actorKinds, string(e.Actor.Kind)), append(actors, e.Actor.ID), append(names, e.Actor.Name)
			behalf, seats, ats = append(behalf, e.Actor.OnBehalfOf), append(seats, string(e.Agency)), append(ats, e.At)
			inputs, inputHashes, prevs, sums = append(inputs, e.Input), append(inputHashes, e.InputHash), append(prevs, e.Prev), append(sums, e.Sum)
		}
	}
	q.with("happened", `INSERT INTO `+q.of("case_events")+` (case_id, seq, command_id, hop, req_hash, kind, event, from_state, to_state,
			actor_kind, actor, actor_name, on_behalf, agency, at, input, input_hash, prev_hash, hash)
		SELECT e.* FROM moved JOIN `+q.unnest("e (case_id, seq, command_id, hop, req_hash, kind, event, from_state, to_state, actor_kind, actor, actor_name, on_behalf, agency, at, input, input_hash, prev_hash, hash)",
		"uuid", ids, "int", seqs, "uuid", commands, "smallint", hops, "bytea", requests, "text", kinds, "text", events, "text", froms, "text", tos,
		"text", actorKinds, "text", actors, "text", names, "text", behalf, "text", seats, "timestamptz", ats, "json", inputs, "bytea", inputHashes, "bytea", prevs, "bytea", sums)+`
		ON e.case_id = moved.id`)
}

// replaceTasks puts the cases into the queues of their new states' owners.
func replaceTasks(q *statement, steps []*step) {
	var (
		left, ids                             []uuid.UUID
		procs, variants, states, seats, roles []string
		applicants                            []*string
		due                                   []time.Time
		caseDue                               []*time.Time
		opened, watch                         []time.Time
		gens                                  []int32
		watched                               []int16
	)
	for _, st := range steps {
		t := st.task
		switch {
		case st.keep:
		case t == nil:
			if st.seen > 0 && st.from().Kind == workflow.Task {
				left = append(left, st.c.ID)
			}
		default:
			var name *string
			if st.seen == 0 { // the body is written by the same statement, which cannot see it
				name = &st.body.ApplicantName
			}
			ids, procs, variants, states = append(ids, st.c.ID), append(procs, string(t.Procedure)), append(variants, t.Variant), append(states, string(t.State))
			seats, roles, applicants = append(seats, string(t.Agency)), append(roles, string(t.Role)), append(applicants, name)
			due, caseDue, opened = append(due, t.DueAt), append(caseDue, nullTime(t.CaseDueAt)), append(opened, t.OpenedAt)
			gens, watch, watched = append(gens, int32(st.c.Memory.Gen)), append(watch, st.watchAt), append(watched, int16(st.watchDone))
		}
	}
	if len(left) > 0 {
		q.with("task_done", `DELETE FROM case_tasks t USING moved WHERE t.case_id = moved.id AND t.case_id = ANY (`+q.arg(left)+`::uuid[])`)
	}
	if len(ids) > 0 {
		q.with("task_open", `INSERT INTO case_tasks (case_id, code, procedure_id, variant, state, agency, role, applicant, due_at, case_due_at, opened_at, gen, watch_at, watched)
			SELECT moved.id, moved.code, t.procedure_id, t.variant, t.state, t.agency, t.role,
				coalesce(t.applicant, (SELECT b.applicant_name FROM `+q.of("case_bodies")+` b WHERE b.case_id = moved.id)), t.due_at, t.case_due_at, t.opened_at, t.gen, t.watch_at, t.watched
			FROM moved JOIN `+q.unnest("t (case_id, procedure_id, variant, state, agency, role, applicant, due_at, case_due_at, opened_at, gen, watch_at, watched)",
			"uuid", ids, "text", procs, "text", variants, "text", states, "text", seats, "text", roles, "text", applicants, "timestamptz", due, "timestamptz", caseDue, "timestamptz", opened, "int", gens, "timestamptz", watch, "smallint", watched)+`
			ON t.case_id = moved.id
			ON CONFLICT (case_id) DO UPDATE SET state = excluded.state, agency = excluded.agency, role = excluded.role, assignee = NULL,
				due_at = excluded.due_at, case_due_at = excluded.case_due_at, opened_at = excluded.opened_at, seen_at = NULL,
				gen = excluded.gen, watch_at = excluded.watch_at, watched = excluded.watched`)
	}
}

// replaceTimers arms the time-outs of the new states and removes those of the old ones.
func replaceTimers(q *statement, steps []*step) {
	var (
		left, ids []uuid.UUID
		names     []string
		gens      []int32
		ats       []time.Time
	)
	for _, st := range steps {
		if st.keep {
			continue
		}
		for _, t := range st.timers {
			ids, names, gens, ats = append(ids, st.c.ID), append(names, t.Name), append(gens, int32(st.c.Memory.Gen)), append(ats, t.At)
		}
		if st.seen > 0 && (len(st.from().After) > 0 || st.from().Join != nil) {
			left = append(left, st.c.ID)
		}
	}
	if len(left) > 0 {
		q.with("timers_gone", `DELETE FROM case_timers t USING moved
			WHERE t.case_id = moved.id AND t.case_id = ANY (`+q.arg(left)+`::uuid[])
				AND (t.case_id, t.name) NOT IN (SELECT * FROM `+q.unnest("n (case_id, name)", "uuid", ids, "text", names)+`)`)
	}
	if len(ids) > 0 {
		q.with("timers_set", `INSERT INTO case_timers (case_id, name, gen, fire_at)
			SELECT t.* FROM moved JOIN `+q.unnest("t (case_id, name, gen, fire_at)", "uuid", ids, "text", names, "int", gens, "timestamptz", ats)+` ON t.case_id = moved.id
			ON CONFLICT (case_id, name) DO UPDATE SET gen = excluded.gen, fire_at = excluded.fire_at, rung_at = NULL`)
	}
}

// insertEffects writes down what follows, and rings for it.
func insertEffects(q *statement, steps []*step, outbox Outbox) error {
	var (
		ids, keys    []uuid.UUID
		seqs         []int32
		idxs         []int16
		types, names []string
		args         [][]byte
		ats          []time.Time
		bells        []string
	)
	for _, st := range steps {
		for _, e := range st.effects {
			ids, seqs, idxs, types, names = append(ids, st.c.ID), append(seqs, int32(e.Seq)), append(idxs, int16(e.Idx)), append(types, e.Type), append(names, e.Name)
			keys, args, ats = append(keys, e.Key), append(args, e.Args), append(ats, e.At)
			bell, err := json.Marshal(Bell{Case: st.c.ID, Seq: e.Seq, Idx: e.Idx, Queue: queueOf(st.c.Procedure, e.Type, e.Name)})
			if err != nil {
				return err
			}
			bells = append(bells, string(bell))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	q.with("following", `INSERT INTO `+q.of("case_effects")+` (case_id, seq, idx, type, name, key, args, next_at, created_at)
		SELECT e.*, e.next_at FROM moved JOIN `+q.unnest("e (case_id, seq, idx, type, name, key, args, next_at)",
		"uuid", ids, "int", seqs, "smallint", idxs, "text", types, "text", names, "uuid", keys, "jsonb", args, "timestamptz", ats)+` ON e.case_id = moved.id`)
	q.ring(outbox, ids, bells)
	return nil
}

// ring has a bell rung for each case of the list that moved.
func (q *statement) ring(outbox Outbox, ids []uuid.UUID, bells []string) {
	q.with("rung", `SELECT b.bell FROM moved JOIN `+q.unnest("b (case_id, bell)", "uuid", ids, "jsonb", bells)+` ON b.case_id = moved.id`)
	q.with("bells", outbox.InsertSQL("rung"))
}
