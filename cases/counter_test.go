package cases

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
)

// A counter decides within a term of seven working days, which its approver may
// lengthen; the citizen may be asked meanwhile, and the term stands still.
const counterFlow = `file: {to: examine, effects: [issue-receipt]}
roles:
  applicant: {kind: citizen}
  handler: {kind: officer, at: competent, title: {vi: Thụ lý, en: Handler}}
  approver: {kind: officer, at: competent, title: {vi: Phê duyệt, en: Approver}}
clock: {starts: file, after-supplement: continue}
states:
  examine:
    title: {vi: Thẩm định, en: Examination}
    kind: task
    owner: handler
    within: 2wd
    actions:
      propose: {title: {vi: Trình, en: Propose}, to: approve}
      ask: {title: {vi: Hỏi, en: Ask}, to: asked, max: 3}
  asked:
    title: {vi: Chờ Ông/Bà trả lời, en: Awaiting your answer}
    kind: wait
    for: applicant
    clock: paused
    actions: {answer: {title: {vi: Trả lời, en: Answer}, to: examine}}
    after: {30d: {to: lapsed}}
  approve:
    title: {vi: Phê duyệt, en: Approval}
    kind: task
    owner: approver
    within: 1wd
    actions:
      grant: {title: {vi: Cấp, en: Grant}, to: granted}
      return: {title: {vi: Trả lại, en: Return}, to: examine, max: 2}
  granted: {title: {vi: Đã cấp, en: Granted}, kind: final, outcome: granted}
  lapsed: {title: {vi: Hết hạn, en: Lapsed}, kind: final, outcome: lapsed, negative: true}
  withdrawn: {title: {vi: Đã rút, en: Withdrawn}, kind: final, outcome: withdrawn, negative: true}
withdraw: {by: applicant, to: withdrawn}
extend: {by: approver, up-to: 5wd, max: 1, in: [examine, approve], law: "Luật Chợ, Điều 7"}
`

const counterProcedure = `id: counter
version: 1
kind: internal
name: {vi: Quầy, en: Counter}
limits:
  - {limit: 7wd, title: {vi: Bảy ngày làm việc, en: Seven working days}, law: "Luật Chợ, Điều 6"}
documents:
  receipt: {title: {vi: Giấy hẹn, en: Receipt}, number: "{seq}/TN-UB", body: {vi: "Hẹn {case.due}", en: "Due {case.due}"}}
`

// newCounter is an office with the counter, its workflow with every old text
// replaced by the new one that follows it, and with a revision of the calendar.
func newCounter(t *testing.T, revision int, oldNew ...string) *office {
	t.Helper()
	tree := fstest.MapFS{"counter/workflow.yaml": &fstest.MapFile{Data: []byte(strings.NewReplacer(oldNew...).Replace(counterFlow))}, "counter/procedure.yaml": &fstest.MapFile{Data: []byte(counterProcedure)}}
	for to, name := range map[string]string{"common/elements.yaml": "common/elements.yaml", "common/person.json": "common/person.json", "counter/form.schema.json": "opinion/form.schema.json"} {
		text, err := os.ReadFile("../procedures/testdata/sound/" + name)
		if err != nil {
			t.Fatal(err)
		}
		tree[to] = &fstest.MapFile{Data: text}
	}
	o := officeOf(t, tree)
	o.renew(revision)
	return o
}

// renew replaces the office's node by one with that revision of the calendar, on the same database.
func (o *office) renew(revision int) {
	o.t.Helper()
	cfg := o.cfg
	cfg.Calendar = calendar.VietnamRevisions()[revision-1]
	var err error
	o.Service, err = New(o.t.Context(), cfg)
	o.ok(err)
}

var (
	handler  = officer("ub-00070-thuly", agency.Seat{Agency: "UB-00070", Role: "handler"})
	approver = officer("ub-00070-pheduyet", agency.Seat{Agency: "UB-00070", Role: "approver"})
)

// at sets the time: "2026-11-23 09:00" in Hanoi.
func (o *office) at(s string) {
	o.t.Helper()
	var err error
	o.time, err = time.ParseInLocation("2006-01-02 15:04", s, calendar.Hanoi)
	o.ok(err)
}

// isDue holds a case's due date against the one wanted.
func (o *office) isDue(c *Case, want string) {
	o.t.Helper()
	if got := c.DueAt.In(calendar.Hanoi).Format("2006-01-02 15:04"); got != want {
		o.t.Errorf("the term ends %s, want %s", got, want)
	}
}

// whole calls a sweep until it finds nothing.
func (o *office) whole(sweep func() (int, error)) (n int) {
	o.t.Helper()
	for {
		k, err := sweep()
		o.ok(err)
		if n += k; k == 0 {
			return n
		}
	}
}
