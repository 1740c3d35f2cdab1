package cases

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/workflow"
)

// The history tells every step in words, and keeps from citizens what officers
// tell each other.
func TestHistoryInWords(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070", Fee: 7000})
	o.signal(c, "paid")
	o.setState(c, "examine", "UB-00070", "handler")
	judgements := []Judgement{{Item: "who", Verdict: Satisfied}, {Item: "stall", Verdict: NotSatisfied, Reason: "mờ"}}
	o.act(hand70, c, "ask", Input{Note: "nội bộ", Findings: "nghi ngờ", Items: []AskedItem{{Item: "stall", Reason: "mờ"}}, Judgements: judgements})
	o.pass(40 * 24 * time.Hour)
	o.ok(o.Timeout(t.Context(), c.ID, "30d", o.generation(c)))
	var got []string
	for _, e := range o.get(hand70, c.Code).Events {
		got = append(got, e.Title.VI+" → "+e.ToTitle.VI)
	}
	want := []string{"Nộp hồ sơ → Chờ nộp phí", "Đã nhận được thanh toán → Chờ tiếp nhận", "Yêu cầu bổ sung → Chờ Ông/Bà bổ sung", "Hết hạn chờ (30 ngày) → Quá hạn"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("titles (-want +got):\n%s", d)
	}
	seen := o.get(lan, c.Code)
	in := seen.Events[2].Input
	if in.Note != "" || in.Findings != "" || in.Judgements != nil || in.Items[0].Title.EN != "The stall" || seen.Checklist != nil {
		t.Errorf("the citizen reads %+v and the checklist %+v", in, seen.Checklist)
	}
	if full := o.get(hand70, c.Code).Events[2].Input; full.Note != "nội bộ" || len(full.Judgements) != 2 {
		t.Errorf("the officer reads %+v", full)
	}
	if seen.Outcome != "lapsed" || !seen.Negative || seen.Allowed != nil || seen.Asked != nil {
		t.Errorf("the ended case: %+v", seen)
	}
}

// generation is the event that armed the case's present timers.
func (o *office) generation(c *Case) int {
	o.t.Helper()
	now, err := o.snapshot(o.t.Context(), c.ID, uuid.Nil)
	o.ok(err)
	return now.Memory.Gen
}

// What may not be done now is there all the same, and says why.
func TestAllowedSaysWhy(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.examined()
	why := func(a agency.Actor) map[workflow.Event]string {
		got := map[workflow.Event]string{}
		for _, al := range o.get(a, c.Code).Allowed {
			if al.Enabled != (al.Why.VI == "") || al.Title.VI == "" || al.Title.EN == "" {
				t.Errorf("%s: %+v", al.Event, al)
			}
			got[al.Event] = al.Why.EN
		}
		return got
	}
	hold := func(when string, a agency.Actor, want map[workflow.Event]string) {
		t.Helper()
		if d := cmp.Diff(want, why(a)); d != "" {
			t.Errorf("%s (-want +got):\n%s", when, d)
		}
	}
	hold("nothing judged", hand70, map[workflow.Event]string{"grant": "Not judged yet: Applicant, The stall", "ask": "Not judged yet: Applicant, The stall", "refuse": ""})
	hold("the applicant", lan, map[workflow.Event]string{"withdraw": ""})
	hold("another role", desk70, map[workflow.Event]string{})
	o.ok(o.Judge(t.Context(), hand70, c.Code, []Judgement{{Item: "who", Verdict: Satisfied}, {Item: "stall", Verdict: NotNeeded}}))
	hold("all judged", hand70, map[workflow.Event]string{"grant": "", "ask": "No item is judged not satisfied", "refuse": ""})
	o.ok(o.Judge(t.Context(), hand70, c.Code, []Judgement{{Item: "stall", Verdict: NotSatisfied, Reason: "mờ"}}))
	for range 2 {
		o.act(hand70, c, "ask", Input{Items: []AskedItem{{Item: "stall", Reason: "mờ"}}, Judgements: []Judgement{{Item: "stall", Verdict: NotSatisfied, Reason: "mờ"}}})
		o.act(lan, c, "supply", Input{Answers: map[string]any{}, Files: []uuid.UUID{uuid.New()}})
	}
	hold("asked twice, and asked by the same officer", hand70, map[workflow.Event]string{"grant": "Not judged yet: The stall",
		"ask": "Used as often as allowed (2)", "refuse": "Whoever did “Ask for a supplement” may not do this step"})
	hold("a colleague", chief, map[workflow.Event]string{"grant": "Not judged yet: The stall", "ask": "Used as often as allowed (2)", "refuse": ""})
}

