package cases

import (
	"slices"
	"testing"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

func codesIn(t *testing.T, o *office, a agency.Actor, tab Tab) []Code {
	t.Helper()
	w, err := o.Worklist(t.Context(), a, WorklistQuery{Tab: tab})
	o.ok(err)
	var codes []Code
	for _, r := range w.Rows {
		codes = append(codes, r.Code)
	}
	return codes
}

// A task has one holder; who comes second is told so, and taking it away needs a reason.
func TestTakeAndRelease(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.examined()
	if err := o.Take(t.Context(), desk70, c.Code); reasonOf(err) != workflow.ReasonRole {
		t.Errorf("another role takes it: %v", err)
	}
	o.ok(o.Take(t.Context(), hand70, c.Code))
	o.ok(o.Take(t.Context(), hand70, c.Code)) // twice is once
	if err := o.Take(t.Context(), chief, c.Code); reasonOf(err) != ReasonTaken {
		t.Errorf("the second takes it: %v", err)
	}
	if got := codesIn(t, o, hand70, TabMine); !slices.Equal(got, []Code{c.Code}) {
		t.Errorf("mine: %v", got)
	}
	if got := codesIn(t, o, chief, TabUnassigned); got != nil {
		t.Errorf("unassigned of a colleague: %v", got)
	}
	for _, al := range o.get(chief, c.Code).Allowed {
		if al.Enabled || al.Why.VI != "Hồ sơ đang do Hoàng Văn Thắng xử lý" {
			t.Errorf("a colleague may %s: %+v", al.Event, al.Why)
		}
	}
	if got := rulesOf(o.Release(t.Context(), chief, c.Code, " ")); !slices.Equal(got, []string{"required"}) {
		t.Errorf("taking it away without a reason: %v", got)
	}
	o.ok(o.Release(t.Context(), chief, c.Code, "Cán bộ nghỉ phép"))
	o.ok(o.Release(t.Context(), chief, c.Code, "")) // nobody has it: nothing changes
	got := o.get(chief, c.Code)
	if len(got.Handovers) != 2 || got.Handovers[1].Reason != "Cán bộ nghỉ phép" || got.Handovers[1].Holder != "Hoàng Văn Thắng" || got.Task.Assignee != "" {
		t.Errorf("handovers %+v, task %+v", got.Handovers, got.Task)
	}
}

// A task is new until an officer who may work on it has opened it.
func TestMarkSeen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.examined()
	unseen := func() int {
		n, err := o.Counts(t.Context(), hand70)
		o.ok(err)
		return n.New.N
	}
	o.ok(o.MarkSeen(t.Context(), desk70, c.Code))
	o.ok(o.MarkSeen(t.Context(), lan, c.Code))
	if n := unseen(); n != 1 {
		t.Errorf("%d new after others looked, want 1", n)
	}
	o.ok(o.MarkSeen(t.Context(), hand70, c.Code))
	if n := unseen(); n != 0 {
		t.Errorf("%d new after the handler looked, want 0", n)
	}
}
