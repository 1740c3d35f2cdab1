package cases

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// insertCases writes new cases and what came with them, and names them into. One
// whose key was used before, or whose draft was filed, is left out. Sub-cases and
// cases with papers that programs sent are written alone.
func insertCases(q *statement, steps []*step, into string, wait bool) error {
	n := len(steps)
	var (
		ids                                         = make([]uuid.UUID, n)
		codes, procs, definitions, variants, states = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		applicants, subjects, receiving, competent  = make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		revisions                                   = make([]int32, n)
		parents                                     = make([]pgtype.UUID, n)
		slots, outcomes                             = make([]*string, n), make([]*string, n)
		gens                                        = make([]*int32, n)
		filed                                       = make([]time.Time, n)
		due, closed                                 = make([]*time.Time, n), make([]*time.Time, n)
		fees                                        = make([]int64, n)
		memories, clocks, heads                     = make([][]byte, n), make([][]byte, n), make([][]byte, n)
		names, subjectNames, digests, tokens        = make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		answers, contests, records, sessions, given = make([][]byte, n), make([][]byte, n), make([][]byte, n), make([][]byte, n), make([][]byte, n)
	)
	for i, st := range steps {
		c := st.c
		if err := st.encode(); err != nil {
			return err
		}
		b, err := st.body.columns()
		if err != nil {
			return err
		}
		ids[i], codes[i], procs[i], definitions[i], variants[i], states[i] = c.ID, string(c.Code), string(c.Procedure.ID), string(c.Procedure.Hash), c.Variant, string(c.State)
		applicants[i], subjects[i], receiving[i], competent[i], revisions[i] = c.Applicant, c.Subject, string(c.Receiving), string(c.Competent), int32(c.Revision)
		if c.ParentID != nil {
			gen := int32(c.ParentGen)
			parents[i], gens[i] = pgtype.UUID{Bytes: *c.ParentID, Valid: true}, &gen
		}
		slots[i], outcomes[i], filed[i], due[i], closed[i], fees[i] = nullText(c.ParentSlot), nullText(string(c.Outcome)), c.FiledAt, c.DueAt, c.ClosedAt, c.Fee
		memories[i], clocks[i], heads[i] = st.mem, st.clock, c.Head
		names[i], subjectNames[i], digests[i], tokens[i] = st.body.ApplicantName, st.body.SubjectName, st.body.Digest, strings.Join(searchTokens(c, st.body), tokenEnd)
		answers[i], contests[i], records[i], sessions[i], given[i] = b.answers, b.contests, b.records, b.session, b.given
	}
	source := newSource(q, steps, wait)
	q.with(into, `INSERT INTO `+q.of("cases")+` (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent,
			parent_id, parent_slot, parent_gen, filed_at, due_at, closed_at, outcome, fee, memory, clock, head_hash)
		SELECT n.* FROM `+q.unnest(`n (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent,
			parent_id, parent_slot, parent_gen, filed_at, due_at, closed_at, outcome, fee, memory, clock, head_hash)`,
		"uuid", ids, "text", codes, "text", procs, "text", definitions, "text", variants, "text", states, "int", revisions, "text", applicants, "text", subjects,
		"text", receiving, "text", competent, "uuid", parents, "text", slots, "int", gens, "timestamptz", filed, "timestamptz", due, "timestamptz", closed,
		"text", outcomes, "bigint", fees, "jsonb", memories, "jsonb", clocks, "bytea", heads)+source+`
		ON CONFLICT (id) DO NOTHING
		RETURNING id, code`)
	q.with("coded", `INSERT INTO case_codes (code, case_id) SELECT code, id FROM `+into)
	noteOnce(q, steps, into)
	q.with("filed", `INSERT INTO `+q.of("case_bodies")+` (case_id, revision, applicant_name, subject_name, answers, contests, records, session, given, digest, tokens)
		SELECT moved.id, 1, b.applicant_name, b.subject_name, b.answers, b.contests, b.records, b.session, b.given, b.digest, string_to_array(b.tokens, E'\n')
		FROM `+into+` AS moved JOIN `+q.unnest("b (case_id, applicant_name, subject_name, answers, contests, records, session, given, digest, tokens)",
		"uuid", ids, "text", names, "text", subjectNames, "jsonb", answers, "jsonb", contests, "jsonb", records, "jsonb", sessions, "jsonb", given, "text", digests, "text", tokens)+`
		ON b.case_id = moved.id`)
	takeDrafts(q, steps, into)
	steps[0].insertPapers(q)
	return nil
}