// A parent shows where its sub-cases stand and, to officers and whom they are
// addressed to, what they issued; not what they hold. A sub-case names its parent.
func TestChildren(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	parent := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	child := o.receive(received{Applicant: minh.ID, Name: minh.Name, Receiving: "UB-00004", Competent: "UB-00004", Procedure: "opinion", Parent: parent})
	paper, unopened := uuid.New(), uuid.New()
	_, err := o.db.Exec(t.Context(), `
		WITH kids AS (
			INSERT INTO case_children (case_id, slot, gen, procedure_id, child_id, addressed)
			VALUES ($1, 'owner', 1, 'opinion', $2, $3), ($1, 'second', 1, 'opinion', $4, $3)),
		issued AS (
			INSERT INTO case_documents (id, case_id, kind, title, number, sha256, content, issued_at, agency)
			VALUES ($5, $2, 'result', '{"vi": "Ý kiến", "en": "Opinion"}', '1', 'sum', 'PDF', $6, 'UB-00004'))
		UPDATE cases SET memory = memory || '{"children": true}' WHERE id = $1`, parent.ID, child.ID, minh.ID, unopened, paper, o.time)
	o.ok(err)
	got := o.get(lan, parent.Code)
	if len(got.Children) != 2 {
		t.Fatalf("children: %+v", got.Children)
	}
	first, second := got.Children[0], got.Children[1]
	if first.Link.Code != child.Code || first.Link.Title.EN != "Opinion" || first.State.EN != "Awaiting the opinion" || first.Addressed != minh.Name ||
		first.Agency != "UB-00004" || len(first.Documents) != 0 {
		t.Errorf("the first child: %+v", first)
	}
	if k := o.get(officer("h", agency.Seat{Agency: "UB-00070", Role: agency.Handler}), parent.Code).Children[0]; len(k.Documents) != 1 {
		t.Errorf("the first child, as an officer sees it: %+v", k)
	}
	if second.Link != (Link{}) || second.State.EN != "Being opened" {
		t.Errorf("the second child: %+v", second)
	}
	if _, _, err := o.Document(t.Context(), officer("h", agency.Seat{Agency: "UB-00070", Role: agency.Handler}), parent.Code, paper); err != nil {
		t.Errorf("the child's paper through the parent: %v", err)
	}
	if _, _, err := o.Document(t.Context(), lan, parent.Code, paper); !errors.Is(err, ErrNotFound) {
		t.Errorf("another citizen's paper through one's own case: %v", err)
	}
	if _, err := o.Get(t.Context(), lan, child.Code); !errors.Is(err, ErrNotFound) {
		t.Errorf("the parent's applicant opens the child: %v", err)
	}
	if up := o.get(minh, child.Code).Parent; up == nil || up.Code != parent.Code || up.Title.VI != "Mở sạp hàng" {
		t.Errorf("the child's parent: %+v", up)
	}
}

