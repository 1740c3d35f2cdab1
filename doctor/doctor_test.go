package doctor

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/workflow"
)

// fault damages a database, the books or the journal so that one invariant does
// not hold any more; implied are those that say the same in other words.
type seeded struct {
	n       int
	sql     string // every statement has to change something
	change  func(o *Options)
	implied []int
}

// someCase is the id of an open case without a parent in a state that waits, and so on.
const (
	openWait   = `(SELECT c.id FROM cases c JOIN case_timers t ON t.case_id = c.id WHERE c.closed_at IS NULL AND c.state = 'consents' ORDER BY c.id LIMIT 1)`
	closedCase = `(SELECT id FROM cases WHERE closed_at IS NOT NULL AND due_at IS NOT NULL AND parent_id IS NULL ORDER BY id LIMIT 1)`
	doneNotice = `(SELECT key FROM case_effects WHERE type = 'notify' AND status = 2 AND name NOT LIKE 'ask%' ORDER BY key LIMIT 1)`
)

var faultsOfAll = []seeded{
	{1, `UPDATE cases SET outcome = 'lost' WHERE id = ` + closedCase, nil, nil},
	{2, `UPDATE cases SET revision = revision + 1 WHERE id = ` + closedCase, nil, nil},
	{3, `UPDATE case_events SET actor_name = 'somebody else' WHERE case_id = ` + closedCase + ` AND seq = 2`, nil, nil},
	{4, `UPDATE cases SET memory = jsonb_set(memory, '{visits}', '{"nowhere.nothing": 7}') WHERE id = ` + closedCase, nil, nil},
	{5, ``, func(o *Options) {
		c := o.Journal.Commands[0]
		c.ID = uuid.New()
		c.Expected = 0
		o.Journal.Commands = append(o.Journal.Commands, c)
	}, nil},
	{6, ``, func(o *Options) {
		c := o.Journal.Commands[0]
		c.Body = "another"
		c.Sent, c.Answered = c.Sent.Add(10*time.Second), c.Answered.Add(10*time.Second)
		o.Journal.Commands = append(o.Journal.Commands, c)
	}, nil},
	{7, ``, func(o *Options) { o.Journal.Commands[0].Status = 422 }, nil},
	{8, `UPDATE case_effects SET name = 'another' WHERE key = ` + doneNotice, nil, nil},
	{9, ``, func(o *Options) {
		o.Books.Registries["fines"] = append(o.Books.Registries["fines"], Execution{Key: uuid.NewString(), Operation: "mark-paid", Times: 1})
	}, nil},
	{10, `UPDATE case_effects SET receipt = NULL WHERE key = ` + doneNotice, nil, nil},
	{11, `UPDATE case_effects SET next_at = '2026-11-01' WHERE status = 0 AND key = (SELECT key FROM case_effects WHERE status = 0 ORDER BY key LIMIT 1);
		DELETE FROM river.river_job`, nil, []int{35}},
	{12, `UPDATE case_effects SET lease = gen_random_uuid() WHERE key = ` + doneNotice, nil, nil},
	{13, `UPDATE case_children SET outcome = 'agreed' WHERE outcome IS NULL AND case_id = ` + openWait, nil, []int{14}},
	{14, `UPDATE case_children SET outcome = 'refused' WHERE outcome = 'agreed'`, nil, []int{13}},
	{15, `UPDATE cases SET parent_id = ` + closedCase + `, parent_slot = 'x', parent_gen = 1 WHERE state = 'payment' AND closed_at IS NULL;
		INSERT INTO case_children (case_id, slot, gen, procedure_id, child_id) SELECT ` + closedCase + `, 'x', 1, procedure_id, id FROM cases WHERE parent_slot = 'x'`, nil, nil},
	{16, `DELETE FROM case_timers WHERE case_id = ` + openWait, nil, nil},
	{17, `DELETE FROM case_timers WHERE case_id IN (SELECT id FROM cases WHERE state = 'asked' AND closed_at IS NULL)`, nil, []int{16}},
	{17, ``, func(o *Options) {
		o.Journal.Behind = &Behind{Asked: 5, Found: []cases.Code{o.Journal.Commands[0].Case}}
	}, nil},
	{18, `UPDATE case_clocks SET due_at = due_at + interval '1 day' WHERE case_id = (SELECT case_id FROM case_clocks ORDER BY case_id LIMIT 1)`, nil, nil},
	{19, `UPDATE cases SET due_at = due_at + interval '1 day' WHERE id = ` + closedCase, nil, []int{4}},
	{20, `UPDATE case_clocks SET number = number - 1 WHERE case_id = (SELECT case_id FROM case_clocks ORDER BY case_id LIMIT 1)`, nil, nil},
	{21, `UPDATE officer_roles SET role = 'reception' WHERE role = 'approver' AND agency_id LIKE 'CA-%'`, nil, nil},
	{22, ``, func(o *Options) { most(o, "permanent-residence", "examine", "propose", 1) }, nil},
	{23, `WITH troubles AS (DELETE FROM incidents i USING case_effects e WHERE e.case_id = i.case_id AND e.seq = i.seq AND e.idx = i.idx AND e.undoes_seq IS NOT NULL)
		DELETE FROM case_effect_attempts a USING case_effects e WHERE e.case_id = a.case_id AND e.seq = a.seq AND e.idx = a.idx AND e.undoes_seq IS NOT NULL;
		DELETE FROM case_effects WHERE undoes_seq IS NOT NULL`, nil, nil},
	{24, `UPDATE case_effects SET type = 'send', name = 'lift' WHERE key = (SELECT e.key FROM case_effects e JOIN cases c ON c.id = e.case_id WHERE c.outcome = 'lapsed' AND e.type = 'notify' AND e.status = 2 ORDER BY e.seq LIMIT 1)`,
		func(o *Options) { o.Books.Messages = nil }, []int{8, 9, 27}},
	{25, `UPDATE message_inbox SET seq = seq + 40 WHERE message_id = (SELECT message_id FROM message_inbox WHERE outcome = 'done' ORDER BY message_id LIMIT 1)`, nil, nil},
	{26, `UPDATE message_outbox SET payload_hash = '\x00' WHERE message_id = (SELECT message_id FROM message_outbox WHERE receipt IS NOT NULL ORDER BY message_id LIMIT 1)`, nil, nil},
	{27, `DELETE FROM notices WHERE id = (SELECT n.id FROM notices n JOIN case_effects e ON e.key = n.id WHERE e.name IN ('granted', 'filed', 'pay') ORDER BY n.id LIMIT 1)`, nil, nil},
	{28, `INSERT INTO case_count_deltas (competent, receiving, procedure_id, state, waits, d) VALUES ('CA-00004', 'CA-00004', 'permanent-residence', 'intake', '', 1)`, nil, nil},
	{28, `INSERT INTO case_total_deltas (competent, receiving, procedure_id, filed, ended) VALUES ('CA-00004', 'CA-00004', 'permanent-residence', 1, 1)`, nil, nil},
	{28, `INSERT INTO task_count_deltas (agency, role, procedure_id, d) VALUES ('CA-00004', 'handler', 'permanent-residence', 1)`, nil, nil},
	{30, `INSERT INTO river.river_job (args, kind, max_attempts, queue, state, finalized_at, metadata, tags) VALUES ('{"case": "x", "who": "Nguyễn Thị An"}', 'case_effect', 1, 'cases', 'completed', now(), '{}', '{}')`, nil, nil},
	{31, `INSERT INTO incidents (case_id, seq, idx, kind, code, agency, receiving, peer, type, name, opened_at)
		SELECT e.case_id, e.seq, e.idx, 'failing', c.code, c.competent, c.receiving, '', e.type, e.name, now() FROM case_effects e JOIN cases c ON c.id = e.case_id WHERE e.key = ` + doneNotice, nil, nil},
	{32, ``, func(o *Options) {
		for i := range o.Journal.Commands { // the second of a case is answered before the first is sent
			if c := &o.Journal.Commands[i]; i > 0 && c.Case == o.Journal.Commands[i-1].Case {
				c.Sent, c.Answered = c.Sent.Add(-time.Hour), c.Answered.Add(-time.Hour)
				return
			}
		}
	}, nil},
	{33, `UPDATE cases SET revision = revision + 1 WHERE id = ` + closedCase, nil, []int{2}},
	{34, ``, func(o *Options) { o.Journal.Restored.Again = []string{uuid.NewString()} }, nil},
	{35, ``, func(o *Options) { o.Journal.Recovery.Moving = o.Journal.Recovery.Ended.Add(2 * time.Minute) }, nil},
	{36, `UPDATE residents SET alive = false WHERE number = (SELECT head FROM households WHERE closed_at IS NULL ORDER BY id LIMIT 1)`, nil, nil},
}

