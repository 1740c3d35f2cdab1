package cases

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

// A case stands in the tab that its state calls for, at both its agencies, and
// moves with it.
func TestWorklistTabs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00004", Fee: 20000})
	both := []agency.Actor{desk70, hand04}
	check := func(when string, want map[string]Tab) {
		t.Helper()
		for _, a := range both {
			for _, tab := range Tabs {
				got := codesIn(t, o, a, tab)
				if in := tab == want[a.ID] || tab == TabAll; in != slices.Contains(got, c.Code) {
					t.Errorf("%s: %s has %v in %s", when, a.ID, got, tab)
				}
				for _, state := range []workflow.State{"payment", "intake", "declined", "granted", "unheard-of"} {
					w, err := o.Worklist(t.Context(), a, WorklistQuery{Tab: tab, Procedure: "stall", State: state})
					o.ok(err)
					if n := len(w.Rows); n != w.Counts[tab].N || (n == 1) != (state == o.get(lan, c.Code).State && slices.Contains(got, c.Code)) {
						t.Errorf("%s: %s has %d in %s, state %s, and counts %+v", when, a.ID, n, tab, state, w.Counts[tab])
					}
				}
			}
		}
	}
	check("unpaid", map[string]Tab{desk70.ID: TabApplicant, hand04.ID: TabApplicant})
	o.signal(c, "paid")
	check("paid", map[string]Tab{desk70.ID: TabUnassigned})
	o.ok(o.Take(t.Context(), desk70, c.Code))
	check("taken", map[string]Tab{desk70.ID: TabMine})
	o.act(desk70, c, "decline", Input{Grounds: []string{"no-place"}})
	check("declined", map[string]Tab{desk70.ID: TabDecided, hand04.ID: TabDecided})
}