// The due date comes with its computation; while the term stands still it moves.
func TestDueBecause(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	if !c.DueAt.IsZero() || c.DueBecause != nil {
		t.Errorf("before acceptance: due %s because %v", c.DueAt, c.DueBecause)
	}
	_, err := o.db.Exec(t.Context(), `UPDATE cases SET due_at = '2026-11-11T17:00+07:00', clock = clock || '{"start": "2026-11-02T09:00:00+07:00"}' WHERE id = $1`, c.ID)
	o.ok(err)
	got := o.get(lan, c.Code)
	if last := got.DueBecause[len(got.DueBecause)-1]; !strings.Contains(last.VI, "hết thời hạn 7 ngày làm việc") || last.Day != "2026-11-11" {
		t.Errorf("because %+v", got.DueBecause)
	}
	_, err = o.db.Exec(t.Context(), `UPDATE cases SET clock = clock || '{"paused": "2026-11-03T10:00:00+07:00"}' WHERE id = $1`, c.ID)
	o.ok(err)
	o.time = time.Date(2026, time.November, 6, 10, 0, 0, 0, o.time.Location()) // three closes of business later
	if got := o.get(lan, c.Code); dayOf(got.DueAt) != "2026-11-16" {
		t.Errorf("paused for three working days, due %s", got.DueAt)
	}
}

// An officer's look, search and opened paper are in the log of reads, one entry
// for each person, and so is a look that an officer was refused; those of
// citizens are not.
func TestLooksAreLogged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Subject: minh.ID, SubjectName: minh.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	paper := uuid.New()
	_, err := o.db.Exec(t.Context(), `INSERT INTO case_documents (id, case_id, kind, title, number, sha256, content, issued_at) VALUES ($1, $2, 'receipt', '{}', '', '', 'PDF', $3)`, paper, c.ID, o.time)
	o.ok(err)
	var want []string
	check := func(what, number string, added ...string) {
		t.Helper()
		entries, _, err := audit.Reads(t.Context(), o.db, number, "", 100)
		o.ok(err)
		var got []string
		for _, e := range entries {
			got = append(got, e.Reader+": "+e.Purpose+" ["+strings.Join(e.Fields, " ")+"] "+e.Basis)
		}
		want = append(slices.Clone(added), want...)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}
	o.get(lan, c.Code)
	o.get(minh, c.Code)
	if _, err := o.Get(t.Context(), hand04, c.Code); !errors.Is(err, ErrNotFound) {
		t.Errorf("another agency: %v", err)
	}
	check("citizens and strangers", lan.ID, "ub-00004-thuly: Mở hồ sơ bị từ chối vì không có thẩm quyền [none] refused")
	o.get(desk70, c.Code)
	check("an officer", lan.ID, "ub-00070-tiepnhan: Giải quyết hồ sơ "+string(c.Code)+" [case fullName] law: Luật Chợ")
	_, err = o.Search(t.Context(), desk70, "lan nguyen")
	o.ok(err)
	check("a search", lan.ID, "ub-00070-tiepnhan: Tìm hồ sơ để giải quyết [case fullName] law: Nghị định 118/2025/NĐ-CP")
	_, _, err = o.Document(t.Context(), desk70, c.Code, uuid.New())
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("no such paper: %v", err)
	}
	check("a paper that is not there", lan.ID)
	_, _, err = o.Document(t.Context(), desk70, c.Code, paper)
	o.ok(err)
	check("a paper", lan.ID, "ub-00070-tiepnhan: Xem giấy tờ của hồ sơ "+string(c.Code)+" [document] law: Luật Chợ")
	_, err = o.Worklist(t.Context(), desk70, WorklistQuery{})
	o.ok(err)
	check("a list", lan.ID)
	entries, _, err := audit.Reads(t.Context(), o.db, minh.ID, "", 100)
	o.ok(err)
	if len(entries) != 4 || !slices.Equal(entries[2].Fields, []string{"case"}) {
		t.Errorf("the subject's log: %+v", entries)
	}
}

// A look that cannot be logged does not happen.
func TestNoLookWithoutLog(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	_, err := pgtest.Owner(t, o.db).Exec(t.Context(), `ALTER TABLE access_log ADD CONSTRAINT stopped CHECK (subject_number <> '`+lan.ID+`')`)
	o.ok(err)
	if v, err := o.Get(t.Context(), desk70, c.Code); err == nil || v != nil {
		t.Errorf("the officer sees %v without an entry", v)
	}
	if found, err := o.Search(t.Context(), desk70, "lan"); err == nil || found != nil {
		t.Errorf("the search shows %v without an entry", found)
	}
	o.get(lan, c.Code) // the citizen's own look needs none
}
