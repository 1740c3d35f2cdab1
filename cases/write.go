package cases

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
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
	detached  []ID         // sub-cases that go on by themselves
	in        *delivery    // the message that the step acts upon; nil: none
	undo      []undoing    // what takes back what was done for a case that ends without success
	waits     time.Time    // until when a join waits that has reminded; zero: nothing of the kind
	report    *Report      // the outcome of a sub-case; nil: something else happened
	mend      *mend        // what an operator does about an effect; nil: nothing
	held      *heldUp      // that the citizen is told of; nil: nothing
	body      *body        // nil: unchanged
	once      string       // of a new case; empty: nothing
	judged    []Judgement  // that came with the command
	reopened  []string     // items that a supplement answers: to be judged anew
	filing    *filing
	left      *workflow.StateDef // of another version, when the case moves to a new one; nil: a state of its own
	termStep
	untaken string // who may find the task taken, if anybody has; empty: it was looked up
	mem     []byte // the case's memory and clock as they are written
	clock   []byte
}

// filing is how a new case came about.
type filing struct {
	At      time.Time  // when it came, if it had to wait; zero: now
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

// statementOf returns the one statement that writes the steps, of cases of one
// month. Every part takes its rows from moved, which has the cases that were
// where their steps saw them; wait says whether it waits for a row that another
// node holds. Only a step that stands alone may carry more than an event, its
// task, waits, timers and effects.
func statementOf(steps []*step, m month, wait bool, outbox Outbox) (string, []any, error) {
	q := statement{args: make([]any, 0, 96), parts: make([]string, 0, 12), month: m}
	st := steps[0]
	if err := moveCases(&q, steps, wait); err != nil {
		return "", nil, err
	}
	insertEvents(&q, steps)
	replaceTasks(&q, steps)
	replaceWaits(&q, steps)
	countSteps(&q, steps)
	replaceTimers(&q, steps)
	replaceClocks(&q, steps)
	if err := insertEffects(&q, steps, outbox); err != nil {
		return "", nil, err
	}
	if st.mend != nil {
		st.mend.update(&q, outbox)
	}
	if st.held != nil {
		st.held.insert(&q, st.events[0].Seq, st.events[0].At)
	}
	if len(st.children) > 0 {
		st.insertChildren(&q)
	}
	if err := st.updateChildren(&q); err != nil {
		return "", nil, err
	}
	if len(st.undo) > 0 {
		if err := st.writeUndo(&q, outbox); err != nil {
			return "", nil, err
		}
	}
	if !st.waits.IsZero() {
		st.waitOn(&q)
	}
	if st.in != nil {
		st.in.insert(&q, st.events[0].Seq)
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
	return "WITH " + strings.Join(q.parts, ",\n") + "\nSELECT id FROM moved", q.args, nil
}

// moveCases makes moved: the cases of the steps that are new or were where their
// steps saw them.
func moveCases(q *statement, steps []*step, wait bool) error {
	var fresh, old []*step
	for _, st := range steps {
		if st.seen == 0 {
			fresh = append(fresh, st)
		} else {
			old = append(old, st)
		}
	}
	switch {
	case len(fresh) == 0:
		return updateCases(q, old, "moved", wait)
	case len(old) == 0:
		return insertCases(q, fresh, "moved", wait)
	}
	if err := insertCases(q, fresh, "entered", wait); err != nil {
		return err
	}
	if err := updateCases(q, old, "went", wait); err != nil {
		return err
	}
	q.with("moved", `SELECT id, code FROM entered UNION ALL SELECT id, code FROM went`)
	return nil
}

// from is the state that the step leaves.
func (st *step) from() *workflow.StateDef {
	if st.left != nil {
		return st.left
	}
	return st.c.Procedure.Machine.States[st.events[0].From]
}

// alone tells whether the step carries more than steps that are written together may.
func (st *step) alone() bool {
	if f := st.filing; st.seen == 0 && (f == nil || f.Parent != nil || len(f.Uploads) > 0) {
		return true
	}
	return st.in != nil || st.mend != nil || st.held != nil || len(st.children) > 0 || len(st.detached) > 0 || st.report != nil ||
		len(st.cancelled) > 0 || !st.waits.IsZero() || len(st.undo) > 0 || st.body != nil && st.seen > 0 || len(st.judged) > 0 || len(st.reopened) > 0 || st.c.ClosedAt != nil && st.c.Procedure.Once != nil
}

// encode writes what of the case's row is JSON.
func (st *step) encode() (err error) {
	if st.mem, err = json.Marshal(&st.c.Memory); err == nil {
		st.clock, err = json.Marshal(&st.c.Term)
	}
	return err
}

func (st *step) insertChildren(q *statement) {
	n := len(st.children)
	slots, procs, ids, to := make([]string, n), make([]string, n), make([]uuid.UUID, n), make([]string, n)
	for i, c := range st.children {
		slots[i], procs[i], ids[i], to[i] = c.Slot, string(c.Procedure), c.ID, c.Addressed
	}
	q.with("opened", `INSERT INTO `+q.of("case_children")+` (case_id, slot, gen, procedure_id, child_id, addressed)
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
		q.with("reported", `UPDATE `+q.of("case_children")+` k SET outcome = `+q.arg(string(r.Outcome))+`, output = `+q.arg(output)+`, reported_at = `+q.arg(st.events[0].At)+`
			FROM moved WHERE k.case_id = moved.id AND k.slot = `+q.arg(r.Slot)+` AND k.gen = `+q.arg(r.Gen)+` AND k.outcome IS NULL`)
	}
	if len(st.cancelled) > 0 {
		ids := make([]uuid.UUID, len(st.cancelled))
		for i, k := range st.cancelled {
			ids[i] = k.ID
		}
		q.with("unneeded", `UPDATE `+q.of("case_children")+` k SET cancelled = true FROM moved WHERE k.case_id = moved.id AND k.child_id = ANY (`+q.arg(ids)+`::uuid[])`)
	}
	if len(st.detached) > 0 {
		q.with("detached", `UPDATE case_children k SET detached = true FROM moved WHERE k.case_id = moved.id AND k.child_id = ANY (`+q.arg(st.detached)+`::uuid[])`)
	}
	return nil
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