// Tasks come in the order of their dates, pages fit together, filters hold, and
// the row says what the table shows.
func TestWorklistOrder(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var want []Code
	for range 5 {
		want = append(want, o.receive(received{Applicant: lan.ID, Name: lan.Name, Subject: minh.ID, SubjectName: minh.Name, Receiving: "UB-00070", Competent: "UB-00070"}).Code)
		o.pass(24 * time.Hour)
	}
	var got []Code
	q := WorklistQuery{Limit: 2, Agency: "UB-00070", Procedure: "stall", State: "intake"}
	for {
		w, err := o.Worklist(t.Context(), desk70, q)
		o.ok(err)
		for _, r := range w.Rows {
			got = append(got, r.Code)
		}
		if w.Counts[TabUnassigned].N != 5 || w.Counts[TabMine].N != 0 || w.Counts[TabAll].N != 5 {
			t.Errorf("counts %+v", w.Counts)
		}
		if q.Cursor = w.Next; w.Next == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	w, err := o.Worklist(t.Context(), desk70, WorklistQuery{Limit: 1})
	o.ok(err)
	r := w.Rows[0]
	if r.Applicant != lan.Name || r.Subject != minh.Name || r.Title.VI != "Mở sạp hàng" || r.StateTitle.EN != "Awaiting acceptance" || r.VariantOf.EN != "Small" ||
		r.Role != "reception" || r.Seen || r.TaskDueAt.IsZero() || r.Since.IsZero() {
		t.Errorf("the row says %+v", r)
	}
	if w, err := o.Worklist(t.Context(), desk70, WorklistQuery{State: "examine"}); err != nil || len(w.Rows) != 0 {
		t.Errorf("another state: %v, %d rows", err, len(w.Rows))
	}
	for _, bad := range []error{
		lookErr(o.Worklist(t.Context(), lan, WorklistQuery{})), lookErr(o.Worklist(t.Context(), desk70, WorklistQuery{Agency: "UB-00004"})),
	} {
		if !errors.Is(bad, ErrForbidden) {
			t.Errorf("got %v, want ErrForbidden", bad)
		}
	}
	_, err = o.Worklist(t.Context(), desk70, WorklistQuery{Cursor: "nonsense"})
	if _, ok := errors.AsType[*CursorError](err); !ok {
		t.Errorf("a foreign cursor: %v", err)
	}
}

func lookErr[T any](_ T, err error) error { return err }

// The home page counts what the officer has to do, by the day in Hanoi.
func TestCounts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	old := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"}) // due on Tuesday at 17:00
	o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070", Fee: 1000})
	o.pass(24 * time.Hour)
	o.receive(received{Applicant: minh.ID, Name: minh.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	o.ok(o.Take(t.Context(), desk70, old.Code))
	n, err := o.Counts(t.Context(), desk70)
	o.ok(err)
	if n.DueToday.N != 1 || n.Overdue.N != 0 || n.Mine.N != 1 || n.New.N != 1 {
		t.Errorf("on Tuesday morning: %+v", n)
	}
	o.pass(9 * time.Hour)
	if n, err = o.Counts(t.Context(), desk70); err != nil || n.DueToday.N != 0 || n.Overdue.N != 1 {
		t.Errorf("on Tuesday evening: %+v, %v", n, err)
	}
	if len(n.Procedures) != 2 || n.Procedures[0].N != 2 || n.Procedures[0].StateTitle.EN != "Awaiting acceptance" || n.Procedures[1].Waits != "applicant" {
		t.Errorf("by state: %+v", n.Procedures)
	}
}

// A citizen's list begins with what waits for the citizen, and says in one
// sentence where each case stands.
func TestMine(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	done := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	o.act(desk70, done, "decline", Input{Grounds: []string{"no-place"}})
	asked := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070", Procedure: "opinion", Parent: done})
	unpaid := o.receive(received{Applicant: lan.ID, Name: lan.Name, Subject: minh.ID, SubjectName: minh.Name, Receiving: "UB-00070", Competent: "UB-00070", Fee: 5000})
	running := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	list, _, err := o.Mine(t.Context(), lan, "", "", 0)
	o.ok(err)
	var got []string
	for _, c := range list {
		got = append(got, string(c.Code)+" "+c.Status.VI)
	}
	want := []string{
		string(unpaid.Code) + " Cần Ông/Bà thực hiện: Nộp phí, trước hết ngày 05/11/2026",
		string(asked.Code) + " Cần Ông/Bà thực hiện: Ý kiến, trước hết ngày 09/11/2026",
		string(running.Code) + " UBND phường Hoàn Kiếm đang xử lý: Chờ tiếp nhận",
		string(done.Code) + " Không nhận, ngày 02/11/2026",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if !list[1].SubCase || !list[3].Negative || list[0].Subject != minh.Name {
		t.Errorf("list %+v", list)
	}
	// Minh knows of the case that is about him, and need not act in it.
	list, _, err = o.Mine(t.Context(), minh, MineOpen, "", 0)
	o.ok(err)
	if len(list) != 1 || list[0].NeedsMe || list[0].Status.EN != "Waiting for the applicant: Awaiting the fee" {
		t.Errorf("the subject's list: %+v", list)
	}
	for filter, n := range map[MineFilter]int{MineNeedsMe: 2, MineOpen: 3, MineDone: 1} {
		if list, _, err := o.Mine(t.Context(), lan, filter, "", 0); err != nil || len(list) != n {
			t.Errorf("%s: %d cases, %v; want %d", filter, len(list), err, n)
		}
	}
}

// Messages come newest first, page by page, and are read once.
func TestNotices(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	for i := range 3 {
		_, err := o.db.Exec(t.Context(), `INSERT INTO notices (id, to_whom, case_id, code, text, at) VALUES (gen_random_uuid(), $1, $2, $3, '{"vi": "Tin", "en": "News"}', $4)`,
			lan.ID, c.ID, c.Code, o.time.Add(time.Duration(i)*time.Minute))
		o.ok(err)
	}
	first, next, err := o.Notices(t.Context(), lan, "", 2)
	o.ok(err)
	rest, end, err := o.Notices(t.Context(), lan, next, 2)
	o.ok(err)
	if len(first) != 2 || len(rest) != 1 || end != "" || !first[0].At.After(first[1].At) || !first[1].At.After(rest[0].At) || rest[0].Text.EN != "News" {
		t.Errorf("pages %+v and %+v, end %q", first, rest, end)
	}
	if n, err := o.UnreadNotices(t.Context(), lan); err != nil || n != 3 {
		t.Errorf("%d unread, %v; want 3", n, err)
	}
	o.ok(o.ReadNotices(t.Context(), lan))
	if n, err := o.UnreadNotices(t.Context(), lan); err != nil || n != 0 {
		t.Errorf("%d unread after reading, %v", n, err)
	}
	if got := o.get(minh, o.receive(received{Applicant: lan.ID, Name: lan.Name, Subject: minh.ID, SubjectName: minh.Name, Receiving: "UB-00070", Competent: "UB-00070"}).Code).Notices; len(got) != 0 {
		t.Errorf("another's messages: %v", got)
	}
	if got := o.get(lan, c.Code).Notices; len(got) != 3 || !got[0].Read {
		t.Errorf("the case shows %+v", got)
	}
}
