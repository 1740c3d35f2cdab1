package cases

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/procedures"
)

// step is everything that one command changes. It is written by one statement,
// so it happens whole or not at all.
type step struct {
	c      *snapshot // as it will be
	seen   int       // the revision that the decision rests on; 0: the case is new
	events []event
	// what the new state needs; keep means that the state was not left
	keep      bool
	task      *Task
	timers    []timer
	effects   []effect
	children  []childRow
	cancelled []childState // sub-cases that are no longer needed
	report    *Report      // the outcome of a sub-case; nil: something else happened
	mend      *mend        // what an operator does about an effect; nil: nothing
	body      *body        // nil: unchanged
	once      string       // of a new case; empty: nothing
	judged    []Judgement  // that came with the command
	reopened  []string     // items that a supplement answers: to be judged anew
	filing    *filing
	untaken   string // who may find the task taken, if anybody has; empty: it was looked up
	mem       []byte // the case's memory and clock as they are written
	clock     []byte
}

// filing is how a new case came about.
type filing struct {
	Draft   *uuid.UUID // nil: no draft
	Key     uuid.UUID
	Request []byte
	Parent  *ID      // of a sub-case: the papers of it that are handed on
	Owner   string   // who hands the papers in
	Files   []File   // papers of the draft, or of the uploads in their order
	Uploads []Upload // without a draft
}

type timer struct {
	Name string
	At   time.Time
}

type effect struct {
	Seq, Idx   int
	Type, Name string
	Key        uuid.UUID
	Args       []byte // JSON
	At         time.Time
}

type childRow struct {
	Slot      string
	Procedure procedures.ID
	ID        ID
	Addressed string
}

// statement returns the one statement that writes the step. Every part takes
// its rows from moved, which is empty when the case was changed meanwhile.
func (st *step) statement(outbox Outbox) (string, []any, error) {
	q := statement{args: make([]any, 0, 64), parts: make([]string, 0, 12)}
	if st.seen == 0 {
		if err := st.insertCase(&q); err != nil {
			return "", nil, err
		}
	} else if err := st.updateCase(&q); err != nil {
		return "", nil, err
	}
	st.insertEvents(&q)
	if !st.keep {
		st.replaceTask(&q)
		st.replaceWait(&q)
		st.replaceTimers(&q)
	}
	if len(st.effects) > 0 {
		if err := st.insertEffects(&q, outbox); err != nil {
			return "", nil, err
		}
	}
	if st.mend != nil {
		st.mend.update(&q, outbox)
	}
	if len(st.children) > 0 {
		st.insertChildren(&q)
	}
	if err := st.updateChildren(&q); err != nil {
		return "", nil, err
	}
	if st.c.ClosedAt != nil && st.c.Procedure.Once != nil {
		q.with("freed", `DELETE FROM case_once o USING moved WHERE o.case_id = moved.id`)
	}
	st.judge(&q)
	if st.body != nil && st.seen > 0 {
		if err := st.updateBody(&q); err != nil {
			return "", nil, err
		}
	}
	return "WITH " + strings.Join(q.parts, ",\n") + "\nSELECT count(*) FROM moved", q.args, nil
}

func (st *step) updateCase(q *statement) error {
	c := st.c
	if err := st.encode(); err != nil {
		return err
	}
	untaken := ""
	if st.untaken != "" {
		untaken = ` AND NOT EXISTS (SELECT FROM case_tasks t WHERE t.case_id = cases.id AND t.assignee <> ` + q.arg(st.untaken) + `)`
	}
	q.with("moved", `UPDATE cases SET state = `+q.arg(c.State)+`, revision = `+q.arg(c.Revision)+`, due_at = `+q.arg(c.DueAt)+`,
		closed_at = `+q.arg(c.ClosedAt)+`, outcome = `+q.arg(nullText(string(c.Outcome)))+`, memory = `+q.arg(st.mem)+`, clock = `+q.arg(st.clock)+`,
		head_hash = `+q.arg(c.Head)+`
	WHERE id = `+q.arg(c.ID)+` AND revision = `+q.arg(st.seen)+untaken+`
	RETURNING id, code`)
	return nil
}

// encode writes what of the case's row is JSON.
func (st *step) encode() (err error) {
	if st.mem, err = json.Marshal(&st.c.Memory); err == nil {
		st.clock, err = json.Marshal(&st.c.Term)
	}
	return err
}

