package cases

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/message"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// A fair asks four sellers at once and is joined by one of the rules; then a
// clerk may ask again. One procedure a rule.
const fairFlow = `file: {to: asking}
roles:
  applicant: {kind: citizen}
  handler: {kind: officer, at: competent, title: {vi: Cán bộ, en: Officer}}
states:
  asking:
    title: {vi: Chờ ý kiến, en: Asking}
    kind: subcases
    open:
      - {name: a, procedure: seller, of: applicant, share: [applicant]}
      - {name: b, procedure: seller, of: applicant, share: [applicant]}
      - {name: c, procedure: seller, of: applicant, share: [applicant]}
      - {name: d, procedure: seller, of: applicant, share: [applicant]}
    join: {rule: RULE, window: 5wd, then: agreed, refused: disagreed, late: silent}
  agreed:
    title: {vi: Đồng ý, en: Agreed}
    kind: task
    owner: handler
    within: 1wd
    actions: {again: {title: {vi: Hỏi lại, en: Again}, to: asking, max: 500}, end: {title: {vi: Xong, en: End}, to: granted}}
  disagreed:
    title: {vi: Không đồng ý, en: Disagreed}
    kind: task
    owner: handler
    within: 1wd
    actions: {again: {title: {vi: Hỏi lại, en: Again}, to: asking, max: 500}, end: {title: {vi: Xong, en: End}, to: granted}}
  silent:
    title: {vi: Không trả lời, en: Silent}
    kind: task
    owner: handler
    within: 1wd
    actions: {again: {title: {vi: Hỏi lại, en: Again}, to: asking, max: 500}, end: {title: {vi: Xong, en: End}, to: granted}}
  granted: {title: {vi: Xong, en: Done}, kind: final, outcome: granted}
  withdrawn: {title: {vi: Đã rút, en: Withdrawn}, kind: final, outcome: withdrawn, negative: true}
withdraw: {by: applicant, to: withdrawn}
`

const fairProcedure = `id: ID
version: 1
kind: internal
name: {vi: Phiên chợ, en: Fair}
`

const sellerFlow = `file: {to: asked}
roles:
  applicant: {kind: citizen}
states:
  asked:
    title: {vi: Chờ trả lời, en: Asked}
    kind: wait
    for: applicant
    actions:
      agree: {title: {vi: Đồng ý, en: Agree}, to: agreed}
      disagree: {title: {vi: Không, en: Disagree}, to: disagreed}
    after: {9wd: {to: lapsed}}
  agreed: {title: {vi: Đồng ý, en: Agreed}, kind: final, outcome: agreed}
  disagreed: {title: {vi: Không, en: Disagreed}, kind: final, outcome: disagreed, negative: true}
  lapsed: {title: {vi: Hết hạn, en: Lapsed}, kind: final, outcome: lapsed, negative: true}
`

const classes = "outcomes: {agreed: ok, disagreed: stop, lapsed: gap, cancelled: gap, timed-out: gap}"

// joinRules are the fairs by their procedures.
var joinRules = map[procedures.ID]string{
	"fair-all":     "all, ok: [agreed]",
	"fair-any":     "any, ok: [agreed]",
	"fair-count":   "count, count: 2, " + classes,
	"fair-first":   "first-negative, " + classes,
	"fair-settled": "settled",
	"fair-remind":  "all, ok: [agreed], remind: 2wd",
	"fair-leave":   "any, ok: [agreed], rest: leave",
}

// fairs is the tree of procedures.
func fairs(t testing.TB) fstest.MapFS {
	t.Helper()
	tree := fstest.MapFS{}
	for _, name := range []string{"common/elements.yaml", "common/person.json", "opinion/form.schema.json"} {
		text, err := os.ReadFile("../procedures/testdata/sound/" + name)
		if err != nil {
			t.Fatal(err)
		}
		tree[name] = &fstest.MapFile{Data: text}
	}
	form := tree["opinion/form.schema.json"]
	delete(tree, "opinion/form.schema.json")
	put := func(id, flow string) {
		tree[id+"/form.schema.json"] = form
		tree[id+"/procedure.yaml"] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(fairProcedure, "ID", id))}
		tree[id+"/workflow.yaml"] = &fstest.MapFile{Data: []byte(flow)}
	}
	put("seller", sellerFlow)
	for id, rule := range joinRules {
		put(string(id), strings.ReplaceAll(fairFlow, "RULE", rule))
	}
	return tree
}

// newFair is an office with the fairs.
func newFair(t *testing.T) *office {
	t.Helper()
	return officeOf(t, fairs(t))
}