// noteOnce keeps a second case from being opened for what may have only one. The
// order keeps two groups from waiting for one another's.
func noteOnce(q *statement, steps []*step, into string) {
	var procs, keys []string
	var ids []uuid.UUID
	for _, st := range steps {
		if st.once != "" && st.c.ClosedAt == nil {
			procs, keys, ids = append(procs, string(st.c.Procedure.ID)), append(keys, st.once), append(ids, st.c.ID)
		}
	}
	if len(ids) > 0 {
		q.with("once", `INSERT INTO case_once (procedure_id, once_key, case_id)
			SELECT o.* FROM `+into+` AS moved JOIN `+q.unnest("o (procedure_id, once_key, case_id)", "text", procs, "text", keys, "uuid", ids)+` ON o.case_id = moved.id
			ORDER BY o.procedure_id, o.once_key`)
	}
}

// takeDrafts gives the papers of the drafts to their cases.
func takeDrafts(q *statement, steps []*step, into string) {
	var drafts, ids []uuid.UUID
	for _, st := range steps {
		if f := st.filing; f != nil && f.Draft != nil && len(f.Files) > 0 {
			drafts, ids = append(drafts, *f.Draft), append(ids, st.c.ID)
		}
	}
	if len(ids) > 0 {
		q.with("papers", `UPDATE case_files f SET owner_id = moved.id
			FROM `+into+` AS moved JOIN `+q.unnest("d (draft, case_id)", "uuid", drafts, "uuid", ids)+` ON d.case_id = moved.id
			WHERE f.owner_id = d.draft AND f.replaced_at IS NULL`)
	}
}

// tokenEnd stands between the tokens of a case on their way; none holds a space.
const tokenEnd = "\n"

// newSource notes what the cases come from, and returns what joins their rows n
// with those that are new: keys of programs in their order, lest two groups wait
// for one another's; drafts that nobody else is at work on, unless the caller can
// wait. Sub-cases come from their parents.
func newSource(q *statement, steps []*step, wait bool) string {
	var keyed, drafted []*step
	for _, st := range steps {
		switch f := st.filing; {
		case f == nil, f.Parent != nil:
			return ""
		case f.Draft != nil:
			drafted = append(drafted, st)
		default:
			keyed = append(keyed, st)
		}
	}
	var from []string
	if len(keyed) > 0 {
		slices.SortFunc(keyed, func(a, b *step) int {
			return cmp.Or(strings.Compare(a.c.Applicant, b.c.Applicant), bytes.Compare(a.filing.Key[:], b.filing.Key[:]))
		})
		n := len(keyed)
		applicants, keys, requests, ids := make([]string, n), make([]uuid.UUID, n), make([][]byte, n), make([]uuid.UUID, n)
		for i, st := range keyed {
			applicants[i], keys[i], requests[i], ids[i] = st.c.Applicant, st.filing.Key, st.filing.Request, st.c.ID
		}
		q.with("keyed", `INSERT INTO filing_keys (applicant, key, req_hash, case_id)
			SELECT * FROM `+q.unnest("k (applicant, key, req_hash, case_id)", "text", applicants, "uuid", keys, "bytea", requests, "uuid", ids)+`
			ON CONFLICT DO NOTHING RETURNING case_id`)
		from = append(from, "SELECT case_id FROM keyed")
	}
	if len(drafted) > 0 {
		n := len(drafted)
		drafts, codes, ids := make([]uuid.UUID, n), make([]string, n), make([]uuid.UUID, n)
		for i, st := range drafted {
			drafts[i], codes[i], ids[i] = *st.filing.Draft, string(st.c.Code), st.c.ID
		}
		skip := " SKIP LOCKED"
		if wait {
			skip = ""
		}
		q.with("ready", `SELECT w.* FROM `+q.unnest("w (draft, code, case_id)", "uuid", drafts, "text", codes, "uuid", ids)+`,
			LATERAL (SELECT FROM drafts d WHERE d.id = w.draft AND d.filed IS NULL FOR UPDATE`+skip+`) AS d`)
		q.with("drafted", `UPDATE drafts d SET filed = ready.code FROM ready WHERE d.id = ready.draft AND d.filed IS NULL RETURNING ready.case_id`)
		from = append(from, "SELECT case_id FROM drafted")
	}
	q.with("source", strings.Join(from, " UNION ALL "))
	return " JOIN source ON source.case_id = n.id"
}

// insertPapers hands on those of a parent, or stores those that came with the filing.
func (st *step) insertPapers(q *statement) {
	f := st.filing
	if f == nil || len(f.Files) == 0 || f.Draft != nil {
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
	q.with("answered", `UPDATE `+q.of("case_bodies")+` b SET revision = b.revision + 1, answers = `+q.arg(b.answers)+`, records = `+q.arg(b.records)+`, changed = `+q.arg(b.changed)+`
		FROM moved WHERE b.case_id = moved.id`)
	return nil
}