// insertEvents writes the events as rows of VALUES: one row, which is the rule,
// costs PostgreSQL no more than plain parameters.
func (st *step) insertEvents(q *statement) {
	rows := make([]string, len(st.events))
	for i, e := range st.events {
		rows[i] = q.row("int", e.Seq, "uuid", e.Command, "smallint", int16(e.Hop), "bytea", e.Request, "text", string(e.Kind), "text", string(e.Event),
			"text", string(e.From), "text", string(e.To), "text", string(e.Actor.Kind), "text", e.Actor.ID, "text", e.Actor.Name, "text", e.Actor.OnBehalfOf,
			"text", string(e.Agency), "timestamptz", e.At, "json", e.Input, "bytea", e.InputHash, "bytea", e.Prev, "bytea", e.Sum)
	}
	q.with("happened", `INSERT INTO case_events (case_id, seq, command_id, hop, req_hash, kind, event, from_state, to_state,
			actor_kind, actor, actor_name, on_behalf, agency, at, input, input_hash, prev_hash, hash)
		SELECT moved.id, e.* FROM moved, (VALUES `+strings.Join(rows, ", ")+`) AS e`)
}

func (st *step) replaceTask(q *statement) {
	if st.task == nil {
		if st.seen > 0 {
			q.with("task_done", `DELETE FROM case_tasks t USING moved WHERE t.case_id = moved.id`)
		}
		return
	}
	t := st.task
	applicant := `(SELECT b.applicant_name FROM case_bodies b WHERE b.case_id = moved.id)`
	if st.seen == 0 { // the body is written by the same statement, which cannot see it
		applicant = q.arg(st.body.ApplicantName)
	}
	q.with("task_open", `INSERT INTO case_tasks (case_id, code, procedure_id, variant, state, agency, role, applicant, due_at, case_due_at, opened_at)
		SELECT moved.id, moved.code, `+q.arg(t.Procedure)+`, `+q.arg(t.Variant)+`, `+q.arg(t.State)+`, `+q.arg(t.Agency)+`, `+q.arg(t.Role)+`,
			`+applicant+`, `+q.arg(t.DueAt)+`::timestamptz, `+q.arg(nullTime(t.CaseDueAt))+`::timestamptz, `+q.arg(t.OpenedAt)+`::timestamptz
		FROM moved
		ON CONFLICT (case_id) DO UPDATE SET state = excluded.state, agency = excluded.agency, role = excluded.role, assignee = NULL,
			due_at = excluded.due_at, case_due_at = excluded.case_due_at, opened_at = excluded.opened_at, seen_at = NULL`)
}

func (st *step) replaceTimers(q *statement) {
	names, rows := make([]string, len(st.timers)), make([]string, len(st.timers))
	for i, t := range st.timers {
		names[i] = t.Name
	}
	if st.seen > 0 {
		q.with("timers_gone", `DELETE FROM case_timers t USING moved WHERE t.case_id = moved.id AND t.name <> ALL (`+q.arg(names)+`::text[])`)
	}
	if len(st.timers) > 0 {
		for i, t := range st.timers {
			rows[i] = q.row("text", t.Name, "timestamptz", t.At)
		}
		q.with("timers_set", `INSERT INTO case_timers (case_id, name, gen, fire_at)
			SELECT moved.id, t.name, `+q.arg(st.c.Memory.Gen)+`::int, t.at FROM moved, (VALUES `+strings.Join(rows, ", ")+`) AS t (name, at)
			ON CONFLICT (case_id, name) DO UPDATE SET gen = excluded.gen, fire_at = excluded.fire_at, rung_at = NULL`)
	}
}

func (st *step) insertEffects(q *statement, outbox Outbox) error {
	rows, bells := make([]string, len(st.effects)), make([]string, len(st.effects))
	for i, e := range st.effects {
		rows[i] = q.row("int", e.Seq, "smallint", int16(e.Idx), "text", e.Type, "text", e.Name, "uuid", e.Key, "jsonb", e.Args)
		bell, err := json.Marshal(Bell{Case: st.c.ID, Seq: e.Seq, Idx: e.Idx, Queue: queueOf(st.c.Procedure, e.Type, e.Name)})
		if err != nil {
			return err
		}
		bells[i] = string(bell)
	}
	at := q.arg(st.effects[0].At)
	q.with("following", `INSERT INTO case_effects (case_id, seq, idx, type, name, key, args, next_at, created_at)
		SELECT moved.id, e.*, `+at+`::timestamptz, `+at+`::timestamptz
		FROM moved, (VALUES `+strings.Join(rows, ", ")+`) AS e`)
	q.with("bells", outbox.InsertSQL(q.arg(bells)))
	return nil
}

