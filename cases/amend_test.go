package cases

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// asked is Lan's case with a supplement asked for: the stall is not clear.
func (o *office) asked() *Case {
	o.t.Helper()
	c := o.examined()
	o.act(hand70, c, "ask", Input{Items: []AskedItem{{Item: "stall", Reason: "Số mét vuông không khớp bản vẽ"}},
		Judgements: []Judgement{{Item: "who", Verdict: Satisfied}, {Item: "stall", Verdict: NotSatisfied, Reason: "Số mét vuông không khớp bản vẽ"}}})
	return o.get(lan, c.Code)
}

func (o *office) amendment(c *Case) *Amendment {
	o.t.Helper()
	am, err := o.Amendment(o.t.Context(), lan, c.Code)
	o.ok(err)
	return am
}

// Corrections are kept until they are handed in, also wrong ones, and then go
// with the papers in one step; a second hand-in finds nothing asked any more.
func TestAmend(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.asked()
	size := func(n any) map[string]any { return map[string]any{"stall": map[string]any{"size": n}} }

	problems, err := o.Amend(t.Context(), lan, c.Code, size(int64(400)))
	o.ok(err)
	if len(problems) != 1 || problems[0].At != "/stall/size" {
		t.Errorf("400 m²: problems %+v", problems)
	}
	problems, err = o.Amend(t.Context(), lan, c.Code, size(int64(4)))
	o.ok(err)
	if problems != nil {
		t.Errorf("4 m²: problems %+v", problems)
	}
	f, err := o.AddCaseFile(t.Context(), lan, c.Code, "drawing", "moi.pdf", []byte("%PDF-1.4\n%%EOF\n"))
	o.ok(err)
	am := o.amendment(c)
	want := []Change{{What: workflow.Text{VI: "Số mét vuông", EN: "Square metres"}, Before: workflow.Text{VI: "3", EN: "3"}, After: workflow.Text{VI: "4", EN: "4"}}}
	if d := cmp.Diff(want, am.Changes); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	if len(am.Items) != 1 || !am.Items[0].Changed || len(am.Items[0].Answers) != 2 || len(am.Files) != 1 {
		t.Errorf("amendment %+v", am)
	}
	if seen := o.get(hand70, c.Code); len(seen.Files) != 0 || seen.Revision != c.Revision {
		t.Errorf("the office sees files %v, revision %d", seen.Files, seen.Revision)
	}
	cmd := Command{Code: c.Code, ID: uuid.New(), Revision: c.Revision, Event: "supply"}
	done, err := o.HandIn(t.Context(), lan, cmd)
	o.ok(err)
	if got := done.Changed["/stall/size"]; done.State != "examine" || got != float64(3) && got != int64(3) || len(done.Files) != 1 || done.Files[0].ID != f.ID {
		t.Errorf("handed in: %s, changed %v, files %v", done.State, done.Changed, done.Files)
	}
	if _, err := o.HandIn(t.Context(), lan, cmd); !isNotAllowed(err) {
		t.Errorf("handed in again: %v", err)
	}
}

// What was not asked for is not changed, nothing is handed in without a word,
// and nobody else amends.
func TestAmendRefuses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.asked()
	_, err := o.Amend(t.Context(), lan, c.Code, map[string]any{"applicant": map[string]any{"fullName": "Người Khác"}})
	if invalid, ok := errors.AsType[*InvalidError](err); !ok || invalid.Problems[0].At != forms.Pointer("/applicant/fullName") {
		t.Errorf("another section: %v", err)
	}
	_, err = o.HandIn(t.Context(), lan, Command{Code: c.Code, ID: uuid.New(), Event: "supply"})
	if _, ok := errors.AsType[*InvalidError](err); !ok {
		t.Errorf("nothing corrected: %v", err)
	}
	if _, err := o.Amendment(t.Context(), minh, c.Code); !errors.Is(err, ErrNotFound) {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := o.Amendment(t.Context(), hand70, c.Code); !isNotAllowed(err) {
		t.Errorf("an officer: %v", err)
	}
	done, err := o.HandIn(t.Context(), lan, Command{Code: c.Code, ID: uuid.New(), Event: "supply", Input: Input{Note: "Bản vẽ đã ghi đúng"}})
	o.ok(err)
	if done.State != "examine" {
		t.Errorf("with a note: %s", done.State)
	}
}

// A paper that was uploaded by mistake is taken back; one of the filing stays.
func TestRemoveCaseFile(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.asked()
	f, err := o.AddCaseFile(t.Context(), lan, c.Code, "drawing", "nham.pdf", []byte("%PDF-1.4\n%%EOF\n"))
	o.ok(err)
	filed := uuid.New()
	_, err = o.db.Exec(t.Context(), `
		INSERT INTO case_files (id, owner_id, attachment, name, type, size, sha256, content, uploaded_by, uploaded_at)
		VALUES ($1, $2, 'drawing', 'cu.pdf', 'application/pdf', 1, '', 'x', $3, $4)`, filed, c.ID, lan.ID, o.time.Add(-time.Hour))
	o.ok(err)
	o.ok(o.RemoveCaseFile(t.Context(), lan, c.Code, f.ID))
	if got := len(o.amendment(c).Files); got != 0 {
		t.Errorf("%d uploaded files are left", got)
	}
	o.ok(o.RemoveCaseFile(t.Context(), lan, c.Code, filed))
	if files := o.get(lan, c.Code).Files; len(files) != 1 || files[0].ID != filed {
		t.Errorf("of the filing %v is left", files)
	}
}

func isNotAllowed(err error) bool {
	_, ok := errors.AsType[*workflow.NotAllowedError](err)
	return ok
}