// owedByAuthors are obligations that the engine does not rest upon: the tests'
// procedures tell nobody anything, and let windows and answers overtake each other.
var owedByAuthors = []string{"NOTIFY", "JOIN", "SENDS", "TESTS"}

// officeOf is an office with the procedures of a tree.
func officeOf(t *testing.T, tree fstest.MapFS) *office {
	t.Helper()
	o := &office{t: t, db: pgtest.New(t), time: time.Date(2026, time.November, 2, 9, 0, 0, 0, calendar.Hanoi)}
	o.ok(agency.LoadDemo(t.Context(), pgtest.Owner(t, o.db)))
	now := func() time.Time { return o.time }
	agencies, err := agency.New(t.Context(), agency.Config{DB: o.db, Now: now})
	o.ok(err)
	catalogue, findings := procedures.Load(tree)
	for _, f := range findings {
		if !f.Warning && !slices.Contains(owedByAuthors, f.Code) {
			t.Fatalf("the test's procedures: %+v", f)
		}
	}
	o.Service, err = New(t.Context(), Config{DB: o.db, Procedures: catalogue, Agencies: agencies, Calendar: calendar.Vietnam(),
		Records: noRecords{}, Outbox: noBells{}, Now: now})
	o.ok(err)
	return o
}

// fair files a case of a fair's procedure, below the form.
func (o *office) fair(id procedures.ID) *snapshot {
	o.t.Helper()
	p, ok := o.cfg.Procedures.Get(id)
	if !ok {
		o.t.Fatalf("no procedure %s", id)
	}
	b := &body{Revision: 1, ApplicantName: lan.Name, SubjectName: lan.Name, Answers: map[string]any{}, Digest: "digest",
		Session: map[string]any{"personalNumber": lan.ID, "level": int64(2)}, Given: map[string]any{},
		Records: map[string]subjectRecord{"applicant": {Kind: "person", Key: lan.ID, Record: forms.Record{State: "fetched", Values: map[string]any{"fullName": lan.Name}}}}}
	c := &snapshot{ID: uuid.Must(uuid.NewV7()), Procedure: p, Applicant: lan.ID, Subject: lan.ID, Receiving: "UB-00070", Competent: "UB-00070"}
	state, err := p.Form.Evaluate(b.context("", dayOf(o.time), o.checkUnit))
	o.ok(err)
	at, _ := o.cfg.Agencies.Agency("UB-00070")
	_, err = o.open(o.t.Context(), &step{c: c, body: b}, at, &evaluated{body: b, State: state},
		order{Command: c.ID, Trigger: workflow.Trigger{Kind: workflow.ByFile, Event: "file"}, Actor: lan})
	o.ok(err)
	return o.now1(c.ID)
}

// now1 is a case as the database has it.
func (o *office) now1(id ID) *snapshot {
	o.t.Helper()
	c, err := o.snapshot(o.t.Context(), id, uuid.Nil)
	o.ok(err)
	return c
}

// sealed is a message as another case would send it.
func (o *office) sealed(kind message.Type, id uuid.UUID, to ID, slot string, gen int, payload any) []byte {
	o.t.Helper()
	e := &message.Envelope{ID: id, Source: message.Place{Installation: o.cfg.Office.Name(), Agency: "UB-00004"},
		Target: message.Place{Installation: o.cfg.Office.Name()}, Case: to, Type: kind, Slot: slot, Gen: gen, SentAt: o.time, ExpiresAt: o.time.Add(message.Life)}
	content, err := o.cfg.Office.Seal(e, payload)
	if err != nil {
		o.t.Error(err)
	}
	return content
}

// outcome is the message by which the sub-case of a slot reports how it ended.
func (o *office) outcome(c *snapshot, slot string, how workflow.Outcome) []byte {
	o.t.Helper()
	gen := c.Memory.Gen
	return o.sealed(message.Outcome, derived(c.ID, fmt.Sprintf("outcome %s %d", slot, gen)), c.ID, slot, gen,
		Report{Parent: c.ID, Slot: slot, Gen: gen, Outcome: how})
}

// Cancel lets the parent of a sub-case say that it is no longer needed.
func (o *office) Cancel(ctx context.Context, id ID, command uuid.UUID) error {
	return o.system(ctx, id, order{Command: command, Trigger: workflow.Trigger{Kind: workflow.ByCancel, Event: "cancel"},
		Actor: agency.Actor{Kind: agency.System, ID: "parent case"}})
}