// most lowers how often a transition may be taken.
func most(o *Options, procedure string, s workflow.State, e workflow.Event, n int) {
	for _, p := range o.Procedures.All() {
		if string(p.ID) == procedure {
			for _, t := range p.Machine.States[s].Actions[e] {
				t.Max = n
			}
		}
	}
}

// A database in which stories were played is sound, and a fault in the place of
// each invariant turns that one red, with those that it implies and no other.
func TestInvariants(t *testing.T) {
	if testing.Short() {
		t.Skip("copies a database for each invariant")
	}
	p := newPatient(t)
	ctx := t.Context()
	healthy, err := Check(ctx, p.db, p.opts)
	must(t, err)
	for _, f := range healthy.Findings {
		if f.Broken > 0 || f.Checked == 0 {
			t.Errorf("healthy, and %d (%s): %d checked, %d broken, %s: %v", f.N, f.Sentence, f.Checked, f.Broken, f.Unable, f.Violations)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	covered := map[int]bool{29: true}
	for _, f := range faultsOfAll {
		covered[f.n] = true
		t.Run(fmt.Sprint(f.n), func(t *testing.T) {
			o := p.opts
			o.Cases = nil // it asks the patient, not the copy
			j, b := *o.Journal, *o.Books
			j.Commands, b.Messages = slices.Clone(j.Commands), slices.Clone(b.Messages)
			recovery, restored := *j.Recovery, *j.Restored
			j.Recovery, j.Restored = &recovery, &restored
			b.Registries = map[string][]Execution{}
			for name, book := range p.opts.Books.Registries {
				b.Registries[name] = slices.Clone(book)
			}
			o.Journal, o.Books = &j, &b
			db := p.db
			if f.sql != "" {
				db = p.twin(ctx, t)
				damage(t, db, f.sql)
			}
			if f.change != nil {
				f.change(&o)
			}
			r, err := Check(ctx, db, o)
			must(t, err)
			p.expect(t, r, f.n, f.implied)
			if f.n == 22 {
				most(&o, "permanent-residence", "examine", "propose", 0)
			}
		})
	}
	t.Run("29", func(t *testing.T) {
		db := p.twin(ctx, t)
		damage(t, db, `UPDATE cases SET subject = '001085000112' WHERE id = `+closedCase) // the service asks the patient, who has it right
		o := p.opts
		o.Only = []int{29}
		r, err := Check(ctx, db, o)
		must(t, err)
		p.expect(t, r, 29, nil)
	})
	for _, in := range Invariants {
		if !covered[in.N] {
			t.Errorf("no fault is seeded for invariant %d: %s", in.N, in.Sentence)
		}
	}
}

// expect holds what is red against what should be. With two releases in the
// journal every fault of the database is also one of 33.
func (p *patient) expect(t *testing.T, r *Report, n int, implied []int) {
	t.Helper()
	got := red(r)
	want := append([]int{n}, implied...)
	slices.Sort(want)
	if n != 33 {
		got = slices.DeleteFunc(got, func(n int) bool { return n == 33 })
	}
	if !slices.Equal(got, want) {
		var told []string
		for _, f := range r.Findings {
			for _, v := range f.Violations {
				told = append(told, fmt.Sprintf("%d: %s %s", f.N, v.Case, v.What))
			}
		}
		t.Errorf("red are %v, want %v:\n%s", got, want, strings.Join(told, "\n"))
	}
}

// damage runs statements, each of which has to change a row.
func damage(t *testing.T, db *pgxpool.Pool, sql string) {
	t.Helper()
	for _, s := range strings.Split(sql, ";") {
		tag, err := db.Exec(t.Context(), s)
		must(t, err)
		if tag.RowsAffected() == 0 {
			t.Fatalf("nothing to damage by %s", s)
		}
	}
}

// The report says of everything that it could not examine why.
func TestUnable(t *testing.T) {
	f := &Finding{Invariant: Invariants[4]}
	f.unable("no journal is given")
	if f.Holds() {
		t.Error("what was not examined counts as holding")
	}
	var out strings.Builder
	(&Report{Findings: []*Finding{f}}).Print(&out)
	if !strings.Contains(out.String(), "not examined") || !strings.Contains(out.String(), "no journal is given") {
		t.Errorf("the report says:\n%s", out.String())
	}
}

// docs/invariants.md has every invariant as the program has it.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/invariants.md")
	must(t, err)
	for i, in := range Invariants {
		if in.N != i+1 {
			t.Errorf("invariant %d stands in place %d", in.N, i+1)
		}
		if row := fmt.Sprintf("| %d | %s | %s |", in.N, in.Sentence, in.How); !strings.Contains(string(text), row) {
			t.Errorf("docs/invariants.md lacks the row %s", row)
		}
	}
}