func (st *step) insertChildren(q *statement) {
	n := len(st.children)
	slots, procs, ids, to := make([]string, n), make([]string, n), make([]uuid.UUID, n), make([]string, n)
	for i, c := range st.children {
		slots[i], procs[i], ids[i], to[i] = c.Slot, string(c.Procedure), c.ID, c.Addressed
	}
	q.with("opened", `INSERT INTO case_children (case_id, slot, gen, procedure_id, child_id, addressed)
		SELECT moved.id, c.slot, `+q.arg(st.c.Memory.Gen)+`::int, c.procedure, c.id, c.addressed
		FROM moved, unnest(`+q.arg(slots)+`::text[], `+q.arg(procs)+`::text[], `+q.arg(ids)+`::uuid[], `+q.arg(to)+`::text[]) AS c (slot, procedure, id, addressed)`)
}

// updateChildren writes what became of sub-cases: the outcome of one, and which are no longer needed.
func (st *step) updateChildren(q *statement) error {
	if r := st.report; r != nil {
		output, err := json.Marshal(orEmpty(r.Output))
		if err != nil {
			return err
		}
		q.with("reported", `UPDATE case_children k SET outcome = `+q.arg(string(r.Outcome))+`, output = `+q.arg(output)+`, reported_at = `+q.arg(st.events[0].At)+`
			FROM moved WHERE k.case_id = moved.id AND k.slot = `+q.arg(r.Slot)+` AND k.gen = `+q.arg(r.Gen)+` AND k.outcome IS NULL`)
	}
	if len(st.cancelled) > 0 {
		ids := make([]uuid.UUID, len(st.cancelled))
		for i, k := range st.cancelled {
			ids[i] = k.ID
		}
		q.with("unneeded", `UPDATE case_children k SET cancelled = true FROM moved WHERE k.case_id = moved.id AND k.child_id = ANY (`+q.arg(ids)+`::uuid[])`)
	}
	return nil
}

// insertCase writes a new case. A draft is marked as filed by the same
// statement; a key used before leaves moved empty.
func (st *step) insertCase(q *statement) error {
	c := st.c
	if err := st.encode(); err != nil {
		return err
	}
	b, err := st.body.columns()
	if err != nil {
		return err
	}
	source := ""
	switch f := st.filing; {
	case f == nil, f.Parent != nil:
	case f.Draft != nil:
		q.with("source", `UPDATE drafts SET filed = `+q.arg(c.Code)+` WHERE id = `+q.arg(*f.Draft)+` AND filed IS NULL RETURNING id`)
		source = " FROM source"
	default:
		q.with("source", `INSERT INTO filing_keys (applicant, key, req_hash, case_id)
			VALUES (`+q.arg(c.Applicant)+`, `+q.arg(f.Key)+`, `+q.arg(f.Request)+`, `+q.arg(c.ID)+`) ON CONFLICT DO NOTHING RETURNING case_id`)
		source = " FROM source"
	}
	var parentGen *int
	if c.ParentID != nil {
		parentGen = &c.ParentGen
	}
	q.with("moved", `INSERT INTO cases (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent,
			parent_id, parent_slot, parent_gen, filed_at, due_at, closed_at, outcome, fee, memory, clock, head_hash)
		SELECT `+q.arg(c.ID)+`::uuid, `+q.arg(c.Code)+`, `+q.arg(c.Procedure.ID)+`, `+q.arg(c.Procedure.Hash)+`, `+q.arg(c.Variant)+`, `+q.arg(c.State)+`,
			`+q.arg(c.Revision)+`::int, `+q.arg(c.Applicant)+`, `+q.arg(c.Subject)+`, `+q.arg(c.Receiving)+`, `+q.arg(c.Competent)+`,
			`+q.arg(c.ParentID)+`::uuid, `+q.arg(nullText(c.ParentSlot))+`, `+q.arg(parentGen)+`::int, `+q.arg(c.FiledAt)+`::timestamptz, `+q.arg(c.DueAt)+`::timestamptz,
			`+q.arg(c.ClosedAt)+`::timestamptz, `+q.arg(nullText(string(c.Outcome)))+`, `+q.arg(c.Fee)+`::bigint, `+q.arg(st.mem)+`::jsonb, `+q.arg(st.clock)+`::jsonb, `+q.arg(c.Head)+`::bytea`+source+`
		ON CONFLICT (id) DO NOTHING
		RETURNING id, code`)
	q.with("coded", `INSERT INTO case_codes (code, case_id) SELECT code, id FROM moved`)
	if st.once != "" && c.ClosedAt == nil {
		q.with("once", `INSERT INTO case_once (procedure_id, once_key, case_id) SELECT `+q.arg(c.Procedure.ID)+`, `+q.arg(st.once)+`, id FROM moved`)
	}
	q.with("filed", `INSERT INTO case_bodies (case_id, revision, applicant_name, subject_name, answers, contests, records, session, given, digest, tokens)
		SELECT moved.id, 1, `+q.arg(st.body.ApplicantName)+`, `+q.arg(st.body.SubjectName)+`, `+q.arg(b.answers)+`::jsonb, `+q.arg(b.contests)+`::jsonb,
			`+q.arg(b.records)+`::jsonb, `+q.arg(b.session)+`::jsonb, `+q.arg(b.given)+`::jsonb, `+q.arg(st.body.Digest)+`, `+q.arg(searchTokens(c, st.body))+`::text[]
		FROM moved`)
	st.insertPapers(q)
	return nil
}

