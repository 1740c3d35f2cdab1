package cases

import (
	"github.com/google/uuid"
)

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
	q.with("moved", `INSERT INTO `+q.of("cases")+` (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent,
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
	q.with("filed", `INSERT INTO `+q.of("case_bodies")+` (case_id, revision, applicant_name, subject_name, answers, contests, records, session, given, digest, tokens)
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
	q.with("answered", `UPDATE `+q.of("case_bodies")+` b SET revision = b.revision + 1, answers = `+q.arg(b.answers)+`, records = `+q.arg(b.records)+`, changed = `+q.arg(b.changed)+`
		FROM moved WHERE b.case_id = moved.id`)
	return nil
}
