package cases

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/workflow"
)

func rulesOf(err error) []string {
	invalid, ok := errors.AsType[*InvalidError](err)
	if !ok {
		return []string{"no InvalidError: " + errString(err)}
	}
	var rules []string
	for _, p := range invalid.Problems {
		rules = append(rules, p.Rule)
	}
	return rules
}

func errString(err error) string {
	if err == nil {
		return "nil"
	}
	return err.Error()
}

// One complete return: a supplement is asked for when every item is judged, and
// for exactly the items that are not satisfied.
func TestOneCompleteReturn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.examined()
	yes, no := Judgement{Item: "who", Verdict: Satisfied}, Judgement{Item: "stall", Verdict: NotSatisfied, Reason: "Bản vẽ mờ"}
	whoToo := Judgement{Item: "who", Verdict: NotSatisfied, Reason: "Sai tên"}
	ask := func(items ...string) (in []AskedItem) {
		for _, id := range items {
			in = append(in, AskedItem{Item: id, Reason: "mờ, không đọc được"})
		}
		return in
	}
	for _, x := range []struct {
		name  string
		items []AskedItem
		given []Judgement
		want  []string
	}{
		{"nothing judged", ask("stall"), nil, []string{"judgements"}},
		{"one item unjudged", ask("stall"), []Judgement{no}, []string{"judgements"}},
		{"no item", nil, []Judgement{yes, no}, []string{"required"}},
		{"an item that is satisfied", ask("stall", "who"), []Judgement{yes, no}, []string{"complete"}},
		{"an item left for a second request", ask("stall"), []Judgement{whoToo, no}, []string{"complete"}},
		{"not satisfied without a reason", ask("stall"), []Judgement{yes, {Item: "stall", Verdict: NotSatisfied}}, []string{"required"}},
		{"an item that is not in the list", ask("stall"), []Judgement{yes, no, {Item: "moon", Verdict: Satisfied}}, []string{"enum"}},
		{"a verdict that is none", ask("stall"), []Judgement{yes, {Item: "stall", Verdict: "maybe"}}, []string{"enum"}},
	} {
		_, err := o.Act(t.Context(), hand70, Command{Code: c.Code, Event: "ask", Input: Input{Items: x.items, Judgements: x.given}})
		if got := rulesOf(err); !slices.Equal(got, x.want) {
			t.Errorf("%s: problems %v, want %v", x.name, got, x.want)
		}
	}
	got := o.act(hand70, c, "ask", Input{Items: ask("stall"), Judgements: []Judgement{yes, no}})
	if got.State != "supplement" || got.Checklist[1].Reason != "Bản vẽ mờ" || got.Checklist[0].By != "Hoàng Văn Thắng" {
		t.Errorf("after asking: state %s, checklist %+v", got.State, got.Checklist)
	}
	seen := o.get(lan, c.Code)
	if len(seen.Asked) != 1 || seen.Asked[0].Title.VI != "Chỗ bán hàng" || seen.AskedBy.IsZero() {
		t.Errorf("the citizen sees %+v until %s", seen.Asked, seen.AskedBy)
	}
}

// What the citizen has answered is judged anew, and a second request may not
// come back with what the first one let pass.
func TestSecondReturn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.examined()
	o.ok(o.Judge(t.Context(), hand70, c.Code, []Judgement{{Item: "who", Verdict: Satisfied}, {Item: "stall", Verdict: NotSatisfied, Reason: "sai"}}))
	items := []AskedItem{{Item: "stall", Reason: "sai số mét"}}
	o.act(hand70, c, "ask", Input{Items: items})
	o.pass(24 * time.Hour)
	o.act(lan, c, "supply", Input{Answers: map[string]any{"stall": map[string]any{"size": int64(2)}}})
	again := o.get(hand70, c.Code)
	if v := []Verdict{again.Checklist[0].Verdict, again.Checklist[1].Verdict}; v[0] != Satisfied || v[1] != "" {
		t.Errorf("after the supplement the verdicts are %q, want the first to stand and the second to be open", v)
	}
	if len(again.Changed) != 1 {
		t.Errorf("changed answers: %v", again.Changed)
	}
	bad := []Judgement{{Item: "who", Verdict: NotSatisfied, Reason: "nay mới thấy"}, {Item: "stall", Verdict: Satisfied}}
	_, err := o.Act(t.Context(), hand70, Command{Code: c.Code, Event: "ask", Input: Input{Items: []AskedItem{{Item: "who", Reason: "x"}}, Judgements: bad}})
	if got := rulesOf(err); !slices.Equal(got, []string{"once"}) {
		t.Errorf("asking for what the first request let pass: %v, want once", got)
	}
	o.act(hand70, c, "ask", Input{Items: items, Judgements: []Judgement{{Item: "stall", Verdict: NotSatisfied, Reason: "vẫn sai"}}})
}

// Only the officer whose task it is may judge, and nobody in another's hands.
func TestWhoMayJudge(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.examined()
	fine := []Judgement{{Item: "who", Verdict: Satisfied}}
	if err := o.Judge(t.Context(), lan, c.Code, fine); reasonOf(err) != workflow.ReasonRole {
		t.Errorf("the applicant judges: %v", err)
	}
	if err := o.Judge(t.Context(), desk70, c.Code, fine); reasonOf(err) != workflow.ReasonRole {
		t.Errorf("another role judges: %v", err)
	}
	if err := o.Judge(t.Context(), hand04, c.Code, fine); !errors.Is(err, ErrNotFound) {
		t.Errorf("another agency judges: %v, want ErrNotFound", err)
	}
	o.ok(o.Take(t.Context(), hand70, c.Code))
	if err := o.Judge(t.Context(), chief, c.Code, fine); reasonOf(err) != ReasonTaken {
		t.Errorf("a colleague judges a taken case: %v", err)
	}
	o.ok(o.Judge(t.Context(), hand70, c.Code, append(fine, Judgement{Item: "who", Verdict: NotSatisfied, Reason: "tên sai"})))
	if got := o.get(hand70, c.Code).Checklist[0]; got.Verdict != NotSatisfied || !strings.Contains(got.Reason, "tên sai") {
		t.Errorf("the last judgement does not count: %+v", got)
	}
}

func reasonOf(err error) string {
	refused, ok := errors.AsType[*workflow.NotAllowedError](err)
	if !ok {
		return errString(err)
	}
	return refused.Reason
}