// insertPapers gives the papers of a draft to the case, hands those of a parent
// on, or stores those that came with the filing.
func (st *step) insertPapers(q *statement) {
	f := st.filing
	if f == nil || len(f.Files) == 0 {
		return
	}
	if f.Draft != nil {
		q.with("papers", `UPDATE case_files f SET owner_id = moved.id FROM moved WHERE f.owner_id = `+q.arg(*f.Draft)+`::uuid AND f.replaced_at IS NULL`)
		return
	}
	if f.Parent != nil {
		ids := make([]uuid.UUID, len(f.Files))
		for i, file := range f.Files {
			ids[i] = file.ID
		}
		q.with("papers", `INSERT INTO case_files (id, owner_id, attachment, name, type, size, sha256, content, uploaded_by, uploaded_at)
			SELECT gen_random_uuid(), moved.id, f.attachment, f.name, f.type, f.size, f.sha256, f.content, f.uploaded_by, f.uploaded_at
			FROM moved, case_files f WHERE f.id = ANY (`+q.arg(ids)+`::uuid[])`)
		return
	}
	n := len(f.Files)
	ids, attachments, names, types := make([]uuid.UUID, n), make([]string, n), make([]string, n), make([]string, n)
	sizes, sums, contents := make([]int32, n), make([]string, n), make([][]byte, n)
	for i, file := range f.Files {
		ids[i], attachments[i], names[i], types[i], sizes[i], sums[i] = file.ID, file.Attachment, file.Name, file.Type, int32(file.Size), file.SHA256
		contents[i] = f.Uploads[i].Content
	}
	q.with("papers", `INSERT INTO case_files (id, owner_id, attachment, name, type, size, sha256, content, uploaded_by, uploaded_at)
		SELECT f.id, moved.id, f.attachment, f.name, f.type, f.size, f.sha256, f.content, `+q.arg(f.Owner)+`, `+q.arg(st.c.FiledAt)+`::timestamptz
		FROM moved, unnest(`+q.arg(ids)+`::uuid[], `+q.arg(attachments)+`::text[], `+q.arg(names)+`::text[], `+q.arg(types)+`::text[], `+q.arg(sizes)+`::int[],
			`+q.arg(sums)+`::text[], `+q.arg(contents)+`::bytea[]) AS f (id, attachment, name, type, size, sha256, content)`)
}

func (st *step) updateBody(q *statement) error {
	b, err := st.body.columns()
	if err != nil {
		return err
	}
	q.with("answered", `UPDATE case_bodies b SET revision = b.revision + 1, answers = `+q.arg(b.answers)+`, records = `+q.arg(b.records)+`, changed = `+q.arg(b.changed)+`
		FROM moved WHERE b.case_id = moved.id`)
	return nil
}

// write writes the step and tells whether it was written; if not, the case was
// changed meanwhile, or the filing was done before.
func (s *Service) write(ctx context.Context, st *step) (bool, error) {
	sql, args, err := st.statement(s.cfg.Outbox)
	if err != nil {
		return false, err
	}
	if err := failpoint.Fail(failpoint.WriteBefore); err != nil {
		return false, err
	}
	var n int
	if err := s.cfg.DB.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		return false, err
	}
	if err := failpoint.Fail(failpoint.WriteAfter); err != nil {
		return false, err
	}
	if n == 1 {
		s.recent.put(st)
	}
	return n == 1, nil
}

func nullText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
